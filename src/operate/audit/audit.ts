/** Proves that every entry between two positions has a fate: the partition's entries against the ledger. */
import { transportOf } from '../../assembly/connect';
import { readReceivers } from '../../catalog/journals';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { type AuditReport, auditJournal } from '../../journal/ledger/audit';
import { LedgerTable } from '../../journal/ledger/table';
import { ReceiverChain } from '../../journal/position/chain';
import { CheckpointTable } from '../../journal/position/checkpoint-table';
import {
  formatName,
  formatPosition,
  type Position,
  parseName,
  type QualifiedName,
  sameName,
} from '../../model/position';
import type { Unsettled } from '../../outbox/history/history';
import type { Store } from '../../store/store';
import { openStateFile } from '../state-file';

/** As written by the operator. */
export interface AuditWish {
  /** `LIB/JOURNAL`; all that were read if left out. */
  readonly journal?: string;
  /** `LIB/RECEIVER:SEQUENCE`. */
  readonly from?: string;
  readonly to?: string;
}

/** One journal, as `--json` prints it. Positions are `LIB/RECEIVER:SEQUENCE`. */
export type JournalAudit = ReturnType<typeof modelOf>;

/**
 * Journal by journal, as each is done.
 * @throws CodedError `STATE_MISSING`, `USAGE`; family transport or host, when the partition cannot be asked
 */
export async function* audit(config: Config, wish: AuditWish, traceWire?: string): AsyncGenerator<JournalAudit> {
  using state = openStateFile(config);
  const { store } = state;
  const { history } = state.outbox;
  const ledger = new LedgerTable(store);
  await using connection = await transportOf(config, { traceWire }).connect({ role: 'audit' });
  const journals = journalsOf(store, wish);
  for (const journal of journals) {
    const chain = new ReceiverChain(await readReceivers(connection, journal));
    const range = rangeOf(store, journal, wish);
    // a range names receivers of one journal: the others have nothing to do with it
    if (journals.length > 1 && !knows(chain, ledger, journal, range)) continue;
    const report = await auditJournal(connection, journal, chain, ledger, range);
    yield modelOf(report, ledger, history.unsettled(formatName(journal)));
  }
}

function journalsOf(store: Store, wish: AuditWish): QualifiedName[] {
  const read = new CheckpointTable(store).all().map((c) => c.journal);
  if (!wish.journal) {
    if (read.length > 0) return read;
    throw usage('no journal was read with this state file yet', 'run `ibmi-cdc run` first');
  }
  const name = parseName(wish.journal);
  if (!name) throw usage(`--journal is "${wish.journal}"; expected LIB/JOURNAL`);
  return [name];
}

function rangeOf(store: Store, journal: QualifiedName, wish: AuditWish): { from: Position; to: Position } {
  const checkpoint = new CheckpointTable(store).get(journal);
  const first = store.db
    .prepare('SELECT receiver, first FROM ledger_stretch WHERE journal = ? ORDER BY id LIMIT 1')
    .get(formatName(journal)) as { receiver: string; first: string } | undefined;
  if (!checkpoint)
    throw usage(
      `nothing was read from journal ${formatName(journal)} with this state file`,
      'check --journal and `state`',
    );
  return {
    from: wish.from
      ? positionOf('--from', wish.from)
      : first
        ? { receiver: parseName(first.receiver)!, sequence: BigInt(first.first) }
        : afterRead(checkpoint.read),
    to: wish.to ? positionOf('--to', wish.to) : checkpoint.read,
  };
}

/** Nothing was read since the first start: an empty range. */
function afterRead(read: Position): Position {
  return { ...read, sequence: read.sequence + 1n };
}

function knows(
  chain: ReceiverChain,
  ledger: LedgerTable,
  journal: QualifiedName,
  { from, to }: { readonly from: Position; readonly to: Position },
): boolean {
  const read = ledger.receivers(journal);
  return [from, to].every(({ receiver }) => chain.get(receiver) || read.some((r) => sameName(r, receiver)));
}

function positionOf(flag: string, text: string): Position {
  const m = /^([^:]+):(\d{1,20})$/.exec(text);
  const receiver = m ? parseName(m[1]!) : null;
  if (!m || !receiver) throw usage(`${flag} is "${text}"; expected LIB/RECEIVER:SEQUENCE such as ORDLIB/ORDRCV0001:42`);
  return { receiver, sequence: BigInt(m[2]!) };
}

function usage(message: string, next?: string): CodedError {
  return new CodedError({ code: 'USAGE', message, ...(next ? { next } : {}) });
}

function modelOf(report: AuditReport, ledger: LedgerTable, { pending, deadLetters }: Unsettled) {
  return {
    journal: report.journal,
    from: formatPosition(report.from),
    to: formatPosition(report.to),
    entries: report.entries,
    fates: Object.fromEntries([...report.fates].map(([fate, n]) => [ledger.nameOf(fate), n])),
    pending,
    deadLetters,
    holes: report.holes.map((h) => ({ ...h, from: h.from.toString(), to: h.to.toString() })),
    notProved: report.unproved,
    // kept for scripts of earlier versions
    unreadable: report.unproved.map((r) => r.receiver),
    complete: report.holes.length === 0,
    proved: report.holes.length === 0 && report.unproved.length === 0,
  };
}
