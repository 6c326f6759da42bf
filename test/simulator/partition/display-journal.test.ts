/** The ways of DISPLAY_JOURNAL that have hurt its readers. */
import { entries, lastSequence, newJob, openWorld, STOCK, stockFile, types, type World } from './fixture';

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.partition.close());

const put = (text: string) => world.cl(`SNDJRNE JRN(APPLIB/APPJRN) ENTDTA('${text}')`);
const roll = (extra = '') => world.cl(`CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN) ${extra}`);
const sqlFailure = (text: string) => expect.objectContaining({ sqlCode: -443, sqlState: '38501', message: text });

describe('the receiver range', () => {
  test('without receiver arguments only the attached one is read, without a warning', () => {
    put('old');
    roll();
    put('new');
    expect(types(entries(world, { startingReceiver: null }))).toEqual(['J PR', 'U 00']);
  });

  test('*CURSEQCHN begins at the last reset, *CURCHAIN at the oldest', () => {
    put('old');
    roll();
    roll('SEQOPT(*RESET)');
    roll();
    const first = (startingReceiver: string) => entries(world, { startingReceiver })[0]!.receiver.name;
    expect([first('*CURCHAIN'), first('*CURSEQCHN')]).toEqual(['APPRCV0001', 'APPRCV0003']);
  });

  test('a number that occurs twice means its first occurrence', () => {
    put('first life');
    roll('SEQOPT(*RESET)');
    put('second life');
    const [found] = entries(world, { startingSequence: 2n, endingSequence: 2n });
    expect(found!.receiver.name).toBe('APPRCV0001');
  });

  test('newest to oldest is refused', () => {
    roll();
    expect(() => entries(world, { startingReceiver: 'APPRCV0002', endingReceiver: 'APPRCV0001' })).toThrow(
      expect.objectContaining({ sqlCode: -443, secondLevel: expect.stringContaining('CPF7074') }),
    );
  });
});

describe('the sequence range', () => {
  test('both ends are inclusive, also the very last one', () => {
    for (const text of ['a', 'b', 'c']) put(text);
    const read = (from: bigint, to: bigint) =>
      entries(world, { startingSequence: from, endingSequence: to }).map((e) => e.sequence);
    expect(read(2n, 3n)).toEqual([2n, 3n]);
    expect(read(4n, 4n)).toEqual([4n]);
  });

  test.each([
    [99n, null],
    [1n, 99n],
  ])('from %s to %s: not found', (startingSequence, endingSequence) => {
    put('a');
    expect(() => entries(world, { startingSequence, endingSequence })).toThrow(
      sqlFailure('STARTING_SEQUENCE OR ENDING_SEQUENCE NOT FOUND'),
    );
  });

  test('an inverted range is CPF7054, not a lost position', () => {
    for (const text of ['a', 'b', 'c']) put(text);
    expect(() => entries(world, { startingReceiver: '*CURRENT', startingSequence: 4n, endingSequence: 3n })).toThrow(
      expect.objectContaining({ sqlCode: -443, secondLevel: expect.stringContaining('CPF7054') }),
    );
  });

  test('timestamps: a start older than the receiver gives all of it, an end stops the walk', () => {
    put('a');
    const middle = world.clock.now();
    put('b');
    expect(entries(world, { startingTimestamp: '2000-01-01T00:00:00.000000' })).toHaveLength(3);
    expect(types(entries(world, { startingTimestamp: middle }))).toEqual(['U 00']);
    expect(types(entries(world, { endingTimestamp: middle }))).toEqual(['J PR', 'U 00']);
  });

  test('a clock set back does not reorder entries', () => {
    put('a');
    world.clock.set('2026-11-21T03:00:00.000000');
    put('b');
    const [, a, b] = entries(world);
    expect(b!.sequence > a!.sequence && b!.timestamp < a!.timestamp).toBe(true);
  });
});

