/** `debug`: requests and answers of one destination or table in full, for a stated time. */
import { type Command, InvalidArgumentError } from 'commander';
import { duration, size } from '../../../config/schema/scalars';
import { EXIT } from '../../../errors/coded-error';
import { recorded } from '../../../operate/acting/acting';
import {
  debugExchanges,
  debugList,
  debugOf,
  debugText,
  exchangeText,
  startDebug,
  stopDebug,
} from '../../../operate/debug';
import { openStateFile } from '../../../operate/state-file';
import { osUser } from '../../../operators/os-user';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

interface StartOptions extends GlobalOptions {
  readonly destination?: string;
  readonly table?: string;
  readonly for: number;
  readonly maxBytes: number;
}

export function register(program: Command, io: CliIo): void {
  const debug = program
    .command('debug')
    .description('requests and answers of one destination or table in full, for a stated time: start, tail, list, stop')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc debug start --destination crm --for 15m
  ibmi-cdc debug start --table ORDLIB/ORDHDR --for 2h --max-bytes 200MB
  ibmi-cdc debug tail               (the newest capture: what there is, then live, until it ends)
  ibmi-cdc debug stop

A running daemon begins within half a second, and ends by itself when the time or the size is reached, also after a restart.
Credentials and masked columns stay masked; nothing of a payload is kept where storePayload is false. What was caught is
forgotten a day after its end.`,
    );
  debug
    .command('start')
    .description('capture from now on')
    .option('--destination <name>', 'all requests to this destination')
    .option('--table <lib/file>', 'requests with events of this table, to any destination')
    .option('--for <time>', 'then off by itself, at most a day: 30s, 15m, 2h', time, 15 * 60_000)
    .option('--max-bytes <size>', 'or when so much is kept', bytes, 64_000_000)
    .action((_o: unknown, command: Command) => start(io, command.optsWithGlobals<StartOptions>()));
  debug
    .command('stop')
    .description('end a capture now; all that run if none is named')
    .argument('[id...]', 'numbers of captures', numbers)
    .action((ids: number[], _o: unknown, command: Command) => stop(io, ids, command.optsWithGlobals<GlobalOptions>()));
  debug
    .command('list')
    .description('captures that run or ended within a day')
    .action((_o: unknown, command: Command) => list(io, command.optsWithGlobals<GlobalOptions>()));
  debug
    .command('tail')
    .description('what a capture caught, then live until it ends')
    .argument('[id]', 'number of the capture; the newest if left out', number)
    .option('--no-follow', 'only what there is')
    .action((id: number | undefined, _o: unknown, command: Command) =>
      tail(io, id ?? null, command.optsWithGlobals<GlobalOptions & { readonly follow: boolean }>()),
    );
}

async function start(io: CliIo, options: StartOptions): Promise<void> {
  const config = loadCommandConfig(io, options, 'tolerate');
  using state = openStateFile(config);
  const { destination, table, maxBytes } = options;
  const asked = { ...(destination === undefined ? {} : { destination }), ...(table === undefined ? {} : { table }) };
  const wish = { ...asked, forMs: options.for, maxBytes };
  const begun = await recorded(state, osUser(), { what: 'debug.start', scope: wish }, () =>
    startDebug(config, state, wish, Date.now()),
  );
  print(io, options, begun, debugText);
}

async function stop(io: CliIo, ids: readonly number[], options: GlobalOptions): Promise<void> {
  using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
  const stopped = await recorded(state, osUser(), { what: 'debug.stop', scope: { ids } }, () =>
    stopDebug(state, ids, Date.now()),
  );
  for (const one of stopped) print(io, options, one, debugText);
  if (stopped.length === 0) io.exit(EXIT.findings);
}

function list(io: CliIo, options: GlobalOptions): void {
  using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
  for (const one of debugList(state, Date.now())) print(io, options, one, debugText);
}

async function tail(
  io: CliIo,
  id: number | null,
  options: GlobalOptions & { readonly follow: boolean },
): Promise<void> {
  const config = loadCommandConfig(io, options, 'tolerate');
  using state = openStateFile(config);
  const abort = new AbortController();
  const end = (): void => abort.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    let capture = debugOf(state, id, Date.now());
    for (let after = 0; !abort.signal.aborted; ) {
      // its state before its exchanges: what was written before it ended is not missed
      capture = debugOf(state, capture.debug, Date.now());
      const { exchanges, last } = debugExchanges(config, state, capture, after);
      for (const one of exchanges) print(io, options, one, exchangeText);
      const more = last > after;
      after = last;
      if (more) continue;
      if (capture.state !== 'running' || !options.follow) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    io.stderr.write(debugText(capture));
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  }
}

const DAY_MS = 24 * 3_600_000;

function time(text: string): number {
  const ms = duration.safeParse(text).data ?? 0;
  if (ms <= 0 || ms > DAY_MS) throw new InvalidArgumentError('expected a time up to a day, such as 30s, 15m or 2h');
  return ms;
}

function bytes(text: string): number {
  const n = size.safeParse(text).data ?? 0;
  if (n <= 0 || n > 2_000_000_000) throw new InvalidArgumentError('expected a size up to 2GB, such as 64MB');
  return n;
}

function number(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a number');
  return Number(text);
}

function numbers(text: string, before: number[] | undefined): number[] {
  return [...(before ?? []), number(text)];
}
