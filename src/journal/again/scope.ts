/**
 * Where a range of a journal lies among its receivers: stretches that can be read, and receivers that hold some of it no more.
 * A range ends where the stream stands: what it has not read it will send itself.
 */
import type { ReceiverFacts } from '../../catalog/journals';
import { formatName, type Position, type QualifiedName, sameName } from '../../model/position';
import { type ReceiverChain, readable } from '../position/chain';
import type { SeenReceiver } from '../position/checkpoint-table';
import type { JournalQuery } from '../source/journal-query';
import { around, startBefore } from './nearby';

/** By time of the change, epoch milliseconds, or a stretch of one receiver, both ends inclusive; null is no bound. */
export type Wanted =
  | { readonly is: 'time'; readonly since: number | null; readonly until: number | null }
  | {
      readonly is: 'receiver';
      readonly receiver: QualifiedName;
      readonly from: bigint | null;
      readonly to: bigint | null;
    };

export interface ScopeParts {
  readonly query: JournalQuery;
  readonly chain: ReceiverChain;
  /** The stream's position; null where it never read. */
  readonly ceiling: Position | null;
  /** Local time of the partition as epoch milliseconds. */
  readonly utc: (local: string) => number;
  /** Receivers of the journal that were listed once. */
  readonly seen: readonly SeenReceiver[];
}

export interface RangeScope {
  readonly stretches: readonly { readonly start: Position; readonly first: Position; readonly last: Position }[];
  readonly gone: readonly { readonly receiver: string; readonly why: string }[];
  readonly ceiling: Position | null;
  readonly cut: boolean;
}

/** The partition's clock may have been set back by an hour, for winter or by someone. */
const SET_BACK_MS = 2 * 3_600_000;
/** The list of receivers gives whole seconds. */
const SECOND_MS = 1_000;
const END = 1n << 64n;

/** @throws SqlError */
export async function scopeOf(parts: ScopeParts, wanted: Wanted, signal: AbortSignal): Promise<RangeScope> {
  const { chain, ceiling } = parts;
  const within = chain.receivers.filter((r) => mayHold(parts, wanted, r));
  const gone = [...unlisted(parts, wanted), ...within.flatMap((r) => holdsNoMore(parts, wanted, r))];
  const stretches: { start: Position; first: Position; last: Position }[] = [];
  let cut = false;
  for (const run of runsOf(chain, within.filter(readable))) {
    let { first, last } = await boundsOf(parts, wanted, run, signal);
    const over = ceiling === null ? -1 : chain.compare(last, ceiling);
    if (over === null || over > 0) {
      cut ||= beyond(parts, wanted, ceiling!);
      last = ceiling!;
    }
    if (over === null || (chain.compare(first, last) ?? 1) > 0) continue;
    stretches.push({ start: await startOf(parts, first, signal), first, last });
    first = last;
  }
  return { stretches, gone, ceiling, cut };
}

/** Whether the range goes on where the stream has not read. */
function beyond({ chain, utc }: ScopeParts, wanted: Wanted, ceiling: Position): boolean {
  if (wanted.is === 'receiver') return true;
  const next = chain.get(ceiling.receiver);
  return wanted.until === null || next === null || wanted.until > utc(next.attached);
}

function mayHold({ utc }: ScopeParts, wanted: Wanted, r: ReceiverFacts): boolean {
  if (wanted.is === 'receiver') return sameName(r.name, wanted.receiver);
  const { since, until } = wanted;
  if (r.status === 'EMPTY') return false;
  if (until !== null && utc(r.attached) - SET_BACK_MS >= until) return false;
  return since === null || r.detached === null || utc(r.detached) + SECOND_MS + SET_BACK_MS >= since;
}

/** Sure to have had entries of the range, by its own times. */
function held({ utc }: ScopeParts, wanted: Wanted, r: ReceiverFacts): boolean {
  if (wanted.is === 'receiver') return true;
  const { since, until } = wanted;
  const over = since !== null && r.detached !== null && utc(r.detached) + SECOND_MS < since;
  return !over && (until === null || utc(r.attached) < until);
}

