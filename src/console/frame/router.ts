/** Where we are: the address of the browser, so that every view is a link. */
import { useEffect, useState } from 'preact/hooks';

export interface Place {
  readonly path: string;
  /** Parts of the path, decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

const listeners = new Set<() => void>();

function here(): Place {
  const { pathname, search } = location;
  return { path: pathname, parts: pathname.split('/').slice(1).map(decoded), query: new URLSearchParams(search) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param replace the place left is not to be come back to */
export function go(to: string, replace = false): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  for (const listener of listeners) listener();
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const look = (): void => setPlace(here());
    listeners.add(look);
    addEventListener('popstate', look);
    return () => {
      listeners.delete(look);
      removeEventListener('popstate', look);
    };
  }, []);
  return place;
}

/** Links of the console are followed without asking the server for a page; all others are the browser's. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest('a');
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const there = link.origin === location.origin && !link.hasAttribute('download') && link.target === '';
    if (!there || link.hash !== '' || /^\/(v1|console|openapi\.json|metrics)/.test(link.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
