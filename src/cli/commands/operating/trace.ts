/** `trace`: where an event is, and why nothing was sent: stored events with every attempt, and changes that left none. */
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT, exitCodeOf, isCoded } from '../../../errors/coded-error';
import { FATE, FATE_NAMES } from '../../../journal/ledger/ledger';
import { LedgerTable } from '../../../journal/ledger/table';
import { formatName, formatPosition, parseName } from '../../../model/position';
import { entryFates, newestFates } from '../../../operate/entry-fates';
import { type EventFilterOptions, withEventFilter } from '../../../operate/event-filter';
import { openStateFile, type StateFile } from '../../../operate/state-file';
import { lifeOf, lifeText } from '../../../operate/trace/event-life';
import { type AskedTable, type KeyTrace, traceKey } from '../../../operate/trace/key-trace';
import { traceLines, traceText } from '../../../operate/trace/story-text';
import { createLogger } from '../../../telemetry/logger';
import { eventTable, storedFilterOf } from '../../event-table';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface TraceOptions extends GlobalOptions, EventFilterOptions {
  readonly limit: number;
  readonly depth?: bigint;
  readonly offline: boolean;
}

/** How far back a journal is looked through unless somebody says. */
const BACK_MS = 24 * 3_600_000;
const DEPTH = 100_000n;

