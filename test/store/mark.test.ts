/** What is remembered of a state file outside of it, and words for what SQLite says of one. */
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isCoded } from '../../src/errors/coded-error';
import { DiskRoom } from '../../src/store/disk-room';
import { isDiskFull, notOpened, storeFault } from '../../src/store/faults';
import { forgetMark, isSameThing, Mark, markPath, type RememberedFile, readMark, thingOf } from '../../src/store/mark';
import { Store } from '../../src/store/store';
import { readWitness, writeWitness } from '../../src/store/witness';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-mark-'));
  file = join(folder, 's.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'));
const whole = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const remembered: fc.Arbitrary<RememberedFile> = fc.record({
  // the widths of what a life makes
  identity: hex(16),
  incarnation: hex(12),
  thing: fc.tuple(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 63n - 1n)).map(([ino, born]) => `${ino}-${born}`),
  commits: whole,
  fullSince: fc.option(fc.constantFrom(0, 1_795_867_200_000, 8_640_000_000_000_000)),
  log: fc.option(
    fc.record({
      salt: hex(8),
      frames: fc.constantFrom(0, 1, 1024, 4_294_967_295),
      tie: fc.constantFrom(0, 2_147_483_647),
    }),
  ),
});

describe('the mark', () => {
  test('property: is read as it was written, over whatever stood there before', () => {
    const mark = new Mark(file);
    fc.assert(
      fc.property(remembered, fc.boolean(), (what, durable) => {
        mark.write(what, durable);
        expect(readMark(file)).toEqual(what);
        // always as long: it needs no space when the disk is full
        expect(statSync(markPath(file)).size).toBe(512);
        expect(readFileSync(markPath(file), 'utf8').trimEnd().split('\n')).toHaveLength(1);
      }),
    );
    mark.close();
  });

  test.each([
    ['nothing', null],
    ['an empty file', ''],
    ['no JSON', '{"identity":'],
    ['a list', '[1]'],
    ['null', 'null'],
    ['no identity', '{"incarnation":"a","commits":1}'],
    ['a count that is none', '{"identity":"i","incarnation":"a","commits":1.5}'],
    ['a count too large to be exact', '{"identity":"i","incarnation":"a","commits":9007199254740993}'],
  ])('%s is no mark', (_, text) => {
    if (text !== null) writeFileSync(markPath(file), text);
    expect(readMark(file)).toBeNull();
  });

  test('one of an older version: no thing, no log, nothing said of the disk', () => {
    writeFileSync(markPath(file), '{"identity":"i","incarnation":"a","commits":7}\n');
    expect(readMark(file)).toMatchObject({ identity: 'i', incarnation: 'a', commits: 7, fullSince: null, log: null });
    forgetMark(file);
    expect(readMark(file)).toBeNull();
    forgetMark(file);
  });

  test('a copy is another thing than the file; a renamed file, or one that was written to, is the same', () => {
    writeFileSync(file, 'x');
    const thing = thingOf(file);
    writeFileSync(`${file}.copy`, 'x');
    expect(isSameThing(thingOf(`${file}.copy`), thing)).toBe(false);
    writeFileSync(file, 'longer than before');
    expect(isSameThing(thingOf(file), thing)).toBe(true);
    renameSync(file, `${file}.moved`);
    expect(isSameThing(thingOf(`${file}.moved`), thing)).toBe(true);
  });

  test.each([
    ['17', '17', true],
    ['17-5', '17-5', true],
    // made in the very tick in which it was looked at first: its birth is known later only
    ['17', '17-5', true],
    ['17-5', '17', true],
    ['17-5', '17-6', false],
    ['17', '18', false],
    ['17-5', '18-5', false],
    ['1', '17', false],
  ])('%s and %s: %s', (a, b, same) => expect(isSameThing(a, b)).toBe(same));

  test('what lies outside of the folder knows the file by what it is, not by its name', () => {
    writeFileSync(file, 'x');
    expect(readWitness(file)).toBeNull();
    writeWitness(file, { identity: 'i', incarnation: 'a', commits: 3 });
    expect(readWitness(file)).toEqual({ identity: 'i', incarnation: 'a', commits: 3 });
    writeFileSync(`${file}.copy`, 'x');
    expect(readWitness(`${file}.copy`)).toBeNull();
    expect(readWitness(join(folder, 'none'))).toBeNull();
    writeWitness(join(folder, 'none'), { identity: 'i', incarnation: 'a', commits: 3 });
  });
});

