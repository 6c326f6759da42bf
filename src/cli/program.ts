/** The command tree. Each command lives in its own file under `commands/` and is loaded only when it is named or listed. */
import { Command, CommanderError, Option } from 'commander';
import { EXIT } from '../errors/coded-error';
import { version } from '../version';
import { guardedIo } from './guarded-io';
import { type CliIo, reportError } from './io';

type Register = (program: Command, io: CliIo) => void;

/** Order of `--help`: the way a person meets the product. */
const COMMANDS: readonly (readonly [name: string, load: () => { register: Register }])[] = [
  ['demo', () => require('./commands/trying/demo')],
  ['simulate', () => require('./commands/trying/simulate')],
  ['init', () => require('./commands/mapping/init')],
  ['infer', () => require('./commands/mapping/infer')],
  ['validate', () => require('./commands/mapping/validate')],
  ['test', () => require('./commands/mapping/test')],
  ['plan', () => require('./commands/mapping/plan')],
  ['doctor', () => require('./commands/checking/doctor')],
  ['grants', () => require('./commands/checking/grants')],
  ['statements', () => require('./commands/checking/statements')],
  ['verify', () => require('./commands/checking/verify')],
  ['run', () => require('./commands/running/run')],
  ['backfill', () => require('./commands/running/backfill')],
  ['reconcile', () => require('./commands/running/reconcile')],
  ['decode', () => require('./commands/mapping/decode')],
  ['sql', () => require('./commands/trying/sql')],
  ['status', () => require('./commands/operating/status')],
  ['alerts', () => require('./commands/operating/alerts')],
  ['trace', () => require('./commands/operating/trace')],
  ['pause', () => require('./commands/operating/pause')],
  ['resume', () => require('./commands/operating/resume')],
  ['audit', () => require('./commands/operating/audit')],
  ['replay', () => require('./commands/operating/replay')],
  ['debug', () => require('./commands/operating/debug')],
  ['dlq', () => require('./commands/operating/dlq')],
  ['token', () => require('./commands/operating/token')],
  ['audit-log', () => require('./commands/operating/audit-log')],
  ['backup', () => require('./commands/operating/backup')],
  ['sample', () => require('./commands/mapping/sample')],
  ['catalogue', () => require('./commands/mapping/catalogue')],
  ['send-test', () => require('./commands/trying/send-test')],
  ['listen', () => require('./commands/trying/listen')],
];

/** Runs one command line and sets the exit code through `io`; never throws. */
export async function runCli(args: readonly string[], given: CliIo): Promise<void> {
  const io = guardedIo(given);
  const program = buildProgram(io, args);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has already printed the message; help and version end with 0, anything else is usage
      io.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
      return;
    }
    reportError(io, error, args.includes('--json'));
  }
}

/** Loads only the named command when there is one, so that `decode` never pays for the daemon. */
export function buildProgram(io: CliIo, args: readonly string[] = []): Command {
  const program = new Command('ibmi-cdc')
    .description('Changes out of IBM i, live and exactly: journal entries to signed webhooks or Kafka records.')
    .version(version())
    .addOption(new Option('-c, --config <file>', 'configuration file').default('ibmi-cdc.yaml'))
    .option('--profile <name>', 'environment: the member of `profiles` that is laid over the configuration')
    .option('--json', 'results and errors as JSON', false)
    .addOption(
      new Option('--log-level <level>', 'what goes to stderr')
        .choices(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
        .default('info'),
    )
    .option('--trace-wire <file>', 'write annotated host server frames to FILE, secrets and row values redacted')
    .showHelpAfterError('(add --help for the options and an example)')
    .addHelpText(
      'after',
      '\nFirst steps:\n  ibmi-cdc demo                 no IBM i needed: see signed events in a minute\n  ibmi-cdc init                 write a commented ibmi-cdc.yaml\n  ibmi-cdc doctor               check network, TLS, authority, journals\n  ibmi-cdc run                  start capturing\n\nExit codes: 0 done, 1 bug, 2 usage or config, 3 unreachable or refused, 4 position lost, 5 finished with findings.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });
  const named = COMMANDS.filter(([name]) => args.includes(name));
  const wanted = named.length > 0 ? named : COMMANDS;
  for (const [, load] of wanted) load().register(program, io);
  const inherit = (command: Command): void => {
    for (const child of command.commands) {
      child.copyInheritedSettings(command).exitOverride();
      inherit(child);
    }
  };
  inherit(program);
  return program;
}
