/** Server-sent events of the daemon: one stream a page, closed while nobody looks at it. */
import { useEffect, useRef, useState } from 'preact/hooks';

export interface LiveEvent {
  readonly id: string;
  readonly type: string;
  readonly table: string;
  readonly rule: string;
  readonly key: string;
  readonly traceKey: string;
  readonly receiver: string | null;
  readonly sequence: string | null;
  readonly entryAt: string;
  readonly writtenAt: string;
}

interface Heard {
  readonly event?: (event: LiveEvent) => void;
  readonly status?: () => void;
  readonly skipped?: (from: number, to: number) => void;
}

/** @param query of `/v1/stream`; null listens to nothing. @returns whether the daemon is heard */
export function useLive(query: string | null, heard: Heard): boolean {
  const [open, setOpen] = useState(true);
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(() => {
    if (query === null) return undefined;
    let source: EventSource | null = null;
    const listen = (): void => {
      if (document.hidden) {
        source?.close();
        source = null;
        return;
      }
      if (source) return;
      source = new EventSource(`/v1/stream${query}`);
      source.onopen = () => setOpen(true);
      source.onerror = () => setOpen(false);
      source.addEventListener('event', ({ data }) => latest.current.event?.(JSON.parse(data) as LiveEvent));
      source.addEventListener('status', () => latest.current.status?.());
      source.addEventListener('skipped', ({ data }) => {
        const { from, to } = JSON.parse(data) as { from: number; to: number };
        latest.current.skipped?.(from, to);
      });
    };
    listen();
    document.addEventListener('visibilitychange', listen);
    return () => {
      document.removeEventListener('visibilitychange', listen);
      source?.close();
    };
  }, [query]);
  return open;
}

/** Calls again and again while the page is looked at. */
export function useEvery(ms: number, call: () => void): void {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
}
