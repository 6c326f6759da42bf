/**
 * A stretch of one receiver read by several jobs, each asked for a range of numbers of its own, handed on in the order of the
 * journal. Every job has one call under way at most, so memory is bounded by their buffers.
 *
 * Before any of it, an entry behind the stretch is seen to be readable: so everything in the stretch is, and a range that was
 * returned to its end misses nothing that caching still hid when it was asked for. Where a range is not returned as it should
 * be, whatever the reason, its entries and all after them are left to be read one after the other, from the last entry that was
 * handed on. What is no answer of the journal, such as a lost connection, is thrown when the range's turn comes.
 */
import { ApiBlock, type ApiHead, type ApiHeaders, type ApiReply, readHead } from '../entry/api-block';
import { journalFailureOf } from '../entry/host-error';
import type { EntryBlock, WindowRange } from './entry-source';
import type { JournalCalls } from './journal-calls';

export interface Stretch extends WindowRange {
  readonly from: bigint;
  readonly to: bigint;
}

export interface SideBySideParts {
  readonly jobs: readonly JournalCalls[];
  readonly headers: ApiHeaders;
  readonly signal: AbortSignal;
  /** Bytes of one reply. */
  readonly room: number;
  /** Numbers that fit one reply, roughly. */
  readonly span: bigint;
  readonly release: (block: ApiBlock, job: JournalCalls) => void;
  /** Bytes of a reply, milliseconds since the one before. @returns false to go on one after the other */
  readonly passed: (reply: { readonly bytes: number; readonly ms: number }) => boolean;
  /** Milliseconds, monotonic. */
  readonly timer: () => number;
}

interface Asked {
  readonly from: bigint;
  readonly to: bigint;
  readonly job: JournalCalls;
  readonly reply: Promise<ApiReply | null>;
}

interface Returned {
  readonly block: ApiBlock;
  readonly head: ApiHead;
  readonly last: bigint;
  readonly bytes: number;
}

/** A range asked for is this much smaller than what fitted last. */
const MARGIN = { of: 15n, parts: 16n } as const;
/** Share of a full reply below which ranges become longer. */
const SPARE = 0.85;

/** @returns the number of the last entry handed on, from where reading goes on one after the other; null when all was read */
export async function* sideBySide(stretch: Stretch, parts: SideBySideParts): AsyncGenerator<EntryBlock, bigint | null> {
  const { timer } = parts;
  const ranges = new Ranges(stretch, parts);
  for (const job of parts.jobs) ranges.ask(job);
  let last = stretch.from;
  let since = timer();
  try {
    for (let asked = ranges.first; asked; asked = ranges.first) {
      const returned = await returnedOf(asked, stretch, parts);
      if (!returned) return last;
      ranges.returned(asked, returned);
      const now = timer();
      const pays = parts.passed({ bytes: returned.bytes, ms: now - since });
      since = now;
      yield returned.block;
      parts.release(returned.block, asked.job);
      last = returned.last;
      if (!pays) return last;
    }
    return null;
  } finally {
    ranges.giveUp();
  }
}

/** Which ranges are under way, in the order of the journal, and how long the next ones are. */
class Ranges {
  private readonly asked: Asked[] = [];
  private next: bigint;
  private span: bigint;
  private full: number;

  constructor(
    private readonly stretch: Stretch,
    private readonly parts: SideBySideParts,
  ) {
    this.next = stretch.from;
    this.span = shortened(parts.span);
    this.full = parts.room;
  }

  get first(): Asked | undefined {
    return this.asked[0];
  }

  ask(job: JournalCalls): void {
    const from = this.next;
    if (from > this.stretch.to) return;
    const end = from + this.span - 1n;
    const to = end < this.stretch.to ? end : this.stretch.to;
    this.next = to + 1n;
    this.asked.push(this.call(from, to, job));
  }

  /** The first range was returned, to its end or not: its job goes on with what is left of it, or with the next one. */
  returned({ to, job, from }: Asked, { head, bytes }: Returned): void {
    this.asked.shift();
    if (head.next !== null) {
      this.full = bytes;
      this.span = shortened(head.next - from);
      this.asked.unshift(this.call(head.next, to, job));
      return;
    }
    if (bytes < this.full * SPARE) this.span += this.span / MARGIN.parts + 1n;
    this.ask(job);
  }

  giveUp(): void {
    const { headers, release } = this.parts;
    for (const { reply, job } of this.asked)
      reply
        .then((came) => came && release(new ApiBlock(null, headers, came, readHead(came)), job))
        .catch(() => undefined);
  }

  private call(from: bigint, to: bigint, job: JournalCalls): Asked {
    const { room, signal } = this.parts;
    const reply = job.found({ receiver: this.stretch.receiver, from, to }, room, signal);
    // it is looked at when its turn comes
    reply.catch(() => undefined);
    return { from, to, job, reply };
  }
}

function shortened(span: bigint): bigint {
  const shorter = (span * MARGIN.of) / MARGIN.parts;
  return shorter > 0n ? shorter : 1n;
}

/** @returns null when a range was not returned as it should be */
async function returnedOf(asked: Asked, { receiver }: Stretch, parts: SideBySideParts): Promise<Returned | null> {
  const reply = await answerOf(asked);
  if (!reply) return null;
  const head = readHead(reply);
  const block = new ApiBlock(receiver, parts.headers, reply, head);
  const last = block.count > 0 ? block.entry(block.count - 1).sequence : null;
  const sound =
    last !== null &&
    block.entry(0).sequence >= asked.from &&
    last <= asked.to &&
    (head.next === null || (head.next > last && head.next <= asked.to));
  if (sound) return { block, head, last, bytes: reply.length };
  parts.release(block, asked.job);
  return null;
}

async function answerOf({ reply }: Asked): Promise<ApiReply | null> {
  try {
    return await reply;
  } catch (error) {
    if (journalFailureOf(error) === 'other') throw error;
    return null;
  }
}
