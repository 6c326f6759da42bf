/** What happens to files and members, and which D and F entries it leaves. */
import { column } from '../../../src/simulator/partition/files/definitions';
import { entries, lastSequence, newJob, openWorld, STOCK, stockFile, types, type World } from './fixture';

let world: World;
let since = 0n;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.partition.close());

const mark = () => {
  since = lastSequence(world);
};
const left = () => entries(world).filter((e) => e.sequence > since);

function threeRows() {
  const stock = stockFile(world);
  for (const item of ['A1', 'A2', 'A3']) world.job.insertRow(stock, [item, '1', null]);
  mark();
  return stock;
}

test('CLRPFM: one F CR, no DL; record numbers start over', () => {
  const stock = threeRows();
  world.cl('CLRPFM APPLIB/STOCK');
  expect(types(left())).toEqual(['F CR']);
  expect(left()[0]!.rrn).toBe(3);
  expect(stock.rowCount()).toBe(0);
  expect(world.job.insertRow(stock, ['B1', '1', null])).toBe(1);
});

test('RGZPFM: record numbers change under one F RG', () => {
  const stock = threeRows();
  world.job.deleteRow(stock, 2);
  mark();
  world.cl('RGZPFM FILE(APPLIB/STOCK)');
  expect(types(left())).toEqual(['F RG']);
  expect(world.partition.db.prepare(`SELECT rrn, c0 FROM ${stock.rowTable} ORDER BY rrn`).all()).toEqual([
    { rrn: 1, c0: 'A1' },
    { rrn: 2, c0: 'A3' },
  ]);
});

test('RGZPFM ALWCANCEL(*YES): the same key deleted and written at a new record number', () => {
  const stock = threeRows();
  world.job.deleteRow(stock, 1);
  mark();
  world.cl('RGZPFM FILE(APPLIB/STOCK) ALWCANCEL(*YES)');
  expect(types(left())).toEqual(['R DL', 'R PX', 'F RG']);
  expect(left().map((e) => e.rrn)).toEqual([3, 1, 2]);
  expect(left()[0]!.data).toEqual(left()[1]!.data);
});

test('ENDJRNPF and STRJRNPF: rows changed between EF and JF leave nothing', () => {
  const stock = threeRows();
  world.cl('ENDJRNPF FILE(APPLIB/STOCK)');
  world.job.insertRow(stock, ['B1', '1', null]);
  world.cl('STRJRNPF FILE(APPLIB/STOCK) JRN(APPLIB/APPJRN) OMTJRNE(*OPNCLO)');
  world.job.insertRow(stock, ['B2', '1', null]);
  expect(types(left())).toEqual(['F EJ', 'D EF', 'D JF', 'F JM', 'R PT']);
});

test('RNMOBJ and MOVOBJ: the object is the old name, the data the new one; the journal identifier stays', () => {
  const stock = threeRows();
  world.cl('CRTLIB OTHER');
  world.cl('RNMOBJ OBJ(APPLIB/STOCK) OBJTYPE(*FILE) NEWOBJ(STOCKOLD)');
  world.cl('MOVOBJ OBJ(APPLIB/STOCKOLD) OBJTYPE(*FILE) TOLIB(OTHER)');
  world.job.insertRow(stock, ['B1', '1', null]);
  expect(types(left())).toEqual(['D FN', 'F MN', 'D FM', 'F MM', 'R PT']);
  expect(left().map((e) => `${e.object.library}/${e.object.name}`)).toEqual([
    'APPLIB/STOCK',
    'APPLIB/STOCK',
    'APPLIB/STOCKOLD',
    'APPLIB/STOCKOLD',
    'OTHER/STOCKOLD',
  ]);
  const ids = new Set(left().map((e) => Buffer.from(e.object.journalIdentifier!).toString('hex')));
  expect(ids.size).toBe(1);
});

test('DLTF: MD and DT; a file made again has another journal identifier', () => {
  const stock = threeRows();
  const before = stock.file.journalIdentifier!.toString('hex');
  world.cl('DLTF FILE(APPLIB/STOCK)');
  expect(types(left())).toEqual(['F MD', 'D DT']);
  expect(stockFile(world).file.journalIdentifier!.toString('hex')).not.toBe(before);
});

test('ALTER TABLE: D CG; rows are converted, images before it have the old layout', () => {
  const stock = threeRows();
  const { file } = stock;
  const columns = [...file.columns.slice(0, 1), column('QTY', 'DECIMAL', 9, { scale: 2 }), column('LOC', 'CHAR', 3)];
  world.partition.alterFile(world.job, file, columns, [0, 1, null]);
  world.job.insertRow(stock, ['B1', '1.50', 'H1']);
  expect(types(left())).toEqual(['D CG', 'R PT']);
  const images = entries(world, { types: ['PT'] }).map((e) => e.data!.length);
  expect(images).toEqual([19, 19, 19, 12]);
  expect(world.partition.db.prepare(`SELECT c1, c2 FROM ${stock.rowTable} WHERE c0 = 'A1'`).get()).toEqual({
    c1: 100,
    c2: '',
  });
});

test('members: ADDPFM, RNMM, RMVM; each has its own record numbers', () => {
  const stock = threeRows();
  world.cl('ADDPFM FILE(APPLIB/STOCK) MBR(YEAR2025)');
  const second = stock.file.members[1]!;
  expect(world.job.insertRow(second, ['A1', '9', null])).toBe(1);
  world.cl('RNMM FILE(APPLIB/STOCK) MBR(YEAR2025) NEWMBR(YEAR25)');
  world.cl('RMVM FILE(APPLIB/STOCK) MBR(YEAR25)');
  expect(types(left())).toEqual(['D MA', 'F MC', 'F JM', 'R PT', 'F MN', 'F MD']);
  expect(left()[3]!.object.member).toBe('YEAR2025');
});

