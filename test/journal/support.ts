/** Entries and receivers by hand, for tests of the pure parts. */
import type { ReceiverFacts, ReceiverStatus } from '../../src/catalog/journals';
import { type BlockEntry, CopiedEntry, ObjectNames } from '../../src/journal/entry/block-entry';
import type { CapturedTable } from '../../src/journal/options';
import type { QualifiedName } from '../../src/model/position';

export const JOURNAL: QualifiedName = { library: 'ORDLIB', name: 'ORDJRN' };
export const RECEIVER: QualifiedName = { library: 'ORDLIB', name: 'RCV0001' };

export const ORDERS: CapturedTable = {
  file: { library: 'ORDLIB', name: 'ORDHDR' },
  uncommitted: false,
  member: null,
  massDelete: null,
};
export const LINES: CapturedTable = {
  file: { library: 'ORDLIB', name: 'ORDLIN' },
  uncommitted: false,
  member: null,
  massDelete: null,
};
export const LOOSE: CapturedTable = {
  file: { library: 'ORDLIB', name: 'STOCK' },
  uncommitted: true,
  member: null,
  massDelete: null,
};

export const names = new ObjectNames([ORDERS, LINES, LOOSE]);

export function objectText(file: string, library = 'ORDLIB', member = file): string {
  return `${file.padEnd(10)}${library.padEnd(10)}${member.padEnd(10)}`;
}

export interface EntrySpec {
  readonly kind: string;
  readonly sequence: bigint | number;
  readonly file?: string;
  readonly rrn?: number;
  readonly cycle?: bigint | number;
  readonly data?: string;
  readonly receiver?: QualifiedName;
  readonly timestamp?: string;
  readonly objects?: ObjectNames;
}

export function entry(spec: EntrySpec): BlockEntry {
  return new CopiedEntry({
    receiver: spec.receiver ?? RECEIVER,
    sequence: BigInt(spec.sequence),
    timestamp: spec.timestamp ?? '2026-11-21T10:00:00.000000',
    kind: spec.kind,
    ref: spec.file ? (spec.objects ?? names).ofText(objectText(spec.file)) : names.none,
    rrn: BigInt(spec.rrn ?? 0),
    commitCycle: BigInt(spec.cycle ?? 0),
    flag: '0',
    nulls: null,
    bytes: spec.data === undefined ? null : Buffer.from(spec.data),
    user: 'QPGMR',
    job: '123456/QUSER/QZDASOINIT',
    program: 'ORD100',
    remoteAddress: '',
    slot: -1,
  });
}

export function receiver(
  name: string,
  first: number,
  last: number,
  o: {
    status?: ReceiverStatus;
    previous?: string;
    next?: string;
    attached?: string;
    detached?: string;
    sizeKb?: number;
  } = {},
): ReceiverFacts {
  const at = (n?: string): QualifiedName | null => (n ? { library: 'ORDLIB', name: n } : null);
  return {
    name: { library: 'ORDLIB', name },
    status: o.status ?? (o.detached || o.next ? 'ONLINE' : 'ATTACHED'),
    first: BigInt(first),
    last: BigInt(last),
    entries: BigInt(last === 0 ? 0 : last - first + 1),
    attached: o.attached ?? `2026-11-01T00:00:00.${name.slice(-3)}000`,
    detached: o.detached ?? null,
    previous: at(o.previous),
    next: at(o.next),
    sizeKb: o.sizeKb === undefined ? null : BigInt(o.sizeKb),
  };
}
