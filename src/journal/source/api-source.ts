/**
 * Entries by QjoRetrieveJournalEntries over the remote command server: binary, many to a call, the next call under way while the
 * last block is worked on. LOB data stays behind pointers there, which mean nothing off the partition: such an entry's data is
 * read by SQL, for that entry alone, and its pointers are given back.
 */
import { CodedError } from '../../errors/coded-error';
import { formatName, type Position, type QualifiedName } from '../../model/position';
import type { ProgramConnection } from '../../transport/programs';
import { ApiBlock, type ApiHead, ApiHeaders, type ApiReply, readHead } from '../entry/api-block';
import type { ObjectNames } from '../entry/block-entry';
import type { ServerFilter } from '../entry/display-journal';
import { type JournalFailure, journalFailureOf } from '../entry/host-error';
import { BufferSize, LEAST_BUFFER, MOST_BUFFER } from './buffer-size';
import type { CycleRange, EntryBlock, EntrySource, ReadOptions, WindowRange } from './entry-source';
import { JournalCalls } from './journal-calls';
import { NameGuard } from './name-guard';
import { PointerReturn } from './pointer-return';
import { RangeChoice } from './range-choice';
import { ReadingJobs } from './reading-jobs';
import { MOST_FILES, type WantedEntries } from './selection';
import { type SideBySideParts, type Stretch, sideBySide } from './side-by-side';

interface ApiParts {
  /** Not shared while the source lives; the source closes it. */
  readonly programs: ProgramConnection;
  readonly journal: QualifiedName;
  readonly names: ObjectNames;
  /** The same journal by SQL, for data that the API leaves behind pointers. Closed by the source. */
  readonly sql: Pick<EntrySource, 'wholeData' | 'close'>;
  /** The attached receiver as last known. */
  readonly attached: () => QualifiedName | null;
  /** Milliseconds, monotonic. */
  readonly timer: () => number;
  /** Further jobs that read while there is a backlog. */
  readonly abreast: AbreastParts;
}

interface AbreastParts {
  /** Null where no more can be had. */
  readonly open: (() => Promise<ProgramConnection>) | null;
  readonly when: 'auto' | 'always' | 'never';
  /** With the first one. */
  readonly jobs: number;
}

interface Retrieved {
  readonly head: ApiHead;
  readonly reply: ApiReply;
}

/** What several jobs are to go on with. */
interface Ahead {
  readonly from: bigint;
  readonly to: bigint;
  /** Numbers that fitted the last reply. */
  readonly span: bigint;
  readonly jobs: readonly JournalCalls[];
}

/** Where reading has to begin again, without the partition's choice. */
interface Unbelieved {
  readonly from: bigint | null;
}

/** Numbers tried for an entry that is readable. */
const LANDMARKS = 8n;
/** How many times what the reader wishes of a reply a call may ask for: binary entries are dealt with as fast as they come. */
const STRETCH = 16;

export class ApiSource implements EntrySource {
  readonly kind = 'api';
  private readonly calls: JournalCalls;
  private readonly headers: ApiHeaders;
  private readonly guard: NameGuard;
  /** Of readings of a backlog: what was learnt lasts. */
  private size: BufferSize | null = null;
  private readonly pointers = new PointerReturn();
  private readonly jobs: ReadingJobs;
  private readonly choice: RangeChoice;
  /** Numbers that fitted the last full reply. */
  private span: bigint | null = null;

  constructor(private readonly parts: ApiParts) {
    this.calls = new JournalCalls(parts.programs, parts.journal);
    const { journal, timer } = parts;
    const { open, when, jobs } = parts.abreast;
    this.choice = new RangeChoice(when, jobs, timer);
    this.jobs = new ReadingJobs(this.calls, { open, journal, jobs });
    this.headers = new ApiHeaders(parts.names);
    this.guard = new NameGuard(this.calls, this.headers, parts.attached, (block) => this.release(block));
  }

  async *window(range: WindowRange, filter: ServerFilter | null, options: ReadOptions): AsyncGenerator<EntryBlock> {
    const files = filter && filter.files.length <= MOST_FILES ? filter.files : null;
    yield* files ? this.filtered(range, files, options) : this.all(range, options);
  }