const sqlite = (code: string) => Object.assign(new Error('as SQLite says it'), { code });

test.each([
  ['SQLITE_FULL', 'STORE_FULL'],
  ['SQLITE_IOERR_SHMSIZE', 'STORE_FULL'],
  ['SQLITE_BUSY', 'STORE_BUSY'],
  ['SQLITE_BUSY_SNAPSHOT', 'STORE_BUSY'],
  ['SQLITE_READONLY_DBMOVED', 'STORE_READONLY'],
  ['SQLITE_CANTOPEN', 'STORE_OPEN'],
  ['SQLITE_NOTADB', 'STORE_NOT_A_DATABASE'],
  ['SQLITE_CORRUPT_INDEX', 'STORE_CORRUPT'],
  ['SQLITE_IOERR_FSYNC', 'STORE_IO'],
  // a mistake of ours, which stays a bug
  ['SQLITE_ERROR', null],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', null],
  ['ENOENT', null],
])('%s is %s', (result, code) => {
  const cause = sqlite(result);
  const fault = storeFault(file, cause);
  if (code === null) {
    expect(fault).toBe(cause);
    return;
  }
  expect(fault).toMatchObject({ code, family: 'store', next: expect.any(String), cause });
  expect((fault as Error).message).toContain(file);
  expect((fault as Error).message).toContain(result);
  // said once is said
  expect(storeFault(file, fault)).toBe(fault);
});

test.each([
  [Object.assign(new Error('no room'), { code: 'ENOSPC' }), 'STORE_FULL'],
  [Object.assign(new Error('not yours'), { code: 'EACCES' }), 'STORE_OPEN'],
  [sqlite('SQLITE_BUSY'), 'STORE_BUSY'],
  ['a word', 'STORE_OPEN'],
])('what keeps it from being opened, %s, is %s', (cause, code) => {
  const fault = notOpened(file, cause);
  expect([fault.code, isCoded(fault), isDiskFull(fault)]).toEqual([code, true, code === 'STORE_FULL']);
});

describe('a full disk as a state of its own', () => {
  const SCHEMA = { name: 'room', steps: ['CREATE TABLE t (v INTEGER)'] };
  const reserve = () => statSync(`${file}.reserve`, { throwIfNoEntry: false })?.size ?? null;

  test('the reserve is given up when it is met, kept again when there is room, and gone in the end', async () => {
    using store = Store.open(file, [SCHEMA], { owner: true });
    store.owner!.begin(0);
    const told: boolean[] = [];
    const room = new DiskRoom(store, (full) => told.push(full));
    const bytes = reserve()!;
    expect(bytes).toBeGreaterThan(0);
    expect(room.met(sqlite('SQLITE_BUSY'))).toBe(false);
    expect(room.met(new Error('of something else'))).toBe(false);
    expect([room.fullSince, reserve()]).toEqual([null, bytes]);

    expect(room.met(sqlite('SQLITE_FULL'))).toBe(true);
    const since = room.fullSince!;
    expect([reserve(), readMark(file)?.fullSince]).toEqual([null, since]);
    // everything goes on being refused meanwhile, and the beginning stays the beginning
    expect(room.met(sqlite('SQLITE_FULL'))).toBe(true);
    expect([room.fullSince, told]).toEqual([since, [true]]);

    // this disk has room, so a look finds it
    await room.room(new AbortController().signal);
    expect([room.fullSince, told, reserve(), readMark(file)?.fullSince]).toEqual([null, [true, false], bytes, null]);
    room[Symbol.dispose]();
    expect(reserve()).toBeNull();
  });

  test('whoever waits for room need not wait when everything ends', async () => {
    using store = Store.open(file, [SCHEMA], { owner: true });
    store.owner!.begin(0);
    using room = new DiskRoom(store, () => undefined);
    room.met(sqlite('SQLITE_FULL'));
    await room.room(AbortSignal.abort());
    expect(room.fullSince).not.toBeNull();
  });
});