describe('filters', () => {
  test('codes, types, *RCD', () => {
    const stock = stockFile(world);
    const rrn = world.job.insertRow(stock, ['A1', '1', null]);
    world.job.updateRow(stock, rrn, new Map([[1, '2']]));
    expect(types(entries(world, { codes: ['R', 'D'] }))).toEqual(['D JF', 'R PT', 'R UB', 'R UP']);
    expect(types(entries(world, { types: ['PT', 'UP'] }))).toEqual(['R PT', 'R UP']);
    expect(types(entries(world, { types: ['*RCD'] }))).toEqual(['R PT', 'R UB', 'R UP']);
  });

  test('an object filter hides the entries of commitment control', () => {
    const stock = stockFile(world);
    const job = newJob(world.partition);
    job.commitLevel = 2;
    job.insertRow(stock, ['A1', '1', null]);
    job.commit();
    const filtered = entries(world, { objects: [{ library: 'APPLIB', name: 'STOCK' }], member: '*ALL' });
    expect(types(filtered)).toEqual(['D JF', 'F JM', 'R PT']);
  });

  test('an object filter follows the file that exists now: those of a dropped namesake are missed', () => {
    const stock = stockFile(world);
    world.job.insertRow(stock, ['OLD', '1', null]);
    world.cl('DLTF APPLIB/STOCK');
    const again = stockFile(world);
    world.job.insertRow(again, ['NEW', '1', null]);
    expect(entries(world, { types: ['PT'] })).toHaveLength(2);
    const filtered = entries(world, { objects: [{ library: 'APPLIB', name: 'STOCK' }], member: '*ALL', types: ['PT'] });
    expect(filtered).toHaveLength(1);
  });

  test('an object without a member, and one that was never journaled', () => {
    stockFile(world);
    const read = (name: string, member: string | null) => () =>
      entries(world, { objects: [{ library: 'APPLIB', name }], member });
    expect(read('STOCK', null)).toThrow(sqlFailure('MEMBER NOT VALID'));
    world.partition.createFile(world.job, { ...STOCK, name: 'PLAIN' });
    expect(read('PLAIN', '*ALL')).toThrow(
      expect.objectContaining({ sqlCode: -443, secondLevel: expect.stringContaining('PLAIN') }),
    );
  });

  test('user, job and program; a journal that omits them filters to nothing', () => {
    const stock = stockFile(world);
    const bernd = newJob(world.partition, 'BERND');
    bernd.program = { name: 'ORD100R', library: 'APPLIB' };
    bernd.insertRow(stock, ['B1', '1', null]);
    world.job.insertRow(stock, ['A1', '1', null]);
    expect(entries(world, { user: 'BERND' })).toHaveLength(1);
    expect(entries(world, { program: 'ORD100R' })).toHaveLength(1);
    const { number, user, name } = bernd.identity;
    expect(entries(world, { job: `${number}/${user}/${name}` })).toHaveLength(1);
    world.cl('CHGJRN JRN(APPLIB/APPJRN) FIXLENDTA(*JOB)');
    bernd.insertRow(stock, ['B2', '1', null]);
    expect(entries(world, { user: 'BERND' })).toHaveLength(1);
    expect(entries(world).at(-1)!.origin).toMatchObject({ userName: '*OMITTED', jobNumber: number });
  });
});

test('internal entries use sequence numbers and show only when asked for', () => {
  const journal = world.partition.journal('APPLIB', 'APPJRN')!;
  world.partition.journalStore.changeAttributes(journal, { internalEvery: 2 });
  for (const text of ['a', 'b', 'c', 'd']) put(text);
  expect(entries(world).map((e) => e.sequence)).toEqual([1n, 2n, 3n, 5n, 6n]);
  expect(entries(world, { includeInternal: true }).map((e) => e.sequence)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n]);
});

