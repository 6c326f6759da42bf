/** `replay`: stored events again, under the same ids, to chosen destinations. A running daemon picks them up at once. */
import type { Command } from 'commander';
import { CodedError, EXIT } from '../../../errors/coded-error';
import { counted } from '../../../model/counted';
import { type EventFilterOptions, eventFilterOf, withEventFilter } from '../../../operate/event-filter';
import { openStateFile } from '../../../operate/state-file';
import { storedFilterOf } from '../../event-table';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface ReplayOptions extends GlobalOptions, EventFilterOptions {
  readonly to?: string[];
  readonly alsoUnrouted?: boolean;
  readonly all?: boolean;
}

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
      const filter = eventFilterOf(options);
      if (!options.all && Object.values(filter).every((v) => v === undefined)) {
        throw new CodedError({
          code: 'REPLAY_WHAT',
          message: 'nothing was chosen to replay',
          next: 'choose by --id, --type, --table, --key, --since/--until or --receiver with --from-sequence/--to-sequence, or say --all',
        });
      }
      if (options.alsoUnrouted && !options.to) {
        throw new CodedError({
          code: 'REPLAY_UNROUTED',
          message: '--also-unrouted was given without --to',
          next: 'name the destinations that are to get events not made for them: --to NAME',
        });
      }
      const config = loadCommandConfig(io, options, 'tolerate');
      const unknown = (options.to ?? []).filter((name) => !(name in config.destinations));
      if (unknown.length > 0) {
        throw new CodedError({
          code: 'REPLAY_DESTINATION',
          message: `no destination ${unknown.join(', ')}; ${config.file} has ${Object.keys(config.destinations).join(', ')}`,
        });
      }
      using state = openStateFile(config);
      const to = options.to ?? [];
      const queued = state.outbox.requeue.replay(storedFilterOf(config, state, options), {
        to,
        alsoUnrouted: options.alsoUnrouted === true,
      });
      io.stdout.write(
        options.json
          ? `${JSON.stringify({ queued })}\n`
          : `${counted(queued, 'delivery', 'deliveries')} queued again\n`,
      );
      if (queued > 0) return;
      const some = state.outbox.history.events(filter, { limit: 1 }).length > 0;
      io.stderr.write(
        some
          ? `the rules of the events that match do not lead to ${to.join(', ')}; --also-unrouted sends them all the same\n`
          : 'no stored event matches\n',
      );
      io.exit(EXIT.findings);
    });
}
