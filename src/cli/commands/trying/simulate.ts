/** `simulate`: the simulated partition alone, for any client. */
import { once } from 'node:events';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OrderDesk } from '../../../simulator/seed/order-desk';
import { type HostPorts, type PortName, STANDARD_PORTS } from '../../../simulator/server/host-servers';
import type { PasswordLevel } from '../../../simulator/server/users';
import { DEFAULT_USER, SimulatedPartition } from '../../../simulator/simulated-partition';
import { hostServerTransport } from '../../../transport/hostserver';
import { firstOrder } from '../../demo/first-order';
import type { CliIo } from '../../io';

interface SimulateOptions {
  readonly host: string;
  readonly portMapperPort?: number;
  readonly signonPort?: number;
  readonly signonTlsPort?: number;
  readonly databasePort?: number;
  readonly databaseTlsPort?: number;
  readonly remoteCommandPort?: number;
  readonly remoteCommandTlsPort?: number;
  readonly anyPorts?: boolean;
  readonly data?: string;
  readonly seed: boolean;
  readonly user: string;
  readonly password: string;
  readonly passwordLevel: string;
  readonly serverVersion?: string;
  readonly passwordExpiresIn?: number;
  readonly jobCcsid?: number;
  readonly traffic?: number;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('simulate')
    .description('a simulated IBM i partition for any host-server client, plain and TLS')
    .option('--host <address>', 'address to listen on, and a name in the certificate', '127.0.0.1')
    .option('--port-mapper-port <n>', 'port of the server mapper (0 = any free port)', port)
    .option('--signon-port <n>', 'port of the sign-on server', port)
    .option('--signon-tls-port <n>', 'port of the sign-on server over TLS', port)
    .option('--database-port <n>', 'port of the database server', port)
    .option('--database-tls-port <n>', 'port of the database server over TLS', port)
    .option('--remote-command-port <n>', 'port of the remote command server', port)
    .option('--remote-command-tls-port <n>', 'port of the remote command server over TLS', port)
    .option('--any-ports', 'any free port for each server not named otherwise', false)
    .option('--data <dir>', 'keep libraries, journals, receivers and certificates in DIR')
    .option('--no-seed', 'start empty, without library ORDLIB')
    .option('--user <name>', 'user profile that may sign on', DEFAULT_USER.name)
    .option('--password <password>', 'its password', DEFAULT_USER.password)
    .addOption(
      new Option('--password-level <n>', 'QPWDLVL of the partition').choices(['0', '1', '2', '3', '4']).default('3'),
    )
    .option('--server-version <version>', 'version the partition reports, e.g. V7R4M0')
    .option('--password-expires-in <days>', 'days until the password expires (absent: never)', days)
    .option('--job-ccsid <n>', 'CCSID of server jobs, 65535 as well', ccsid)
    .option('--traffic <n>', 'an order desk makes N changes a second in ORDLIB', rate)
    .addHelpText(
      'after',
      `
Prints one JSON line when ready; the standard ports are used where they are free, any other where not.

Examples:
  ibmi-cdc simulate --any-ports --data partition
  ibmi-cdc simulate --traffic 5 > simulated.json &
  ibmi-cdc init --from-simulate simulated.json --to stdout && ibmi-cdc run
  ibmi-cdc simulate --host 0.0.0.0 --database-tls-port 9471 --no-seed`,
    )
    .action((options: SimulateOptions) => simulate(options, io));
}

async function simulate(options: SimulateOptions, io: CliIo): Promise<void> {
  const named = namedPorts(options);
  const others = options.anyPorts ? {} : STANDARD_PORTS;
  await using partition = await SimulatedPartition.start({
    host: options.host,
    ports: { ...others, ...named },
    flexiblePorts: (Object.keys(STANDARD_PORTS) as PortName[]).filter((name) => named[name] === undefined),
    seed: options.seed,
    users: [
      {
        name: options.user,
        password: options.password,
        ...(options.passwordExpiresIn === undefined ? {} : { expiresInDays: options.passwordExpiresIn }),
      },
    ],
    ...(options.jobCcsid === undefined ? {} : { jobCcsid: options.jobCcsid }),
    passwordLevel: Number(options.passwordLevel) as PasswordLevel,
    ...(options.data === undefined ? {} : { dataDir: options.data }),
    ...(options.serverVersion === undefined ? {} : { version: options.serverVersion }),
  });
  const { host, ports, caFile, user, password } = partition;
  for (const [name, wanted] of Object.entries(others) as [PortName, number][]) {
    if (named[name] === undefined && ports[name] !== wanted)
      io.stderr.write(`port ${wanted} for ${name} is taken or not allowed; listening on ${ports[name]}\n`);
  }
  io.stdout.write(`${JSON.stringify({ ready: true, host, ports, caFile, user, password })}\n`);
  const closing = new AbortController();
  const desk = options.traffic === undefined ? null : openDesk(partition, options.traffic, closing.signal);
  await stopAsked(io);
  closing.abort();
  await desk;
}

/** The order desk at work beside whoever reads: orders in commit cycles, prices without. */
async function openDesk(partition: SimulatedPartition, changes: number, closed: AbortSignal): Promise<void> {
  const { host, ports, user, caFile } = partition;
  const transport = hostServerTransport({
    host,
    user,
    password: () => partition.password,
    databasePort: ports.databaseTls,
    signonPort: ports.signonTls,
    tls: { ca: caFile },
  });
  await using orders = await transport.connect({ role: 'order desk' });
  await using prices = await transport.connect({ role: 'price desk' });
  const desk = new OrderDesk({ orders, prices, firstOrder: await firstOrder(orders) });
  await desk.run(changes, closed);
}

/** SIGINT or SIGTERM. */
async function stopAsked(io: CliIo): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  const waits = [once(process, 'SIGINT', { signal }), once(process, 'SIGTERM', { signal })];
  await Promise.race(waits);
  stop.abort();
  await Promise.allSettled(waits);
  io.stderr.write('simulated partition stopped\n');
}

function namedPorts(options: SimulateOptions): Partial<HostPorts> {
  const given: Record<PortName, number | undefined> = {
    portMapper: options.portMapperPort,
    signon: options.signonPort,
    signonTls: options.signonTlsPort,
    database: options.databasePort,
    databaseTls: options.databaseTlsPort,
    remoteCommand: options.remoteCommandPort,
    remoteCommandTls: options.remoteCommandTlsPort,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function rate(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1000)) throw new InvalidArgumentError('expected changes a second, above 0 up to 1000');
  return value;
}

function days(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 366) throw new InvalidArgumentError('expected days, 0 to 366');
  return value;
}

function ccsid(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65535) throw new InvalidArgumentError('expected a CCSID');
  return value;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535)
    throw new InvalidArgumentError('expected a port, 0 to 65535');
  return value;
}
