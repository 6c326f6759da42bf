/** Journals and receivers as releases list them: with stars and without, columns that came later, links that lead nowhere. */
import { readIndexLeads } from '../../src/catalog/index-leads';
import { readCacheWaitSeconds, readJournals, readReceivers } from '../../src/catalog/journals';
import type { SqlValue } from '../../src/transport/transport';
import { AnsweringConnection, refused } from './support/answering';

type Row = Readonly<Record<string, SqlValue>>;
const q = (library: string, name: string) => ({ library, name });
const ORDJRN = q('ORDLIB', 'ORDJRN');

const JOURNAL: Row = {
  JOURNAL_LIBRARY: 'ORDLIB',
  JOURNAL_NAME: 'ORDJRN    ',
  JOURNAL_TYPE: '*LOCAL',
  JOURNAL_STATE: '*ACTIVE',
  JOURNAL_CACHE: '*NO',
  MINIMIZE_ESD_FOR_FILES: '*NONE',
  RECEIVER_MAXIMUM_SIZE: '*MAXOPT3',
  MANAGE_RECEIVER_OPTION: '*SYSTEM',
  DELETE_RECEIVER_OPTION: '*NO',
  NUMBER_JOURNAL_RECEIVERS: 3,
  ATTACHED_JOURNAL_RECEIVER_LIBRARY: 'RCVLIB',
  ATTACHED_JOURNAL_RECEIVER_NAME: 'RCV0003',
  FIXED_LENGTH_DATA_INCLUDES_USER_NAME: 'YES',
};

const journal = async (more: Row = {}) => {
  const connection = new AnsweringConnection([[/JOURNAL_INFO/, [{ ...JOURNAL, ...more }]]]);
  return (await readJournals(connection, [ORDJRN]))[0]!;
};

test('everything that is listed of a journal', async () => {
  expect(await journal()).toEqual({
    name: ORDJRN,
    type: '*LOCAL',
    state: '*ACTIVE',
    cached: false,
    minimized: '*NONE',
    receiverMaximum: '*MAXOPT3',
    systemManaged: true,
    deletesReceivers: false,
    receivers: 3,
    attached: q('RCVLIB', 'RCV0003'),
    recordsUser: true,
  });
});

test.each<[string, Row, object]>([
  ['cached', { JOURNAL_CACHE: '*YES' }, { cached: true }],
  ['cached, without a star', { JOURNAL_CACHE: 'YES' }, { cached: true }],
  ['cached, silent', { JOURNAL_CACHE: null }, { cached: false }],
  ['minimized to fields', { MINIMIZE_ESD_FOR_FILES: 'FLDBDY' }, { minimized: '*FLDBDY' }],
  ['minimized, silent', { MINIMIZE_ESD_FOR_FILES: '' }, { minimized: '*NONE' }],
  ['managed by the user', { MANAGE_RECEIVER_OPTION: '*USER' }, { systemManaged: false }],
  ['managed by the system, without a star', { MANAGE_RECEIVER_OPTION: 'SYSTEM' }, { systemManaged: true }],
  ['deletes', { DELETE_RECEIVER_OPTION: 'YES' }, { deletesReceivers: true }],
  ['no receiver attached, as on a remote one', { ATTACHED_JOURNAL_RECEIVER_NAME: null }, { attached: null }],
  ['no users recorded', { FIXED_LENGTH_DATA_INCLUDES_USER_NAME: 'NO' }, { recordsUser: false }],
  ['the same with a star', { FIXED_LENGTH_DATA_INCLUDES_USER_NAME: '*NO' }, { recordsUser: false }],
  ['users: silent', { FIXED_LENGTH_DATA_INCLUDES_USER_NAME: null }, { recordsUser: true }],
  ['receivers not counted', { NUMBER_JOURNAL_RECEIVERS: null }, { receivers: null }],
])('%s', async (_, more, expected) => {
  expect(await journal(more)).toMatchObject(expected);
});

test('a release that does not say whether users are recorded is asked for the rest', async () => {
  const connection = new AnsweringConnection([
    [/FIXED_LENGTH_DATA/, refused(-206)],
    [/JOURNAL_INFO/, [JOURNAL]],
  ]);
  expect(await readJournals(connection, [ORDJRN])).toHaveLength(1);
  expect(connection.asked).toHaveLength(2);
});

test('many journals in one statement, of which only the asked ones count', async () => {
  const of = (library: string, name: string): Row => ({ ...JOURNAL, JOURNAL_LIBRARY: library, JOURNAL_NAME: name });
  const connection = new AnsweringConnection([
    [/JOURNAL_INFO/, [of('A', 'X'), of('A', 'Y'), of('B', 'X'), of('B', 'Y')]],
  ]);
  const found = await readJournals(connection, [q('A', 'X'), q('B', 'Y')]);
  expect(found.map((j) => j.name)).toEqual([q('A', 'X'), q('B', 'Y')]);
  expect(connection.asked.map((a) => a.params)).toEqual([['A', 'B', 'X', 'Y']]);
  expect(await readJournals(connection, [])).toEqual([]);
  expect(connection.asked).toHaveLength(1);
});

const RECEIVER: Row = {
  JOURNAL_RECEIVER_LIBRARY: 'RCVLIB',
  JOURNAL_RECEIVER_NAME: 'RCV0002',
  STATUS: 'ONLINE',
  FIRST_SEQUENCE_NUMBER: '101',
  LAST_SEQUENCE_NUMBER: '18446744073709551600',
  NUMBER_OF_JOURNAL_ENTRIES: '100',
  ATTACH_TIMESTAMP: '2024-03-05T09:30:15.123456',
  DETACH_TIMESTAMP: '2024-03-06T00:00:00.000000',
  PREVIOUS_JOURNAL_RECEIVER_LIBRARY: 'RCVLIB',
  PREVIOUS_JOURNAL_RECEIVER: 'RCV0001',
  NEXT_JOURNAL_RECEIVER_LIBRARY: 'RCVLIB',
  NEXT_JOURNAL_RECEIVER: 'RCV0003',
  SIZE: '5120',
};

