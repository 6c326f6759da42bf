/** `pause`: an operator lets a table or a destination stand still. A running daemon sees it within a second. */
import type { Command } from 'commander';
import { CodedError } from '../../../errors/coded-error';
import { recorded } from '../../../operate/acting/acting';
import { eventTable } from '../../../operate/event-table';
import { pauseDestination, pausedDestinationText, pausedTableText, pauseTable } from '../../../operate/pause';
import { openStateFile } from '../../../operate/state-file';
import { osUser } from '../../../operators/os-user';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';
import { isRemote, type RemoteOptions, withApi } from '../../remote/client';
import { remotePause } from '../../remote/stop-and-go';

interface PauseOptions extends GlobalOptions {
  readonly table?: string;
  readonly destination?: string;
  readonly why?: string;
}

export function register(program: Command, io: CliIo): void {
  withApi(program.command('pause'))
    .description('let a table or a destination stand still: its events are kept, in order')
    .option('--table <lib/table>', 'keep its events from now on; what was queued before still leaves')
    .option('--destination <name>', 'send it nothing more')
    .option('--why <text>', 'with --destination: shown to others')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc pause --destination crm --why "their release, until 22:00"
  ibmi-cdc pause --table ORDLIB/ORDHDR

\`ibmi-cdc resume\` lists what stands still and lets it go on.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<PauseOptions & RemoteOptions>();
      const { table, destination, why } = options;
      if ((table === undefined) === (destination === undefined)) throw oneOfThem();
      if (isRemote(options)) return await remotePause(io, options);
      const config = loadCommandConfig(io, options, 'tolerate');
      using state = openStateFile(config);
      const by = osUser();
      if (destination !== undefined) {
        const action = { what: 'destination.pause', scope: { destination, why } };
        const work = () => pauseDestination(config, state, destination, { who: by.who, why });
        return print(io, options, await recorded(state, by, action, work), pausedDestinationText);
      }
      const { file } = eventTable(config, state, table!);
      const action = { what: 'table.pause', scope: { table: file } };
      const done = await recorded(state, by, action, () => pauseTable(state, file, by.who));
      return print(io, options, done, pausedTableText);
    });
}

function oneOfThem(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: 'expected one of --table and --destination',
    next: 'let one thing stand still at a time',
  });
}
