/**
 * Proof of the ledger: every entry the partition still shows between two positions is asked for by number, and each must
 * have a fate. A hole in the numbers is none in the ledger; an entry without fate is.
 */

import type { ReceiverFacts } from '../catalog/journals';
import { formatName, type Position, type QualifiedName, sameName } from '../model/position';
import type { SqlConnection } from '../transport/transport';
import type { ReceiverChain } from './chain';
import { auditSql, windowParams } from './display-journal';
import type { LedgerTable } from './ledger-table';

export interface AuditHole {
  readonly receiver: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly entries: number;
}

export interface AuditReport {
  readonly journal: string;
  readonly from: Position;
  readonly to: Position;
  /** Entries the partition showed. */
  readonly entries: number;
  /** Fate number to entries. */
  readonly fates: ReadonlyMap<number, number>;
  /** Entries the partition shows and the ledger does not know. */
  readonly holes: readonly AuditHole[];
  /** Receivers between the positions whose entries can no longer be read: their part rests on the ledger alone. */
  readonly unreadable: readonly string[];
}

/** Numbers compared at a time; bounds memory whatever the range. */
const WINDOW = 200_000n;

export async function auditJournal(
  connection: SqlConnection,
  journal: QualifiedName,
  chain: ReceiverChain,
  ledger: LedgerTable,
  range: { readonly from: Position; readonly to: Position },
): Promise<AuditReport> {
  const fates = new Map<number, number>();
  const holes: AuditHole[] = [];
  let entries = 0;
  const readable = chain.readableChain();
  const between = receiversBetween(chain.receivers, range.from, range.to);
  for (const receiver of between) {
    if (!readable.some((r) => sameName(r.name, receiver.name))) continue;
    // entered, nothing of it read yet
    if (sameName(receiver.name, range.to.receiver) && range.to.sequence < receiver.first) continue;
    const bounds = boundsOf(receiver, range);
    const known = new FateWindow(ledger, journal, receiver.name);
    for await (const sequence of sequences(connection, journal, receiver.name, bounds.from, bounds.to)) {
      entries++;
      const fate = known.of(sequence);
      if (fate === 0) addHole(holes, formatName(receiver.name), sequence);
      else fates.set(fate, (fates.get(fate) ?? 0) + 1);
    }
  }
  return {
    journal: formatName(journal),
    ...range,
    entries,
    fates,
    holes,
    unreadable: between.filter((r) => !readable.some((k) => sameName(k.name, r.name))).map((r) => formatName(r.name)),
  };
}

function receiversBetween(receivers: readonly ReceiverFacts[], from: Position, to: Position): ReceiverFacts[] {
  const start = receivers.findIndex((r) => sameName(r.name, from.receiver));
  const end = receivers.findIndex((r) => sameName(r.name, to.receiver));
  return receivers.slice(Math.max(0, start), end < 0 ? receivers.length : end + 1);
}

/** Positions are of entries that were read, so they exist; a receiver read from end to end is not bounded at all. */
function boundsOf(
  receiver: ReceiverFacts,
  range: { readonly from: Position; readonly to: Position },
): { from: bigint | null; to: bigint | null } {
  const { from, to } = range;
  return {
    from: sameName(receiver.name, from.receiver) && from.sequence > receiver.first ? from.sequence : null,
    to: sameName(receiver.name, to.receiver) && to.sequence < receiver.last ? to.sequence : null,
  };
}

/** Fates of one receiver, looked up in ascending order of numbers. */
class FateWindow {
  private from = 0n;
  private to = -1n;
  private fates = new Uint16Array(0);

  constructor(
    private readonly ledger: LedgerTable,
    private readonly journal: QualifiedName,
    private readonly receiver: QualifiedName,
  ) {}

  /** 0 for an entry the ledger does not know. */
  of(sequence: bigint): number {
    if (sequence > this.to || sequence < this.from) this.load(sequence);
    return this.fates[Number(sequence - this.from)]!;
  }

  private load(from: bigint): void {
    this.from = from;
    this.to = from + WINDOW - 1n;
    this.fates = new Uint16Array(Number(WINDOW));
    // In the order written: a later writing overrules an earlier one.
    for (const run of this.ledger.runs(this.journal, this.receiver, from, this.to))
      this.fates.fill(run.fate, Number(later(run.from, from) - from), Number(earlier(run.to, this.to) - from) + 1);
  }
}

/** Numbers of the entries the partition shows in `[from, to]`. */
async function* sequences(
  connection: SqlConnection,
  journal: QualifiedName,
  receiver: QualifiedName,
  from: bigint | null,
  to: bigint | null,
): AsyncGenerator<bigint> {
  const sql = auditSql(from === null ? 'first' : 'sequence', to === null ? 'last' : 'sequence');
  const result = await connection.query(sql, windowParams(journal, receiver, from, to));
  try {
    for await (const block of result.blocks()) for (const row of block) yield BigInt(String(row[0]).split('.')[0]!);
  } finally {
    await result.close();
  }
}

function addHole(holes: AuditHole[], receiver: string, sequence: bigint): void {
  const last = holes.at(-1);
  if (last && last.receiver === receiver && last.to + 1n === sequence)
    holes[holes.length - 1] = { ...last, to: sequence, entries: last.entries + 1 };
  else if (holes.length < MAX_HOLES) holes.push({ receiver, from: sequence, to: sequence, entries: 1 });
}

/** A report of more than this many separate holes says nothing more. */
const MAX_HOLES = 10_000;

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
