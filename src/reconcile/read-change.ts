/** A row that is read, as the change mapping is asked about: one object for all rows of a reading. */
import type { Change, RowSource } from '../model/change';
import type { QualifiedName } from '../model/position';

export class ReadChange implements Change {
  readonly op = 'read';
  readonly mode = 'reconcile';
  readonly member = '';
  readonly before = null;
  after!: RowSource;
  readonly journal = null;
  readonly position = null;
  readonly commitCycle = 0n;
  readonly user = '';
  readonly job = '';
  readonly program = '';
  readonly remoteAddress = '';
  /** The record number: most rows are only compared, and a bigint each would cost more than that. */
  number = 0;

  /** @param occasion of the run, see `Change`. @param timestamp when it is read */
  constructor(
    readonly table: QualifiedName,
    readonly occasion: string,
    readonly timestamp: string,
  ) {}

  get rrn(): bigint {
    return BigInt(this.number);
  }
}
