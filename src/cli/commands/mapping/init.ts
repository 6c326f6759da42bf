/** `init`: writes a commented starter configuration and first tests of its mapping. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { STARTER_DEFAULTS, type StarterOptions, starterConfig, starterTest } from '../../../config/starter';
import { CodedError } from '../../../errors/coded-error';
import { parseName } from '../../../model/position';
import type { CliIo, GlobalOptions } from '../../io';

interface InitOptions extends GlobalOptions {
  readonly force: boolean;
  readonly stdout: boolean;
  readonly host: string;
  readonly user: string;
  readonly name: string;
  readonly table: string;
  readonly port?: string;
  readonly signonPort?: string;
  readonly commandPort?: string;
  readonly fromSimulate?: string;
  readonly tlsCa: string;
  readonly to: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('init')
    .description('Write a commented starter configuration, and first tests of its mapping beside it')
    .option('--force', 'replace a file that is there', false)
    .option('--stdout', 'print it instead of writing a file', false)
    .option('--name <name>', 'name of the partition, part of every event id', STARTER_DEFAULTS.name)
    .option('--host <host>', 'host of the IBM i', STARTER_DEFAULTS.host)
    .option('--port <n>', 'port of the database server; 9471 if left out')
    .option('--signon-port <n>', 'port of sign-on; 9476 if left out')
    .option('--command-port <n>', 'port of the remote command server; 9475 if left out')
    .option('--from-simulate <file>', 'host, ports, CA, user and password out of the line that simulate prints')
    .option('--tls-ca <file>', 'CA of the host servers, relative to the configuration', STARTER_DEFAULTS.tlsCa)
    .option('--to <url>', 'first receiver; stdout prints events', STARTER_DEFAULTS.to)
    .option('--user <user>', 'user profile, or a reference', STARTER_DEFAULTS.user)
    .option('--table <LIB/TABLE>', 'first table', STARTER_DEFAULTS.table)
    .addHelpText(
      'after',
      '\nExample:\n  ibmi-cdc init --host ibmi.example.com --table ORDLIB/ORDHDR\n  ibmi-cdc simulate > simulated.json &\n  ibmi-cdc init --from-simulate simulated.json --to stdout',
    )
    .action((_, command: Command) => {
      const given = command.optsWithGlobals<InitOptions>();
      const simulated = given.fromSimulate === undefined ? null : simulatedIn(given.fromSimulate);
      const options = simulated ? { ...given, ...simulated.options } : given;
      const starter = checked(options);
      if (options.stdout) io.stdout.write(starterConfig(starter));
      else write(options, starter, io);
      if (simulated && !options.stdout) writePassword(options.config, simulated.password);
    });
}

/** Flags become YAML: what cannot stand there unquoted is refused. */
function checked(options: InitOptions): StarterOptions {
  const refuse = (flag: string, seen: string, expected: string): never => {
    throw new CodedError({
      code: 'USAGE',
      message: `--${flag}: saw "${seen}", expected ${expected}`,
      next: 'ibmi-cdc init --help',
      facts: { flag },
    });
  };
  const { name, host, user, table, tlsCa, to, signonPort, commandPort } = options;
  const port = (flag: string, text: string | undefined): number | null => {
    if (text !== undefined && !(/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535))
      refuse(flag, text, 'a port, 1 to 65535');
    return text === undefined ? null : Number(text);
  };
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(name)) refuse('name', name, '1 to 40 letters, digits, "_" or "-"');
  if (!/^[A-Za-z0-9._:[\]-]+$/.test(host) && !host.startsWith('${')) refuse('host', host, 'a host name or address');
  if (!/^[A-Za-z0-9_$#@]+$/.test(user) && !user.startsWith('${')) refuse('user', user, 'a user profile');
  if (!parseName(table)) refuse('table', table, 'LIB/TABLE');
  if (to !== 'stdout' && !/^https?:\/\/\S+$/.test(to)) refuse('to', to, 'an http or https URL, or stdout');
  if (tlsCa === '') refuse('tls-ca', tlsCa, 'a file');
  const ports = {
    port: port('port', options.port),
    signonPort: port('signon-port', signonPort),
    commandPort: port('command-port', commandPort),
  };
  return { name, host, user, table, tlsCa, to, ...ports };
}

interface Simulated {
  readonly options: Pick<InitOptions, 'name' | 'host' | 'port' | 'signonPort' | 'commandPort' | 'tlsCa' | 'user'>;
  readonly password: string;
}

/** The line of `simulate`, which a shell may still be writing: then it is asked for once more by the person. */
function simulatedIn(file: string): Simulated {
  try {
    const { host, ports, caFile, user, password } = JSON.parse(readFileSync(file, 'utf8'));
    const [port, signonPort, commandPort] = [ports.databaseTls, ports.signonTls, ports.remoteCommandTls].map(String);
    const options = { name: 'SIMULATED', host, port: port!, signonPort: signonPort!, commandPort: commandPort!, user };
    return { options: { ...options, tlsCa: caFile }, password };
  } catch (cause) {
    throw new CodedError({
      code: 'USAGE',
      message: `--from-simulate: ${file} does not hold the line that \`ibmi-cdc simulate\` prints when it is ready`,
      next: 'ibmi-cdc simulate > simulated.json &   (then wait until the file has its line)',
      facts: { flag: 'from-simulate', file },
      cause,
    });
  }
}

/** Where the starter looks for it. */
function writePassword(config: string, password: string): void {
  const path = join(dirname(resolve(config)), 'secrets', 'ibmi-password');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, password, { mode: 0o600 });
}

/** Tests that are there already are left as they are. */
function write({ config, force, json }: InitOptions, starter: StarterOptions, io: CliIo): void {
  const path = resolve(config);
  const test = join(dirname(path), `${basename(path, extname(path))}.test.yaml`);
  writeNew(path, starterConfig(starter), force, config);
  const tested = existsSync(test) && !force;
  if (!tested) writeNew(test, starterTest(starter), force, test);
  if (json) io.stdout.write(`${JSON.stringify({ file: path, ...(tested ? {} : { test }) })}\n`);
  else {
    const beside = tested ? '' : ` and ${join(dirname(config), basename(test))}`;
    io.stdout.write(`wrote ${config}${beside}\nnext: edit it, then ibmi-cdc validate -c ${config}\n`);
  }
}

function writeNew(path: string, text: string, force: boolean, named: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unwritable';
    const exists = code === 'EEXIST';
    throw new CodedError({
      code: exists ? 'INIT_EXISTS' : 'INIT_WRITE',
      message: exists ? `${named} is already there; nothing was written` : `cannot write ${named} (${code})`,
      next: exists ? 'name another file with -c FILE, or replace it with --force' : 'choose a folder you may write to',
      facts: { file: named, code },
      cause,
    });
  }
}
