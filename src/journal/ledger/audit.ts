/**
 * Proof of the ledger: every entry the partition still shows between two positions is asked for by number, and each must
 * have a fate. A hole in the numbers is none in the ledger; an entry without fate is, and one a policy skipped.
 */
import type { ReceiverFacts } from '../../catalog/journals';
import { CodedError } from '../../errors/coded-error';
import { formatName, formatPosition, type Position, type QualifiedName, sameName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import { auditSql, windowParams } from '../entry/display-journal';
import { type ReceiverChain, readable } from '../position/chain';
import { FATE } from './ledger';
import type { LedgerTable } from './table';

interface AuditHole {
  readonly receiver: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly entries: number;
  /** `skipped`: `policies.positionLost` went past entries that can still be read. */
  readonly why: 'no fate' | 'skipped';
}

/** A receiver of the range whose entries cannot be asked for: its part rests on the ledger alone. */
interface UnprovedReceiver {
  readonly receiver: string;
  readonly why: 'deleted' | 'freed' | 'empty' | 'deleted and never read';
}

export interface AuditReport {
  readonly journal: string;
  readonly from: Position;
  readonly to: Position;
  /** Entries the partition showed. */
  readonly entries: number;
  /** Fate number to entries. */
  readonly fates: ReadonlyMap<number, number>;
  /** Entries the partition shows and the ledger does not know, or knows as skipped. */
  readonly holes: readonly AuditHole[];
  readonly unproved: readonly UnprovedReceiver[];
}

/** Numbers compared at a time; bounds memory whatever the range. */
const WINDOW = 200_000n;

/** @throws CodedError AUDIT_RANGE (config): an unknown receiver, or an end before its start */
export async function auditJournal(
  connection: SqlConnection,
  journal: QualifiedName,
  chain: ReceiverChain,
  ledger: LedgerTable,
  range: { readonly from: Position; readonly to: Position },
): Promise<AuditReport> {
  const fates = new Map<number, number>();
  const holes: AuditHole[] = [];
  const unproved: UnprovedReceiver[] = [];
  let entries = 0;
  const asked = receiversBetween(chain, ledger.receivers(journal), range);
  for (const [i, { name, facts }] of asked.entries()) {
    const before = facts?.previous ?? null;
    if (before && i > 0 && !asked.some((r) => sameName(r.name, before)))
      unproved.push({ receiver: formatName(before), why: 'deleted and never read' });
    if (!facts || !readable(facts)) {
      unproved.push({
        receiver: formatName(name),
        why: !facts ? 'deleted' : facts.status === 'EMPTY' ? 'empty' : 'freed',
      });
      continue;
    }
    const last = sameName(name, range.to.receiver) ? range.to.sequence : null;
    // entered, nothing of it read yet
    if (last !== null && last < facts.first) continue;
    if (last !== null && sameName(name, range.from.receiver) && last < range.from.sequence) continue;
    const known = new FateWindow(ledger, journal, name);
    const bounds = boundsOf(facts, range);
    for await (const sequence of sequences(connection, journal, name, bounds.from, bounds.to)) {
      // what came while we asked lies behind the range
      if (last !== null && sequence > last) break;
      entries++;
      const fate = known.of(sequence);
      if (fate === 0) addHole(holes, formatName(name), sequence, 'no fate');
      else {
        fates.set(fate, (fates.get(fate) ?? 0) + 1);
        if (fate === FATE.lost) addHole(holes, formatName(name), sequence, 'skipped');
      }
    }
  }
  return { journal: formatName(journal), ...range, entries, fates, holes, unproved };
}

interface Asked {
  readonly name: QualifiedName;
  /** Null when the partition no longer lists it. */
  readonly facts: ReceiverFacts | null;
}

/**
 * Receivers from the range's first to its last in the order they were read. The ledger has those that are gone, the partition
 * those that were not read.
 */
function receiversBetween(
  chain: ReceiverChain,
  read: readonly QualifiedName[],
  { from, to }: { readonly from: Position; readonly to: Position },
): Asked[] {
  const listed = chain.receivers.map((facts) => ({ name: facts.name, facts }));
  const gone = read.filter((name) => !chain.get(name));
  // what is gone is older than what is listed: receivers are deleted from the old end
  const all: Asked[] = [...gone.map((name) => ({ name, facts: null })), ...listed];
  const start = all.findIndex((r) => sameName(r.name, from.receiver));
  const end = all.findIndex((r) => sameName(r.name, to.receiver));
  if (start < 0) throw unknownReceiver(from);
  if (end < 0) throw unknownReceiver(to);
  // one before the first is the empty range of a journal nothing was read from yet
  if (end < start || (end === start && to.sequence + 1n < from.sequence))
    throw badRange(
      `${formatPosition(to)} lies before ${formatPosition(from)}`,
      'the first position must be the earlier one',
    );
  return all.slice(start, end + 1);
}

function unknownReceiver(at: Position): CodedError {
  return badRange(
    `receiver ${formatName(at.receiver)} is neither on the partition nor in the ledger`,
    '`ibmi-cdc status` shows the positions; WRKJRNA JRN(LIB/JOURNAL), F15, shows the receivers',
  );
}

function badRange(message: string, next: string): CodedError {
  return new CodedError({ code: 'AUDIT_RANGE', message, next });
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

function addHole(holes: AuditHole[], receiver: string, sequence: bigint, why: AuditHole['why']): void {
  const last = holes.at(-1);
  if (last && last.receiver === receiver && last.why === why && last.to + 1n === sequence)
    holes[holes.length - 1] = { ...last, to: sequence, entries: last.entries + 1 };
  else if (holes.length < MAX_HOLES) holes.push({ receiver, from: sequence, to: sequence, entries: 1, why });
}

/** A report of more than this many separate holes says nothing more. */
const MAX_HOLES = 10_000;

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
