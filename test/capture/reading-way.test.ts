/** `auto` goes on by SQL where the API answered at first and fails later; what SQL would meet, too, stays an error. */
import { ReadingWay } from '../../src/capture/reading-way';
import { CodedError, HostMessageError } from '../../src/errors/coded-error';
import type { ReadWay } from '../../src/journal/position/checkpoint-table';
import type { SqlConnection } from '../../src/transport/transport';
import { APPJRN, JournalWorld } from '../journal/world';

const { signal } = new AbortController();
let world: JournalWorld;
let said: ReadWay[];
let at: number;
beforeEach(async () => {
  world = await JournalWorld.open();
  said = [];
  at = 0;
});
afterEach(() => world[Symbol.dispose]());

const connection = (): SqlConnection =>
  Object.assign(world.connect('READER'), { programs: async () => world.connectPrograms() });
const wayOf = (reader: 'auto' | 'api'): ReadingWay =>
  new ReadingWay(
    { reader, journal: APPJRN },
    (way) => said.push(way),
    () => at,
  );

test('a reply that is not understood: by SQL at once, by the API again after ten minutes', async () => {
  const way = wayOf('auto');
  expect((await way.choose(connection(), signal)).programs).toBeDefined();
  expect(way.gaveUp(new CodedError({ code: 'ENTRY_FORMAT', message: 'askew' }))).toBe(true);
  expect(await way.choose(connection(), signal)).toEqual({ way: { reader: 'sql', because: 'ENTRY_FORMAT: askew' } });
  at = 599_999;
  expect((await way.choose(connection(), signal)).programs).toBeUndefined();
  at = 600_000;
  expect((await way.choose(connection(), signal)).programs).toBeDefined();
  expect(said.map((s) => s.reader)).toEqual(['api', 'sql', 'sql', 'api']);
});

test.each([
  new CodedError({ code: 'EXIT_PROGRAM', message: 'no' }),
  new HostMessageError('QSYS/QJOURNAL', [{ id: 'CPF3C21', severity: 40, text: 'Format name', help: '' }]),
])("$code is the API's alone", async (error) => {
  const way = wayOf('auto');
  await way.choose(connection(), signal);
  expect(way.gaveUp(error)).toBe(true);
});

test.each(['CONNECTION_LOST', 'JOURNAL_NOT_AUTHORIZED', 'POSITION_LOST'] as const)('%s is not', async (code) => {
  const way = wayOf('auto');
  await way.choose(connection(), signal);
  expect(way.gaveUp(new CodedError({ code, message: 'x' }))).toBe(false);
});

test('what was configured is not given up', async () => {
  const way = wayOf('api');
  await way.choose(connection(), signal);
  expect(way.gaveUp(new CodedError({ code: 'ENTRY_FORMAT', message: 'askew' }))).toBe(false);
});