/** What a receiver that is listed cannot show. */
function holdsNoMore(parts: ScopeParts, wanted: Wanted, r: ReceiverFacts): RangeScope['gone'] {
  if (!held(parts, wanted, r)) return [];
  const receiver = formatName(r.name);
  if (!readable(r)) return r.status === 'FREED' ? [{ receiver, why: 'its storage was freed' }] : [];
  const from = wanted.is === 'receiver' ? (wanted.from ?? 1n) : 1n;
  if (r.status === 'PARTIAL' && from < r.first && precedes(parts.chain, r))
    return [{ receiver, why: `it is partial and begins at ${r.first}` }];
  const beyond = wanted.is !== 'receiver' || wanted.to === null || wanted.to > r.last;
  if (r.status === 'PARTIAL' && beyond && parts.chain.after(r).is === 'incomplete')
    return [{ receiver, why: `it is partial and ends at ${r.last}` }];
  return [];
}

/** True unless the receiver says itself that it begins where the one before it ended. */
function precedes(chain: ReceiverChain, r: ReceiverFacts): boolean {
  const before = r.previous && chain.get(r.previous);
  return !before || before.last + 1n !== r.first;
}

/** Receivers that are not listed any more, of which the range may want entries. */
function unlisted({ chain, utc, seen }: ScopeParts, wanted: Wanted): RangeScope['gone'] {
  const why = 'it is no longer on the partition';
  if (wanted.is === 'receiver')
    return chain.get(wanted.receiver) ? [] : [{ receiver: formatName(wanted.receiver), why }];
  const { since, until } = wanted;
  const listed = new Set(chain.receivers.map((r) => formatName(r.name)));
  const known = seen.filter((s) => !listed.has(s.receiver));
  const wantedOf = known.filter(
    (s) =>
      (until === null || utc(s.attached) < until) &&
      (since === null || s.detached === null || utc(s.detached) + SECOND_MS >= since),
  );
  const names = new Set(wantedOf.map((s) => s.receiver));
  const oldest = chain.receivers[0];
  // never seen, but the list knows that there was one
  const before = oldest?.previous ? formatName(oldest.previous) : null;
  const older = oldest && (since === null || since < utc(oldest.attached) + SECOND_MS);
  if (before && older && !listed.has(before) && !known.some((s) => s.receiver === before)) names.add(before);
  return [...names].map((receiver) => ({ receiver, why }));
}

/** Receivers that follow one another without a break, oldest first. */
function runsOf(chain: ReceiverChain, receivers: readonly ReceiverFacts[]): ReceiverFacts[][] {
  const runs: ReceiverFacts[][] = [];
  for (const r of receivers) {
    const before = runs.at(-1)?.at(-1);
    const next = before && chain.after(before);
    if (next?.is === 'next' && sameName(next.receiver.name, r.name)) runs.at(-1)!.push(r);
    else runs.push([r]);
  }
  return runs;
}

async function boundsOf(
  { query, utc }: ScopeParts,
  wanted: Wanted,
  run: readonly ReceiverFacts[],
  signal: AbortSignal,
): Promise<{ first: Position; last: Position }> {
  const [head, tail] = [run[0]!, run.at(-1)!];
  // the attached one grows while it is read
  const end = tail.status === 'ATTACHED' ? END : tail.last;
  if (wanted.is === 'receiver') {
    const { from, to } = wanted;
    const last = to !== null && to < end ? to : end;
    return {
      first: { receiver: head.name, sequence: from ?? head.first },
      last: { receiver: tail.name, sequence: last },
    };
  }
  const { since, until } = wanted;
  let first = head.first;
  let last = end;
  if (since !== null && head.last > 0n)
    first = (await around(query, head, (local) => utc(local) < since - SET_BACK_MS, signal)).before + 1n;
  if (until !== null && tail.last > 0n) {
    const { after } = await around(query, tail, (local) => utc(local) < until + SET_BACK_MS, signal);
    if (after <= tail.last) last = after;
  }
  return { first: { receiver: head.name, sequence: first }, last: { receiver: tail.name, sequence: last } };
}

/** Behind the last entry of the receiver before, where there is one: cycles that began there are met with their beginning. */
async function startOf({ query, chain }: ScopeParts, first: Position, signal: AbortSignal): Promise<Position> {
  const receiver = chain.get(first.receiver)!;
  if (first.sequence > receiver.first)
    return startBefore(query, { receiver: first.receiver, sequence: first.sequence - 1n }, signal);
  const before = receiver.previous && chain.get(receiver.previous);
  if (!before || !readable(before) || before.last + 1n !== receiver.first || before.last === 0n)
    return { receiver: first.receiver, sequence: 0n };
  return startBefore(query, { receiver: before.name, sequence: before.last }, signal);
}
