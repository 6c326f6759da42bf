/** The durable queue as a plain list: what the outbox promises to delivery, without a file. */
import type {
  DeliveryStore,
  ParkedLane,
  PendingDelivery,
  PriorityClass,
  Settlement,
} from '../../../src/model/delivery';

interface Row {
  readonly delivery: PendingDelivery;
  state: 'fresh' | 'parked' | 'delivered' | 'dead';
  dueAt: number;
  pause: number | null;
}

export class ModelStore implements DeliveryStore {
  readonly rows = new Map<number, Row>();
  /** What was settled, in order. */
  readonly settled: Settlement[] = [];
  private last = 0;
  /** Thrown instead of settling, as often as it says. */
  failure: { readonly error: unknown; times: number } | null = null;

  append(delivery: PendingDelivery): PendingDelivery {
    if (delivery.pos <= this.last) throw new Error(`${delivery.pos} after ${this.last}`);
    this.last = delivery.pos;
    this.rows.set(delivery.pos, { delivery: { ...delivery }, state: 'fresh', dueAt: 0, pause: null });
    return delivery;
  }

  left(): PendingDelivery[] {
    return [...this.rows.values()].filter((row) => pending(row)).map((row) => row.delivery);
  }

  /** Of what a lane has pending; undefined for a lane without anything. */
  classOf(lane: string): PriorityClass | undefined {
    return this.left().find((delivery) => delivery.lane === lane)?.priority;
  }

  fresh(_destination: string, priority: PriorityClass, after: number, records: number, bytes: number) {
    return this.page((row) => row.state === 'fresh' && row.delivery.priority === priority, after, records, bytes);
  }

  parked(_destination: string, lane: string, after: number, records: number, bytes: number) {
    return this.page((row) => row.state === 'parked' && row.delivery.lane === lane, after, records, bytes);
  }

  parkedLanes(_destination: string, afterLane: string | null, limit: number): ParkedLane[] {
    const heads = new Map<string, Row>();
    for (const row of this.rows.values())
      if (row.state === 'parked' && !heads.has(row.delivery.lane)) heads.set(row.delivery.lane, row);
    return [...heads]
      .map(([lane, { dueAt, pause }]) => ({ lane, dueAt, pause }))
      .filter(({ lane }) => afterLane === null || lane > afterLane)
      .sort((a, b) => (a.lane < b.lane ? -1 : 1))
      .slice(0, limit);
  }

  settle(batch: readonly Settlement[]): void {
    if (this.failure && this.failure.times-- > 0) throw this.failure.error;
    for (const one of batch) {
      this.settled.push(one);
      const row = this.rows.get(one.delivery.pos)!;
      if (!pending(row)) throw new Error(`settled twice: ${one.delivery.pos}`);
      row.state = one.is === 'retry' || one.is === 'park' ? 'parked' : one.is;
      const { attempts, charged, firstAt } = one.delivery;
      Object.assign(row.delivery, { attempts, charged, firstAt, parked: row.state === 'parked' });
      if (one.is === 'retry') Object.assign(row, { dueAt: one.dueAt, pause: one.pause ?? null });
    }
  }

  lastPosition(): number {
    return this.last;
  }

  foreignChanges(): number {
    return 0;
  }

  private page(wanted: (row: Row) => boolean, after: number, records: number, bytes: number): PendingDelivery[] {
    const page: PendingDelivery[] = [];
    let used = 0;
    // appended by position, so the map is in order
    for (const row of this.rows.values()) {
      if (row.delivery.pos <= after || !wanted(row)) continue;
      used += row.delivery.event.body?.length ?? 0;
      if (page.length === records || (page.length > 0 && used > bytes)) break;
      page.push({ ...row.delivery });
    }
    return page;
  }
}

function pending(row: Row): boolean {
  return row.state === 'fresh' || row.state === 'parked';
}
