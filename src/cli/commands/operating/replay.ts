/** `replay`: stored events again, under the same ids, to chosen destinations. A running daemon picks them up at once. */
import type { Command } from 'commander';
import { EXIT } from '../../../errors/coded-error';
import { withEventFilter } from '../../../operate/event-filter';
import {
  checkDestinations,
  checkReplay,
  nothingQueued,
  type ReplayWish,
  replay,
  replayText,
} from '../../../operate/replay';
import { openStateFile } from '../../../operate/state-file';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

type ReplayOptions = GlobalOptions & ReplayWish;

export function register(program: Command, io: CliIo): void {
  withEventFilter(program.command('replay'))
    .description('queue stored events again, under the same event ids')
    .option('--to <destination...>', 'only to these destinations, of those each event was made for')
    .option('--also-unrouted', 'with --to: also events whose rules do not lead there')
    .option('--all', 'every stored event; needed when nothing else is chosen')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc replay --table ORDLIB/ORDHDR --since 2026-11-21T08:00:00Z --until 2026-11-21T09:30:00Z --to crm
  ibmi-cdc replay --table ORDLIB/ORDHDR --since 2026-11-21T08:00:00Z --to new-crm --also-unrouted   (a destination added since)

Receivers recognise a repeat by its id; its meta.mode is replay.`,
    )
    .action((_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReplayOptions>();
      checkReplay(options);
      const config = loadCommandConfig(io, options, 'tolerate');
      checkDestinations(config, options.to ?? []);
      using state = openStateFile(config);
      const done = replay(config, state, options);
      print(io, options, done, replayText);
      if (done.queued > 0) return;
      io.stderr.write(nothingQueued(state, options));
      io.exit(EXIT.findings);
    });
}
