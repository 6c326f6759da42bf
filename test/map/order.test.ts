/**
 * The order in which events leave, against a small model of its own: random commit cycles over a header and two child
 * tables, cut into units at random, some of them mapped twice because their transaction was rolled back.
 */
import fc from 'fast-check';
import { HELD_SCHEMA, HeldTable } from '../../src/capture/tables/held-table';
import type { Mapper } from '../../src/map/mapper';
import type { Change, ChangeOp } from '../../src/model/change';
import type { EventDraft } from '../../src/model/event';
import { parseName } from '../../src/model/position';
import { Store } from '../../src/store/store';
import { at, bodyOf, change, column, image, LINE, mapperFor, ORDER, ORDHDR, ORDLIN } from './support';

const NOTES = { table: 'ORDLIB/ORDNOT', columns: [column('ORDNO', 'DECIMAL', 7), column('TEXT', 'CHAR', 10)] };
const FORMATS = [ORDHDR, ORDLIN, NOTES];

function yaml(debounce: string, coalesce = ''): string {
  const parent = (changed: string): string =>
    `parent: { event: order, table: ORDLIB/ORDHDR, key: { n: ORDNO }, changed: ${changed}, debounce: ${debounce} }`;
  return `
  ORDLIB/ORDHDR: { event: order, key: [ORDNO], onDelete: delete, to: [crm]${coalesce} }
  ORDLIB/ORDLIN:
    rules:
      - { name: lines, ${parent('lines')}, to: [crm] }
      - { name: line, event: line, onDelete: delete, to: [crm] }
  ORDLIB/ORDNOT: { name: notes, key: [ORDNO], ${parent('notes')}, to: [crm] }
`;
}

type What = 'header' | 'line' | 'note';

/** One change as the model sees it. */
interface Step {
  readonly what: What;
  readonly op: 'insert' | 'update' | 'delete';
  readonly order: number;
}

interface Placed extends Step {
  readonly sequence: number;
  /** 0: outside commitment control. */
  readonly cycle: number;
  readonly second: number;
}

