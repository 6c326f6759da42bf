/** An operator stops the way of a table or a destination; `resume` lets it go on. A running daemon sees it within a second. */
import type { Config } from '../config/config';
import { CodedError } from '../errors/coded-error';
import { line } from '../telemetry/visible';
import type { StateFile } from './state-file';

interface PausedTableNow {
  readonly table: string;
  readonly reason: string;
  /** It was paused already: the first reason stays. */
  readonly already: boolean;
}

interface PausedDestinationNow {
  readonly destination: string;
  readonly why: string;
  readonly already: boolean;
}

/**
 * Events that are written from now on are kept, in order; what was queued before still leaves.
 * @param table `LIB/FILE` as its events carry it
 */
export function pauseTable({ store, outbox }: StateFile, table: string, who: string): PausedTableNow {
  const reason = `operator ${who}`;
  const hold = { table, reason, receiver: null, sequence: null };
  const news = store.transaction(() => outbox.holds.hold(hold));
  return { table, reason: outbox.holds.find(table)?.reason ?? reason, already: !news };
}

/** Nothing is sent to it any more. @throws CodedError `API_DESTINATION` */
export function pauseDestination(
  config: Pick<Config, 'destinations' | 'file'>,
  { disabled }: StateFile,
  destination: string,
  { who, why }: { readonly who: string; readonly why?: string | undefined },
): PausedDestinationNow {
  if (!Object.hasOwn(config.destinations, destination)) throw noDestination(config, destination);
  const before = disabled.find(destination);
  if (before) return { destination, why: before.why, already: true };
  const words = `paused by ${who}${why === undefined ? '' : `: ${why}`}`;
  disabled.disable(destination, words);
  return { destination, why: words, already: false };
}

export function noDestination({ destinations, file }: Pick<Config, 'destinations' | 'file'>, name: string): CodedError {
  return new CodedError({
    code: 'API_DESTINATION',
    message: `no destination ${name}; ${file} has ${Object.keys(destinations).join(', ')}`,
    next: 'name one of these',
  });
}

export function pausedTableText({ table, reason, already }: PausedTableNow): string {
  const what = already ? `was paused already, by ${reason}` : 'is paused: events written from now on are kept';
  return line(`${table} ${what}; next: ibmi-cdc resume --table ${table}`);
}

export function pausedDestinationText({ destination, why, already }: PausedDestinationNow): string {
  const what = already ? `was stopped already: ${why}` : 'is paused: nothing more is sent to it, events are kept';
  return line(`${destination} ${what}; next: ibmi-cdc resume --destination ${destination}`);
}
