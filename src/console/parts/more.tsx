/** A list of the API, page after page. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Problem } from '../frame/api';
import type { Page } from '../frame/models';
import { t } from '../words/language';
import { ProblemBox } from './basics';

interface Listed<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly loading: boolean;
  readonly problem: Problem | null;
  readonly more: () => void;
  readonly again: () => void;
}

/** Pages are gone through until something was found: one may come empty, as the daemon gives each a second and a half. */
const MOST_EMPTY = 200;

/** @param path with its query */
export function useList<T>(path: string): Listed<T> {
  const [state, setState] = useState<Omit<Listed<T>, 'more' | 'again'>>({
    items: [],
    next: null,
    loading: true,
    problem: null,
  });
  const ended = useRef<AbortController | null>(null);
  const load = async (before: readonly T[], after: string | null): Promise<void> => {
    ended.current?.abort();
    const mine = new AbortController();
    ended.current = mine;
    setState({ items: before, next: null, loading: true, problem: null });
    let at = after;
    try {
      for (let empty = 0; empty < MOST_EMPTY; empty++) {
        const url = at === null ? path : `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(at)}`;
        const page = await ask<Page<T>>('GET', url, undefined, mine.signal);
        at = page.next;
        if (page.items.length === 0 && at !== null) continue;
        setState({ items: [...before, ...page.items], next: at, loading: false, problem: null });
        return;
      }
      setState({ items: before, next: at, loading: false, problem: null });
    } catch (error) {
      if (!mine.signal.aborted) setState({ items: before, next: at, loading: false, problem: error as Problem });
    }
  };
  useEffect(() => {
    void load([], null);
    return () => ended.current?.abort();
  }, [path]);
  return { ...state, more: () => void load(state.items, state.next), again: () => void load([], null) };
}

/** What stands under a list: that it goes on, or loads, or why it does not. */
export function More<T>({ list, children }: { list: Listed<T>; children?: ComponentChildren }): JSX.Element {
  return (
    <>
      <ProblemBox problem={list.problem} />
      <div class="row">
        {list.loading && (
          <span class="quiet" role="status">
            {t('loading')}
          </span>
        )}
        {!list.loading && list.next !== null && (
          <button type="button" onClick={list.more}>
            {t('more')}
          </button>
        )}
        {children}
      </div>
    </>
  );
}
