/** `statements`: everything that is ever sent to a partition. */
import type { Command } from 'commander';
import { statementsReport, statementsText } from '../../../operate/statements/statements';
import type { CliIo, GlobalOptions } from '../../io';
import { print } from '../../print';

export function register(program: Command, io: CliIo): void {
  program
    .command('statements')
    .description('list every SQL statement and API call that is ever sent to a partition, with its purpose')
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc statements
  ibmi-cdc statements --json > rules.json

For authors of exit-point rules. Needs no configuration: <...> stands for what the configuration puts there.`,
    )
    .action((_options: unknown, command: Command) => {
      print(io, command.optsWithGlobals<GlobalOptions>(), statementsReport(), statementsText);
    });
}
