/** `grants`: the CL of a least-privilege profile for this configuration, and the way back. */
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import type { Config } from '../../../config/config';
import { CodedError } from '../../../errors/coded-error';
import { parseWritten, type QualifiedName } from '../../../model/position';
import { grantsReport, grantsText, objectsOf, objectsOffline, type ReadObjects } from '../../../operate/grants/grants';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

interface GrantsOptions extends GlobalOptions {
  readonly user?: string;
  readonly authorizationList: string;
  readonly journal?: string[];
  readonly offline: boolean;
  readonly revoke: boolean;
}

/** Of a profile and of an authorization list. */
const NAME = /^[A-Z$#@][A-Z0-9$#@_]{0,9}$/;

export function register(program: Command, io: CliIo): void {
  program
    .command('grants')
    .description('print the CL of a least-privilege profile for this configuration, or the way back')
    .option('--user <name>', 'the profile; partition.user if left out')
    .option('--authorization-list <name>', 'the list that secures journal receivers', 'CDCRCV')
    .option('--journal <lib/jrn...>', 'journals, where the partition is not asked or does not show them')
    .option('--offline', 'ask nothing of the partition: only what the configuration names', false)
    .option('--revoke', 'the way back, in the opposite order', false)
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc grants > CDCGRANTS.clle
  ibmi-cdc grants --offline --journal ORDLIB/ORDJRN
  ibmi-cdc grants --revoke

Nothing is run: read the commands, then run them with a profile that may. Asked of the partition are the system names of
files, their journals and the names of receivers; with --offline nothing is.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GrantsOptions>();
      const config = loadCommandConfig(io, options, options.offline ? 'tolerate' : 'require');
      const journals = (options.journal ?? []).map(journalNamed);
      const wish = {
        profile: named('--user', options.user ?? config.partition.user),
        authorizationList: named('--authorization-list', options.authorizationList),
      };
      const read = options.offline ? objectsOffline(config, journals) : await objectsOnline(config, journals, options);
      print(io, options, grantsReport(config, wish, read), (report) => grantsText(report, options.revoke));
    });
}

async function objectsOnline(
  config: Config,
  journals: readonly QualifiedName[],
  { traceWire }: GrantsOptions,
): Promise<ReadObjects> {
  await using connection = await transportOf(config, { traceWire }).connect({ role: 'catalog' });
  return await objectsOf(config, connection, journals);
}

function named(option: string, given: string): string {
  const name = given.toUpperCase();
  if (NAME.test(name)) return name;
  throw new CodedError({
    code: 'USAGE',
    message: `${option} is "${given}"; expected a name of at most ten letters and digits`,
    next: 'with a reference in partition.user, name the profile: grants --user NAME',
  });
}

function journalNamed(text: string): QualifiedName {
  const name = parseWritten(text);
  if (name) return name;
  throw new CodedError({ code: 'USAGE', message: `--journal is "${text}"; expected LIBRARY/JOURNAL` });
}
