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
import { MOST_FILES, type WantedEntries } from './selection';

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
}

interface Retrieved {
  readonly head: ApiHead;
  readonly reply: ApiReply;
}

/** Where reading has to begin again, without the partition's choice. */
interface Unbelieved {
  readonly from: bigint | null;
}

/** Milliseconds for giving back pointers at the end. */
const LAST_MOMENT_MS = 1_000;
/** How many times what the reader wishes of a reply a call may ask for: binary entries are dealt with as fast as they come. */
const STRETCH = 16;

export class ApiSource implements EntrySource {
  readonly kind = 'api';
  private readonly calls: JournalCalls;
  private readonly headers: ApiHeaders;
  private readonly guard: NameGuard;
  /** Of readings of a backlog: what was learnt lasts. */
  private size: BufferSize | null = null;
  /** Pointers to give back, one call each, when nothing else is asked for. */
  private releasing: Promise<void> = Promise.resolve();
  /** No more is given back. */
  private given = false;

  constructor(private readonly parts: ApiParts) {
    this.calls = new JournalCalls(parts.programs, parts.journal);
    this.headers = new ApiHeaders(parts.names);
    this.guard = new NameGuard(this.calls, this.headers, parts.attached, (block) => this.release(block));
  }

  async *window(range: WindowRange, filter: ServerFilter | null, options: ReadOptions): AsyncGenerator<EntryBlock> {
    const files = filter && filter.files.length <= MOST_FILES ? filter.files : null;
    yield* files ? this.filtered(range, files, options) : this.blocks(range, options);
  }

  cycle(range: CycleRange, cycle: bigint, options: ReadOptions): AsyncGenerator<EntryBlock> {
    return this.blocks({ ...range, cycle }, options);
  }

  /** @param believed whether a reply may be handed on; asked before each */
  private async *blocks(
    selection: WantedEntries,
    options: ReadOptions,
    believed?: () => Promise<boolean>,
  ): AsyncGenerator<EntryBlock, Unbelieved | undefined> {
    const { signal } = options;
    const size = this.sizeFor(options);
    let { from } = selection;
    const { timer } = this.parts;
    let asked: Promise<Retrieved | null> | null = this.ask(selection, size.bytes, signal);
    let since = timer();
    try {
      while (asked) {
        const idle = timer();
        const reply: Retrieved | null | Unbelieved = await (believed ? orUnbelieved(asked, from) : asked);
        asked = null;
        if (reply && 'from' in reply) return reply;
        if (believed && !(await believed())) return { from };
        if (!reply) return undefined;
        const { head } = reply;
        const now = timer();
        if (head.next !== null) {
          if (head.count > 0) size.full({ bytes: reply.reply.length, ms: now - since, waited: now - idle });
          else if (!size.larger()) throw tooLong(selection.receiver, head.next);
          from = head.next;
          asked = this.ask({ ...selection, from }, size.bytes, signal);
        }
        since = now;
        if (head.count === 0) continue;
        const block = new ApiBlock(selection.receiver, this.headers, reply.reply, head);
        yield block;
        this.release(block);
      }
      return undefined;
    } finally {
      asked?.then(
        (reply) => reply && this.release(new ApiBlock(null, this.headers, reply.reply, reply.head)),
        () => undefined,
      );
    }
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
    const { attached, last } = await this.calls.receiverEnd(at.receiver, signal);
    return !attached || last > at.sequence;
  }

  /** In the background: what is read next does not wait for it, as calls run in the order they were made. */
  private release({ handles }: ApiBlock): void {
    if (handles.length === 0) return;
    this.releasing = this.releasing.then(async () => {
      // one that the partition knows no more was given back with its job
      for (const handle of handles) if (!this.given) await this.calls.release(handle).catch(() => undefined);
    });
  }

  /** What is not given back within a moment goes with the job. */
  async close(): Promise<void> {
    const enough = setTimeout(() => {
      this.given = true;
    }, LAST_MOMENT_MS);
    await this.releasing;
    clearTimeout(enough);
    await Promise.all([this.parts.sql.close(), this.parts.programs.close()]);
  }
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
