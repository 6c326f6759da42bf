/** `resume`: an operator lets paused tables and disabled destinations go on. A running daemon sees it within a second. */
import { type Command, Option } from 'commander';
import type { Config } from '../../../config/config';
import type { PositionWord } from '../../../deliver/standing/position-words';
import { CodedError } from '../../../errors/coded-error';
import { recorded, recordedAfter } from '../../../operate/acting/acting';
import { eventTable } from '../../../operate/event-table';
import { acceptState } from '../../../operate/resume/accept-state';
import { dropDestination, resumeDestination, resumeTable, sayPosition } from '../../../operate/resume/resume';
import {
  acceptedText,
  destinationText,
  droppedText,
  positionText,
  stoppedText,
  tableText,
} from '../../../operate/resume/resume-text';
import { stoppedOf } from '../../../operate/resume/stopped';
import { openStateFile, type StateFile } from '../../../operate/state-file';
import type { Facts } from '../../../operators/operator-log';
import { osUser } from '../../../operators/os-user';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';
import { isRemote, type RemoteOptions, withApi } from '../../remote/client';
import { remoteResume } from '../../remote/stop-and-go';

interface ResumeOptions extends GlobalOptions {
  readonly table?: string;
  readonly destination?: string;
  readonly drop?: boolean;
  readonly acceptGap?: boolean;
  readonly state?: 'accept';
  readonly position?: PositionWord;
}

export function register(program: Command, io: CliIo): void {
  withApi(program.command('resume'))
    .description('list paused tables and disabled destinations, or let one go on')
    .option('--table <lib/table>', 'let this table go on: what was held is delivered in order')
    .option(
      '--drop',
      'with --table: give up what was held; with --destination, once it is out of the configuration: give up what waits for it',
    )
    .option('--accept-gap', 'with --table: changes that were not seen are known and need no backfill')
    .option(
      '--destination <name>',
      'let this destination go on, which answered 410: what was kept is delivered in order',
    )
    .addOption(
      new Option(
        '--position <word>',
        'with --destination: what becomes of what waits, after KAFKA_POSITION_FOREIGN (daemon stopped)',
      ).choices(['repeat', 'skip']),
    )
    .addOption(
      new Option(
        '--state <word>',
        'accept: go on with the state file as it is, although it is not whole (after exit 4, daemon stopped)',
      ).choices(['accept']),
    )
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc resume
  ibmi-cdc resume --table ORDLIB/ORDHDR
  ibmi-cdc resume --table ORDLIB/ORDHDR --accept-gap
  ibmi-cdc resume --destination crm

A running daemon goes on within a second. What --drop gives up becomes dead letters, with reason held or dropped.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ResumeOptions & RemoteOptions>();
      refuseMistakes(options);
      if (isRemote(options)) return await remoteResume(io, options);
      const config = loadCommandConfig(io, options, 'tolerate');
      if (options.state === 'accept') {
        const action = { what: 'state.accept', scope: { state: config.state } };
        return print(
          io,
          options,
          await recordedAfter(config, action, async () => acceptState(config.state)),
          acceptedText,
        );
      }
      using state = openStateFile(config);
      await resume(io, options, config, state);
    });
}

async function resume(io: CliIo, options: ResumeOptions, config: Config, state: StateFile): Promise<void> {
  const { table, destination, position, drop = false, acceptGap = false } = options;
  const log = <R extends object>(what: string, scope: Facts, work: () => R | Promise<R>): Promise<R> =>
    recorded(state, osUser(), { what, scope }, work);
  if (destination && position) {
    const said = await log('destination.position', { destination, position }, () =>
      sayPosition(config, state, destination, position),
    );
    print(io, options, said, positionText);
  } else if (table) {
    const { file } = eventTable(config, state, table);
    const done = await log('table.resume', { table: file, drop, acceptGap }, () =>
      resumeTable(state, file, { drop, acceptGap }),
    );
    print(io, options, done, tableText);
  } else if (destination && drop) {
    const done = await log('destination.drop', { destination }, () => dropDestination(config, state, destination));
    print(io, options, done, droppedText);
  } else if (destination) {
    const done = await log('destination.resume', { destination }, () => resumeDestination(state, destination));
    print(io, options, done, destinationText);
  } else print(io, options, stoppedOf(config, state), stoppedText);
}

function refuseMistakes({ table, destination, drop, acceptGap, position }: ResumeOptions): void {
  if (destination && table) throw oneOfThem();
  if (drop && !table && !destination) throw dropWhat();
  if (acceptGap && !table) throw acceptWhat();
  if (position && !destination) throw positionOfWhat();
}

function acceptWhat(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: '--accept-gap was given without --table',
    next: '`ibmi-cdc status` lists the tables whose changes were not all seen',
  });
}

function positionOfWhat(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: '--position was given without --destination',
    next: 'name the destination whose position belongs to another life of the state file',
  });
}

function oneOfThem(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: '--destination was given together with --table; expected one of them',
    next: 'let one thing go on at a time',
  });
}

function dropWhat(): CodedError {
  return new CodedError({
    code: 'RESUME_WHAT',
    message: '--drop was given without --table or --destination',
    next: 'name the table or the destination whose deliveries are to become dead letters; `ibmi-cdc resume` lists them',
  });
}
