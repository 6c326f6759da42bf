/**
 * Deterministic event ids (promise: stable identity). An id never depends on time, process or attempt:
 *
 *   journal entry    <20 hex of SHA-256(["ibmi-cdc/1", partition, journal, receiver library, receiver, table, rule, part])>-<sequence>
 *   row read by SQL  <20 hex of SHA-256(["ibmi-cdc/1", partition, mode, table, rule, part])>-<24 hex of SHA-256(occasion, row)>
 *
 * `part` is empty for the event of the rule itself and names a transition otherwise. `occasion` names the finding (a run of
 * a backfill, a unit of a window) and `row` is record number, key, operation and content: a killed run that is resumed
 * repeats its ids, and another run that finds the same content has ids of its own. Sequence numbers restart with a
 * receiver, so the receiver is in the hash; a second daemon on the same journal makes the same ids. The form keeps to
 * `[0-9a-f-]`: Standard Webhooks signs `id.timestamp.body`, so an id must not hold a dot.
 */
import { createHash } from 'node:crypto';
import type { Change, ChangeMode } from '../../model/change';
import { formatName, type QualifiedName, sameName } from '../../model/position';

const VERSION = 'ibmi-cdc/1';

/** What sets one finding of a row apart from the next one. */
type RowOccasion = Pick<Change, 'mode' | 'occasion' | 'rrn' | 'op'>;

/** Ids of one rule of one table. Keeps the hash of the receiver at hand: it changes every few million entries. */
export class EventIdMaker {
  private receiver: QualifiedName | null = null;
  private journal: QualifiedName | null = null;
  private prefix = '';
  private rowMode: ChangeMode | null = null;
  private rowPrefix = '';

  constructor(
    private readonly partition: string,
    private readonly table: string,
    private readonly rule: string,
    private readonly part: string,
  ) {}

  /** @param sequence decimal digits */
  ofEntry(journal: QualifiedName, receiver: QualifiedName, sequence: string): string {
    return `${this.prefixOf(journal, receiver)}-${sequence}`;
  }

  /** The hash part of an entry's id. */
  prefixOf(journal: QualifiedName, receiver: QualifiedName): string {
    if (receiver !== this.receiver || journal !== this.journal) this.moveTo(journal, receiver);
    return this.prefix;
  }

  /** A reader may hand out a new name object with each entry: only another name asks for another hash. */
  private moveTo(journal: QualifiedName, receiver: QualifiedName): void {
    const same =
      this.receiver !== null &&
      this.journal !== null &&
      sameName(receiver, this.receiver) &&
      sameName(journal, this.journal);
    this.receiver = receiver;
    this.journal = journal;
    if (same) return;
    this.prefix = hash(
      [this.partition, formatName(journal), receiver.library, receiver.name, this.table, this.rule, this.part],
      20,
    );
  }

  /**
   * @param about mode, occasion, record number and operation of the change. @param key key text
   * @param content whole row as bytes or canonical text: a row read twice in one run with two states is two events
   */
  ofRow(about: RowOccasion, key: string, content: Uint8Array | string): string {
    const { mode, occasion, rrn, op } = about;
    const digest = createHash('sha256')
      .update(JSON.stringify([occasion, String(rrn), key, op]))
      .update(content)
      .digest('hex');
    if (mode !== this.rowMode) {
      this.rowMode = mode;
      this.rowPrefix = hash([this.partition, mode, this.table, this.rule, this.part], 20);
    }
    return `${this.rowPrefix}-${digest.slice(0, 24)}`;
  }
}

/** Id of an event that stands for a table notice, not for a row. */
export function noticeId(
  partition: string,
  journal: QualifiedName,
  receiver: QualifiedName,
  sequence: bigint,
  kind: string,
): string {
  return `${hash([partition, formatName(journal), receiver.library, receiver.name, kind], 20)}-${sequence}`;
}

/** Id of a notice about what a window found: there is no position, the finding has a name of its own. */
export function findingId(partition: string, table: string, occasion: string, kind: string): string {
  return `${hash([partition, 'window', table, kind], 20)}-${hash([occasion], 24)}`;
}

function hash(parts: readonly string[], digits: number): string {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, ...parts]))
    .digest('hex')
    .slice(0, digits);
}
