/** Lookups: fixed values, and answers from a table with a cache that forgets in time, in size and on change. */
import { parseName } from '../../src/model/position';
import { bodyOf, change, eventsOf, image, inserted, LINE, mapperFor, ORDER, ORDHDR, ORDLIN } from './support';

const YAML = `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    columns: { ORDNO: number }
    lookups:
      status: { values: { "10": open, "20": approved }, otherwise: unknown }
      customer: { table: ORDLIB/CUSMAS, key: CUSNO, value: NAME1, ttl: 1m, max: 2 }
    expressions:
      status: "lookup('status', STS)"
      customer: "lookup('customer', CUSNO)"
`;

const after = (draft: Parameters<typeof bodyOf>[0]): Record<string, unknown> => bodyOf(draft).data.after;

test('fixed values', () => {
  const mapper = mapperFor(YAML);
  const status = (sts: string): unknown => after(eventsOf(mapper, inserted({ ...ORDER, STS: sts }))[0]!)['status'];
  expect([status('10'), status('20'), status('99'), status('constructor'.slice(0, 2))]).toEqual([
    'open',
    'approved',
    'unknown',
    'unknown',
  ]);
});

test('answers come from the partition once, then from the cache, until they are old or the table changes', async () => {
  let now = 0;
  const mapper = mapperFor(`${YAML}  ORDLIB/CUSMAS: { event: customer, key: [ORDNO] }\n`, {
    now: () => now,
    formats: [ORDLIN, { ...ORDLIN, table: 'ORDLIB/CUSMAS' }, ORDHDR],
  });
  const asked: string[][] = [];
  const loader = async (questions: readonly { key: string }[]) => {
    asked.push(questions.map((q) => q.key));
    return new Map(questions.filter((q) => q.key !== '404').map((q) => [q.key, `name ${q.key}`]));
  };
  const customer = async (number: string): Promise<unknown> => {
    const c = inserted({ ...ORDER, CUSNO: number });
    mapper.beginUnit();
    let [draft] = eventsOf(mapper, c);
    if (mapper.missingLookups().length > 0) {
      await mapper.loadLookups(loader);
      mapper.beginUnit();
      [draft] = eventsOf(mapper, c);
    }
    expect(mapper.missingLookups()).toEqual([]);
    return after(draft!)['customer'];
  };
  expect(await customer('1')).toBe('name 1');
  expect(await customer('1')).toBe('name 1');
  expect(await customer('404')).toBeNull();
  expect(await customer('404')).toBeNull();
  expect(asked).toEqual([['1'], ['404']]);
  now += 60_001;
  expect(await customer('1')).toBe('name 1');
  expect(asked).toHaveLength(3);
  mapper.map(change({ op: 'insert', table: parseName('ORDLIB/CUSMAS')!, after: image(ORDLIN, LINE) }));
  expect(await customer('1')).toBe('name 1');
  expect(asked).toHaveLength(4);
  // two answers are kept: the oldest goes
  await customer('2');
  await customer('3');
  await customer('1');
  expect(asked.slice(4)).toEqual([['2'], ['3'], ['1']]);
});

/** A mapper of headers that look their customer up in a table that is captured, too. */
function withCustomers() {
  const mapper = mapperFor(`${YAML}  ORDLIB/CUSMAS: { event: customer, key: [ORDNO] }\n`, {
    now: () => 0,
    formats: [ORDLIN, { ...ORDLIN, table: 'ORDLIB/CUSMAS' }, ORDHDR],
  });
  const changed = change({ op: 'insert', table: parseName('ORDLIB/CUSMAS')!, after: image(ORDLIN, LINE) });
  const order = inserted({ ...ORDER, CUSNO: '7' });
  return { mapper, changed, order };
}

test('a unit that changes what it looks up is answered as of after the change', async () => {
  const { mapper, changed, order } = withCustomers();
  const walk = (again: boolean): unknown => {
    mapper.beginUnit(false, again);
    mapper.map(changed);
    return after(eventsOf(mapper, order)[0]!)['customer'];
  };
  expect(walk(false)).toBeNull();
  await mapper.loadLookups(async () => new Map([['7', 'after']]));
  expect(walk(true)).toBe('after');
  expect(mapper.missingLookups()).toEqual([]);
});

test('an answer under way while its table changes is asked for again', async () => {
  const { mapper, changed, order } = withCustomers();
  mapper.beginUnit();
  eventsOf(mapper, order);
  const answers = ['before', 'after'];
  await mapper.loadLookups(async () => {
    const name = answers.shift()!;
    if (name === 'before') {
      // another stage maps a unit of its own meanwhile
      mapper.beginUnit();
      mapper.map(changed);
    }
    return new Map([['7', name]]);
  });
  mapper.beginUnit(false, true);
  expect(after(eventsOf(mapper, order)[0]!)['customer']).toBe('after');
});
