import fc from 'fast-check';
import { FATE, LedgerStretch, packRuns, unpackRuns } from '../../src/journal/ledger/ledger';
import { LEDGER_SCHEMA, LedgerTable } from '../../src/journal/ledger/table';
import { LedgerWriter } from '../../src/journal/ledger/writer';
import { Store } from '../../src/store/store';
import { entry, JOURNAL, RECEIVER } from './support';

test('runs break where the fate or the numbering breaks, and never span an unseen number', () => {
  const stretch = new LedgerStretch(RECEIVER);
  for (const [sequence, fate] of [
    [10n, FATE.control],
    [11n, FATE.notOurs],
    [12n, FATE.notOurs],
    [14n, FATE.notOurs],
    [15n, FATE.published],
  ] as const)
    stretch.note(sequence, fate);
  expect(stretch.runs()).toEqual([
    { fate: FATE.control, from: 10n, to: 10n },
    { fate: FATE.notOurs, from: 11n, to: 12n },
    { fate: FATE.notOurs, from: 14n, to: 14n },
    { fate: FATE.published, from: 15n, to: 15n },
  ]);
});

test('packing is exact for numbers beyond 2^63', () => {
  const runs = fc.array(fc.record({ fate: fc.nat(5000), gap: fc.nat(3), length: fc.nat(1_000_000) }), { minLength: 1 });
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n }), runs, (first, specs) => {
      let next = first;
      const made = specs.map(({ fate, gap, length }, i) => {
        const from = i === 0 ? next : next + BigInt(gap);
        const to = from + BigInt(length);
        next = to + 1n;
        return { fate, from, to };
      });
      expect(unpackRuns(first, packRuns(made))).toEqual(made);
    }),
  );
});

describe('in the state file', () => {
  let store: Store;
  let table: LedgerTable;
  let writer: LedgerWriter;
  beforeEach(() => {
    store = Store.open(':memory:', [LEDGER_SCHEMA]);
    table = new LedgerTable(store);
    writer = new LedgerWriter(JOURNAL, table, RECEIVER);
  });
  afterEach(() => store.close());
  const flush = (): void => store.transaction(() => writer.flush(RECEIVER));

  test('an idle journal adds no rows', () => {
    for (let i = 1; i <= 500; i++) {
      writer.note(entry({ kind: 'UXX', sequence: i }), FATE.notOurs);
      flush();
    }
    expect(store.db.prepare('SELECT count(*) FROM ledger_stretch').pluck().get()).toBe(1);
    expect(table.runs(JOURNAL, RECEIVER, 1n, 500n)).toEqual([{ fate: FATE.notOurs, from: 1n, to: 500n }]);
  });

  test('a fate that becomes known after writing overrules the earlier one', () => {
    const held = [3, 4, 6].map((n) => entry({ kind: 'RPT', sequence: n, file: 'ORDHDR' }));
    for (let i = 1; i <= 8; i++) {
      const e = held.find((h) => h.sequence === BigInt(i)) ?? entry({ kind: 'UXX', sequence: i });
      writer.note(e, e.kind === 'RPT' ? FATE.held : FATE.notOurs);
    }
    flush();
    for (const e of held) writer.settle(e, FATE.published);
    flush();
    const fate = new Map<bigint, number>();
    for (const run of table.runs(JOURNAL, RECEIVER, 1n, 8n))
      for (let n = run.from; n <= run.to; n++) fate.set(n, run.fate);
    expect([...fate].filter(([, f]) => f === FATE.published).map(([n]) => n)).toEqual([3n, 4n, 6n]);
    expect(fate.get(5n)).toBe(FATE.notOurs);
  });

  test('rules get numbers of their own that survive a restart', () => {
    const fate = table.fateOf('filtered', 'order:whenChanged');
    expect(table.fateOf('filtered', 'order:whenChanged')).toBe(fate);
    expect(new LedgerTable(store).nameOf(fate)).toBe('filtered: order:whenChanged');
  });
});
