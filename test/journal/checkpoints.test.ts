/** Durable positions: exact numbers, open cycles, what was last seen of a journal and of its receivers. */
import fc from 'fast-check';
import { CHECKPOINT_SCHEMA, CheckpointTable, type Outlook } from '../../src/journal/position/checkpoint-table';
import { Store } from '../../src/store/store';
import { JOURNAL } from './support';

let store: Store;
let table: CheckpointTable;
beforeEach(() => {
  store = Store.open(':memory:', [CHECKPOINT_SCHEMA]);
  table = new CheckpointTable(store);
});
afterEach(() => store.close());

const at = (sequence: bigint, name = 'RCV0001') => ({ receiver: { library: 'ORDLIB', name }, sequence });
const OTHER = { library: 'ORDLIB', name: 'OTHER' };

test('what is written is read, to the last number a journal can have', () => {
  expect(table.get(JOURNAL)).toBeNull();
  const sequence = fc.bigInt(0n, 18_446_744_073_709_551_600n);
  fc.assert(
    fc.property(sequence, sequence, fc.array(sequence, { maxLength: 5 }), fc.nat(), (read, resume, openCycles, now) => {
      const checkpoint = { read: at(read, 'RCV0002'), resume: at(resume), openCycles };
      table.write(JOURNAL, checkpoint, now);
      expect(table.get(JOURNAL)).toEqual({ journal: JOURNAL, ...checkpoint, writtenAt: now });
    }),
  );
});

test('journals stand beside each other, and one that is forgotten starts anew', () => {
  const checkpoint = { read: at(5n), resume: at(5n), openCycles: [] };
  table.write(JOURNAL, checkpoint, 1);
  table.write(OTHER, { ...checkpoint, openCycles: [3n] }, 2);
  expect(table.all().map((c) => [c.journal.name, c.openCycles])).toEqual([
    ['ORDJRN', []],
    ['OTHER', [3n]],
  ]);
  table.remove(JOURNAL);
  expect(table.get(JOURNAL)).toBeNull();
  expect(table.all()).toHaveLength(1);
});

test('a name of lower-case letters keeps them', () => {
  const odd = { library: '"odd"', name: '"My Jrn"' };
  table.write(
    odd,
    { read: { receiver: odd, sequence: 1n }, resume: { receiver: odd, sequence: 1n }, openCycles: [] },
    1,
  );
  expect(table.get(odd)).toMatchObject({ journal: odd, read: { receiver: odd } });
});

test('a transaction that is rolled back takes the position with it', () => {
  table.write(JOURNAL, { read: at(5n), resume: at(5n), openCycles: [] }, 1);
  expect(() =>
    store.transaction(() => {
      table.write(JOURNAL, { read: at(9n), resume: at(9n), openCycles: [] }, 2);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(table.get(JOURNAL)!.read.sequence).toBe(5n);
});

describe('the outlook', () => {
  const outlook = (more: Partial<Outlook> = {}): Outlook => ({
    journal: JOURNAL,
    behind: 18_446_744_073_709_551_600n,
    hoursToLoss: 1.5,
    retentionHours: 48,
    writtenPerSecond: 12.25,
    readPerSecond: null,
    filter: { place: 'server', because: 'measured', client: { numbers: 1, entries: 2, calls: 3, ms: 4 }, server: null },
    way: { reader: 'api', because: 'it answers' },
    seenAt: 1_700_000_000_000,
    ...more,
  });

  test.each<[string, Partial<Outlook>]>([
    ['everything', {}],
    ['a receiver that cannot be read', { behind: null, hoursToLoss: 0 }],
    ['nothing in danger', { hoursToLoss: null }],
    ['nothing behind', { behind: 0n }],
    ['nothing measured', { writtenPerSecond: null, readPerSecond: null, filter: null, way: null }],
  ])('%s', (_, more) => {
    expect(table.outlook(JOURNAL)).toBeNull();
    table.setOutlook(outlook());
    table.setOutlook(outlook(more));
    expect(table.outlook(JOURNAL)).toEqual(outlook(more));
    expect(table.outlook(OTHER)).toBeNull();
  });

  test('how fast was read, and how long ago', () => {
    expect(table.lastReading(JOURNAL, 5000)).toEqual({ entriesPerSecond: null, silentSeconds: null });
    table.setOutlook(outlook({ readPerSecond: 500 }));
    table.write(JOURNAL, { read: at(5n), resume: at(5n), openCycles: [] }, 2000);
    expect(table.lastReading(JOURNAL, 5000)).toEqual({ entriesPerSecond: 500, silentSeconds: 3 });
  });
});

describe('receivers that were listed', () => {
  const seen = (receiver: string, attached: string, detached: string | null = null) => ({
    receiver,
    attached,
    detached,
  });

  test('in the order they were attached, each with its end once it is known', () => {
    table.noteReceivers(JOURNAL, [seen('L/R2', '2024-02'), seen('L/R1', '2024-01', '2024-02')]);
    table.noteReceivers(JOURNAL, [seen('L/R2', '2024-02', '2024-03'), seen('L/R3', '2024-03')]);
    expect(table.receiversSeen(JOURNAL)).toEqual([
      seen('L/R1', '2024-01', '2024-02'),
      seen('L/R2', '2024-02', '2024-03'),
      seen('L/R3', '2024-03'),
    ]);
    expect(table.receiversSeen(OTHER)).toEqual([]);
  });

  test('one that is not listed any more stays known, one whose name is used again is the newer one', () => {
    table.noteReceivers(JOURNAL, [seen('L/R1', '2024-01', '2024-02'), seen('L/R2', '2024-02')]);
    table.noteReceivers(JOURNAL, [seen('L/R1', '2024-09')]);
    expect(table.receiversSeen(JOURNAL)).toEqual([seen('L/R2', '2024-02'), seen('L/R1', '2024-09')]);
  });

  test('what is known already is not written again', () => {
    table.noteReceivers(JOURNAL, [seen('L/R1', '2024-01')]);
    const changes = () => store.db.prepare('SELECT total_changes()').pluck().get();
    const before = changes();
    table.noteReceivers(JOURNAL, [seen('L/R1', '2024-01')]);
    table.noteReceivers(JOURNAL, []);
    expect(changes()).toBe(before);
  });
});