const step = fc.record({
  what: fc.constantFrom<What>('header', 'line', 'line', 'note'),
  op: fc.constantFrom<Step['op']>('insert', 'update', 'update', 'delete'),
  order: fc.integer({ min: 1, max: 3 }),
});
const cycles = fc.array(
  fc.record({
    committed: fc.boolean(),
    pause: fc.integer({ min: 0, max: 4 }),
    steps: fc.array(step, { minLength: 1, maxLength: 7 }),
    /** The unit ends after this cycle; it is mapped twice. */
    cut: fc.boolean(),
    twice: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);
type Cycle = { committed: boolean; pause: number; steps: Step[]; cut: boolean; twice: boolean };

function place(all: readonly Cycle[]): Placed[][] {
  let sequence = 10;
  let second = 0;
  return all.map((c) => {
    second += c.pause;
    const cycle = c.committed ? ++sequence : 0;
    return c.steps.map((s) => ({ ...s, cycle, second, sequence: ++sequence }));
  });
}

function changeOf({ what, op, order, sequence, cycle, second }: Placed): Change {
  const [format, row] = {
    header: [ORDHDR, ORDER] as const,
    line: [ORDLIN, LINE] as const,
    note: [NOTES, { TEXT: 'x' }] as const,
  }[what];
  const of = (n: number) =>
    image(format, { ...row, ORDNO: String(order), ...(what === 'header' ? { STS: String(n) } : {}) });
  return change({
    op: op as ChangeOp,
    table: parseName(format.table)!,
    before: op === 'insert' ? null : of(sequence % 90),
    after: op === 'delete' ? null : of((sequence + 1) % 90),
    ...at(BigInt(sequence)),
    commitCycle: BigInt(cycle),
    timestamp: `2026-11-21T20:${String(10 + Math.floor(second / 60))}:${String(second % 60).padStart(2, '0')}.000000`,
  });
}

/** Runs the cycles; what leaves, in order. */
function leave(all: readonly Cycle[], text: string, held: boolean): EventDraft[] {
  using store = Store.open(':memory:', [HELD_SCHEMA]);
  const fresh = (): Mapper => {
    const mapper = mapperFor(text, { formats: FORMATS });
    if (held) mapper.keepHeld(new HeldTable(store, null));
    mapper.beginUnit();
    return mapper;
  };
  let mapper = fresh();
  const left: EventDraft[] = [];
  let unit: Change[] = [];
  const run = (): EventDraft[] =>
    unit.flatMap((c) => {
      const outcome = mapper.map(c);
      return outcome.is === 'mapped' ? [...outcome.events] : [];
    });
  for (const [i, placed] of place(all).entries()) {
    unit.push(...placed.map(changeOf));
    if (!all[i]!.cut && i < all.length - 1) continue;
    if (all[i]!.twice) {
      expect(() =>
        store.transaction(() => {
          run();
          mapper.endUnit();
          throw new Error('rolled back');
        }),
      ).toThrow('rolled back');
      mapper.beginUnit();
    }
    store.transaction(() => left.push(...run(), ...mapper.endUnit()));
    mapper.confirm();
    // a daemon that was killed takes up what the file holds
    if (all[i]!.twice) mapper = fresh();
    mapper.beginUnit();
    unit = [];
  }
  left.push(...mapper.releaseTable(parseName('ORDLIB/ORDHDR')!), ...mapper.endUnit());
  return left;
}

interface Seen {
  readonly key: string;
  readonly type: string;
  readonly sequence: number;
  readonly changed: string;
}

function seen(drafts: readonly EventDraft[]): Seen[] {
  return drafts
    .filter((d) => d.table === 'ORDLIB/ORDHDR')
    .map((d) => {
      const { data } = bodyOf(d);
      const news = data.after === null && data.op === 'update';
      const changed = news ? [...data.changed].sort().join() : '';
      return { key: d.key, type: d.type, sequence: Number(d.position!.sequence), changed };
    });
}

const TYPES = { insert: 'order.created', update: 'order.updated', delete: 'order.deleted' };

/** What must leave of one order, written down from the promise alone. */
function expected(all: readonly Cycle[], order: number): Seen[] {
  const key = String(order);
  return place(all)
    .flatMap((placed) => (placed[0]!.cycle === 0 ? placed.map((p) => [p]) : [placed]))
    .flatMap((cycle) => {
      const events: Seen[] = [];
      const children = new Set<string>();
      let lastChild = 0;
      let gone = false;
      for (const p of cycle.filter((s) => s.order === order)) {
        if (p.what === 'header') {
          gone = p.op === 'delete';
          events.push({ key, type: TYPES[p.op], sequence: p.sequence, changed: '' });
        } else if (!gone) {
          children.add(p.what === 'line' ? 'lines' : 'notes');
          lastChild = p.sequence;
        }
      }
      const changed = [...children].sort().join();
      if (lastChild > 0) events.push({ key, type: 'order.updated', sequence: lastChild, changed });
      return events.sort((a, b) => a.sequence - b.sequence);
    });
}

test('one event for a parent and cycle, each in its place', () => {
  fc.assert(
    fc.property(cycles, (all) => {
      const left = seen(leave(all, yaml('commit'), true));
      for (const order of [1, 2, 3]) expect(left.filter((s) => s.key === String(order))).toEqual(expected(all, order));
    }),
    { numRuns: 80 },
  );
});

test.each([
  ['parents', yaml('5s')],
  ['parents and updates', yaml('5s', ', coalesce: { window: 3s }')],
  ['updates', yaml('commit', ', coalesce: { window: 3s }')],
])('%s that wait never leave after a younger event of their key, and none is forgotten', (_name, text) => {
  fc.assert(
    fc.property(cycles, (all) => {
      const left = seen(leave(all, text, true));
      for (const order of [1, 2, 3]) {
        const mine = left.filter((s) => s.key === String(order));
        for (let i = 1; i < mine.length; i++) expect(mine[i]!.sequence).toBeGreaterThan(mine[i - 1]!.sequence);
        const must = expected(all, order);
        // inserts and deletes are told one by one, everything else by something no older that came before the next of these
        for (const m of must) {
          const at = mine.findIndex(
            (s) =>
              s.sequence >= m.sequence &&
              (m.changed === '' ||
                m.changed.split(',').every((c) => s.changed.split(',').includes(c)) ||
                s.type === 'order.deleted'),
          );
          expect(at).toBeGreaterThanOrEqual(0);
        }
        const fixed = (list: readonly Seen[]): Seen[] => list.filter((s) => s.type !== 'order.updated');
        expect(fixed(mine)).toEqual(fixed(must));
      }
    }),
    { numRuns: 80 },
  );
});

const row = (what: What, op: Step['op'], order = 1): Step => ({ what, op, order });
const cycle = (...steps: Step[]): Cycle => ({ committed: true, pause: 1, steps, cut: false, twice: false });

test('what is read in one go: insert with two lines, update, delete', () => {
  const all = [
    cycle(row('header', 'insert'), row('line', 'insert'), row('line', 'insert')),
    cycle(row('header', 'update')),
    cycle(row('header', 'delete')),
  ];
  expect(seen(leave(all, yaml('commit'), false)).map((s) => `${s.type}[${s.changed}]`)).toEqual([
    'order.created[]',
    'order.updated[lines]',
    'order.updated[]',
    'order.deleted[]',
  ]);
});

test('two child tables, and a header written between them, in one cycle: one event of the parent', () => {
  const all = [cycle(row('line', 'insert'), row('header', 'update'), row('note', 'insert'), row('header', 'update'))];
  expect(seen(leave(all, yaml('commit'), false)).map((s) => `${s.type}[${s.changed}]`)).toEqual([
    'order.updated[]',
    'order.updated[lines,notes]',
    'order.updated[]',
  ]);
});

test('children that go after their parent in one cycle are told by its deletion', () => {
  const all = [cycle(row('line', 'update'), row('header', 'delete'), row('line', 'delete'), row('note', 'delete'))];
  expect(seen(leave(all, yaml('commit'), false)).map((s) => `${s.type}[${s.changed}]`)).toEqual([
    'order.updated[lines]',
    'order.deleted[]',
  ]);
});

test('a span over several units is one event, and a restart in between changes nothing', () => {
  const all = [1, 2, 3, 4].map((n) => ({
    ...cycle(row('line', 'update')),
    pause: n === 1 ? 0 : 1,
    cut: true,
    twice: n % 2 === 0,
  }));
  expect(seen(leave(all, yaml('5s'), true))).toHaveLength(1);
});