  /** Everything in `range`, by several jobs where that pays. */
  private async *all(range: WindowRange, options: ReadOptions): AsyncGenerator<EntryBlock> {
    // the entry a window begins at is known to be there
    let begun: Ahead | null =
      range.from === null || this.span === null ? null : this.ahead(range, range.from, this.span);
    for (let from: bigint | null = range.from; ; ) {
      const left: Ahead | null = begun ?? aheadOf(yield* this.blocks({ ...range, from }, options, 'apart'));
      begun = null;
      if (!left) return;
      from = left.from;
      const stretch = { ...range, from, to: left.to };
      if (!(await this.isReadableBehind(stretch, options.signal))) {
        this.choice.rest();
        return void (yield* this.blocks(stretch, options));
      }
      from = yield* sideBySide(stretch, this.sideBySideParts(left, options));
      if (from === null) return;
      this.choice.measureAgain();
    }
  }

  private sideBySideParts({ jobs, span }: Ahead, options: ReadOptions): SideBySideParts {
    const { headers, choice } = this;
    return {
      ...{ jobs, span, headers, signal: options.signal, timer: this.parts.timer },
      room: Math.min(this.sizeFor(options).bytes, Math.floor(MOST_BUFFER / jobs.length)),
      release: (block, job) => this.pointers.give(block, job),
      passed: (reply) => choice.many(reply),
    };
  }

  /** Whether an entry at the end of `stretch` or behind it is readable: then everything before it is. */
  private async isReadableBehind({ receiver, to }: Stretch, signal: AbortSignal): Promise<boolean> {
    // numbers may belong to entries that are never shown
    for (let sequence = to; sequence < to + LANDMARKS; sequence++) {
      const reply = await this.calls.one({ receiver, sequence }, LEAST_BUFFER, signal);
      if (!reply) continue;
      this.release(new ApiBlock(receiver, this.headers, reply, readHead(reply)));
      return true;
    }
    return false;
  }

  /** The rest of a window by several jobs; null when it is to go on as it does. */
  private ahead({ to }: WindowRange, from: bigint, span: bigint): Ahead | null {
    if (to === null || to - from < span || !this.choice.wanted) return null;
    const jobs = this.jobs.ready();
    return jobs && { from, to, span, jobs };
  }

  cycle(range: CycleRange, cycle: bigint, options: ReadOptions): AsyncGenerator<EntryBlock> {
    return this.blocks({ ...range, cycle }, options);
  }

  /**
   * @param believed whether a reply may be handed on; asked before each. `apart`: all may be, and reading ends where several
   * jobs are to go on
   */
  private async *blocks(
    selection: WantedEntries,
    options: ReadOptions,
    believed?: 'apart' | (() => Promise<boolean>),
  ): AsyncGenerator<EntryBlock, Ahead | Unbelieved | undefined> {
    const { signal } = options;
    const judge = typeof believed === 'function' ? believed : null;
    const size = this.sizeFor(options);
    let { from } = selection;
    const { timer } = this.parts;
    let asked: Promise<Retrieved | null> | null = this.ask(selection, size.bytes, signal);
    let since = timer();
    try {
      while (asked) {
        const idle = timer();
        const reply: Retrieved | null | Unbelieved = await (judge ? orUnbelieved(asked, from) : asked);
        asked = null;
        if (reply && 'from' in reply) return reply;
        if (judge && !(await judge())) return { from };
        if (!reply) return undefined;
        const { head } = reply;
        const now = timer();
        let ahead: Ahead | null = null;
        if (head.next !== null) {
          this.measure(size, reply, { ms: now - since, waited: now - idle }, selection);
          if (from !== null) this.span = head.next - from;
          ahead = believed === 'apart' && this.span ? this.ahead(selection, head.next, this.span) : null;
          from = head.next;
          if (!ahead) asked = this.ask({ ...selection, from }, size.bytes, signal);
        }
        since = now;
        if (head.count > 0) yield* this.handOn(new ApiBlock(selection.receiver, this.headers, reply.reply, head));
        if (ahead) return ahead;
      }
      return undefined;
    } finally {
      asked
        ?.then((reply) => reply && this.release(new ApiBlock(null, this.headers, reply.reply, reply.head)))
        .catch(() => undefined);
    }
  }

  private *handOn(block: ApiBlock): Generator<EntryBlock> {
    yield block;
    this.release(block);
  }

