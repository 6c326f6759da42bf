/** `resume`: the operator's word on paused tables and disabled destinations. A running daemon hears of it at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { Config } from '../../../config/config';
import { type PositionWord, PositionWords } from '../../../deliver/standing/position-words';
import { CodedError } from '../../../errors/coded-error';
import { gapMending, gapText } from '../../../journal/position/gap-advice';
import type { TableGap } from '../../../journal/position/gap-table';
import { counted } from '../../../model/counted';
import { type AcceptedState, acceptState } from '../../../operate/accept-state';
import { giveUp } from '../../../operate/give-up';
import { openStateFile, type StateFile } from '../../../operate/state-file';
import type { TableHold } from '../../../outbox/letters/table-holds';
import type { Outbox } from '../../../outbox/outbox';
import { eventTable } from '../../event-table';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface ResumeOptions extends GlobalOptions {
  readonly table?: string;
  readonly destination?: string;
  readonly drop?: boolean;
  readonly acceptGap?: boolean;
  readonly state?: 'accept';
  readonly position?: PositionWord;
}

/** Milliseconds between two steps, in which a running daemon can write. */
const BREATH_MS = 5;

export function register(program: Command, io: CliIo): void {
  program
    .command('resume')
    .description('list paused tables and disabled destinations, or let one go on')
    .option('--table <lib/table>', 'let this table go on: what was held is delivered in order')
    .option(
      '--drop',
      'with --table: give up what was held; with --destination, once it is out of the configuration: give up what waits for it',
    )
    .option('--accept-gap', 'with --table: changes that were not seen are known and need no backfill')
    .option(
      '--destination <name>',
      'let this destination go on, which answered 410: what was kept is delivered in order',
    )
    .addOption(
      new Option(
        '--position <word>',
        'with --destination: what becomes of what waits, after KAFKA_POSITION_FOREIGN (daemon stopped)',
      ).choices(['repeat', 'skip']),
    )
    .addOption(
      new Option(
        '--state <word>',
        'accept: go on with the state file as it is, although it is not whole (after exit 4, daemon stopped)',
      ).choices(['accept']),
    )
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc resume
  ibmi-cdc resume --table ORDLIB/ORDHDR
  ibmi-cdc resume --table ORDLIB/ORDHDR --accept-gap
  ibmi-cdc resume --destination crm

A running daemon goes on within a second. What --drop gives up becomes dead letters, with reason held or dropped.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ResumeOptions>();
      if (options.destination && options.table) throw oneOfThem();
      if (options.drop && !options.table && !options.destination) throw dropWhat();
      if (options.acceptGap && !options.table) throw acceptWhat();
      if (options.position && !options.destination) throw positionOfWhat();
      const config = loadCommandConfig(io, options, 'tolerate');
      if (options.state === 'accept') {
        tellAccepted(io, acceptState(config.state), options.json);
        return;
      }
      using state = openStateFile(config);
      if (options.position) sayPosition(io, state, config, options);
      else if (options.table) await resumeTable(io, state, eventTable(config, state, options.table).file, options);
      else if (options.destination && options.drop)
        await dropDestination(io, state, options.destination, config, options.json);
      else if (options.destination) resumeDestination(io, state, options.destination, options.json);
      else list(io, state, config, options.json);
    });
}

function tellAccepted(io: CliIo, accepted: AcceptedState, json: boolean): void {
  const { state, next, setAside } = accepted;
  const aside = setAside === null ? '' : `; the log that did not belong to it is now ${setAside}`;
  io.stdout.write(
    json ? `${JSON.stringify(accepted)}\n` : `${state} is accepted: the next start of the daemon ${next}${aside}\n`,
  );
}

async function resumeTable(io: CliIo, state: StateFile, table: string, options: ResumeOptions): Promise<void> {
  const { outbox, gaps } = state;
  const hold = outbox.holds.find(table);
  const gap = gaps.find(table);
  if (options.acceptGap && gap) gaps.acknowledge(gap.table);
  if (!hold && options.acceptGap && gap) {
    io.stdout.write(
      options.json
        ? `${JSON.stringify({ table: gap.table, acceptedGap: gap.kind })}\n`
        : `${gap.table}: the changes not seen since ${gap.kind} are accepted\n`,
    );
    return;
  }
  if (!hold) throw gap ? onlyGap(gap) : notPaused(table);
  const drop = options.drop === true;
  const moved = await release(outbox, hold, drop ? 'dead letters' : 'queue');
  io.stdout.write(
    options.json
      ? `${JSON.stringify({ table: hold.table, drop, deliveries: moved })}\n`
      : `${hold.table} goes on, ${drop ? `${counted(moved, 'dead letter')} made` : `${counted(moved, 'delivery', 'deliveries')} queued`}\n`,
  );
}

/** Heard by the next start of the daemon. */
function sayPosition(io: CliIo, { store, outbox }: StateFile, config: Config, options: ResumeOptions): void {
  const { destination = '', position = 'repeat', json } = options;
  if (!config.destinations[destination]?.kafka?.exactlyOnce) throw noPosition(destination);
  new PositionWords(store).say(destination, position);
  const deliveries = pendingOf(outbox, destination);
  const what = position === 'skip' ? 'are taken as sent' : 'are sent again';
  io.stdout.write(
    json
      ? `${JSON.stringify({ destination, position, deliveries })}\n`
      : `${destination}: at the next start of the daemon ${deliveries} deliveries that wait ${what}\n`,
  );
}

