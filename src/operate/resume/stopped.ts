/** What stands still until an operator lets it go on: paused tables, disabled destinations, deliveries of no configured destination. */
import type { Config } from '../../config/config';
import type { Outbox } from '../../outbox/outbox';
import type { StateFile } from '../state-file';

export interface Stopped {
  readonly tables: readonly StoppedTable[];
  readonly destinations: readonly StoppedDestination[];
  /** Destinations that are no longer in the configuration and still have deliveries. */
  readonly unconfigured: readonly { readonly destination: string; readonly deliveries: number }[];
}

interface StoppedTable {
  readonly table: string;
  readonly reason: string;
  readonly heldAt: string;
  /** Place of the entry that paused it; nulls where none did. */
  readonly receiver: string | null;
  readonly sequence: string | null;
  readonly deliveries: number;
}

interface StoppedDestination {
  readonly destination: string;
  readonly since: string;
  readonly why: string;
  readonly deliveries: number;
}

export function stoppedOf(config: Pick<Config, 'destinations'>, { outbox, disabled }: StateFile): Stopped {
  const tables = outbox.holds.list().map((hold) => ({
    table: hold.table,
    reason: hold.reason,
    heldAt: new Date(hold.heldAt).toISOString(),
    receiver: hold.receiver,
    sequence: hold.sequence,
    deliveries: outbox.holds.heldCount(hold),
  }));
  const destinations = disabled.list().map(({ destination, since, why }) => ({
    destination,
    since: new Date(since).toISOString(),
    why,
    deliveries: waitingFor(outbox, destination),
  }));
  const unconfigured = outbox.history
    .backlog()
    .filter((b) => !(b.destination in config.destinations))
    .map((b) => ({ destination: b.destination, deliveries: b.ready + b.parked + b.held }))
    .filter((b) => b.deliveries > 0);
  return { tables, destinations, unconfigured };
}

/** Deliveries that could go out now or wait for their next attempt; those of paused tables are not among them. */
export function waitingFor(outbox: Outbox, destination: string): number {
  const backlog = outbox.history.backlog().find((b) => b.destination === destination);
  return backlog ? backlog.ready + backlog.parked : 0;
}
