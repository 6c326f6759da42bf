/** Is anything wrong? Then: journals, destinations, tables, and the last hours as charts. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { twoParts } from '../frame/api';
import { useEvery, useLive } from '../frame/live';
import type { DestinationView, Page, ReadJournal, StatusView } from '../frame/models';
import { useAsk } from '../frame/use-ask';
import { Ago, Answer, Badge, DestinationLink, Grid, Head, Section } from '../parts/basics';
import { Chart } from '../parts/chart';
import { type Trouble, troublesOf } from '../parts/troubles';
import { bigNumber, number, t } from '../words/language';
import { TableList } from './overview/table-list';

/** Ages and rates move without a message of the stream. */
const REFRESH_MS = 15_000;
const HOURS = [1, 12, 72] as const;

export function OverviewPage(): JSX.Element {
  const status = useAsk<StatusView>('/v1/status');
  const destinations = useAsk<Page<DestinationView>>('/v1/destinations?limit=200');
  const again = (): void => {
    status.again();
    destinations.again();
  };
  const heard = useLive('?events=false', { status: again });
  useEvery(REFRESH_MS, again);
  return (
    <>
      <Head title={t('overview')}>{!heard && <Badge mood="warn">{t('notHeard')}</Badge>}</Head>
      <Answer asked={status}>
        {(s) => (
          <>
            <Wrong status={s} />
            <Section title={t('journals')}>
              <Journals journals={s.journals} />
            </Section>
          </>
        )}
      </Answer>
      <Section title={t('destinations')}>
        <Answer asked={destinations}>{({ items }) => <Destinations items={items} />}</Answer>
      </Section>
      <Charts />
      <Section title={t('tables')}>
        <TableList />
      </Section>
    </>
  );
}

function Wrong({ status }: { status: StatusView }): JSX.Element {
  const troubles = troublesOf(status);
  const bad = troubles.filter(({ level }) => level === 'bad').length;
  return (
    <section aria-labelledby="wrong" class="wrong">
      <h2 id="wrong">{t('wrong')}</h2>
      <p role="status" class="verdict">
        {troubles.length === 0 ? (
          <Badge mood="good">{t('nothingWrong')}</Badge>
        ) : (
          <>
            {bad > 0 && <Badge mood="bad">{t('badCount', { n: bad })}</Badge>}{' '}
            {troubles.length > bad && <Badge mood="warn">{t('warnCount', { n: troubles.length - bad })}</Badge>}
          </>
        )}{' '}
        <span class="quiet">
          {status.partition} · {status.role} · {status.version}
        </span>
      </p>
      <ul class="troubles">
        {troubles.map((trouble) => (
          <TroubleItem key={`${trouble.title} ${trouble.detail}`} trouble={trouble} />
        ))}
      </ul>
    </section>
  );
}

function TroubleItem({ trouble }: { trouble: Trouble }): JSX.Element {
  const { level, title, detail, since, next, link } = trouble;
  return (
    <li class={level}>
      <p>
        <Badge mood={level}>{t(level)}</Badge> <strong>{link ? <a href={link}>{title}</a> : title}</strong>{' '}
        {since && (
          <span class="quiet">
            <Ago at={since} />
          </span>
        )}
      </p>
      <p>{detail}</p>
      <p>
        {t('next')}:{' '}
        {next.map((step, i) => (
          <span key={step}>
            {i > 0 && `; ${t('andThen')} `}
            <code>{step}</code>
          </span>
        ))}
      </p>
    </li>
  );
}

function Journals({ journals }: { journals: readonly ReadJournal[] }): JSX.Element {
  return (
    <Grid
      caption={t('journals')}
      items={journals}
      keyOf={(j) => j.journal}
      columns={[
        { word: 'journal', cell: (j) => <a href={`/journals${twoParts(j.journal)}`}>{j.journal}</a> },
        { word: 'readUpTo', cell: (j) => <code>{j.read}</code> },
        { word: 'behind', right: true, cell: (j) => (j.behind === null ? t('notKnown') : bigNumber(j.behind)) },
        {
          word: 'hoursToLoss',
          right: true,
          cell: (j) => (j.hoursToDataLoss === null ? t('noDanger') : number(j.hoursToDataLoss)),
        },
        { word: 'writtenRate', right: true, cell: (j) => rate(j.writtenPerSecond) },
        { word: 'readRate', right: true, cell: (j) => rate(j.readPerSecond) },
        { word: 'openCycles', right: true, cell: (j) => number(j.openCycles) },
        { word: 'reader', cell: (j) => j.reader ?? '–' },
      ]}
    />
  );
}

function Destinations({ items }: { items: readonly DestinationView[] }): JSX.Element {
  return (
    <Grid
      caption={t('destinations')}
      items={[...items].sort((a, b) => badness(b) - badness(a))}
      keyOf={(d) => d.name}
      columns={[
        { word: 'destination', cell: (d) => <DestinationLink name={d.name} /> },
        { word: 'state', cell: (d) => <DestinationState d={d} /> },
        { word: 'backlog', right: true, cell: (d) => number(d.pending) },
        { word: 'held', right: true, cell: (d) => number(d.held) },
        { word: 'deadLetters', right: true, cell: (d) => number(d.deadLetters) },
        { word: 'success', right: true, cell: successOf },
        { word: 'p50', right: true, cell: (d) => (d.answerMs ? number(d.answerMs.p50) : '–') },
        { word: 'p95', right: true, cell: (d) => (d.answerMs ? number(d.answerMs.p95) : '–') },
        { word: 'oldest', cell: (d) => (d.oldestPending ? <Ago at={d.oldestPending} /> : '–') },
      ]}
    />
  );
}

function badness(d: DestinationView): number {
  return (d.disabled || d.denied || d.failing ? 4 : 0) + (d.deadLetters > 0 ? 2 : 0) + (d.pacedUntil ? 1 : 0);
}

export function DestinationState({ d }: { d: DestinationView }): JSX.Element {
  if (d.disabled) return <Badge mood="bad">{t('disabled')}</Badge>;
  if (d.denied) return <Badge mood="bad">{t('denied')}</Badge>;
  if (d.failing) return <Badge mood="bad">{t('failing')}</Badge>;
  if (d.pacedUntil) return <Badge mood="warn">{t('paced')}</Badge>;
  if (!d.configured) return <Badge mood="warn">{t('notConfigured')}</Badge>;
  return <Badge mood="good">{t('accepts')}</Badge>;
}

function successOf({ answered }: DestinationView): string {
  if (!answered || answered.attempts === 0) return '–';
  return `${number((100 * answered.accepted) / answered.attempts)} %`;
}

function rate(perSecond: number | null): string {
  return perSecond === null ? '–' : number(perSecond);
}

function Charts(): JSX.Element {
  const [hours, setHours] = useState<number>(1);
  return (
    <Section title={t('charts')}>
      <fieldset class="row">
        <legend class="unseen">{t('hours')}</legend>
        {HOURS.map((h) => (
          <button type="button" key={h} aria-pressed={h === hours} onClick={() => setHours(h)}>
            {t('lastHours', { n: h })}
          </button>
        ))}
      </fieldset>
      <div class="charts">
        <Chart title={t('chartEvents')} metric="events_written_total" minutes={hours * 60} />
        <Chart title={t('chartLag')} metric="position_lag_entries" minutes={hours * 60} />
        <Chart title={t('chartBacklog')} metric="backlog_events" minutes={hours * 60} />
        <Chart title={t('chartAnswers')} metric="answer_p95_seconds" minutes={hours * 60} />
      </div>
    </Section>
  );
}
