/** What a daemon is made of, for work of its own when no daemon owns the state file: it maps, writes and delivers, then ends. */
import type { Writable } from 'node:stream';
import { outboxOptions } from '../../assembly/outbox-options';
import { journalsOf } from '../../capture/journals';
import { Rebuilder } from '../../capture/rebuild';
import { RowPublisher } from '../../capture/rows/row-publisher';
import { heldTable } from '../../capture/tables/held-table';
import { TableMapping } from '../../capture/tables/table-mapping';
import { readTables } from '../../catalog/catalog';
import { zoneOffsetMinutes } from '../../catalog/clock';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import { steadyNow } from '../../clock/steady-clock';
import type { Config } from '../../config/config';
import { isCoded } from '../../errors/coded-error';
import { Outbox } from '../../outbox/outbox';
import { Remember } from '../../remember/remember';
import { InstanceLock } from '../../store/instance-lock';
import { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import { Metrics } from '../../telemetry/metrics';
import type { SqlConnection, SqlTransport } from '../../transport/transport';
import { createBackpressure, createDispatcher } from '../delivery';
import { STATE_SCHEMAS } from '../schemas';

export interface AloneParts {
  readonly config: Config;
  readonly transport: SqlTransport;
  readonly log: Logger;
  readonly stdout: Writable;
  readonly signal: AbortSignal;
  /** False leaves what is queued to `run`. */
  readonly delivers: boolean;
}

interface Alone {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly mapping: TableMapping;
  readonly publisher: RowPublisher;
  readonly metrics: Metrics;
  /** Resolves when destinations took what there was, or after a minute. @throws what ended delivery */
  delivered(): Promise<void>;
  /** Deliveries still open; `run` goes on with them. */
  pending(): number;
}

/**
 * @param prove what cannot be done must leave no trace in the state file: throws before it is opened
 * @returns null when a daemon owns the state file
 */
export async function standingAlone<P, T>(
  parts: AloneParts,
  prove: (connection: SqlConnection) => Promise<P>,
  work: (alone: Alone, proved: P) => Promise<T>,
): Promise<T | null> {
  const { config, transport, log, signal } = parts;
  const lock = lockOrNull(config.state);
  if (!lock) return null;
  using _lock = lock;
  await using connection = await transport.connect({ signal, role: 'catalog' });
  const proved = await prove(connection);
  using store = Store.open(config.state, STATE_SCHEMAS, { owner: true });
  lock.fileExists();
  const tables = await readTables(
    connection,
    config.tables.map((t) => t.table),
  );
  const metrics = new Metrics();
  const remember = new Remember(store);
  const outbox = new Outbox(store, { ...outboxOptions(config), notes: remember });
  outbox.check();
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
  const own = ownDelivery(parts, { outbox, mapping, metrics, tables: usable });
  const { dispatcher } = own;
  if (parts.delivers) await dispatcher.start();
  try {
    const backpressure = createBackpressure({ config, outbox, metrics, log, signal });
    const publisher = new RowPublisher({ store, outbox, dispatcher, backpressure, mapping, metrics, remember, log });
    const delivered = async (): Promise<void> => {
      if (own.failure.error) throw own.failure.error;
      await drained(outbox, signal);
    };
    const pending = (): number => openDeliveries(outbox);
    return await work({ store, outbox, mapping, publisher, metrics, delivered, pending }, proved);
  } finally {
    if (parts.delivers) await dispatcher.stop();
    await own.rebuilder.close();
  }
}

interface Delivered {
  readonly outbox: Outbox;
  readonly mapping: TableMapping;
  readonly metrics: Metrics;
  readonly tables: readonly TableFacts[];
}

/** Events that wait already may have been stored without their payloads: they are made again, as the daemon does. */
function ownDelivery(
  { config, transport, log, stdout, signal }: AloneParts,
  { outbox, mapping, metrics, tables }: Delivered,
) {
  const failure: { error: unknown } = { error: null };
  const journals = journalsOf(config, tables);
  const rebuilder = new Rebuilder({ transport, mapping, journals, tables: config.tables, signal });
  const dispatcher = createDispatcher({
    ...{ config, outbox, metrics, log, stdout },
    rebuild: (event) => rebuilder.body(event),
    onFatal: (error) => {
      failure.error = error;
    },
  });
  return { dispatcher, rebuilder, failure };
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
