/** Filter, count, confirm, progress, result: for every letter that matches, not only for those on the page. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../../frame/api';
import { useAct } from '../../frame/use-ask';
import { ProblemBox } from '../../parts/basics';
import { Confirm } from '../../parts/confirm';
import { number, t } from '../../words/language';

type Deed = 'retry' | 'drop';
type Wish = Readonly<Record<string, string | null>>;

interface Choice {
  readonly deed: Deed;
  readonly count: number;
}

const LOOK_MS = 500;

export function Bulk({ wish, onDone }: { wish: Wish; onDone: () => void }): JSX.Element {
  const [choice, setChoice] = useState<Choice | null>(null);
  const [left, setLeft] = useState<number | null>(null);
  const [result, setResult] = useState('');
  const { busy, problem, act } = useAct<void>();
  const watching = useRef<AbortController | null>(null);
  useEffect(() => () => watching.current?.abort(), []);
  const count = (deed: Deed): void =>
    void act(async () => {
      setResult('');
      setChoice({ deed, count: await done(deed, wish, true) });
    });
  const go = ({ deed, count: all }: Choice): void =>
    void act(async () => {
      setChoice(null);
      setLeft(all);
      const ended = new AbortController();
      watching.current = ended;
      void watch(deed, wish, ended.signal, setLeft);
      try {
        const n = await done(deed, wish, false);
        setResult(t(deed === 'retry' ? 'retried' : 'dropped', { n: number(n) }));
        onDone();
      } finally {
        ended.abort();
        setLeft(null);
      }
    });
  return (
    <>
      <div class="row">
        <button type="button" class="main" disabled={busy} onClick={() => count('retry')}>
          {t('retryAll')}
        </button>
        <button type="button" disabled={busy} onClick={() => count('drop')}>
          {t('dropAll')}
        </button>
      </div>
      {left !== null && <Progress left={left} />}
      <p role="status" class="result">
        {result}
      </p>
      <ProblemBox problem={problem} />
      {choice && (
        <Confirm
          title={t(choice.deed === 'retry' ? 'retryCount' : 'dropCount', { n: number(choice.count) })}
          action={t(choice.deed === 'retry' ? 'retryNow' : 'dropNow')}
          danger={choice.deed === 'drop'}
          busy={choice.count === 0}
          onYes={() => go(choice)}
          onNo={() => setChoice(null)}
        >
          <p>{t(choice.deed === 'retry' ? 'retryMeans' : 'dropMeans')}</p>
        </Confirm>
      )}
    </>
  );
}

function Progress({ left }: { left: number }): JSX.Element {
  const all = useRef(left);
  return (
    <label class="progress">
      {t('lettersLeft', { n: number(left) })}
      <progress max={all.current} value={all.current - left} />
    </label>
  );
}

/** @returns how many letters it was, or would be */
async function done(deed: Deed, wish: Wish, dryRun: boolean): Promise<number> {
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value));
  const chosen = Object.keys(given).length > 0 ? given : { all: true };
  const answer = await ask<{ queued?: number; dropped?: number }>('POST', `/v1/dead-letters/${deed}`, {
    ...chosen,
    dryRun,
  });
  return answer.queued ?? answer.dropped ?? 0;
}

/** The daemon works through the letters in slices; those that still match are those that are left. */
async function watch(deed: Deed, wish: Wish, signal: AbortSignal, tell: (left: number) => void): Promise<void> {
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (signal.aborted) return;
    const left = await done(deed, wish, true).catch(() => null);
    if (left !== null && !signal.aborted) tell(left);
  }
}
