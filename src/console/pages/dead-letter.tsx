/** One dead letter: why it was given up, what was tried, what was in it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, pathOf } from '../frame/api';
import type { WholeLetter } from '../frame/models';
import { go } from '../frame/router';
import { useAct, useAsk } from '../frame/use-ask';
import { Answer, DestinationLink, Facts, Head, Json, ProblemBox, Section, TableLink, Time } from '../parts/basics';
import { Confirm } from '../parts/confirm';
import { ForOperators } from '../parts/role';
import { number, t } from '../words/language';
import { AttemptList } from './event/attempts';

export function DeadLetterPage({ no }: { no: string }): JSX.Element {
  const letter = useAsk<WholeLetter>(`/v1/dead-letters${pathOf(no)}`);
  return (
    <Answer asked={letter} title={t('letterNo', { n: no })}>
      {(l) => (
        <>
          <Head title={t('letterNo', { n: l.no })} />
          <Facts
            items={[
              ['destination', <DestinationLink key="d" name={l.destination} />],
              ['reason', l.reason],
              ['message', l.message],
              ['attempts', number(l.attempts)],
              ['firstTry', <Time key="f" at={l.firstAt} />],
              ['died', <Time key="a" at={l.deadAt} />],
              [
                'event',
                <a key="e" href={`/events${pathOf(l.id)}`}>
                  {l.type} {l.key}
                </a>,
              ],
              ['table', <TableLink key="t" name={l.table} />],
            ]}
          />
          <ForOperators>
            <Deeds letter={l} />
          </ForOperators>
          <Section title={t('attempts')}>
            <AttemptList attempts={l.attemptsLog} />
          </Section>
          <Section title={t('body')}>
            {l.body === null ? <p>{t('noBody')}</p> : <Json value={l.body} label={t('body')} />}
          </Section>
        </>
      )}
    </Answer>
  );
}

function Deeds({ letter }: { letter: WholeLetter }): JSX.Element {
  const [dropping, setDropping] = useState(false);
  const { busy, problem, act } = useAct<void>();
  const deed = (what: 'retry' | 'drop'): void =>
    void act(async () => {
      setDropping(false);
      await ask('POST', `/v1/dead-letters/${what}`, { letter: [letter.no] });
      go(what === 'retry' ? `/events${pathOf(letter.id)}` : '/dead-letters');
    });
  return (
    <>
      <div class="row">
        <button type="button" class="main" disabled={busy} onClick={() => deed('retry')}>
          {t('retryNow')}
        </button>
        <button type="button" disabled={busy} onClick={() => setDropping(true)}>
          {t('dropNow')}
        </button>
      </div>
      <ProblemBox problem={problem} />
      {dropping && (
        <Confirm
          title={t('dropCount', { n: 1 })}
          action={t('dropNow')}
          danger
          onYes={() => deed('drop')}
          onNo={() => setDropping(false)}
        >
          <p>{t('dropMeans')}</p>
        </Confirm>
      )}
    </>
  );
}
