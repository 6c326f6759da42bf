/** What the order desk did, held against what the receiver got: counted on both sides without the other's help. */
import type { DeskChange } from '../../simulator/seed/order-desk';
import type { ReceivedEvent } from './receiver';

const OP: Readonly<Record<DeskChange['operation'], string>> = { insert: 'insert', update: 'update', delete: 'delete' };

export interface Comparison {
  readonly changes: number;
  readonly delivered: number;
  /** Changes that no event reported. */
  readonly lost: number;
  /** Events that no change stands behind. */
  readonly invented: number;
  /** Keys whose events came in another order than the changes. */
  readonly outOfOrder: number;
}

/** Compares per key: the sequence of operations must be the same on both sides. */
export function compareBooks(changes: readonly DeskChange[], events: Iterable<ReceivedEvent>): Comparison {
  const done = new Map<string, string[]>();
  for (const c of changes) push(done, `${c.table} ${c.key}`, OP[c.operation]);
  const arrived = new Map<string, { op: string; sequence: bigint; arrived: number }[]>();
  let delivered = 0;
  for (const event of events) {
    const table = event.data.meta.table.split('/')[1] ?? '';
    const key = `${table} ${Object.values(event.data.key).join('/')}`;
    push(arrived, key, { op: event.data.op, sequence: BigInt(event.data.meta.sequence), arrived: delivered++ });
  }
  let lost = 0;
  let invented = 0;
  let outOfOrder = 0;
  for (const key of new Set([...done.keys(), ...arrived.keys()])) {
    const want = done.get(key) ?? [];
    const got = arrived.get(key) ?? [];
    lost += Math.max(0, want.length - got.length);
    invented += Math.max(0, got.length - want.length);
    const inOrder = got.every((e, i) => i === 0 || e.sequence > got[i - 1]!.sequence);
    if (!inOrder || (want.length === got.length && got.some((e, i) => e.op !== want[i]))) outOfOrder++;
  }
  return { changes: changes.length, delivered, lost, invented, outOfOrder };
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
