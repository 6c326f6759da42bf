/** Cursors: opaque to whoever gets one, and checked when they come back. */
import { CodedError } from '../errors/coded-error';

interface PageQuery {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** A page of a list that is there whole, in its order. The cursor names the last item of the page before. */
export function pageOf<T>(items: readonly T[], nameOf: (item: T) => string, { limit, after }: PageQuery) {
  const start = after === undefined ? 0 : items.findIndex((item) => nameOf(item) === nameIn(after)) + 1;
  if (after !== undefined && start === 0) throw badCursor();
  const some = items.slice(start, start + limit);
  const more = start + some.length < items.length;
  return { items: some, next: more ? Buffer.from(`n${nameOf(some.at(-1)!)}`).toString('base64url') : null };
}

/** The cursor of a list whose items have numbers. */
export function cursorOf(number: number | null): string | null {
  return number === null ? null : Buffer.from(`#${number}`).toString('base64url');
}

/** @throws CodedError `API_CURSOR` */
export function numberIn(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  const digits = /^#(\d{1,15})$/.exec(Buffer.from(after, 'base64url').toString('latin1'))?.[1];
  if (digits === undefined) throw badCursor();
  return Number(digits);
}

function nameIn(after: string): string {
  const text = Buffer.from(after, 'base64url').toString('utf8');
  if (!text.startsWith('n')) throw badCursor();
  return text.slice(1);
}

function badCursor(): CodedError {
  return new CodedError({
    code: 'API_CURSOR',
    message: 'the cursor is not one of this list',
    next: 'begin without `after`',
  });
}
