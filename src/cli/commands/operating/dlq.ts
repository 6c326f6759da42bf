/** `dlq`: dead letters, with their reason, response and attempts; queued again or dropped by an operator. */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { Config } from '../../../config/config';
import { CodedError, EXIT } from '../../../errors/coded-error';
import { type EventFilterOptions, eventFilterOf, withEventFilter } from '../../../operate/event-filter';
import { openStateFile, type StateFile } from '../../../operate/state-file';
import type { DeadLetter, DeadLetterFilter } from '../../../outbox/letters/dead-letters';
import { oneLine } from '../../../telemetry/visible';
import { storedFilterOf } from '../../event-table';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface DlqOptions extends GlobalOptions, EventFilterOptions {
  readonly destination?: string;
  readonly reason?: string;
  readonly letter?: number[];
  readonly limit?: number;
  readonly all?: boolean;
}

const PAGE = 200;

export function register(program: Command, io: CliIo): void {
  const dlq = program
    .command('dlq')
    .description('dead letters: list, show, retry, drop')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc dlq list --destination crm --reason http-422
  ibmi-cdc dlq show 17 --json
  ibmi-cdc dlq retry --destination crm --since 2026-11-21T08:00:00Z
  ibmi-cdc dlq drop --letter 17 18`,
    );
  filtered(
    dlq.command('list').description('what was given up, oldest first; --since and --until look at the time of death'),
  )
    .option('--limit <n>', 'at most this many', number, 1000)
    .action((_o: unknown, command: Command) => list(io, command.optsWithGlobals<DlqOptions>()));
  dlq
    .command('show')
    .description('one dead letter with its event and every attempt')
    .argument('<no>', 'number of the letter', number)
    .action((no: number, _o: unknown, command: Command) => show(io, no, command.optsWithGlobals<DlqOptions>()));
  filtered(dlq.command('retry').description('queue letters again, in order; a running daemon takes them up at once'))
    .option('--all', 'every letter; needed when nothing else is chosen')
    .action((_o: unknown, command: Command) => change(io, 'retry', command.optsWithGlobals<DlqOptions>()));
  filtered(dlq.command('drop').description('forget letters; their events will not be delivered'))
    .option('--all', 'every letter; needed when nothing else is chosen')
    .action((_o: unknown, command: Command) => change(io, 'drop', command.optsWithGlobals<DlqOptions>()));
}

function filtered(command: Command): Command {
  return withEventFilter(command)
    .option('--letter <n...>', 'numbers of letters', numbers)
    .option('--destination <name>', 'destination')
    .option('--reason <word>', 'reason, such as exhausted or http-422');
}

function list(io: CliIo, options: DlqOptions): void {
  using state = stateOf(io, options);
  const filter = filterOf(options, state);
  let left = options.limit ?? 1000;
  let shown = 0;
  for (let after = 0; left > 0; ) {
    const page = state.outbox.deadLetters.list(filter, after, Math.min(PAGE, left));
    if (page.length === 0) break;
    if (!options.json && shown === 0) io.stdout.write(`${HEAD}\n`);
    for (const letter of page)
      io.stdout.write(options.json ? `${JSON.stringify(jsonOf(letter))}\n` : `${lineOf(letter)}\n`);
    shown += page.length;
    left -= page.length;
    after = page.at(-1)!.no;
  }
  if (shown === 0 && !options.json) io.stdout.write('no dead letters\n');
}

function show(io: CliIo, no: number, options: DlqOptions): void {
  using state = stateOf(io, options);
  const [letter] = state.outbox.deadLetters.list({ no: [no] });
  if (!letter) throw notFound(no);
  const full = {
    ...jsonOf(letter),
    response: letter.response,
    attemptsLog: attemptsOf(state, letter),
    body: bodyOf(letter),
  };
  io.stdout.write(`${JSON.stringify(full, null, options.json ? 0 : 2)}\n`);
}

function change(io: CliIo, what: 'retry' | 'drop', options: DlqOptions): void {
  if (!options.all && Object.values(filterOf(options, null)).every((v) => v === undefined)) throw nothingChosen(what);
  using state = stateOf(io, options);
  const filter = filterOf(options, state);
  const count = state.outbox.deadLetters[what](filter);
  const done = what === 'retry' ? 'queued' : 'dropped';
  io.stdout.write(options.json ? `${JSON.stringify({ [done]: count })}\n` : `${count} dead letters ${done}\n`);
  if (count === 0) io.exit(EXIT.findings);
}

type Opened = StateFile & { readonly config: Config };

/** The state file, and the names in the filter checked: destinations of the configuration, and those that once were. */
function stateOf(io: CliIo, options: DlqOptions): Opened {
  const config = loadCommandConfig(io, options, 'tolerate');
  const { destination } = options;
  const configured = destination === undefined || destination in config.destinations;
  if (!configured && !existsSync(config.state)) throw noDestination(destination, config);
  const state = { ...openStateFile(config), config };
  if (configured || state.outbox.history.backlog().some((b) => b.destination === destination)) return state;
  state[Symbol.dispose]();
  throw noDestination(destination, config);
}

function noDestination(destination: string, config: Config): CodedError {
  return new CodedError({
    code: 'DLQ_DESTINATION',
    message: `no destination ${destination}; ${config.file} has ${Object.keys(config.destinations).join(', ')}`,
    next: 'name one of these',
  });
}

/** @param state null: as written, to see whether anything was chosen */
function filterOf(options: DlqOptions, state: Opened | null): DeadLetterFilter {
  const { letter, destination, reason } = options;
  return {
    ...(state ? storedFilterOf(state.config, state, options) : eventFilterOf(options)),
    ...(letter === undefined ? {} : { no: letter }),
    ...(destination === undefined ? {} : { destination }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function jsonOf(letter: DeadLetter) {
  const { no, destination, reason, message, status, attempts, event } = letter;
  return {
    no,
    destination,
    reason,
    message,
    status,
    attempts,
    firstAt: letter.firstAt === 0 ? null : new Date(letter.firstAt).toISOString(),
    deadAt: new Date(letter.deadAt).toISOString(),
    id: event.id,
    type: event.type,
    table: event.table,
    key: event.key,
    traceKey: event.traceKey,
    time: event.time,
    receiver: event.receiver,
    sequence: event.sequence,
    recordUrl: event.recordUrl,
  };
}

const HEAD = '    no  dead at                   destination   reason        attempts  event';

function lineOf(letter: DeadLetter): string {
  const { no, destination, reason, attempts, event } = letter;
  const at = new Date(letter.deadAt).toISOString();
  const cells = [String(no).padStart(6), at, destination.padEnd(12), reason.padEnd(14), String(attempts).padStart(6)];
  const line = `${cells.join('  ')}  ${event.type} ${event.key} ${event.id}`;
  return `${oneLine(line)}\n        ${oneLine(letter.message)}`;
}

function attemptsOf(state: StateFile, letter: DeadLetter) {
  return state.outbox.history
    .attempts(letter.event.seq)
    .filter((a) => a.destination === letter.destination)
    .map(({ event: _event, ...attempt }) => ({ ...attempt, at: new Date(attempt.at).toISOString() }));
}

function bodyOf(letter: DeadLetter): unknown {
  const { body } = letter.event;
  return body === null ? null : (JSON.parse(body.toString('utf8')) as unknown);
}

function notFound(no: number): CodedError {
  return new CodedError({
    code: 'DLQ_NUMBER',
    message: `there is no dead letter ${no}`,
    next: 'ibmi-cdc dlq list shows those there are',
  });
}

function nothingChosen(what: string): CodedError {
  return new CodedError({
    code: 'DLQ_WHAT',
    message: `nothing was chosen to ${what}`,
    next: 'choose by --letter, --destination, --reason, --id, --table, --key or time, or say --all',
  });
}

function number(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a number');
  return Number(text);
}

function numbers(text: string, before: number[] = []): number[] {
  return [...before, number(text)];
}
