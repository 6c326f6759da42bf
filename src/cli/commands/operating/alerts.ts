/** `alerts`: what is wrong now, and whether people would hear of it. */
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../../../errors/coded-error';
import { recordedAfter } from '../../../operate/acting/acting';
import { alertLine, endedAlerts, raisedAlerts, testSinks } from '../../../operate/alerts/alerts';
import { openStateFile } from '../../../operate/state-file';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';
import { collect } from '../mapping/catalogue';

interface ListOptions extends GlobalOptions {
  readonly ended?: number;
}

interface TestOptions extends GlobalOptions {
  readonly sink: readonly string[];
}

export function register(program: Command, io: CliIo): void {
  const alerts = program
    .command('alerts')
    .description('alerts that the daemon has raised, and a test message to those who are told')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc alerts list
  ibmi-cdc alerts list --ended 20 --json
  ibmi-cdc alerts test                 (every sink of alerts.sinks)
  ibmi-cdc alerts test --sink oncall

Rules, their defaults and sinks: docs/alerts.md.`,
    );
  alerts
    .command('list')
    .description('what is wrong now, the worst first')
    .option('--ended <number>', 'also the last so many that are over', count)
    .action((_o: unknown, command: Command) => list(io, command.optsWithGlobals<ListOptions>()));
  alerts
    .command('test')
    .description('send one message marked as a test to each sink, and its end')
    .option('--sink <name>', 'only this one (repeatable)', collect, [])
    .action((_o: unknown, command: Command) => test(io, command.optsWithGlobals<TestOptions>()));
}

function list(io: CliIo, options: ListOptions): void {
  using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
  const raised = raisedAlerts(state);
  const ended = options.ended === undefined ? [] : endedAlerts(state, options.ended);
  print(io, options, { raised, ended }, () => {
    const lines = [...raised, ...ended].map(alertLine).join('');
    return raised.length === 0 ? `no alert is raised\n${lines}` : lines;
  });
}

async function test(io: CliIo, options: TestOptions): Promise<void> {
  const config = loadCommandConfig(io, options, 'require');
  const action = { what: 'alerts.test', scope: { sinks: options.sink } };
  await recordedAfter(config, action, async () => {
    const sinks = await testSinks(config, options.sink, Date.now());
    print(io, options, { sinks }, () =>
      sinks.map(({ sink, accepted, detail }) => `${sink}  ${accepted ? 'accepted' : `FAILED: ${detail}`}\n`).join(''),
    );
    if (sinks.some(({ accepted }) => !accepted)) io.exit(EXIT.findings);
  });
}

function count(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 10_000) throw new InvalidArgumentError('expected a number from 1 to 10000');
  return n;
}
