import { createHash } from 'node:crypto';
import { textCodec } from '../../../src/bytes/ccsid/registry';
import { Partition } from '../../../src/simulator/partition/partition';
import { seedOrderLibrary } from '../../../src/simulator/seed/order-library';

describe('seed library ORDLIB', () => {
  let partition: Partition;
  beforeAll(() => {
    partition = Partition.open();
    seedOrderLibrary(partition);
  });
  afterAll(() => partition.close());

  test('holds its files, journaled with both images but PRICES', () => {
    const files = partition
      .files('ORDLIB')
      .map((f) => [f.name, f.journal?.name ?? null, f.members[0]!.rowCount() > 100]);
    expect(files).toEqual([
      ['CUSMAS', 'ORDJRN', true],
      ['ITMMAS', 'ORDJRN', true],
      ['ORDHDR', 'ORDJRN', true],
      ['ORDLIN', 'ORDJRN', true],
      ['PRICES', null, true],
      ['SHPMTS', 'ORDJRN', true],
    ]);
    expect(partition.file('ORDLIB', 'ORDHDR')!.images).toBe('*BOTH');
    expect(partition.journal('ORDLIB', 'ORDJRN')!.attachedReceiver.name).toBe('ORDRCV0001');
  });

  test('keeps German text in CCSID 273 and dates as packed CYYMMDD', () => {
    const file = partition.file('ORDLIB', 'CUSMAS')!;
    const row = partition.db
      .prepare(`SELECT image, c5 FROM ${file.members[0]!.rowTable} WHERE c5 = 'München' LIMIT 1`)
      .get() as { image: Buffer };
    const city = file.layout.slots[5]!;
    // M ü n c h e n in CCSID 273: ü is X'D0' there, X'DC' in CCSID 37.
    expect(row.image.subarray(city.offset, city.offset + 7).toString('hex')).toBe('d4d09583888595');
    const orders = partition.file('ORDLIB', 'ORDHDR')!;
    const order = partition.db
      .prepare(`SELECT image FROM ${orders.members[0]!.rowTable} WHERE c3 BETWEEN 990101 AND 991231 LIMIT 1`)
      .get() as { image: Buffer };
    expect(order.image.subarray(orders.layout.slots[3]!.offset).toString('hex').slice(0, 3)).toBe('099');
  });

  test('has dates and times in every format but *ISO', () => {
    const file = partition.file('ORDLIB', 'SHPMTS')!;
    const image = partition.db
      .prepare(`SELECT image FROM ${file.members[0]!.rowTable} WHERE c5 IS NOT NULL LIMIT 1`)
      .pluck()
      .get() as Buffer;
    const text = (name: string) => {
      const slot = file.layout.slots[file.columnIndex(name)]!;
      return textCodec(37).decode(image, slot.offset, slot.offset + slot.width);
    };
    expect(['SHPDAT', 'DUEDAT', 'PODDAT', 'LODTIM', 'DLVTIM'].map(text)).toEqual([
      expect.stringMatching(/^\d\d\.\d\d\.2026$/),
      expect.stringMatching(/^\d\d\.\d\d\.26$/),
      expect.stringMatching(/^26\/\d{3}$/),
      expect.stringMatching(/^\d\d:\d\d:\d\d$/),
      expect.stringMatching(/^\d\d:\d\d [AP]M$/),
    ]);
  });

  test('has blank-filled numerics in four files', () => {
    const bad = partition.files('ORDLIB').map((f) => {
      const count = partition.db.prepare(`SELECT count(*) FROM ${f.members[0]!.rowTable} WHERE bad IS NOT NULL`);
      return count.pluck().get() as number;
    });
    expect(bad.slice(0, 4).every((n) => n >= 3)).toBe(true);
  });

  test('is the same every time', () => {
    using again = Partition.open();
    seedOrderLibrary(again);
    const digest = (p: Partition) =>
      p.files('ORDLIB').map((f) => {
        const all = p.db.prepare(`SELECT group_concat(hex(image)) FROM ${f.members[0]!.rowTable}`).pluck().get();
        return createHash('sha256').update(String(all)).digest('hex');
      });
    expect(digest(again)).toEqual(digest(partition));
  });
});