test('SAVOBJ and RSTOBJ: rows change without an R entry', () => {
  const stock = threeRows();
  world.cl('SAVOBJ OBJ(STOCK) LIB(APPLIB) DEV(*SAVF)');
  world.job.updateRow(stock, 1, new Map([[1, '99']]));
  mark();
  world.cl('RSTOBJ OBJ(STOCK) SAVLIB(APPLIB) DEV(*SAVF)');
  expect(types(left())).toEqual(['F MR', 'D DZ']);
  expect(world.partition.db.prepare(`SELECT c1 FROM ${stock.rowTable} WHERE rrn = 1`).pluck().get()).toBe(1);
});

test('INZPFM writes records of defaults without an entry for each', () => {
  const stock = stockFile(world, '*BOTH', { keys: [] });
  mark();
  world.cl('INZPFM FILE(APPLIB/STOCK) TOTRCDS(4)');
  expect(types(left())).toEqual(['F IZ']);
  expect(stock.rowCount()).toBe(4);
});

test('CHGJRNOBJ changes which images are kept', () => {
  const stock = stockFile(world, '*AFTER');
  world.job.insertRow(stock, ['A1', '1', null]);
  world.cl('CHGJRNOBJ OBJ((APPLIB/STOCK *FILE)) ATR(*IMAGES) IMAGES(*BOTH)');
  mark();
  world.job.updateRow(stock, 1, new Map([[1, '2']]));
  expect(types(left())).toEqual(['R UB', 'R UP']);
});

test('a file of an SQL schema is journaled from its first moment', () => {
  world.partition.createSchema(world.job, 'SHOP');
  const file = world.partition.createFile(world.job, { ...STOCK, library: 'SHOP', sqlTable: true });
  expect([file.journal?.name, file.images]).toEqual(['QSQJRN', '*BOTH']);
  const read = world.partition.readJournal('ANNA', { journalLibrary: 'SHOP', journalName: 'QSQJRN' });
  expect(types([...read].flat())).toEqual(['J PR', 'D CT', 'D JF', 'F MC', 'F JM']);
});

test('open and close are journaled unless they are omitted', () => {
  world.partition.createFile(world.job, STOCK);
  world.cl('STRJRNPF FILE(APPLIB/STOCK) JRN(APPLIB/APPJRN)');
  mark();
  const job = newJob(world.partition);
  job.insertRow(world.partition.file('APPLIB', 'STOCK')!.members[0]!, ['A1', '1', null]);
  job.end();
  expect(types(left())).toEqual(['F OP', 'R PT', 'F CL']);
});

describe('MINENTDTA', () => {
  test('*FLDBDY: unchanged fields hold a default and are marked 9', () => {
    const stock = threeRows();
    world.cl('CHGJRN JRN(APPLIB/APPJRN) MINENTDTA(*FLDBDY)');
    world.job.updateRow(stock, 1, new Map([[1, '77']]));
    const [ub, up] = left();
    expect([ub!.nulls, up!.nulls]).toEqual(['909', '909']);
    expect(up).toMatchObject({ minimized: true, minimizedOnField: true });
    // The key was not changed, so it is not there: four blanks.
    expect(up!.data!.subarray(0, 7).toString('hex')).toBe('4040404000077f');
  });

  test('*FILE: bytes from the first difference to the last, of no use alone', () => {
    const stock = threeRows();
    world.cl('CHGJRN JRN(APPLIB/APPJRN) MINENTDTA(*FILE)');
    world.job.updateRow(stock, 1, new Map([[1, '77']]));
    expect(left()[1]).toMatchObject({ type: 'UP', minimized: true, minimizedOnField: false });
    expect(left()[1]!.data!.length).toBeLessThan(10);
  });
});

test('a command does not touch a file with uncommitted changes', () => {
  const stock = threeRows();
  const job = newJob(world.partition);
  job.commitLevel = 2;
  job.deleteRow(stock, 1);
  for (const cl of ['CLRPFM APPLIB/STOCK', 'RGZPFM APPLIB/STOCK', 'DLTF APPLIB/STOCK', 'ENDJRNPF FILE(APPLIB/STOCK)'])
    expect(() => world.cl(cl)).toThrow(expect.objectContaining({ messageId: 'CPF9803' }));
});

test('identity and row change timestamp columns fill themselves', () => {
  const file = world.partition.createFile(world.job, {
    library: 'APPLIB',
    name: 'AUTO',
    sqlTable: true,
    columns: [
      column('ID', 'BIGINT', 8, { identity: { start: 10n, increment: 5n, always: true } }),
      column('WHAT', 'CHAR', 5),
      column('AT', 'TIMESTAMP', 26, { scale: 6, rowChange: true }),
    ],
  });
  const member = file.members[0]!;
  world.job.insertRow(member, [undefined, 'one', undefined]);
  world.job.insertRow(member, [undefined, 'two', undefined]);
  expect(world.job.lastIdentity).toBe('15');
  const rows = () => world.partition.db.prepare(`SELECT c0, c2 FROM ${member.rowTable} ORDER BY 1`).raw().all();
  const [first] = rows() as [number, string][];
  world.job.updateRow(member, 1, new Map([[1, 'uno']]));
  expect((rows() as [number, string][])[0]![1] > first![1]).toBe(true);
});