export function register(program: Command, io: CliIo): void {
  withEventFilter(program.command('trace'))
    .description('where is my event, and why was nothing sent: position, rule, attempts, responses')
    .option('--limit <n>', 'newest events, and newest changes of the key, shown', whole, 20)
    .option('--depth <n>', 'with --key: journal entries looked through, newest first (default: 100000)', entries)
    .option('--offline', 'with --key: do not ask the partition, show stored events only', false)
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc trace --table ORDLIB/ORDHDR --key 100245
  ibmi-cdc trace --key 100245 --since 2026-11-20T00:00:00Z
  ibmi-cdc trace --receiver ORDLIB/ORDRCV0001 --from-sequence 184467

With --key the journal itself is looked through again, for changes of that key that were filtered, quarantined, rolled back or
not read yet: those of the last 24 hours unless --since says otherwise, and --depth entries at most.`,
    )
    .action(async (_options: unknown, command: Command) => {
      await trace(io, command.optsWithGlobals<TraceOptions>());
    });
}

async function trace(io: CliIo, options: TraceOptions): Promise<void> {
  const config = loadCommandConfig(io, options, 'tolerate');
  using state = openStateFile(config);
  const lives = state.outbox.history
    .events(storedFilterOf(config, state, oneEntry(options), 'TRACE_TABLE'), { newest: true, limit: options.limit })
    .map((event) => lifeOf(event, state))
    .reverse();
  for (const life of lives) io.stdout.write(options.json ? `${JSON.stringify(life)}\n` : lifeText(life));
  if (options.key !== undefined && options.id === undefined && options.type === undefined && !options.offline) {
    await tellKey(io, options, options.key, { config, state, lives: lives.length });
    return;
  }
  const told = tellFates(io, options, state, lives.length > 0);
  if (lives.length > 0 || told) return;
  io.stderr.write(
    'no stored event matches; --key tells what became of changes of a key, --receiver with --from-sequence of a journal entry, `ibmi-cdc audit` of all\n',
  );
  io.exit(EXIT.findings);
}

/** A sequence number alone is one entry, not everything from there on. */
function oneEntry(options: TraceOptions): TraceOptions {
  const only = options.fromSequence ?? options.toSequence;
  return options.receiver === undefined || only === undefined
    ? options
    : { ...options, fromSequence: only, toSequence: options.toSequence ?? only };
}

interface KeyContext {
  readonly config: ReturnType<typeof loadCommandConfig>;
  readonly state: StateFile;
  /** Stored events shown already. */
  readonly lives: number;
}

function asked({ config, state }: KeyContext, text: string): AskedTable {
  return { text, table: eventTable(config, state, text, 'TRACE_TABLE').table };
}

/** Changes of the key that left no event, out of the journal. */
async function tellKey(io: CliIo, options: TraceOptions, key: string, context: KeyContext): Promise<void> {
  const bounded = options.since !== undefined || options.receiver !== undefined || options.fromSequence !== undefined;
  const since = options.since ?? (bounded ? null : Date.now() - BACK_MS);
  const { depth = DEPTH, limit } = options;
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  process.once('SIGINT', interrupted);
  let found: KeyTrace;
  try {
    found = await traceKey({
      config: context.config,
      state: context.state,
      table: options.table === undefined ? null : asked(context, options.table),
      wish: {
        key,
        since,
        until: options.until ?? null,
        receiver: options.receiver === undefined ? null : parseName(options.receiver),
        fromSequence: options.fromSequence ?? null,
        toSequence: options.toSequence ?? null,
        depth,
        limit,
      },
      log: createLogger('error', io.stderr),
      traceWire: options.traceWire,
      signal: stop.signal,
    });
  } catch (error) {
    tellUnasked(io, options, error, context);
    return;
  } finally {
    process.removeListener('SIGINT', interrupted);
  }
  const span = spanText(options, since);
  io.stdout.write(options.json ? traceLines(found, key) : traceText(found, { key, span, depth, limit }));
  const changes = found.journals.reduce((sum, j) => sum + j.stories.length, 0);
  if (context.lives + changes === 0) io.exit(EXIT.findings);
}

function spanText(options: TraceOptions, since: number | null): string {
  if (options.since === undefined && since !== null) return 'the last 24 hours';
  const parts = [
    options.receiver === undefined ? '' : `receiver ${options.receiver}`,
    since === null ? '' : `since ${new Date(since).toISOString()}`,
    options.until === undefined ? '' : `until ${new Date(options.until).toISOString()}`,
  ].filter((text) => text !== '');
  return parts.length === 0 ? 'the sequence numbers asked for' : parts.join(', ');
}

/** Plainly what is not known without the partition, what the ledger has all the same, and the next step. */
function tellUnasked(io: CliIo, options: TraceOptions, error: unknown, { state, lives }: KeyContext): void {
  if (!isCoded(error) || error.code === 'TRACE_TABLE') throw error;
  const { code, message, next } = error;
  io.stderr.write(
    `the partition was not asked (${code}: ${message}), so it is not known whether changes of ${options.key} were filtered, quarantined or not read yet: the ledger keeps sequence numbers, not keys\n`,
  );
  const { depth = DEPTH } = options;
  const ledger = new LedgerTable(state.store);
  for (const { journal, read } of state.checkpoints.all()) {
    const fates = newestFates(ledger, journal, read, depth);
    const place = { journal: formatName(journal), upTo: formatPosition(read) };
    if (options.json) {
      const known = fates.map((f) => ({ fate: f.fate, entries: f.entries.toString() }));
      io.stdout.write(`${JSON.stringify({ key: options.key, notAsked: code, ledger: { ...place, fates: known } })}\n`);
    } else {
      const told = fates.map((f) => `${f.entries} ${f.fate}`).join(', ') || 'nothing of the captured tables';
      io.stdout.write(`ledger of ${place.journal} up to ${place.upTo}, newest ${depth} entries: ${told}\n`);
    }
  }
  io.stderr.write(
    `  next: ${next ? `${next}; then trace again` : 'trace again when the partition answers'}, or ask by the entry's number: ibmi-cdc trace --receiver LIB/RECEIVER --from-sequence N\n`,
  );
  if (lives === 0) io.exit(exitCodeOf(error));
}

/** Why nothing was sent: the fate of every entry asked for, but of those told as events. False when none of them was read. */
function tellFates(io: CliIo, options: TraceOptions, state: StateFile, told: boolean): boolean {
  const { store, checkpoints } = state;
  const receiver = options.receiver === undefined ? null : parseName(options.receiver);
  const first = options.fromSequence ?? options.toSequence;
  if (!receiver || first === undefined) return false;
  const ledger = new LedgerTable(store);
  let found = false;
  for (const { journal } of checkpoints.all()) {
    for (const { from, to, fate } of entryFates(ledger, journal, receiver, first, options.toSequence ?? first)) {
      found = true;
      if (told && fate === FATE_NAMES[FATE.published]) continue;
      const place = { journal: formatName(journal), receiver: formatName(receiver) };
      io.stdout.write(
        options.json
          ? `${JSON.stringify({ ...place, fromSequence: from.toString(), toSequence: to.toString(), fate })}\n`
          : `${place.journal} ${place.receiver}:${from}${to === from ? '' : ` to ${to}`}  ${fate}\n`,
      );
    }
  }
  return found;
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

function entries(text: string): bigint {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError('expected a number of entries');
  return BigInt(text);
}