function resumeDestination(io: CliIo, { outbox, disabled }: StateFile, destination: string, json: boolean): void {
  const deliveries = pendingOf(outbox, destination);
  if (!disabled.enable(destination)) throw notDisabled(destination);
  io.stdout.write(
    json
      ? `${JSON.stringify({ destination, deliveries })}\n`
      : `${destination} goes on, ${counted(deliveries, 'delivery waits', 'deliveries wait')}\n`,
  );
}

/** A daemon that serves it may have its deliveries in memory; one that does not know it has none. */
async function dropDestination(
  io: CliIo,
  { outbox, disabled }: StateFile,
  destination: string,
  config: Config,
  json: boolean,
): Promise<void> {
  if (destination in config.destinations) throw stillConfigured(destination, config.file);
  if (!outbox.history.backlog().some((b) => b.destination === destination)) throw notDisabled(destination);
  const deliveries = await giveUp(outbox, destination);
  disabled.enable(destination);
  io.stdout.write(
    json
      ? `${JSON.stringify({ destination, drop: true, deliveries })}\n`
      : `${destination} is given up, ${deliveries} deliveries made dead letters\n`,
  );
}

async function release(outbox: Outbox, hold: TableHold, to: 'queue' | 'dead letters'): Promise<number> {
  let all = 0;
  for (;;) {
    const { moved, done } = outbox.release.step(hold, to);
    all += moved;
    if (done) return all;
    await sleep(BREATH_MS);
  }
}

function list(io: CliIo, { outbox, disabled }: StateFile, config: Config, json: boolean): void {
  const tables = outbox.holds.list().map((hold) => ({
    table: hold.table,
    reason: hold.reason,
    heldAt: new Date(hold.heldAt).toISOString(),
    receiver: hold.receiver,
    sequence: hold.sequence,
    deliveries: outbox.holds.heldCount(hold),
  }));
  const destinations = disabled.list().map(({ destination, since, why }) => ({
    destination,
    since: new Date(since).toISOString(),
    why,
    deliveries: pendingOf(outbox, destination),
  }));
  const gone = outbox.history.backlog().filter((b) => !(b.destination in config.destinations));
  const unconfigured = gone
    .map((b) => ({ destination: b.destination, deliveries: b.ready + b.parked + b.held }))
    .filter((b) => b.deliveries > 0);
  if (json) {
    io.stdout.write(`${JSON.stringify({ tables, destinations, unconfigured })}\n`);
    return;
  }
  if (tables.length === 0) io.stdout.write('no table is paused\n');
  for (const t of tables)
    io.stdout.write(
      `${t.table}  paused since ${t.heldAt} by ${t.reason}${t.receiver === null ? '' : ` at ${t.receiver}:${t.sequence}`}, ${counted(t.deliveries, 'delivery', 'deliveries')} held\n`,
    );
  for (const d of destinations)
    io.stdout.write(
      `${d.destination}  disabled since ${d.since}: ${d.why}; ${counted(d.deliveries, 'delivery waits', 'deliveries wait')}\n`,
    );
  for (const d of unconfigured)
    io.stdout.write(
      `${d.destination}  not in the configuration, ${counted(d.deliveries, 'delivery waits', 'deliveries wait')}; to give them up: ibmi-cdc resume --destination ${d.destination} --drop\n`,
    );
}

function pendingOf(outbox: Outbox, destination: string): number {
  const backlog = outbox.history.backlog().find((b) => b.destination === destination);
  return backlog ? backlog.ready + backlog.parked : 0;
}

function notPaused(table: string): CodedError {
  return new CodedError({
    code: 'TABLE_NOT_PAUSED',
    message: `${table} is not paused`,
    next: '`ibmi-cdc resume` lists the tables that are',
  });
}

function onlyGap(gap: TableGap): CodedError {
  return new CodedError({
    code: 'TABLE_NOT_PAUSED',
    message: `${gap.table} is not paused; ${gapText(gap)}`,
    next: `${gapMending(gap).join('; then ')}; or, if nothing is missing: ibmi-cdc resume --table ${gap.table} --accept-gap`,
  });
}

function acceptWhat(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: '--accept-gap was given without --table',
    next: '`ibmi-cdc status` lists the tables whose changes were not all seen',
  });
}

function positionOfWhat(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: '--position was given without --destination',
    next: 'name the destination whose position belongs to another life of the state file',
  });
}

function noPosition(destination: string): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: `${destination} is no destination with kafka.exactlyOnce: it keeps no position`,
    next: 'leave --position out',
  });
}

function notDisabled(destination: string): CodedError {
  return new CodedError({
    code: 'DESTINATION_NOT_DISABLED',
    message: `${destination} is not disabled`,
    next: '`ibmi-cdc resume` lists the destinations that are',
  });
}

function stillConfigured(destination: string, file: string): CodedError {
  return new CodedError({
    code: 'RESUME_CONFIGURED',
    message: `${destination} is still a destination of ${file}; expected one that is no longer configured`,
    next: `take it out of destinations: and of every to:, restart the daemon, then: ibmi-cdc resume --destination ${destination} --drop`,
  });
}

function oneOfThem(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: '--destination was given together with --table; expected one of them',
    next: 'let one thing go on at a time',
  });
}

function dropWhat(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: '--drop was given without --table or --destination',
    next: 'name the table or the destination whose deliveries are to become dead letters; `ibmi-cdc resume` lists them',
  });
}
