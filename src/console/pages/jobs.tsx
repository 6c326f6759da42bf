/** Backfills, replays out of the journal and reconciles, with how far they got; a backfill can be begun and given up. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../frame/api';
import { useEvery } from '../frame/live';
import type { BackfillView, Page, ReplayView, StatusView } from '../frame/models';
import { useAct, useAsk } from '../frame/use-ask';
import { Answer, Grid, Head, ProblemBox, Section, TableLink, Time } from '../parts/basics';
import { ForOperators, useMay } from '../parts/role';
import { number, t } from '../words/language';
import { NewBackfill } from './jobs/new-backfill';

const REFRESH_MS = 2_000;

export function JobsPage(): JSX.Element {
  const backfills = useAsk<Page<BackfillView>>('/v1/backfills?limit=50');
  const replays = useAsk<Page<ReplayView>>('/v1/replays?limit=50');
  const status = useAsk<StatusView>('/v1/status');
  useEvery(REFRESH_MS, () => {
    backfills.again();
    replays.again();
    status.again();
  });
  return (
    <>
      <Head title={t('jobs')} />
      <Section title={t('backfills')}>
        <Answer asked={backfills}>{({ items }) => <Backfills items={items} onDone={backfills.again} />}</Answer>
        <h3>{t('newBackfill')}</h3>
        <ForOperators>
          <NewBackfill onDone={backfills.again} />
        </ForOperators>
      </Section>
      <Section title={t('reconciles')}>
        <Answer asked={status}>{(s) => <Reconciles items={s.reconciles} />}</Answer>
      </Section>
      <Section title={t('replays')}>
        <Answer asked={replays}>{({ items }) => <Replays items={items} />}</Answer>
      </Section>
    </>
  );
}

function Done({ done, all }: { done: number; all: number | null }): JSX.Element {
  return (
    <span>
      {number(done)} {all !== null && `/ ${number(all)}`}
      {all !== null && <progress aria-label={t('rows')} max={Math.max(1, all)} value={Math.min(done, all)} />}
    </span>
  );
}

function Backfills({ items, onDone }: { items: readonly BackfillView[]; onDone: () => void }): JSX.Element {
  const may = useMay('operator');
  const { busy, problem, act } = useAct<void>();
  const [ended, setEnded] = useState<number | null>(null);
  const cancel = (id: number): void =>
    void act(async () => {
      await ask('DELETE', `/v1/backfills/${id}`);
      setEnded(id);
      onDone();
    });
  return (
    <>
      <Grid
        caption={t('backfills')}
        items={items}
        keyOf={(b) => b.id}
        columns={[
          { word: 'number', right: true, cell: (b) => b.id },
          { word: 'table', cell: (b) => <TableLink name={b.table} /> },
          { word: 'state', cell: (b) => b.state },
          { word: 'range', cell: (b) => [b.column, b.from, b.to, b.where].filter(Boolean).join(' ') || t('all') },
          { word: 'rows', cell: (b) => <Done done={b.figures['rowsRead'] ?? 0} all={b.total} /> },
          { word: 'begun', cell: (b) => <Time at={b.createdAt} /> },
          { word: 'message', cell: (b) => b.message ?? '–' },
          {
            word: 'action',
            cell: (b) =>
              may &&
              ['waiting', 'running', 'failed'].includes(b.state) && (
                <button
                  type="button"
                  disabled={busy}
                  aria-label={t('giveUpNo', { n: b.id })}
                  onClick={() => cancel(b.id)}
                >
                  {t('giveUp')}
                </button>
              ),
          },
        ]}
      />
      <p role="status">{ended !== null && t('givenUp', { n: ended })}</p>
      <ProblemBox problem={problem} />
    </>
  );
}

function Reconciles({ items }: { items: StatusView['reconciles'] }): JSX.Element {
  return (
    <>
      <Grid
        caption={t('reconciles')}
        items={items}
        keyOf={(r) => `${r.table} ${r.at}`}
        columns={[
          { word: 'table', cell: (r) => <TableLink name={r.table} /> },
          { word: 'state', cell: (r) => r.state },
          { word: 'begun', cell: (r) => <Time at={r.at} /> },
          { word: 'rows', cell: (r) => <Done done={r.rows} all={r.total} /> },
          { word: 'different', right: true, cell: (r) => number(r.different) },
          { word: 'missing', right: true, cell: (r) => number(r.missing) },
          { word: 'extra', right: true, cell: (r) => number(r.extra) },
          { word: 'repaired', right: true, cell: (r) => number(r.repaired) },
          { word: 'message', cell: (r) => r.message ?? '–' },
        ]}
      />
      <p class="quiet">
        {t('reconcileBy')} <code>ibmi-cdc reconcile --table LIB/FILE</code>
      </p>
    </>
  );
}

function Replays({ items }: { items: readonly ReplayView[] }): JSX.Element {
  return (
    <Grid
      caption={t('replays')}
      items={items}
      keyOf={(r) => r.id}
      columns={[
        { word: 'number', right: true, cell: (r) => r.id },
        { word: 'journal', cell: (r) => r.journal },
        { word: 'state', cell: (r) => r.state },
        { word: 'entries', right: true, cell: (r) => number(r.figures.entries) },
        { word: 'deliveries', right: true, cell: (r) => number(r.figures.deliveries) },
        { word: 'to', cell: (r) => r.to.join(', ') },
        { word: 'begun', cell: (r) => <Time at={r.createdAt} /> },
        { word: 'message', cell: (r) => r.message ?? '–' },
      ]}
    />
  );
}
