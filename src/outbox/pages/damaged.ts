/** What can still be said of an event whose stored page was altered on the disk: enough to make it again, or to bury it. */
import type { StoredEvent } from '../../model/delivery';
import { type PagedEvent, PageReader } from './event-page';
import type { Shape, Shapes } from './shapes';

/** As it was read, whatever is in it. */
interface Page {
  readonly first: number;
  readonly last: number;
  readonly appendedAt: number;
  readonly data: Buffer;
}

/** Never its payload; where not even its place can be found, a name for unknown places. */
export function damagedEvent(page: Page, index: number, shapes: Shapes): StoredEvent {
  const seq = page.first + index;
  const { paged, shape } = read(page, index, shapes);
  return {
    seq,
    id: paged?.id ?? `damaged-${seq}`,
    type: shape?.type ?? '',
    version: shape?.version ?? '',
    table: shape?.table ?? '',
    rule: shape?.rule ?? '',
    key: paged?.key ?? '',
    traceKey: paged?.traceKey ?? paged?.key ?? '',
    body: null,
    attemptOffset: -1,
    contentType: shape?.contentType ?? 'application/json',
    time: paged?.time ?? '',
    tombstone: shape?.tombstone ?? false,
    recordUrl: paged?.recordUrl ?? null,
    journal: shape?.journal ?? null,
    receiver: shape?.receiver ?? null,
    sequence: paged?.sequence?.toString() ?? null,
    appendedAt: page.appendedAt,
    damaged: true,
  };
}

function read(page: Page, index: number, shapes: Shapes): { paged: PagedEvent | null; shape: Shape | null } {
  try {
    const reader = new PageReader(page.data);
    if (reader.events !== page.last - page.first + 1) return { paged: null, shape: null };
    const paged = reader.eventOf(index);
    return { paged, shape: shapes.get(paged.shape) };
  } catch {
    return { paged: null, shape: null };
  }
}
