/** An answer of the API in a component: asked for when it appears, and again when told to. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ask, Problem } from './api';

export interface Asked<T> {
  /** The last answer, kept while the next is under way. */
  readonly data: T | null;
  readonly problem: Problem | null;
  readonly loading: boolean;
  /** Asks again. */
  readonly again: () => void;
}

/** @param path null asks nothing */
export function useAsk<T>(path: string | null): Asked<T> {
  const [state, setState] = useState<{ of: string | null; data: T | null; problem: Problem | null; loading: boolean }>({
    of: null,
    data: null,
    problem: null,
    loading: true,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return undefined;
    const ended = new AbortController();
    setState((s) => ({ ...s, loading: true, ...(s.of === path ? {} : { of: path, data: null, problem: null }) }));
    ask<T>('GET', path, undefined, ended.signal).then(
      (data) => setState({ of: path, data, problem: null, loading: false }),
      (error: unknown) => {
        if (ended.signal.aborted) return;
        setState((s) => ({ ...s, problem: asProblem(error), loading: false }));
      },
    );
    return () => ended.abort();
  }, [path, turn]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  const mine = state.of === path;
  return { data: mine ? state.data : null, problem: mine ? state.problem : null, loading: state.loading, again };
}

/** What a person asked for: one at a time, with what came of it. */
export function useAct<T>(): {
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly act: (work: () => Promise<T>) => Promise<T | null>;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);
  const act = useCallback(async (work: () => Promise<T>): Promise<T | null> => {
    if (running.current) return null;
    running.current = true;
    setBusy(true);
    setProblem(null);
    try {
      return await work();
    } catch (error) {
      setProblem(asProblem(error));
      return null;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { busy, problem, act };
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, 'CONSOLE', String(error), null);
}
