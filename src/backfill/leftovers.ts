/**
 * What a backfill of a whole table leaves over: keys the receivers have and the table has no more. Rows deleted while nothing
 * was seen left no entry, so no event was sent for them; the run did not meet them, and so they are found.
 *
 * A key is judged when the stream has passed the position at which the last row was read, and again in the transaction that
 * writes its deletion: whatever was sent or met of it since the run began is newer than the run, and then it stays.
 */
import type { Change } from '../model/change';
import type { QualifiedName } from '../model/position';
import { HeldKeys, keyMembers } from '../remember/held-keys';
import type { Store } from '../store/store';
import type { BackfillJobs } from './backfill-jobs';
import type { StreamWatch } from './stream-notes';

interface GoneRow {
  readonly rule: string;
  /** Texts of the key members as the receivers have them. */
  readonly members: readonly (string | null)[];
  /** Op delete, without images. */
  readonly change: Change;
}

export interface GoneUnit {
  /** Synchronous, one pass, inside the store transaction. */
  gone(): Iterable<GoneRow>;
  /** Inside the transaction, after the rows. @param published events queued */
  commit(fates: { readonly published: number }): void;
}

interface LeftoverParts {
  readonly store: Store;
  readonly table: QualifiedName;
  readonly jobs: BackfillJobs;
  readonly jobId: number;
  readonly stream: StreamWatch | null;
  /** The partition's clock. */
  readonly clock: () => Promise<string>;
}

const PAGE = 2000;

export class Leftovers {
  private readonly held: HeldKeys;

  constructor(private readonly parts: LeftoverParts) {
    this.held = new HeldKeys(parts.store, parts.table);
  }

  /** Units of deletions; each must be committed before the next is asked for. */
  async *units(signal: AbortSignal): AsyncGenerator<GoneUnit> {
    await this.streamIsPast(signal);
    while (this.held.foldSome()) await breath();
    const job = this.parts.jobs.get(this.parts.jobId);
    // a row whose key could not be read was not met, though it is there
    if (signal.aborted || job === null || job.unsure) return;
    for (const { no, rule } of this.held.rules()) {
      for (let after: Buffer | null = null; !signal.aborted; ) {
        const keys = this.held.page(no, after, PAGE);
        const old = keys.filter(({ generation }) => generation < job.generation).map(({ key }) => key);
        if (old.length > 0) yield this.unit(no, rule, old, await this.header(job.run));
        if (keys.length < PAGE) break;
        after = keys.at(-1)!.key;
        await breath();
      }
    }
  }

  private async streamIsPast(signal: AbortSignal): Promise<void> {
    const { stream } = this.parts;
    const head = await stream?.head(signal);
    if (!stream || !head) return;
    const published = stream.note(head);
    try {
      await published.passed(head, signal);
    } finally {
      published.end();
    }
  }

  private unit(no: number, rule: string, keys: readonly Buffer[], change: Change): GoneUnit {
    const { held } = this;
    const { jobs, jobId } = this.parts;
    const { generation } = jobs.get(jobId)!;
    let gone: readonly Buffer[] = [];
    return {
      *gone() {
        gone = held.stillOlder(no, keys, generation);
        for (const key of gone) yield { rule, members: keyMembers(key), change };
      },
      commit({ published }) {
        held.drop(no, gone);
        jobs.noteGone(jobId, gone.length, published);
      },
    };
  }

  private async header(occasion: string): Promise<Change> {
    return {
      op: 'delete',
      mode: 'backfill',
      table: this.parts.table,
      member: '',
      before: null,
      after: null,
      journal: null,
      position: null,
      occasion,
      timestamp: await this.parts.clock(),
      commitCycle: 0n,
      rrn: 0n,
      user: '',
      job: '',
      program: '',
      remoteAddress: '',
    };
  }
}

/** Lets the stream go on between two pages. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
