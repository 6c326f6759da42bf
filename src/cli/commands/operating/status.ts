/** `status`: positions, backlog, lanes and dead letters, from the state file; works beside a running or stopped daemon. */
import type { Command } from 'commander';
import { openStateFile } from '../../../operate/state-file';
import { type Status, statusOf } from '../../../operate/status/status';
import { statusText } from '../../../operate/status/status-text';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';
import { ApiClient, isRemote, type RemoteOptions, withApi } from '../../remote/client';

export function register(program: Command, io: CliIo): void {
  withApi(program.command('status'))
    .description('positions, backlog, lanes and dead letters')
    .addHelpText('after', '\nExample:\n  ibmi-cdc status --json -c prod.yaml')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & RemoteOptions>();
      if (isRemote(options)) {
        // a daemon of an older version knows of no alerts
        const { alerts = [], ...told } = await ApiClient.of(io, options).get<Status>('/v1/status');
        return print(io, options, { ...told, alerts }, statusText);
      }
      const config = loadCommandConfig(io, options, 'tolerate');
      using state = openStateFile(config);
      return print(io, options, statusOf(config, state, Date.now()), statusText);
    });
}
