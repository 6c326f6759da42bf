/** `audit`: proves that every entry between two positions has a fate; exit 5 when one has none. */
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { outboxOptions } from '../../../assembly/outbox-options';
import { readReceivers } from '../../../catalog/journals';
import { CodedError, EXIT } from '../../../errors/coded-error';
import { type AuditReport, auditJournal } from '../../../journal/ledger/audit';
import { FATE } from '../../../journal/ledger/ledger';
import { LEDGER_SCHEMA, LedgerTable } from '../../../journal/ledger/table';
import { ReceiverChain } from '../../../journal/position/chain';
import { CHECKPOINT_SCHEMA, CheckpointTable } from '../../../journal/position/checkpoint-table';
import { counted } from '../../../model/counted';
import {
  formatName,
  formatPosition,
  type Position,
  parseName,
  type QualifiedName,
  sameName,
} from '../../../model/position';
import type { Unsettled } from '../../../outbox/history/history';
import { Outbox } from '../../../outbox/outbox';
import { OUTBOX_SCHEMA } from '../../../outbox/schema';
import { Store } from '../../../store/store';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface AuditOptions {
  readonly journal?: string;
  readonly from?: string;
  readonly to?: string;
  readonly strict?: boolean;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('audit')
    .description('prove that every journal entry between two positions was dealt with')
    .option('--journal <lib/journal>', 'which journal; all that were read if left out')
    .option('--from <lib/receiver:sequence>', 'first entry; the first one ever read if left out')
    .option('--to <lib/receiver:sequence>', 'last entry; the last one read if left out')
    .option('--strict', 'exit 5 also when a receiver of the range cannot be asked any more')
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc audit --from ORDLIB/ORDRCV0001:1 --to ORDLIB/ORDRCV0003:184467

Exit codes: 0 every entry the partition still shows has a fate; 5 at least one has none, or was skipped by
policies.positionLost. Receivers that are deleted or freed cannot be asked: they are named as not proved, which is
no finding unless --strict is given.`,
    )
    .action(async (options: AuditOptions, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, globals, 'require');
      const store = Store.open(config.state, [OUTBOX_SCHEMA, CHECKPOINT_SCHEMA, LEDGER_SCHEMA]);
      try {
        const ledger = new LedgerTable(store);
        const { history } = new Outbox(store, outboxOptions(config));
        await using connection = await transportOf(config, { traceWire: globals.traceWire }).connect({ role: 'audit' });
        let findings = 0;
        const journals = journalsOf(store, options);
        for (const journal of journals) {
          const chain = new ReceiverChain(await readReceivers(connection, journal));
          const range = rangeOf(store, journal, options);
          // a range names receivers of one journal: the others have nothing to do with it
          if (journals.length > 1 && !knows(chain, ledger, journal, range)) continue;
          const report = await auditJournal(connection, journal, chain, ledger, range);
          const outbox = history.unsettled(formatName(journal));
          findings += report.holes.length + (options.strict ? report.unproved.length : 0);
          if (globals.json) io.stdout.write(`${JSON.stringify(asJson(report, ledger, outbox))}\n`);
          else io.stdout.write(asText(report, ledger, outbox));
        }
        if (findings > 0) io.exit(EXIT.findings);
      } finally {
        store.close();
      }
    });
}

function journalsOf(store: Store, options: AuditOptions): QualifiedName[] {
  const read = new CheckpointTable(store).all().map((c) => c.journal);
  if (!options.journal) {
    if (read.length > 0) return read;
    throw usage('no journal was read with this state file yet', 'run `ibmi-cdc run` first');
  }
  const name = parseName(options.journal);
  if (!name) throw usage(`--journal is "${options.journal}"; expected LIB/JOURNAL`);
  return [name];
}

function rangeOf(store: Store, journal: QualifiedName, options: AuditOptions): { from: Position; to: Position } {
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
    from: options.from
      ? positionOf('--from', options.from)
      : first
        ? { receiver: parseName(first.receiver)!, sequence: BigInt(first.first) }
        : afterRead(checkpoint.read),
    to: options.to ? positionOf('--to', options.to) : checkpoint.read,
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

function asJson(report: AuditReport, ledger: LedgerTable, outbox: Unsettled): unknown {
  return {
    journal: report.journal,
    from: formatPosition(report.from),
    to: formatPosition(report.to),
    entries: report.entries,
    fates: Object.fromEntries([...report.fates].map(([fate, n]) => [ledger.nameOf(fate), n])),
    ...outbox,
    holes: report.holes.map((h) => ({ ...h, from: h.from.toString(), to: h.to.toString() })),
    notProved: report.unproved,
    // kept for scripts of earlier versions
    unreadable: report.unproved.map((r) => r.receiver),
    complete: report.holes.length === 0,
    proved: report.holes.length === 0 && report.unproved.length === 0,
  };
}

function asText(report: AuditReport, ledger: LedgerTable, outbox: Unsettled): string {
  const lines = [
    `${report.journal}  ${formatPosition(report.from)} to ${formatPosition(report.to)}: ${report.entries} entries on the partition`,
  ];
  for (const [fate, n] of [...report.fates].sort(([a], [b]) => a - b))
    lines.push(
      `  ${String(n).padStart(10)}  ${ledger.nameOf(fate)}${
        fate === FATE.published
          ? ` (${counted(outbox.pending, 'event')} pending, ${counted(outbox.deadLetters, 'dead letter')})`
          : ''
      }`,
    );
  for (const { receiver, why } of report.unproved)
    lines.push(`  NOT PROVED  receiver ${receiver} is ${why}: what became of its entries rests on the ledger alone`);
  for (const hole of report.holes) {
    const what = hole.why === 'skipped' ? 'skipped by policies.positionLost, and still readable' : 'without a fate';
    lines.push(`  HOLE  ${hole.receiver}:${hole.from} to ${hole.to}: ${hole.entries} entries ${what}`);
  }
  lines.push(`  ${verdict(report)}`);
  return `${lines.join('\n')}\n`;
}

function verdict({ holes, unproved }: AuditReport): string {
  if (holes.length > 0) return counted(holes.length, 'hole');
  if (unproved.length === 0) return 'complete: every entry has a fate';
  return `no hole in what the partition still shows; ${counted(unproved.length, 'receiver')} not proved`;
}