  /** A reply had no room for all. @throws CodedError ENTRY_TOO_LONG */
  private measure(
    size: BufferSize,
    { head, reply }: Retrieved,
    time: { readonly ms: number; readonly waited: number },
    { receiver }: WantedEntries,
  ): void {
    if (head.count > 0) {
      const full = { bytes: reply.length, ...time };
      size.full(full);
      this.choice.one(full);
    } else if (!size.larger()) throw tooLong(receiver, head.next!);
  }

  /**
   * Entries of `files` and what names none, and at the end one entry that is known to be readable, whatever it is: the cursor
   * follows entries that were returned. Goes on with all entries where the partition's choice cannot be believed.
   */
  private async *filtered(
    range: WindowRange,
    files: readonly QualifiedName[],
    options: ReadOptions,
  ): AsyncGenerator<EntryBlock> {
    const { signal } = options;
    const { receiver } = range;
    const begun = { receiver, sequence: range.from ?? 0n };
    const believed = (): Promise<boolean> => this.guard.holds(begun, signal);
    // before the others are asked for: what caching still hid then must not be passed
    const landmark = await this.landmark(range, signal);
    const failed = yield* this.blocks({ ...range, files }, options, believed);
    if (failed) return yield* this.blocks({ ...range, from: failed.from }, options);
    if (!landmark) return;
    const block = new ApiBlock(receiver, this.headers, landmark, readHead(landmark));
    yield block;
    this.release(block);
  }

  private async landmark({ receiver, to }: WindowRange, signal: AbortSignal): Promise<ApiReply | null> {
    const sequence = to ?? (await this.calls.receiverEnd(receiver, signal)).last;
    return this.calls.one({ receiver, sequence }, LEAST_BUFFER, signal);
  }

  /** Backlogs start where the last one was; a look at the end asks for little. */
  private sizeFor({ blockBytes, blockBytesUpTo }: ReadOptions): BufferSize {
    const wish = blockBytesUpTo ?? blockBytes;
    const least = Math.min(LEAST_BUFFER, wish);
    if (blockBytes < wish) return new BufferSize(least, LEAST_BUFFER);
    this.size ??= new BufferSize(least, Math.min(MOST_BUFFER, wish * STRETCH), Math.min(MOST_BUFFER, wish));
    return this.size;
  }

  /** @returns null when nothing was selected, which the API says by a message */
  private async ask(selection: WantedEntries, room: number, signal: AbortSignal): Promise<Retrieved | null> {
    const reply = await this.calls.found(selection, room, signal);
    return reply && { head: readHead(reply), reply };
  }

  async probe(receiver: QualifiedName, signal: AbortSignal): Promise<JournalFailure | null> {
    try {
      await this.calls.found({ receiver, from: null, to: null, most: 1 }, LEAST_BUFFER, signal);
      return null;
    } catch (error) {
      const failure = journalFailureOf(error);
      if (failure === 'other') throw error;
      return failure;
    }
  }

  wholeData(at: Position): Promise<Uint8Array | null> {
    return this.parts.sql.wholeData(at);
  }

  /** The last number of the receiver is all it takes to know that there is nothing to read. */
  async news(at: Position, signal: AbortSignal): Promise<boolean> {
    // there is no backlog: nothing for them to do
    void this.jobs.end();
    const { attached, last } = await this.calls.receiverEnd(at.receiver, signal);
    return !attached || last > at.sequence;
  }

  private release(block: ApiBlock): void {
    this.pointers.give(block, this.calls);
  }

  async close(): Promise<void> {
    await this.pointers.finish();
    await Promise.all([this.parts.sql.close(), this.parts.programs.close(), this.jobs.close()]);
  }
}

function aheadOf(left: Ahead | Unbelieved | undefined): Ahead | null {
  return left && 'jobs' in left ? left : null;
}

/** A file that is gone, or that may not be read, is an error for all: then the partition is not asked to choose. */
async function orUnbelieved(
  asked: Promise<Retrieved | null>,
  from: bigint | null,
): Promise<Retrieved | null | Unbelieved> {
  try {
    return await asked;
  } catch (error) {
    if (journalFailureOf(error) === 'other') throw error;
    return { from };
  }
}

function tooLong(receiver: QualifiedName, sequence: bigint): CodedError {
  return new CodedError({
    code: 'ENTRY_TOO_LONG',
    message: `entry ${sequence} of receiver ${formatName(receiver)} does not fit a buffer of ${MOST_BUFFER} bytes`,
    next: 'set journal.reader: sql',
    facts: { receiver: formatName(receiver), sequence: sequence.toString() },
  });
}