describe('journal caching', () => {
  test('cached entries are counted by the receiver and seen by nobody, until a commit', () => {
    const stock = stockFile(world);
    world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNCACHE(*YES)');
    const visible = entries(world).length;
    const since = lastSequence(world);
    world.job.insertRow(stock, ['A1', '1', null]);
    expect(lastSequence(world)).toBe(since + 1n);
    expect(entries(world)).toHaveLength(visible);
    expect(() => entries(world, { startingReceiver: '*CURRENT', startingSequence: since + 1n })).toThrow(
      sqlFailure('STARTING_SEQUENCE OR ENDING_SEQUENCE NOT FOUND'),
    );
    const job = newJob(world.partition);
    job.commitLevel = 2;
    job.insertRow(stock, ['A2', '1', null]);
    expect(entries(world)).toHaveLength(visible);
    job.commit();
    expect(types(entries(world)).slice(visible)).toEqual(['R PT', 'C BC', 'C SC', 'R PT', 'C CM']);
  });

  test('the cache is written out by itself after the wait time', () => {
    const stock = stockFile(world);
    world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNCACHE(*YES)');
    const visible = entries(world).length;
    world.job.insertRow(stock, ['A1', '1', null]);
    expect(entries(world)).toHaveLength(visible);
    world.clock.set('2026-11-21T20:44:59.000000');
    expect(entries(world)).toHaveLength(visible + 1);
  });
});

describe('authority', () => {
  const read = () =>
    [...world.partition.readJournal('CDCUSR', { journalLibrary: 'APPLIB', journalName: 'APPJRN' })].flat();

  test('to the journal, its receiver, its library', () => {
    expect(read()).toHaveLength(1);
    world.cl('RVKOBJAUT OBJ(APPLIB/APPRCV0001) OBJTYPE(*JRNRCV) USER(CDCUSR) AUT(*ALL)');
    expect(read).toThrow(sqlFailure('Not authorized to object APPRCV0001 in APPLIB.'));
    world.cl('GRTOBJAUT OBJ(APPLIB/*ALL) OBJTYPE(*JRNRCV) USER(CDCUSR) AUT(*USE)');
    expect(read()).toHaveLength(1);
    world.cl('GRTOBJAUT OBJ(APPLIB) OBJTYPE(*LIB) USER(CDCUSR) AUT(*EXCLUDE)');
    expect(read).toThrow(sqlFailure('Not authorized to use library APPLIB.'));
  });

  test('*OBJEXIST is needed unless objects are named', () => {
    stockFile(world);
    world.cl('RVKOBJAUT OBJ(APPLIB/APPJRN) OBJTYPE(*JRN) USER(CDCUSR) AUT(*OBJEXIST)');
    expect(read).toThrow(sqlFailure('Not authorized to object APPJRN in APPLIB.'));
    const named = world.partition.readJournal('CDCUSR', {
      journalLibrary: 'APPLIB',
      journalName: 'APPJRN',
      objects: [{ library: 'APPLIB', name: 'STOCK' }],
      member: '*ALL',
    });
    expect([...named].flat()).toHaveLength(2);
  });

  test('a generated receiver carries the authorities of the one before', () => {
    world.cl('GRTOBJAUT OBJ(APPLIB/APPRCV0001) OBJTYPE(*JRNRCV) USER(CDCUSR) AUT(*EXCLUDE)');
    roll();
    expect(read).toThrow(sqlFailure('Not authorized to object APPRCV0002 in APPLIB.'));
  });

  test('SQL access to a file: -551', () => {
    stockFile(world);
    const check = (right: string) => () =>
      world.partition.checkAuthority('CDCUSR', { library: 'APPLIB', name: 'STOCK', type: '*FILE' }, right);
    world.cl('GRTOBJAUT OBJ(APPLIB/STOCK) OBJTYPE(*FILE) USER(*PUBLIC) AUT(*USE) REPLACE(*YES)');
    expect(check('*UPD')).toThrow(expect.objectContaining({ sqlCode: -551, sqlState: '42501' }));
    expect(check('*READ')).not.toThrow();
  });
});

test('a chunk at a time: writers may write while a reader reads', () => {
  const stock = stockFile(world);
  for (let i = 0; i < 1200; i++) world.job.insertRow(stock, [`${i}`, '1', null]);
  let read = 0;
  for (const chunk of world.partition.readJournal('ANNA', { journalLibrary: 'APPLIB', journalName: 'APPJRN' })) {
    read += chunk.length;
    world.job.insertRow(stock, [`x${read % 997}`, '1', null]);
  }
  expect(read).toBe(1203);
});
