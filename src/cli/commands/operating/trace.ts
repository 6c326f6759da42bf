/** `trace`: where an event is, and why nothing was sent: stored events with every attempt, and changes that left none. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Config } from '../../../config/config';
import { EXIT, exitCodeOf, isCoded } from '../../../errors/coded-error';
import { withEventFilter } from '../../../operate/event-filter';
import { eventTable } from '../../../operate/event-table';
import { openStateFile, type StateFile } from '../../../operate/state-file';
import { lifeText } from '../../../operate/trace/event-life';
import { askAgainText, fateText, ledgerText, notAskedText } from '../../../operate/trace/fate-text';
import { type KeyTrace, traceKey } from '../../../operate/trace/key-trace';
import { traceLines, traceText } from '../../../operate/trace/story-text';
import {
  asksJournal,
  fatesAsked,
  isPublished,
  ledgerViews,
  searchOf,
  storedLives,
  type TraceWish,
} from '../../../operate/trace/trace';
import { createLogger } from '../../../telemetry/logger';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';
import { isRemote, type RemoteOptions, withApi } from '../../remote/client';
import { remoteTrace } from '../../remote/trace';

type TraceOptions = GlobalOptions & TraceWish;

export function register(program: Command, io: CliIo): void {
  withApi(withEventFilter(program.command('trace')))
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
      const options = command.optsWithGlobals<TraceOptions & RemoteOptions>();
      await (isRemote(options) ? remoteTrace(io, options) : trace(io, options));
    });
}

async function trace(io: CliIo, options: TraceOptions): Promise<void> {
  const config = loadCommandConfig(io, options, 'tolerate');
  using state = openStateFile(config);
  const lives = storedLives(config, state, options);
  for (const life of lives) print(io, options, life, lifeText);
  const { key } = options;
  if (key !== undefined && asksJournal(options)) {
    await printKey(io, { ...options, key }, { config, state, lives: lives.length });
    return;
  }
  const fates = fatesAsked(state, options);
  // a published entry is shown as its event already
  for (const fate of fates) if (lives.length === 0 || !isPublished(fate)) print(io, options, fate, fateText);
  if (lives.length > 0 || fates.length > 0) return;
  io.stderr.write(
    'no stored event matches; --key finds what became of changes of a key, --receiver with --from-sequence of a journal entry, `ibmi-cdc audit` of all\n',
  );
  io.exit(EXIT.findings);
}

type KeyOptions = TraceOptions & { readonly key: string };

interface KeyContext {
  readonly config: Config;
  readonly state: StateFile;
  /** Stored events shown already. */
  readonly lives: number;
}

/** Changes of the key that left no event, out of the journal. */
async function printKey(io: CliIo, options: KeyOptions, context: KeyContext): Promise<void> {
  const { config, state, lives } = context;
  const { span, ...wish } = searchOf(options, Date.now());
  const text = options.table;
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  process.once('SIGINT', interrupted);
  let found: KeyTrace;
  try {
    found = await traceKey({
      config,
      state,
      table: text === undefined ? null : { text, table: eventTable(config, state, text, 'TRACE_TABLE').table },
      wish,
      log: createLogger('error', io.stderr),
      traceWire: options.traceWire,
      signal: stop.signal,
    });
  } catch (error) {
    printLedger(io, options, error, context);
    return;
  } finally {
    process.removeListener('SIGINT', interrupted);
  }
  const { key, depth, limit } = wish;
  io.stdout.write(options.json ? traceLines(found, key) : traceText(found, { key, span, depth, limit }));
  const changes = found.journals.reduce((sum, j) => sum + j.stories.length, 0);
  if (lives + changes === 0) io.exit(EXIT.findings);
}

/** Plainly what is not known without the partition, what the ledger has all the same, and the next step. */
function printLedger(io: CliIo, options: KeyOptions, error: unknown, { state, lives }: KeyContext): void {
  if (!isCoded(error) || error.code === 'TRACE_TABLE') throw error;
  const { key } = options;
  io.stderr.write(notAskedText(key, error));
  for (const view of ledgerViews(state, options)) {
    const { depth: _depth, ...ledger } = view;
    print(io, options, { key, notAsked: error.code, ledger }, () => ledgerText(view));
  }
  io.stderr.write(askAgainText(error));
  if (lives === 0) io.exit(exitCodeOf(error));
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

function entries(text: string): bigint {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new InvalidArgumentError('expected a number of entries');
  return BigInt(text);
}
