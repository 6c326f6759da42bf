/** A table: its rules and mapping, the history of its record format, events, decode errors by column. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, queryOf, twoParts } from '../frame/api';
import type { WholeTable } from '../frame/models';
import { useAct, useAsk } from '../frame/use-ask';
import { Answer, DestinationLink, Facts, Grid, Head, Json, ProblemBox, Section, Time } from '../parts/basics';
import { Chart } from '../parts/chart';
import { Confirm } from '../parts/confirm';
import { ForOperators, useMay } from '../parts/role';
import { number, t } from '../words/language';
import { TableState } from './overview/table-list';

export function TablePage({ name }: { name: string }): JSX.Element {
  const table = useAsk<WholeTable>(`/v1/tables${twoParts(name)}`);
  const mayEdit = useMay('operator');
  return (
    <Answer asked={table} title={t('tableNamed', { name })}>
      {(x) => (
        <>
          <Head title={t('tableNamed', { name: x.table })}>
            <TableState table={x} />
          </Head>
          <Facts
            items={[
              ['file', x.file],
              ['capture', x.capture],
              ['key', x.key?.join(', ')],
              ['owner', x.owner],
              ['eventsWritten', number(x.counted.eventsWritten)],
            ]}
          />
          <div class="row">
            <a class="button" href={`/events${queryOf({ table: x.file })}`}>
              {t('eventsOfTable')}
            </a>
            <a class="button" href={`/dead-letters${queryOf({ table: x.file })}`}>
              {t('lettersOfTable')}
            </a>
            {mayEdit && (
              <a class="button" href={`/playground${queryOf({ table: x.file })}`}>
                {t('playground')}
              </a>
            )}
          </div>
          <ForOperators>
            <PauseTable table={x} onDone={table.again} />
          </ForOperators>
          <Standing table={x} />
          <Rules table={x} />
          <Formats table={x} />
          <Counted table={x} />
        </>
      )}
    </Answer>
  );
}

function PauseTable({ table, onDone }: { table: WholeTable; onDone: () => void }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const { busy, problem, act } = useAct<void>();
  const stands = table.paused !== null || table.unseenChanges !== null;
  const deed = (what: 'pause' | 'resume', body?: object): void =>
    void act(async () => {
      setAsking(false);
      await ask('POST', `/v1/tables${twoParts(table.file)}/${what}`, body);
      onDone();
    });
  return (
    <>
      <div class="row">
        {table.paused === null && (
          <button type="button" disabled={busy} onClick={() => setAsking(true)}>
            {t('pauseTable')}
          </button>
        )}
        {table.paused !== null && (
          <button type="button" class="main" disabled={busy} onClick={() => deed('resume', {})}>
            {t('resume')}
          </button>
        )}
        {stands && table.unseenChanges !== null && (
          <button type="button" disabled={busy} onClick={() => deed('resume', { acceptGap: true })}>
            {t('acceptGap')}
          </button>
        )}
      </div>
      <ProblemBox problem={problem} />
      {asking && (
        <Confirm
          title={t('pauseTable')}
          action={t('pauseTable')}
          onYes={() => deed('pause')}
          onNo={() => setAsking(false)}
        >
          <p>{t('pauseTableMeans')}</p>
        </Confirm>
      )}
    </>
  );
}

function Standing({ table: { paused, unseenChanges, quarantined } }: { table: WholeTable }): JSX.Element {
  return (
    <>
      {paused && (
        <p>
          {t('pausedTable', { why: paused.reason, n: number(paused.deliveries) })} <Time at={paused.heldAt} />
        </p>
      )}
      {unseenChanges && (
        <p>
          {unseenChanges.text} {t('next')}: <code>{unseenChanges.next.join('; ')}</code>
        </p>
      )}
      {quarantined.length > 0 && (
        <Section title={t('setAsideCount')}>
          <Grid
            caption={t('setAsideCount')}
            items={quarantined}
            keyOf={(q) => `${q.code} ${q.mode}`}
            columns={[
              { word: 'code', cell: (q) => q.code },
              { word: 'count', right: true, cell: (q) => number(q.count) },
              { word: 'lastPlace', cell: (q) => <code>{q.lastPlace}</code> },
              { word: 'first', cell: (q) => <Time at={q.firstAt} /> },
              { word: 'last', cell: (q) => <Time at={q.lastAt} /> },
            ]}
          />
        </Section>
      )}
    </>
  );
}

function Rules({ table }: { table: WholeTable }): JSX.Element {
  const [shown, setShown] = useState(false);
  const may = useMay('operator');
  return (
    <Section title={t('mapping')}>
      <Grid
        caption={t('mapping')}
        items={table.rules}
        keyOf={(r) => r.name}
        columns={[
          { word: 'rule', cell: (r) => r.name },
          { word: 'events', cell: (r) => r.events.join(', ') },
          { word: 'to', cell: (r) => r.to.map((d) => <DestinationLink key={d} name={d} />) },
          { word: 'when', cell: (r) => r.when ?? '–' },
          { word: 'whenChanged', cell: (r) => r.whenChanged?.join(', ') ?? '–' },
          { word: 'onDelete', cell: (r) => r.onDelete },
          { word: 'payload', cell: (r) => r.payload },
          { word: 'masked', cell: (r) => r.masked.join(', ') || '–' },
          { word: 'version', cell: (r) => r.version },
        ]}
      />
      {may && !shown && (
        <button type="button" onClick={() => setShown(true)}>
          {t('showMapping')}
        </button>
      )}
      {shown && <MappingText file={table.file} />}
    </Section>
  );
}

function MappingText({ file }: { file: string }): JSX.Element {
  const text = useAsk<{ mapping: string | null }>(`/v1/tables${twoParts(file)}/mapping`);
  return (
    <Answer asked={text}>{({ mapping }) => <Json value={mapping ?? t('notInFile')} label={t('mapping')} />}</Answer>
  );
}

function Formats({ table: { formats } }: { table: WholeTable }): JSX.Element {
  return (
    <Section title={t('formatHistory')}>
      {formats.length === 0 && <p class="quiet">{t('noFormat')}</p>}
      {[...formats].reverse().map((f) => (
        <details key={`${f.id} ${f.from ?? ''}`}>
          <summary>
            <code>{f.id}</code> {f.from ?? t('fromBeginning')} – {f.until ?? t('now')} (
            {t('columnCount', { n: f.columns.length })})
          </summary>
          <Grid
            caption={f.id}
            items={f.columns}
            keyOf={(c) => c.name}
            columns={[
              { word: 'column', cell: (c) => c.name },
              { word: 'columnType', cell: (c) => c.type },
              { word: 'length', right: true, cell: (c) => c.length ?? '–' },
              { word: 'scale', right: true, cell: (c) => c.scale ?? '–' },
              { word: 'ccsid', right: true, cell: (c) => c.ccsid ?? '–' },
              { word: 'nullable', cell: (c) => (c.nullable ? t('yes') : t('no')) },
            ]}
          />
        </details>
      ))}
    </Section>
  );
}

function Counted({ table: { counted, file } }: { table: WholeTable }): JSX.Element {
  const list = (caption: 'decodeErrors' | 'filtered', word: 'column' | 'clause') => (
    <Section title={t(caption)}>
      <Grid
        caption={t(caption)}
        items={Object.entries(counted[caption])}
        keyOf={([name]) => name}
        columns={[
          { word, cell: ([name]) => name },
          { word: 'count', right: true, cell: ([, n]) => number(n) },
        ]}
      />
    </Section>
  );
  return (
    <>
      <p class="quiet">{t('sinceStart')}</p>
      {list('decodeErrors', 'column')}
      {list('filtered', 'clause')}
      <div class="charts">
        <Chart title={t('chartEvents')} metric="events_written_total" minutes={4320} only={{ table: file }} />
        <Chart title={t('decodeErrors')} metric="decode_errors_total" minutes={4320} only={{ table: file }} />
      </div>
    </>
  );
}
