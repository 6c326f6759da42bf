/** `backup`: a copy of the state file beside its daemon, and what a restore of one would mean. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { outboxOptions } from '../../../assembly/outbox-options';
import { readReceivers } from '../../../catalog/journals';
import type { Config } from '../../../config/config';
import { CodedError, EXIT, isCoded } from '../../../errors/coded-error';
import { ReceiverChain } from '../../../journal/position/chain';
import { CheckpointTable, type WrittenCheckpoint } from '../../../journal/position/checkpoint-table';
import { formatName, formatPosition } from '../../../model/position';
import { openStateFile } from '../../../operate/state-file';
import { Outbox } from '../../../outbox/outbox';
import { backUp } from '../../../store/backup';
import { fileMark, lastLife } from '../../../store/life';
import { Store } from '../../../store/store';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

export function register(program: Command, io: CliIo): void {
  program
    .command('backup')
    .description('copy the state file beside a running daemon, or say what restoring a copy would repeat')
    .argument('<file>', 'where the copy goes; with --check the copy itself')
    .option('--check', 'look at a copy: is it whole, where are its journals, what would be sent again')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc backup /backup/ibmi-cdc-2026-11-29.sqlite
  ibmi-cdc backup --check /backup/ibmi-cdc-2026-11-29.sqlite

Exit codes of --check: 0 it can be restored; 5 it is damaged, or a receiver it needs is gone. docs/backup.md has the way back.`,
    )
    .action(async (file: string, given: { readonly check?: boolean }, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      if (given.check) await check(io, config, resolve(file), options);
      else await make(io, config, file, options.json);
    });
}

async function make(io: CliIo, config: Config, to: string, json: boolean): Promise<void> {
  using state = openStateFile(config);
  const live = !json && io.stderr.isTTY === true;
  const file = await backUp(state.store, to, (share) => {
    if (live) io.stderr.write(`\r${Math.floor(share * 100)} %`);
  });
  if (live) io.stderr.write('\r');
  const events = state.outbox.lastPosition();
  io.stdout.write(
    json
      ? `${JSON.stringify({ file, state: state.store.file, events })}\n`
      : `${state.store.file} is copied to ${file}\n`,
  );
}

interface JournalReport {
  readonly journal: string;
  readonly read: string;
  readonly resume: string;
  /** `unknown` where the partition could not be asked. */
  readonly receivers: 'present' | 'gone' | 'unknown';
  /** Entries that would be read again; null where that is not known. */
  readonly behind: string | null;
}

async function check(io: CliIo, config: Config, file: string, options: GlobalOptions): Promise<void> {
  if (!existsSync(file)) throw missing(file);
  using store = Store.open(file, [], { readonly: true, mustExist: true });
  const whole = store.db.pragma('quick_check(1)', { simple: true }) === 'ok';
  const outbox = new Outbox(store, outboxOptions(config));
  const { journals, why } = await journalsOf(config, new CheckpointTable(store).all(), options);
  const later = existsSync(config.state) ? laterOf(config, outbox, fileMark(store.db).identity) : null;
  const destinations = outbox.history.backlog().map((b) => ({
    destination: b.destination,
    pending: b.ready + b.parked,
    held: b.held,
    deadLetters: b.dead,
    repeats: later?.get(b.destination) ?? null,
  }));
  const life = lastLife(store.db);
  const events = outbox.lastPosition();
  const report = {
    file,
    whole,
    identity: fileMark(store.db).identity,
    lastOpenedAt: life === null ? null : new Date(life.openedAt).toISOString(),
    events,
    journals,
    notAsked: why,
    destinations,
  };
  io.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textOf(report));
  if (!whole || journals.some((j) => j.receivers === 'gone')) io.exit(EXIT.findings);
}

/** Deliveries by destination that are settled in the present file and are not in the copy: sent again after a restore. */
function laterOf(config: Config, copy: Outbox, identity: string): Map<string, number> | null {
  using present = openStateFile(config);
  if (fileMark(present.store.db).identity !== identity) return null;
  const waits = (outbox: Outbox) =>
    new Map(outbox.history.backlog().map((b) => [b.destination, b.ready + b.parked + b.held + b.dead]));
  const now = waits(present.outbox);
  const written = present.outbox.history.queuedAfter(copy.lastPosition());
  return new Map(
    [...waits(copy)].map(([name, then]) => [name, Math.max(0, then + (written.get(name) ?? 0) - (now.get(name) ?? 0))]),
  );
}

async function journalsOf(
  config: Config,
  checkpoints: readonly WrittenCheckpoint[],
  options: GlobalOptions,
): Promise<{ journals: JournalReport[]; why: string | null }> {
  const plain = checkpoints.map((c) => ({
    journal: formatName(c.journal),
    read: formatPosition(c.read),
    resume: formatPosition(c.resume),
  }));
  try {
    await using connection = await transportOf(config, { traceWire: options.traceWire }).connect({ role: 'audit' });
    const journals: JournalReport[] = [];
    for (const [i, { journal, resume, read }] of checkpoints.entries()) {
      const chain = new ReceiverChain(await readReceivers(connection, journal));
      const present = chain.get(resume.receiver) !== undefined && chain.get(resume.receiver) !== null;
      const behind = present ? chain.entriesAfter(read) : null;
      journals.push({ ...plain[i]!, receivers: present ? 'present' : 'gone', behind: behind?.toString() ?? null });
    }
    return { journals, why: null };
  } catch (error) {
    if (!isCoded(error)) throw error;
    const journals = plain.map((one) => ({ ...one, receivers: 'unknown' as const, behind: null }));
    return { journals, why: `${error.code}: ${error.message}` };
  }
}

function textOf(r: {
  readonly file: string;
  readonly whole: boolean;
  readonly events: number;
  readonly journals: readonly JournalReport[];
  readonly notAsked: string | null;
  readonly destinations: readonly {
    readonly destination: string;
    readonly pending: number;
    readonly deadLetters: number;
    readonly repeats: number | null;
  }[];
}): string {
  const lines = [`${r.file}  ${r.whole ? 'whole' : 'DAMAGED: do not restore it'}, ${r.events} events`];
  for (const j of r.journals) {
    const receivers = {
      present: 'its receivers are there',
      gone: 'RECEIVER GONE: POSITION_LOST',
      unknown: 'not asked',
    };
    const behind = j.behind === null ? '' : `, ${j.behind} entries would be read again`;
    lines.push(
      `journal ${j.journal}  read up to ${j.read}, restart from ${j.resume}; ${receivers[j.receivers]}${behind}`,
    );
  }
  for (const d of r.destinations) {
    const repeats = d.repeats === null ? '' : `, about ${d.repeats} of what was settled since would be sent again`;
    lines.push(`destination ${d.destination}  ${d.pending} pending, ${d.deadLetters} dead letters${repeats}`);
  }
  if (r.notAsked !== null) lines.push(`the partition was not asked: ${r.notAsked}`);
  return `${lines.join('\n')}\n`;
}

function missing(file: string): CodedError {
  return new CodedError({
    code: 'BACKUP_MISSING',
    message: `there is no ${file}`,
    next: 'name a copy that `ibmi-cdc backup FILE` made',
  });
}