const receiver = async (more: Row = {}) => {
  const connection = new AnsweringConnection([[/JOURNAL_RECEIVER_INFO/, [{ ...RECEIVER, ...more }]]]);
  return (await readReceivers(connection, ORDJRN))[0]!;
};

test('everything that is listed of a receiver, exactly', async () => {
  expect(await receiver()).toEqual({
    name: q('RCVLIB', 'RCV0002'),
    status: 'ONLINE',
    first: 101n,
    last: 18446744073709551600n,
    entries: 100n,
    attached: '2024-03-05T09:30:15.123456',
    detached: '2024-03-06T00:00:00.000000',
    previous: q('RCVLIB', 'RCV0001'),
    next: q('RCVLIB', 'RCV0003'),
    sizeKb: 5120n,
  });
});

test.each<[string, Row, object]>([
  ['attached', { STATUS: 'ATTACHED' }, { status: 'ATTACHED' }],
  ['with a star', { STATUS: '*ATTACHED' }, { status: 'ATTACHED' }],
  ['in small letters', { STATUS: 'saved' }, { status: 'SAVED' }],
  ['freed', { STATUS: '*FREED' }, { status: 'FREED' }],
  ['partial', { STATUS: 'PARTIAL' }, { status: 'PARTIAL' }],
  ['empty', { STATUS: 'EMPTY' }, { status: 'EMPTY' }],
  ['a word nobody knows', { STATUS: 'ONLINE2' }, { status: 'ONLINE' }],
  ['no status', { STATUS: null }, { status: 'ONLINE' }],
  [
    "Db2's own timestamp",
    { ATTACH_TIMESTAMP: '2024-03-05-09.30.15.123456' },
    { attached: '2024-03-05T09:30:15.123456' },
  ],
  ['a blank within', { ATTACH_TIMESTAMP: '2024-03-05 09:30:15' }, { attached: '2024-03-05T09:30:15.000000' }],
  ['not detached yet', { DETACH_TIMESTAMP: null }, { detached: null }],
  ['a time nobody can read', { ATTACH_TIMESTAMP: 'yesterday' }, { attached: '' }],
  ['the first of a chain', { PREVIOUS_JOURNAL_RECEIVER: '*NONE' }, { previous: null }],
  ['the same, silent', { PREVIOUS_JOURNAL_RECEIVER: null }, { previous: null }],
  ['the last of a chain', { NEXT_JOURNAL_RECEIVER: '' }, { next: null }],
  ['no entry yet', { FIRST_SEQUENCE_NUMBER: null, LAST_SEQUENCE_NUMBER: null }, { first: 0n, last: 0n }],
  ['entries not counted', { NUMBER_OF_JOURNAL_ENTRIES: null }, { entries: null }],
])('%s', async (_, more, expected) => {
  expect(await receiver(more)).toMatchObject(expected);
});

test('a release without sizes is asked for the rest', async () => {
  const { SIZE: _, ...rest } = RECEIVER;
  const connection = new AnsweringConnection([
    [/, SIZE /, refused(-206)],
    [/JOURNAL_RECEIVER_INFO/, [rest]],
  ]);
  expect((await readReceivers(connection, ORDJRN))[0]).toMatchObject({ sizeKb: null, first: 101n });
});

test.each<[string, ConstructorParameters<typeof AnsweringConnection>[0][number][1], number]>([
  ['as set', [{ JOURNAL_CACHE_WAIT_TIME: 45 }], 45],
  ['by default', [{ JOURNAL_CACHE_WAIT_TIME: null }], 30],
  ['no row', [], 30],
  ['a release without it', refused(-206), 30],
  ['a profile that may not ask', refused(-551), 30],
])('cached entries wait: %s', async (_, answer, seconds) => {
  expect(await readCacheWaitSeconds(new AnsweringConnection([[/SYSTEM_STATUS/, answer]]))).toBe(seconds);
});

describe('first columns of indexes', () => {
  const row = (TS: string, TN: string, CO: string): Row => ({ TS, TN, CO });

  test('of indexes and constraints, in two statements for all tables', async () => {
    const connection = new AnsweringConnection([
      [/SYSINDEXES/, [row('L', 'A', 'CHANGED'), row('L', 'B', 'NAME      ')]],
      [/SYSKEYCST/, [row('L', 'A', 'ID')]],
    ]);
    expect(await readIndexLeads(connection, [q('L', 'A'), q('L', 'B')])).toEqual([
      { table: q('L', 'A'), column: 'CHANGED' },
      { table: q('L', 'B'), column: 'NAME' },
      { table: q('L', 'A'), column: 'ID' },
    ]);
    expect(connection.asked.map((a) => a.params)).toEqual([
      ['L', 'A', 'B'],
      ['L', 'A', 'B'],
    ]);
  });

  test('what a profile may not read counts as none, and nothing is asked for no table', async () => {
    const connection = new AnsweringConnection([[/./, refused(-551)]]);
    expect(await readIndexLeads(connection, [q('L', 'A')])).toEqual([]);
    expect(await readIndexLeads(connection, [])).toEqual([]);
    expect(connection.asked).toHaveLength(2);
  });
});
