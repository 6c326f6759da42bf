/**
 * The receiver chain: which receiver follows which, and where two listings are not one log.
 *
 * Only the links order receivers. Names do not (they wrap and are re-used), attach times only break ties between
 * chains, and sequence numbers restart at 1. Source: JOURNAL_RECEIVER_INFO; a chain breaks on a restored receiver or
 * a re-created journal.
 */
import type { ReceiverFacts } from '../../catalog/journals';
import { formatName, type Position, type QualifiedName, sameName } from '../../model/position';

/** What comes after a receiver that was read to its end. */
type Crossing =
  /** It is the attached one: wait for more entries. */
  | { readonly is: 'attached' }
  | { readonly is: 'next'; readonly receiver: ReceiverFacts }
  /** The next receiver is known by name but cannot be read any more. */
  | { readonly is: 'gone'; readonly next: QualifiedName | null; readonly why: 'deleted' | 'freed' }
  /** Later receivers exist that are not linked to this one: two chains, not one continuous log. */
  | { readonly is: 'broken'; readonly after: ReceiverFacts }
  /** The next receiver is there, but one of the two is PARTIAL and entries between them are in neither. */
  | { readonly is: 'incomplete'; readonly next: ReceiverFacts };

export class ReceiverChain {
  private readonly byName: ReadonlyMap<string, ReceiverFacts>;
  /** Oldest first: along the links inside a chain, by the attachment of their heads between chains. */
  readonly receivers: readonly ReceiverFacts[];
  private readonly rank: ReadonlyMap<string, number>;

  /** @param listed every receiver of one journal, in any order */
  constructor(listed: readonly ReceiverFacts[]) {
    this.byName = new Map(listed.map((r) => [formatName(r.name), r]));
    this.receivers = inOrder(listed, this.byName);
    this.rank = new Map(this.receivers.map((r, i) => [formatName(r.name), i]));
  }

  private rankOf(name: QualifiedName): number {
    return this.rank.get(formatName(name)) ?? -1;
  }

  get(name: QualifiedName): ReceiverFacts | null {
    return this.byName.get(formatName(name)) ?? null;
  }

  attached(): ReceiverFacts | null {
    return this.receivers.find((r) => r.status === 'ATTACHED') ?? null;
  }

  after(receiver: ReceiverFacts): Crossing {
    if (receiver.status === 'ATTACHED') return { is: 'attached' };
    const next = receiver.next ? this.get(receiver.next) : null;
    if (next) {
      if (next.previous && !sameName(next.previous, receiver.name)) return { is: 'broken', after: next };
      return into(receiver, next);
    }
    // A re-created or restored journal starts a chain of its own: its receivers never name ours.
    const later = this.receivers[this.rankOf(receiver.name) + 1];
    if (!later) return receiver.next ? { is: 'gone', next: receiver.next, why: 'deleted' } : { is: 'attached' };
    if (receiver.next) return { is: 'gone', next: receiver.next, why: 'deleted' };
    // Some levels fill NEXT late; the follower's own PREVIOUS link proves as much.
    const claims = this.receivers.find((r) => r.previous && sameName(r.previous, receiver.name));
    if (claims) return into(receiver, claims);
    return { is: 'broken', after: later };
  }

  /** Receivers from the attached one backwards along the links as far as entries can be read, oldest first. */
  readableChain(): ReceiverFacts[] {
    const chain: ReceiverFacts[] = [];
    let at: ReceiverFacts | null = this.attached() ?? this.receivers.at(-1) ?? null;
    const seen = new Set<string>();
    while (at && readable(at) && !seen.has(formatName(at.name))) {
      seen.add(formatName(at.name));
      chain.unshift(at);
      const previous: ReceiverFacts | null = at.previous ? this.get(at.previous) : null;
      at = previous && !lacksBetween(previous, at) ? previous : null;
    }
    return chain;
  }

  oldestReadable(): ReceiverFacts | null {
    return this.readableChain()[0] ?? null;
  }

  /** Entries a reader standing at `position` has still to read, by the catalog's numbers; null if it is not in the chain. */
  entriesAfter(position: Position): bigint | null {
    const chain = this.readableChain();
    const index = chain.findIndex((r) => sameName(r.name, position.receiver));
    if (index < 0) return null;
    let sum = max(0n, chain[index]!.last - position.sequence);
    for (const r of chain.slice(index + 1)) sum += max(0n, r.last - r.first + 1n);
    return sum;
  }

  /** The receiver, among `receiver` and those before it without a reset between, that holds `sequence`; null if none. */
  holding(receiver: QualifiedName, sequence: bigint): ReceiverFacts | null {
    let at = this.get(receiver);
    while (at) {
      if (at.first <= sequence && readable(at)) return at;
      const previous: ReceiverFacts | null = at.previous ? this.get(at.previous) : null;
      // A reset in between: the number belongs to another numbering. No open commit cycle spans a reset.
      if (!previous || previous.last >= at.first) return null;
      at = previous;
    }
    return null;
  }

  /** Negative when `a` comes before `b`; null when the chain does not show it. */
  compare(a: Position, b: Position): number | null {
    if (sameName(a.receiver, b.receiver)) return a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : 0;
    const ra = this.rankOf(a.receiver);
    const rb = this.rankOf(b.receiver);
    return ra < 0 || rb < 0 ? null : ra - rb;
  }
}

function into(from: ReceiverFacts, next: ReceiverFacts): Crossing {
  if (!readable(next)) return { is: 'gone', next: next.name, why: 'freed' };
  return lacksBetween(from, next) ? { is: 'incomplete', next } : { is: 'next', receiver: next };
}

/**
 * A receiver restored from a save of when it was attached lacks its end, an incomplete remote copy may lack its beginning. The
 * numbers show it, except across a reset, where every first number is 1.
 */
function lacksBetween(from: ReceiverFacts, next: ReceiverFacts): boolean {
  const partial = from.status === 'PARTIAL' || next.status === 'PARTIAL';
  return partial && from.last > 0n && next.first > from.last + 1n;
}

/** The view gives whole seconds, so receivers changed within one second are ordered by nothing but their links. */
function inOrder(listed: readonly ReceiverFacts[], byName: ReadonlyMap<string, ReceiverFacts>): ReceiverFacts[] {
  const linked = (r: ReceiverFacts): ReceiverFacts | undefined =>
    r.previous === null ? undefined : byName.get(formatName(r.previous));
  const heads = listed
    .filter((r) => !linked(r))
    .sort((a, b) => (a.attached < b.attached ? -1 : a.attached > b.attached ? 1 : 0));
  const followers = new Map<string, ReceiverFacts>();
  for (const r of listed) if (r.previous && linked(r)) followers.set(formatName(r.previous), r);
  const ordered: ReceiverFacts[] = [];
  for (const head of heads)
    for (
      let at: ReceiverFacts | undefined = head;
      at && ordered.length < listed.length;
      at = followers.get(formatName(at.name))
    )
      ordered.push(at);
  return ordered;
}

/** FREED receivers are listed but empty-handed; EMPTY ones were never attached. */
export function readable(receiver: ReceiverFacts): boolean {
  return receiver.status !== 'FREED' && receiver.status !== 'EMPTY';
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
