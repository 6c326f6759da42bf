/** `audit-log`: what operators did, as JSON Lines. */
import { type Command, InvalidArgumentError } from 'commander';
import { loggedActions } from '../../../operate/acting/audit-log';
import { openStateFile } from '../../../operate/state-file';
import type { LogFilter } from '../../../operators/operator-log';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

type Options = GlobalOptions & LogFilter;

export function register(program: Command, io: CliIo): void {
  program
    .command('audit-log')
    .description("the operators' log: who did what, when, to what, with what result; JSON Lines, oldest first")
    .option('--who <name>', 'an OS user, or the name of a token')
    .option('--what <action>', 'an action such as dead-letters.retry, or the part before its dot')
    .option('--since <time>', 'begun at or after, ISO 8601', instant)
    .option('--until <time>', 'begun before, ISO 8601', instant)
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc audit-log --since 2026-11-01T00:00:00Z > november.jsonl
  ibmi-cdc audit-log --what token

Commands write it as well as the HTTP API and the console. Lines are never changed or removed.`,
    )
    .action((_o: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
      const { who, what, since, until } = options;
      for (const line of loggedActions(state, { who, what, since, until }, Number.MAX_SAFE_INTEGER))
        io.stdout.write(`${JSON.stringify(line)}\n`);
    });
}

function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a time such as 2026-11-21T08:00:00Z');
  return ms;
}
