/** A destination: how it stands, pace and breaker, what was sent and answered, ages of its secrets, pause, test. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, pathOf, queryOf } from '../frame/api';
import { useEvery } from '../frame/live';
import type { DestinationView, SentRequest, TestView } from '../frame/models';
import { useAct, useAsk } from '../frame/use-ask';
import { Ago, Answer, Badge, Facts, Grid, Head, Json, ProblemBox, Section, Time } from '../parts/basics';
import { Chart } from '../parts/chart';
import { Confirm } from '../parts/confirm';
import { More, useList } from '../parts/more';
import { ForOperators } from '../parts/role';
import { number, t } from '../words/language';
import { DestinationState } from './overview';

const REFRESH_MS = 10_000;

export function DestinationPage({ name }: { name: string }): JSX.Element {
  const path = `/v1/destinations${pathOf(name)}`;
  const destination = useAsk<DestinationView>(path);
  useEvery(REFRESH_MS, destination.again);
  return (
    <Answer asked={destination} title={t('destinationNamed', { name })}>
      {(d) => (
        <>
          <Head title={t('destinationNamed', { name })}>
            <DestinationState d={d} />
          </Head>
          <Standing d={d} />
          <ForOperators>
            <Deeds d={d} path={path} onDone={destination.again} />
          </ForOperators>
          {d.secrets && <Secrets secrets={d.secrets} />}
          <Section title={t('requests')}>
            <Requests path={path} />
          </Section>
          <div class="charts">
            <Chart title={t('chartBacklog')} metric="backlog_events" minutes={4320} only={{ destination: name }} />
            <Chart title={t('chartAnswers')} metric="answer_p95_seconds" minutes={4320} only={{ destination: name }} />
            <Chart
              title={t('chartAttempts')}
              metric="delivery_attempts_total"
              minutes={4320}
              only={{ destination: name }}
            />
          </div>
        </>
      )}
    </Answer>
  );
}

function Standing({ d }: { d: DestinationView }): JSX.Element {
  const trouble = d.disabled ?? d.denied ?? d.failing;
  return (
    <>
      {trouble && (
        <p>
          <Badge mood="bad">{t('bad')}</Badge> {trouble.why} <Ago at={trouble.since} />
        </p>
      )}
      <Facts
        items={[
          ['kind', d.kind],
          ['address', d.address],
          ['lanes', d.lanes],
          ['storePayload', d.storePayload === null ? '–' : d.storePayload ? t('yes') : t('no')],
          ['backlog', number(d.pending)],
          ['waitingLanes', number(d.waitingLanes)],
          ['held', number(d.held)],
          [
            'deadLetters',
            <a key="l" href={`/dead-letters${queryOf({ destination: d.name })}`}>
              {number(d.deadLetters)}
            </a>,
          ],
          ['oldest', d.oldestPending && <Ago at={d.oldestPending} />],
          ['p50', d.answerMs && number(d.answerMs.p50)],
          ['p95', d.answerMs && number(d.answerMs.p95)],
          ['breaker', d.courier?.breaker],
          ['courier', d.courier && `${d.courier.state}, ${t('inFlight', { n: d.courier.inFlight })}`],
          ['pace', d.pacedUntil ? `${d.pacedBecause ?? ''} ${d.pacedUntil}` : t('notPaced')],
        ]}
      />
    </>
  );
}

function Deeds({ d, path, onDone }: { d: DestinationView; path: string; onDone: () => void }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [report, setReport] = useState<TestView | null>(null);
  const { busy, problem, act } = useAct<void>();
  const deed = (what: 'pause' | 'resume'): void =>
    void act(async () => {
      setAsking(false);
      await ask('POST', `${path}/${what}`, what === 'pause' ? {} : undefined);
      onDone();
    });
  const test = (): void =>
    void act(async () => {
      setReport(null);
      setReport(await ask<TestView>('POST', `${path}/test`, {}));
    });
  return (
    <>
      <div class="row">
        {d.disabled ? (
          <button type="button" class="main" disabled={busy} onClick={() => deed('resume')}>
            {t('resume')}
          </button>
        ) : (
          <button type="button" disabled={busy} onClick={() => setAsking(true)}>
            {t('pauseDestination')}
          </button>
        )}
        <button type="button" disabled={busy} onClick={test}>
          {t('testDestination')}
        </button>
      </div>
      <ProblemBox problem={problem} />
      {report && <Tested report={report} />}
      {asking && (
        <Confirm
          title={t('pauseDestination')}
          action={t('pauseDestination')}
          onYes={() => deed('pause')}
          onNo={() => setAsking(false)}
        >
          <p>{t('pauseDestinationMeans')}</p>
        </Confirm>
      )}
    </>
  );
}

function Tested({ report }: { report: TestView }): JSX.Element {
  return (
    <div role="status">
      <p>
        <Badge mood={report.delivered ? 'good' : 'bad'}>{t(report.delivered ? 'testDelivered' : 'testRefused')}</Badge>{' '}
        {report.type} ({report.sample}), {report.status ?? '–'}, {number(report.ms)} ms {report.why}
      </p>
      {report.response && <Json value={report.response} label={t('answer')} />}
    </div>
  );
}

function Secrets({ secrets }: { secrets: NonNullable<DestinationView['secrets']> }): JSX.Element {
  return (
    <Section title={t('secrets')}>
      <Grid
        caption={t('secrets')}
        items={secrets}
        keyOf={(s) => s.path}
        columns={[
          { word: 'place', cell: (s) => <code>{s.path}</code> },
          { word: 'source', cell: (s) => <code>{s.source}</code> },
          { word: 'changedAt', cell: (s) => <Time at={s.changedAt} /> },
          { word: 'ageDays', right: true, cell: (s) => (s.ageDays === null ? t('notKnown') : number(s.ageDays)) },
        ]}
      />
    </Section>
  );
}

function Requests({ path }: { path: string }): JSX.Element {
  const list = useList<SentRequest>(`${path}/requests?limit=20`);
  if (!list.loading && list.items.length === 0) return <p class="quiet">{t('noRequests')}</p>;
  return (
    <>
      <ol class="attempts">
        {list.items.map((r, i) => (
          <li key={`${r.at} ${String(i)}`}>
            <details>
              <summary>
                <Time at={r.at} /> <Badge mood={r.outcomes['delivered'] ? 'good' : 'warn'}>{outcomeText(r)}</Badge>{' '}
                {r.status ?? ''} {number(r.ms)} ms {r.error ?? ''}
              </summary>
              <p>
                {r.ids.map((id) => (
                  <a key={id} class="delivery" href={`/events${pathOf(id)}`}>
                    {id}
                  </a>
                ))}
              </p>
              <h3>{t('request')}</h3>
              <Json value={[r.request, r.signature].filter(Boolean).join('\n') || t('notKept')} label={t('request')} />
              <h3>{t('answer')}</h3>
              <Json value={r.response ?? t('notKept')} label={t('answer')} />
            </details>
          </li>
        ))}
      </ol>
      <More list={list} />
    </>
  );
}

function outcomeText({ outcomes }: SentRequest): string {
  return Object.entries(outcomes)
    .map(([outcome, n]) => `${outcome} ${n}`)
    .join(', ');
}
