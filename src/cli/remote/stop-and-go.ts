/** `pause --api` and `resume --api`: tables and destinations of a daemon on another machine. */
import { CodedError } from '../../errors/coded-error';
import { parseWritten } from '../../model/position';
import { pausedDestinationText, pausedTableText } from '../../operate/pause';
import type { ResumedDestination, ResumedTable } from '../../operate/resume/resume';
import { destinationText, stoppedText, tableText } from '../../operate/resume/resume-text';
import type { Stopped } from '../../operate/resume/stopped';
import type { CliIo, GlobalOptions } from '../io';
import { print } from '../print';
import { ApiClient, type RemoteOptions } from './client';

interface Options extends GlobalOptions, RemoteOptions {
  readonly api: string;
  readonly table?: string;
  readonly destination?: string;
  readonly why?: string;
  readonly drop?: boolean;
  readonly acceptGap?: boolean;
  readonly state?: string;
  readonly position?: string;
}

export async function remotePause(io: CliIo, options: Options): Promise<void> {
  const client = ApiClient.of(io, options);
  const { table, destination, why } = options;
  if (destination !== undefined) {
    const path = `/v1/destinations/${encodeURIComponent(destination)}/pause`;
    return print(
      io,
      options,
      await client.post<Parameters<typeof pausedDestinationText>[0]>(path, { why }),
      pausedDestinationText,
    );
  }
  const path = `${pathOf(table!)}/pause`;
  return print(io, options, await client.post<Parameters<typeof pausedTableText>[0]>(path), pausedTableText);
}

/** @throws CodedError USAGE for what is done on the machine of the daemon alone */
export async function remoteResume(io: CliIo, options: Options): Promise<void> {
  const client = ApiClient.of(io, options);
  const { table, destination, drop, acceptGap, state, position } = options;
  if (state !== undefined || position !== undefined || (destination !== undefined && drop)) throw hereAlone();
  if (table !== undefined) {
    const done = await client.post<ResumedTable>(`${pathOf(table)}/resume`, { drop, acceptGap });
    return print(io, options, done, tableText);
  }
  if (destination !== undefined) {
    const path = `/v1/destinations/${encodeURIComponent(destination)}/resume`;
    return print(io, options, await client.post<ResumedDestination>(path), destinationText);
  }
  return print(io, options, await client.get<Stopped>('/v1/stopped'), stoppedText);
}

function pathOf(table: string): string {
  const name = parseWritten(table);
  if (name === null)
    throw new CodedError({ code: 'USAGE', message: `--table is "${table}"; expected LIB/TABLE such as ORDLIB/ORDHDR` });
  return `/v1/tables/${encodeURIComponent(name.library)}/${encodeURIComponent(name.name)}`;
}

function hereAlone(): CodedError {
  return new CodedError({
    code: 'USAGE',
    message: '--state, --position and --drop of a destination go without --api',
    next: 'give the command on the machine of the daemon, beside its state file',
  });
}
