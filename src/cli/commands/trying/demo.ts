/** `demo`: the whole product on one machine, without an IBM i. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { transportOf } from '../../../assembly/connect';
import type { Config } from '../../../config/config';
import { Daemon } from '../../../daemon/daemon';
import { EXIT } from '../../../errors/coded-error';
import { type DeskBooks, type DeskChange, OrderDesk } from '../../../simulator/seed/order-desk';
import { SimulatedPartition } from '../../../simulator/simulated-partition';
import { createLogger } from '../../../telemetry/logger';
import { type Comparison, compareBooks } from '../../demo/books';
import { demoConfig } from '../../demo/demo-config';
import { firstOrder } from '../../demo/first-order';
import { eventLine } from '../../demo/print-event';
import { DemoReceiver, percentile } from '../../demo/receiver';
import { writeControls } from '../../guarded-io';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface DemoOptions extends GlobalOptions {
  readonly seconds: number;
  readonly rate: number;
  readonly dir?: string;
}

/** How long the last events may take once the order desk has closed. */
const SETTLE_MS = 20_000;

export function register(program: Command, io: CliIo): void {
  program
    .command('demo')
    .description('no IBM i needed: simulated partition, order-desk traffic, capture, signed webhooks, a summary')
    .option('--seconds <n>', 'how long the order desk works', positive, 15)
    .option('--rate <n>', 'row changes a second', positive, 20)
    .option('--dir <dir>', 'keep partition, configuration and state in DIR')
    .addHelpText('after', '\nExample:\n  ibmi-cdc demo --seconds 30 --rate 200 --dir my-demo')
    .action(async (_options: unknown, command: Command) => {
      await demo(command.optsWithGlobals<DemoOptions>(), io);
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('expected a number above 0');
  return value;
}

async function demo(options: DemoOptions, io: CliIo): Promise<void> {
  const dir = options.dir ? resolve(options.dir) : mkdtempSync(join(tmpdir(), 'ibmi-cdc-demo-'));
  mkdirSync(dir, { recursive: true });
  const say = (text: string): void => {
    if (!options.json) io.stdout.write(`${text}\n`);
  };
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    await using partition = await SimulatedPartition.start({ dataDir: join(dir, 'partition') });
    const { host, ports, user, caFile } = partition;
    say(`partition   simulated, TLS, sign-on ${host}:${ports.signonTls}, database ${host}:${ports.databaseTls}`);
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const colour = io.stdout.isTTY === true;
    const receiver = new DemoReceiver(secret, (event, ms) => {
      if (options.json) io.stdout.write(`${JSON.stringify({ event, latencyMs: ms })}\n`);
      else writeControls(io.stdout, `${eventLine(event, ms, colour)}\n`);
    });
    const receiverUrl = await receiver.start();
    try {
      const file = join(dir, 'ibmi-cdc.yaml');
      const [databasePort, signonPort, commandPort] = [ports.databaseTls, ports.signonTls, ports.remoteCommandTls];
      const places = { host, databasePort, signonPort, commandPort, user, caFile, receiverUrl };
      writeFileSync(file, demoConfig(places));
      say(`config      ${file}`);
      say(`receiver    ${receiverUrl}, verifies with the standardwebhooks package`);
      const env = { ...io.env, DEMO_PASSWORD: partition.password, DEMO_SECRET: secret };
      const config = loadCommandConfig({ ...io, env }, { ...options, config: file }, 'require');
      const log = createLogger(options.logLevel === 'info' ? 'warn' : (options.logLevel as 'debug'), io.stderr);
      await using daemon = await Daemon.start({ config, log, stdout: io.stdout });
      say(`daemon      capturing ORDLIB/ORDJRN; the order desk opens for ${options.seconds} s\n`);
      const desk = await work(config, options, stop.signal);
      await settled(receiver, desk.changes.length, stop.signal);
      await daemon.stop();
      const result = compareBooks(desk.changes, receiver.events.values());
      summarise(io, options, receiver, desk.books, result);
      const good = result.lost === 0 && result.invented === 0 && result.outOfOrder === 0 && receiver.refused === 0;
      io.exit(good ? EXIT.done : EXIT.findings);
    } finally {
      await receiver.stop();
    }
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    if (!options.dir) rmSync(dir, { recursive: true, force: true });
  }
}

/** The order desk, through our own client: two connections, one in commit cycles, one without. */
async function work(
  config: Config,
  options: DemoOptions,
  stopped: AbortSignal,
): Promise<{ readonly changes: readonly DeskChange[]; readonly books: DeskBooks }> {
  const transport = transportOf(config);
  await using orders = await transport.connect({ role: 'order desk' });
  await using prices = await transport.connect({ role: 'price desk' });
  const changes: DeskChange[] = [];
  const first = await firstOrder(orders);
  const desk = new OrderDesk({ orders, prices, firstOrder: first, onChange: (change) => changes.push(change) });
  const closing = new AbortController();
  const close = (): void => closing.abort();
  const timer = setTimeout(close, options.seconds * 1000);
  stopped.addEventListener('abort', close, { once: true });
  const books = await desk.run(options.rate, closing.signal);
  clearTimeout(timer);
  return { changes, books };
}

async function settled(receiver: DemoReceiver, changes: number, stopped: AbortSignal): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  while (receiver.events.size < changes && Date.now() < deadline && !stopped.aborted) await sleep(20);
}

function summarise(
  io: CliIo,
  options: DemoOptions,
  receiver: DemoReceiver,
  books: DeskBooks,
  result: Comparison,
): void {
  const p50 = percentile(receiver.latencies, 0.5);
  const p99 = percentile(receiver.latencies, 0.99);
  const summary = {
    changes: result.changes,
    rolledBack: books.rolledBackChanges,
    delivered: result.delivered,
    duplicates: receiver.repeats,
    lost: result.lost,
    invented: result.invented,
    outOfOrder: result.outOfOrder,
    badSignatures: receiver.refused,
    latencyMs: { p50, p99 },
  };
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ summary })}\n`);
    return;
  }
  io.stdout.write(`
changes committed on the partition   ${summary.changes}   (and ${books.rolledBackChanges} rolled back, which must not appear)
events delivered, signature verified ${summary.delivered}
duplicates                           ${summary.duplicates}
lost                                 ${summary.lost}
invented                             ${summary.invented}
keys out of order                    ${summary.outOfOrder}
journal entry to 2xx                 p50 ${p50} ms, p99 ${p99} ms (poll interval of 100 ms included)
`);
}
