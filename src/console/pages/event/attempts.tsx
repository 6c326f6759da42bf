/** Attempts, each with its request and its answer. */
import type { JSX } from 'preact';
import type { WholeEvent } from '../../frame/models';
import { Badge, Json, Time } from '../../parts/basics';
import { number, t } from '../../words/language';

type Attempt = WholeEvent['attempts'][number];

export function AttemptList({ attempts }: { attempts: readonly Attempt[] }): JSX.Element {
  if (attempts.length === 0) return <p class="quiet">{t('noAttempts')}</p>;
  return (
    <ol class="attempts">
      {attempts.map((a) => (
        <li key={`${a.destination} ${String(a.attempt)} ${a.at}`}>
          <details>
            <summary>
              {a.destination} {t('attemptNo', { n: a.attempt })}{' '}
              <Badge mood={a.outcome === 'delivered' ? 'good' : 'warn'}>
                {a.outcome} {a.status ?? ''}
              </Badge>{' '}
              <Time at={a.at} /> {number(a.ms)} ms
            </summary>
            {a.error && <p>{a.error}</p>}
            {a.batch > 1 && <p>{t('inBatch', { n: a.batch })}</p>}
            <h3>{t('request')}</h3>
            <Json value={a.request ?? t('notKept')} label={t('request')} />
            {a.signature && (
              <p>
                {t('signature')}: <code>{a.signature}</code>
              </p>
            )}
            <h3>{t('answer')}</h3>
            <Json value={a.response ?? t('notKept')} label={t('answer')} />
          </details>
        </li>
      ))}
    </ol>
  );
}
