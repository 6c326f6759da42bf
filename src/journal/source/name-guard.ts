/**
 * Whether the partition may leave out foreign entries. It finds a file's entries by the object that has the name now: once a file
 * was deleted and created again, renamed, moved, restored or journaled anew, entries written before are missed under its name.
 *
 * So before a reply read that way is believed, the journal is searched, from where such reading began to its end, for entries
 * that report anything of the kind. The search costs little, as only a few types are asked for, and is never repeated: it goes
 * on behind an entry that was seen to be readable. Once something is found, the partition leaves out nothing any more.
 */
import type { Position, QualifiedName } from '../../model/position';
import { ApiBlock, type ApiHeaders, readHead } from '../entry/api-block';
import { journalFailureOf } from '../entry/host-error';
import { LEAST_BUFFER } from './buffer-size';
import type { JournalCalls } from './journal-calls';

/** Of codes D and F. */
const IDENTITY = ['CT', 'DT', 'FN', 'FM', 'DZ', 'JF', 'EF', 'JM', 'EJ', 'MD', 'DM', 'MN', 'MM', 'MR', 'MF', 'CB'];
/** The name in such an entry may be the other one. */
const RENAMED = /^(DFN|DFM|FMN|FMM)$/;

export class NameGuard {
  private searched: Position | null = null;
  private broken = false;

  constructor(
    private readonly calls: JournalCalls,
    private readonly headers: ApiHeaders,
    /** The attached receiver as last known. */
    private readonly attached: () => QualifiedName | null,
    /** Gives back what entries that were looked at hold. */
    private readonly release: (block: ApiBlock) => void,
  ) {}

  /** @param from where reading that way began, sequence 0 for the receiver's first entry; counts the first time. */
  async holds(from: Position, signal: AbortSignal): Promise<boolean> {
    if (this.broken) return false;
    this.searched ??= from;
    try {
      const end = await this.readableEnd(signal);
      this.broken = await this.isReported(this.searched, signal);
      if (end) this.searched = end;
    } catch (error) {
      if (journalFailureOf(error) === 'other') throw error;
      this.broken = true;
    }
    return !this.broken;
  }

  private async isReported(since: Position, signal: AbortSignal): Promise<boolean> {
    const { receiver, sequence } = since;
    const from = sequence === 0n ? null : sequence;
    const selection = { receiver, from, to: null, toAttached: true, types: IDENTITY };
    const reply = await this.calls.found(selection, LEAST_BUFFER, signal);
    if (!reply) return false;
    const head = readHead(reply);
    // more than one reply of them: what is in the others is not looked for
    if (head.next !== null) return true;
    const block = new ApiBlock(null, this.headers, reply, head);
    for (let row = 0; row < block.count; row++) {
      const { ref, kind, sequence: at } = block.entry(row);
      // the entry the search begins at was judged before, or is where reading began
      if (row === 0 && at === sequence) continue;
      if (/^[DF]/.test(kind) && (ref.table !== null || RENAMED.test(kind))) return true;
    }
    return false;
  }

  /** What stands before a readable entry is readable. A number that is counted may not be yet: journal caching. */
  private async readableEnd(signal: AbortSignal): Promise<Position | null> {
    const receiver = this.attached();
    if (!receiver) return null;
    const { last } = await this.calls.receiverEnd(receiver, signal);
    if (last === 0n) return null;
    const reply = await this.calls.one({ receiver, sequence: last }, LEAST_BUFFER, signal);
    if (reply) this.release(new ApiBlock(receiver, this.headers, reply, readHead(reply)));
    return reply && { receiver, sequence: last };
  }
}
