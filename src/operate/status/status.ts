/** How everything stands, from the state file; works beside a running or stopped daemon. */
import type { Config } from '../../config/config';
import { unusableFiles } from '../../config/credential-watch';
import type { DisabledDestination } from '../../deliver/standing/disabled-table';
import { InstanceLock } from '../../store/instance-lock';
import { stateFacts } from '../../store/owner';
import type { StateFile } from '../state-file';
import { type AlertView, raisedAlerts } from '../alerts/alerts';
import { type UnseenChanges, unseenChanges } from '../unseen-changes';
import { type JournalFigures, journalFigures } from './journal-figures';
import { type ReconcileStatus, reconcilesOf } from './reconciles';
import {
  type BackfillStatus,
  backfillsOf,
  type ReplayStatus,
  replaysOf,
  type WindowStatus,
  windowsOf,
} from './row-sources';
import { type StandingFacts, standingOf } from './standing';

/** Times are ISO 8601, UTC. */
export interface Status {
  readonly daemon: { readonly running: boolean };
  /** Raised by the daemon and not over, the worst first. */
  readonly alerts: readonly AlertView[];
  readonly state: StateFileStatus;
  readonly journals: readonly JournalFigures[];
  readonly windows: readonly WindowStatus[];
  readonly backfills: readonly BackfillStatus[];
  readonly reconciles: readonly ReconcileStatus[];
  readonly replays: readonly ReplayStatus[];
  readonly destinations: readonly DestinationStatus[];
  readonly pausedTables: readonly PausedTable[];
  readonly unseenChanges: readonly UnseenChanges[];
  /** Files of secrets that cannot be used. */
  readonly credentials: readonly { readonly path: string; readonly detail: string }[];
  readonly quarantined: readonly QuarantinedChanges[];
}

export interface StateFileStatus {
  readonly file: string;
  readonly identity: string;
  readonly incarnation: string | null;
  readonly openedAt: string | null;
  readonly found: string | null;
  /** The disk is full since; null while it is not. */
  readonly fullSince: string | null;
}

export interface DestinationStatus extends StandingFacts {
  readonly destination: string;
  /** It answered 410, or a limit was reached: nothing is sent until `resume`. */
  readonly disabled: { readonly since: string; readonly why: string } | null;
  readonly pending: number;
  /** Lanes whose head waits for its next attempt. */
  readonly waitingLanes: number;
  /** Deliveries of paused tables. */
  readonly held: number;
  readonly deadLetters: number;
  readonly oldestPending: string | null;
}

export interface PausedTable {
  readonly table: string;
  readonly reason: string;
  /** `LIB/RECEIVER:SEQUENCE`; null where no entry was the cause. */
  readonly at: string | null;
  readonly heldAt: string;
  readonly deliveries: number;
}

export type QuarantinedChanges = ReturnType<typeof quarantinedOf>[number];

/**
 * @param now milliseconds since 1970
 * @param running whether a daemon works on the state file; it is looked at if left out
 */
export function statusOf(
  config: Config,
  state: StateFile,
  now: number,
  running = InstanceLock.isHeld(config.state),
): Status {
  return {
    daemon: { running },
    alerts: raisedAlerts(state),
    state: fileOf(state),
    journals: journalFigures(state.checkpoints, running, now),
    windows: windowsOf(state.store),
    backfills: backfillsOf(state.store),
    reconciles: reconcilesOf(state.store),
    replays: replaysOf(state.store),
    destinations: destinationsOf(state, now),
    pausedTables: pausedOf(state),
    unseenChanges: unseenChanges(state.gaps.list()),
    credentials: unusableFiles(config),
    quarantined: quarantinedOf(state),
  };
}

function fileOf({ store }: StateFile): StateFileStatus {
  const { identity, incarnation, openedAt, found, fullSince } = stateFacts(store.db, store.file);
  const at = (ms: number | null): string | null => (ms === null ? null : iso(ms));
  return { file: store.file, identity, incarnation, openedAt: at(openedAt), found, fullSince: at(fullSince) };
}

function destinationsOf({ outbox, disabled, standing }: StateFile, now: number): DestinationStatus[] {
  const off = new Map(disabled.list().map((d) => [d.destination, d]));
  const stands = new Map(standing.list().map((s) => [s.destination, s]));
  return outbox.history.backlog().map((b) => ({
    destination: b.destination,
    disabled: disabledOf(off.get(b.destination)),
    pending: b.ready + b.parked,
    waitingLanes: b.parkedLanes,
    held: b.held,
    deadLetters: b.dead,
    oldestPending: b.oldestAt === null ? null : iso(b.oldestAt),
    ...standingOf(stands.get(b.destination), now),
  }));
}

function pausedOf({ outbox: { holds } }: StateFile): PausedTable[] {
  return holds.list().map((hold) => ({
    table: hold.table,
    reason: hold.reason,
    at: hold.receiver ? `${hold.receiver}:${hold.sequence}` : null,
    heldAt: iso(hold.heldAt),
    deliveries: holds.heldCount(hold),
  }));
}

function quarantinedOf({ setAside }: StateFile) {
  return setAside.list().map(({ firstAt, lastAt, ...rest }) => ({
    ...rest,
    firstAt: iso(firstAt),
    lastAt: iso(lastAt),
  }));
}

function disabledOf(d: DisabledDestination | undefined): DestinationStatus['disabled'] {
  return d ? { since: iso(d.since), why: d.why } : null;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
