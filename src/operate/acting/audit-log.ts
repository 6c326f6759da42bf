/** The operators' log as `audit-log` exports it: one JSON object a line, oldest first. */
import type { LogFilter, LoggedAction } from '../../operators/operator-log';
import type { StateFile } from '../state-file';

/** Lines read at once. */
const PAGE = 500;

export function* loggedActions({ operators }: StateFile, filter: LogFilter, most: number): Generator<LoggedAction> {
  let from: number | null = null;
  for (let left = most; left > 0; ) {
    const page = operators.list(filter, 'oldest', from, Math.min(PAGE, left));
    if (page.length === 0) return;
    yield* page;
    left -= page.length;
    from = page.at(-1)!.no;
  }
}
