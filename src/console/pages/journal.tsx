/** A journal: its receivers as a chain, where we are in it, and what may be deleted. */
import type { JSX } from 'preact';
import { twoParts } from '../frame/api';
import { useEvery } from '../frame/live';
import type { ReadJournal, ReceiverList, StatusView } from '../frame/models';
import { useAsk } from '../frame/use-ask';
import { Answer, Badge, Facts, Grid, Head, Section, Time } from '../parts/basics';
import { Chart } from '../parts/chart';
import { bigNumber, number, t } from '../words/language';

type Receiver = ReceiverList['receivers'][number];
const REFRESH_MS = 15_000;

export function JournalPage({ name }: { name: string }): JSX.Element {
  const status = useAsk<StatusView>('/v1/status');
  const chain = useAsk<ReceiverList>(`/v1/journals${twoParts(name)}/receivers`);
  useEvery(REFRESH_MS, status.again);
  return (
    <>
      <Head title={t('journalNamed', { name })} />
      <Answer asked={status}>
        {({ journals }) => {
          const mine = journals.find((j) => j.journal === name);
          return mine ? <Standing j={mine} /> : <p>{t('notRead')}</p>;
        }}
      </Answer>
      <Section title={t('receivers')}>
        <Answer asked={chain}>{(list) => <Chain list={list} />}</Answer>
      </Section>
      <Section title={t('charts')}>
        <div class="charts">
          <Chart title={t('chartLag')} metric="position_lag_entries" minutes={4320} only={{ journal: name }} />
          <Chart title={t('chartRead')} metric="journal_entries_read_total" minutes={4320} only={{ journal: name }} />
        </div>
      </Section>
    </>
  );
}

function Standing({ j }: { j: ReadJournal }): JSX.Element {
  return (
    <Facts
      items={[
        ['readUpTo', <code key="r">{j.read}</code>],
        ['restartFrom', <code key="f">{j.resume}</code>],
        ['behind', j.behind === null ? t('notKnown') : bigNumber(j.behind)],
        ['hoursToLoss', j.hoursToDataLoss === null ? t('noDanger') : number(j.hoursToDataLoss)],
        ['retention', j.retentionHours === null ? '–' : number(j.retentionHours)],
        ['writtenRate', j.writtenPerSecond === null ? '–' : number(j.writtenPerSecond)],
        ['readRate', j.readPerSecond === null ? '–' : number(j.readPerSecond)],
        ['openCycles', number(j.openCycles)],
        ['reader', [j.reader, j.readerBecause].filter(Boolean).join(': ')],
        ['checkpoint', <Time key="c" at={j.checkpointAt} />],
      ]}
    />
  );
}

function Chain({ list }: { list: ReceiverList }): JSX.Element {
  const free = list.receivers.filter((r) => r.neededFor === null);
  return (
    <>
      <ol class="chain" aria-label={t('receivers')}>
        {list.receivers.map((r) => (
          <li key={r.receiver}>
            <div class={`receiver ${r.here ? 'here' : ''} ${r.neededFor === null ? 'deletable' : ''}`}>
              <strong>{r.receiver}</strong> {r.here && <Badge mood="good">{t('weAreHere')}</Badge>}{' '}
              {r.restart && !r.here && <Badge mood="idle">{t('restartHere')}</Badge>}{' '}
              {r.neededFor === null && <Badge mood="idle">{t('mayBeDeleted')}</Badge>}
              <div class="quiet">
                {r.status} · {bigNumber(r.first)} – {bigNumber(r.last)}
              </div>
            </div>
          </li>
        ))}
      </ol>
      <Grid
        caption={t('receivers')}
        items={list.receivers}
        keyOf={(r) => r.receiver}
        columns={[
          { word: 'receiver', cell: (r) => r.receiver },
          { word: 'state', cell: (r) => r.status },
          { word: 'fromSequence', right: true, cell: (r) => bigNumber(r.first) },
          { word: 'toSequence', right: true, cell: (r) => bigNumber(r.last) },
          { word: 'attached', cell: (r) => <Time at={r.attachedAt} /> },
          { word: 'detached', cell: (r) => <Time at={r.detachedAt} /> },
          { word: 'sizeKb', right: true, cell: (r) => (r.sizeKb ? bigNumber(r.sizeKb) : '–') },
          { word: 'neededFor', cell: needText },
        ]}
      />
      {free.length > 0 && (
        <>
          <p>{t('deleteHint')}</p>
          {free.map((r) => (
            <p key={r.receiver}>
              <code>DLTJRNRCV JRNRCV({r.receiver})</code>
            </p>
          ))}
        </>
      )}
    </>
  );
}

function needText({ neededFor }: Receiver): string {
  if (neededFor === null) return t('mayBeDeleted');
  return t(
    ({ attached: 'needAttached', position: 'needPosition', payloads: 'needPayloads', replay: 'needReplay' } as const)[
      neededFor
    ],
  );
}
