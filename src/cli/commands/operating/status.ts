/** `status`: positions, backlog, lanes and dead letters, from the state file; works beside a running or stopped daemon. */
import type { Command } from 'commander';
import { openStateFile } from '../../../operate/state-file';
import { statusOf } from '../../../operate/status/status';
import { statusText } from '../../../operate/status/status-text';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

export function register(program: Command, io: CliIo): void {
  program
    .command('status')
    .description('positions, backlog, lanes and dead letters')
    .addHelpText('after', '\nExample:\n  ibmi-cdc status --json -c prod.yaml')
    .action((_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      using state = openStateFile(config);
      print(io, options, statusOf(config, state, Date.now()), statusText);
    });
}
