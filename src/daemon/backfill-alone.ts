/** A backfill by itself, when no daemon owns the state file: reads, maps, writes and delivers, then ends. */
import type { Writable } from 'node:stream';
import { outboxOptions } from '../assembly/outbox-options';
import { type BackfillJob, BackfillJobs, type BackfillWish } from '../backfill/backfill-jobs';
import { BackfillService, provedRows } from '../capture/rows/backfill-service';
import { RowPublisher } from '../capture/rows/row-publisher';
import { heldTable } from '../capture/tables/held-table';
import { TableMapping } from '../capture/tables/table-mapping';
import { readTables } from '../catalog/catalog';
import { zoneOffsetMinutes } from '../catalog/clock';
import { hasLayout } from '../catalog/table-facts';
import type { Config } from '../config/config';
import { steadyNow } from '../clock/steady-clock';
import { isCoded } from '../errors/coded-error';
import { Outbox } from '../outbox/outbox';
import { Remember } from '../remember/remember';
import { InstanceLock } from '../store/instance-lock';
import { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import { Metrics } from '../telemetry/metrics';
import type { SqlTransport } from '../transport/transport';
import { STATE_SCHEMAS } from './daemon';
import { createBackpressure, createDispatcher } from './delivery';

interface BackfillAloneParts {
  readonly config: Config;
  readonly transport: SqlTransport;
  readonly wish: BackfillWish;
  /** Goes on with the unfinished backfill of the same wish, if there is one. */
  readonly resume: boolean;
  readonly log: Logger;
  readonly stdout: Writable;
  readonly signal: AbortSignal;
  readonly progress: (job: BackfillJob) => void;
}

interface BackfillResult {
  readonly job: BackfillJob;
  /** Deliveries still open when it ended; `run` goes on with them. */
  readonly pending: number;
}

/**
 * @returns null when a daemon owns the state file: add the job and let the daemon do it
 * @throws CodedError what keeps it from running; a job begun can be resumed
 */
export async function backfillAlone(parts: BackfillAloneParts): Promise<BackfillResult | null> {
  const { config, transport, log, signal } = parts;
  const lock = lockOrNull(config.state);
  if (!lock) return null;
  using _lock = lock;
  await using connection = await transport.connect({ signal, role: 'catalog' });
  // a wish that cannot be run must leave no trace in the state file
  const total = parts.resume ? null : await provedRows(config, connection, parts.wish);
  using store = Store.open(config.state, STATE_SCHEMAS, { owner: true });
  lock.fileExists();
  const tables = await readTables(
    connection,
    config.tables.map((t) => t.table),
  );
  const metrics = new Metrics();
  const remember = new Remember(store);
  const outbox = new Outbox(store, { ...outboxOptions(config), notes: remember });
  store.owner?.begin(outbox.lastPosition());
  const usable = tables.filter(hasLayout);
  const mapping = new TableMapping({
    config,
    tables: usable,
    offset: await zoneOffsetMinutes(connection),
    transport,
    log,
  });
  // a row that is read must not overtake what a stopped daemon holds of it
  mapping.useHeld(heldTable(store, config));
  const failure: { error: unknown } = { error: null };
  const dispatcher = createDispatcher({
    config,
    outbox,
    metrics,
    log,
    stdout: parts.stdout,
    onFatal: (error) => {
      failure.error = error;
    },
  });
  await dispatcher.start();
  try {
    const backpressure = createBackpressure({ config, outbox, metrics, log, signal });
    const publisher = new RowPublisher({ store, outbox, dispatcher, backpressure, mapping, metrics, remember, log });
    const service = new BackfillService({ config, transport, store, publisher, streams: [], log });
    const jobs = new BackfillJobs(store);
    const job = (parts.resume ? jobs.unfinished(parts.wish) : null) ?? jobs.add(parts.wish, Date.now());
    if (total !== null && job.total === null) jobs.setTotal(job.id, total);
    await service.runJob(job, signal, parts.progress);
    if (failure.error) throw failure.error;
    await drained(outbox, signal);
    return { job: jobs.get(job.id)!, pending: openDeliveries(outbox) };
  } finally {
    await dispatcher.stop();
  }
}

function lockOrNull(state: string): InstanceLock | null {
  try {
    return InstanceLock.acquire(state);
  } catch (error) {
    if (isCoded(error) && error.code === 'STORE_IN_USE') return null;
    throw error;
  }
}

/** Longest wait for destinations after the last row; what is open then is left to `run`. */
const DRAIN_MS = 60_000;

async function drained(outbox: Outbox, signal: AbortSignal): Promise<void> {
  const until = steadyNow() + DRAIN_MS;
  while (openDeliveries(outbox) > 0 && steadyNow() < until && !signal.aborted)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

function openDeliveries({ history }: Outbox): number {
  return history.backlog().reduce((sum, { ready, parked }) => sum + ready + parked, 0);
}
