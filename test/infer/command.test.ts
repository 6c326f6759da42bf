/** `infer` as a person runs it: over the wire, against tables whose meaning is known. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { Desk } from '../support/desk';

let desk: Desk;

beforeAll(async () => {
  desk = await Desk.open();
  const run = (sql: string): Promise<void> => desk.sql(sql);
  // a library, not a schema: what is created in it is not journaled by itself
  await desk.cl('CRTLIB LIB(SALES)');
  await run(
    'CREATE TABLE SALES.INVHDR (INVNO DECIMAL(7,0) NOT NULL PRIMARY KEY, INVDAT DECIMAL(8,0) NOT NULL, CUSTOMER_NAME VARCHAR(40) NOT NULL)',
  );
  await run(
    `CREATE TABLE SALES.INVLIN (INVNO DECIMAL(7,0) NOT NULL, LINNO DECIMAL(3,0) NOT NULL, NOTE CHAR(10) FOR BIT DATA NOT NULL,
 CONSTRAINT INVLIN_PK PRIMARY KEY (INVNO, LINNO), CONSTRAINT INVLIN_FK FOREIGN KEY (INVNO) REFERENCES SALES.INVHDR (INVNO) ON DELETE CASCADE)`,
  );
  await run(
    'CREATE TABLE SALES.OLLIN (OLINV DECIMAL(7,0) NOT NULL, OLLIN DECIMAL(3,0) NOT NULL, PRIMARY KEY (OLINV, OLLIN))',
  );
  await run('CREATE TABLE SALES.OHHDR (OHINV DECIMAL(7,0) NOT NULL PRIMARY KEY)');
  await run("LABEL ON TABLE SALES.INVHDR IS 'Invoice headers'");
  await run("LABEL ON COLUMN SALES.INVHDR (INVDAT TEXT IS 'Invoice date # not: a trap')");
  await run(
    'CREATE TABLE SALES.MULTI (NO DECIMAL(7,0) NOT NULL PRIMARY KEY, RECTYP CHAR(1) NOT NULL, AMT DECIMAL(9,2) NOT NULL)',
  );
  for (let i = 0; i < 30; i++) {
    await run(`INSERT INTO SALES.MULTI VALUES(${i}, '${'HPP'[i % 3]}', ${i}.5)`);
    await run(`INSERT INTO SALES.INVHDR VALUES(${7000 + i * 3}, ${20_260_101 + i}, 'Rosa Weber')`);
    await run(`INSERT INTO SALES.INVLIN VALUES(${7000 + i * 3}, 1, BX'D4D0939385994040D4F1')`);
    await run(`INSERT INTO SALES.OHHDR VALUES(${900 + i})`);
    await run(`INSERT INTO SALES.OLLIN VALUES(${900 + i}, 1)`);
  }
}, 60_000);
afterAll(async () => desk?.[Symbol.asyncDispose]());
beforeEach(() => desk.write('tables:\n  ORDLIB/ORDHDR: { event: order }\n'));

/** What the partition is asked to prepare meanwhile. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const { engine } = desk.partition;
  const statements: string[] = [];
  const openSession = engine.openSession.bind(engine);
  const spy = jest.spyOn(engine, 'openSession').mockImplementation((identity) => {
    const session = openSession(identity);
    const prepare = session.prepare.bind(session);
    session.prepare = (sql) => {
      statements.push(sql);
      return prepare(sql);
    };
    return session;
  });
  await work();
  spy.mockRestore();
  return statements;
}

interface Proposed {
  readonly event: string;
  readonly key?: readonly string[];
  readonly capture: unknown;
  readonly columns: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;
}

async function inferred(...args: readonly string[]): Promise<{ text: string; tables: Record<string, Proposed> }> {
  const { code, out, err } = await desk.cli('infer', ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return { text: out, tables: parse(out) as Record<string, Proposed> };
}

test('the seeded library: what a person who knows it would write', async () => {
  const { text, tables } = await inferred('--library', 'ORDLIB');
  expect(text).toMatch(/^# TABLE .*\n# ORDLIB\/CUSMAS +200 /);
  expect(tables['ORDLIB/ORDHDR']).toMatchObject({
    event: 'order',
    key: ['ORDNO'],
    capture: 'journal',
    columns: {
      ORDNO: 'orderNumber',
      CUSNO: 'customerNumber',
      STS: 'status',
      ORDDAT: { as: 'orderDate', date: 'cyymmdd' },
      DLVDAT: { as: 'deliveryDate', date: 'cyymmdd', sentinels: [0], onError: 'zero-if-blank' },
      CHGDAT: { date: 'cyymmdd', withTime: 'CHGTIM' },
      CHGTIM: { time: 'hhmmss' },
    },
  });
  expect(tables['ORDLIB/PRICES']).toMatchObject({
    capture: { window: { by: ['CHGDAT', 'CHGTIM'], date: 'cyymmdd' } },
    columns: { VLDFRM: { date: 'cyymmdd' } },
  });
  expect(text).toContain('# parent: { event: order, table: ORDLIB/ORDHDR, key: { ORDNO: ORDNO } }');
  expect(text).toMatch(/mask:\n.*NAME1: redact\n.*NAME2: redact\n.*EMAIL: redact/);
  expect(text).toMatch(/DLVDAT|258 are 0/);
}, 60_000);

test('what it prints passes validate and plan as it stands', async () => {
  const { text } = await inferred('--library', 'ORDLIB', '--table', 'SALES/INVHDR', '--table', 'SALES/INVLIN');
  desk.write(`tables:\n${text}`);
  // the warning is that of the desk, which speaks without TLS
  expect(await desk.cli('validate')).toMatchObject({
    code: 0,
    out: expect.stringContaining('8 tables, 8 rules, 1 warning'),
  });
  const { code, out } = await desk.cli('plan', '--json');
  const states = (JSON.parse(out) as { tables: { table: string; state: string }[] }).tables;
  expect(code).toBe(0);
  expect(states.filter((t) => t.state !== 'ok').map((t) => t.table)).toEqual(['SALES/INVHDR', 'SALES/INVLIN']);
  expect(states).toHaveLength(8);
}, 60_000);

test('the first tests it writes pass as written, in the configuration it proposes', async () => {
  const tests = join(dirname(desk.config), 'first.test.yaml');
  const args = ['--library', 'ORDLIB', '--table', 'SALES/INVHDR', '--table', 'SALES/INVLIN', '--test', tests];
  const { code, out, err } = await desk.cli('infer', ...args);
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/^wrote .*first\.test\.yaml and 8 record formats/),
  });
  desk.write(`tables:\n${out}`);
  const run = await desk.cli('test', '--json');
  const results = run.out
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l) as { name: string; ok: boolean });
  expect({ code: run.code, failed: results.filter((r) => !r.ok) }).toEqual({ code: 0, failed: [] });
  // each table has a row that is new and one that goes; a date as the file has it becomes one a person reads
  expect(results.filter((r) => r.name.endsWith(': a new row')).length).toBe(8);
  const text = readFileSync(tests, 'utf8');
  expect(text).toMatch(/ORDDAT: "1261121"/);
  expect(text).toMatch(/orderDate: "2026-11-21"/);
  expect(results.map((r) => r.name)).toContain('ORDLIB/ORDHDR: DLVDAT was never written: blanks');
  // no value of a row of the partition is in it
  expect(text).not.toContain('Rosa Weber');
  // what is expected is compared: another date in the row fails
  writeFileSync(tests, text.replace('ORDDAT: "1261121"', 'ORDDAT: "1261122"'));
  expect((await desk.cli('test')).code).toBe(5);
  expect(await desk.cli('infer', ...args)).toMatchObject({ code: 2, err: expect.stringContaining('already there') });
}, 60_000);

test('foreign keys, labels, bytes that are text, and names that differ by the prefix of their file', async () => {
  const { text, tables } = await inferred('--library', 'SALES');
  expect(tables['SALES/INVHDR']).toMatchObject({
    event: 'invoice',
    columns: { INVDAT: { as: 'invoiceDateNotATrap', date: 'ccyymmdd' }, CUSTOMER_NAME: 'customerName' },
  });
  expect(tables['SALES/INVLIN']!.columns).toMatchObject({ NOTE: { ccsid: 273 } });
  expect(text).toContain('# foreign key INVLIN_FK;');
  expect(text).toContain('# parent: { event: ohhdr, table: SALES/OHHDR, key: { OHINV: OLINV } }');
  expect(text).toContain('no column says when a row changed: STRJRNPF FILE(SALES/INVHDR)');
}, 60_000);

test('a code that says of which kind a row is: an entity for each, ready to be taken', async () => {
  const { text } = await inferred('--table', 'SALES/MULTI');
  const line = '# event: { by: RECTYP, types: { "P": multi-P, "H": multi-H } }';
  expect(text).toContain(line);
  desk.write(`tables:\n${text.replace(/ {4}event: multi\n/, `    ${line.slice(2)}\n`)}`);
  expect(await desk.cli('validate')).toMatchObject({ code: 0 });
  const types = (await desk.cli('catalogue')).out.match(/^multi-\w\.created$/gm);
  expect(types?.sort()).toEqual(['multi-H.created', 'multi-P.created']);
  // status columns have transitions instead, and a name alone is no kind
  expect((await inferred('--table', 'ORDLIB/ORDHDR')).text).not.toContain('types: {');
});

test('a configuration without tables is enough, and --json has a line a table', async () => {
  desk.write('http: off\n');
  writeFileSync(desk.config, readFileSync(desk.config, 'utf8').replace(/^tables:.*$/m, ''));
  const { code, out } = await desk.cli('infer', '--table', 'ORDLIB/CUSMAS', '--rows', '50', '--json');
  expect(code).toBe(0);
  const [line, ...more] = out.trim().split('\n');
  expect(more).toEqual([]);
  expect(JSON.parse(line!)).toMatchObject({
    table: 'ORDLIB/CUSMAS',
    rows: '200',
    key: { columns: ['CUSNO'], source: 'access path' },
  });
  expect((JSON.parse(line!) as { sampled: number }).sampled).toBeLessThanOrEqual(50);
});

test('the catalog is asked once for all tables, each table three times at most', async () => {
  const one = await statementsOf(() => inferred('--table', 'ORDLIB/ORDLIN'));
  const six = await statementsOf(() => inferred('--library', 'ORDLIB'));
  const ofTables = (list: readonly string[]): string[] => list.filter((sql) => /FROM "/.test(sql));
  // one sample, the same with the hex of what cannot be mapped, one question to a parent
  expect(ofTables(one).length).toBeLessThanOrEqual(3);
  expect(ofTables(six).length).toBeLessThanOrEqual(3 * 6);
  // the list of the library is one more, and index leads are asked where there is no journal
  expect(six.length - ofTables(six).length).toBeLessThanOrEqual(one.length - ofTables(one).length + 3);
}, 60_000);

test.each([
  [['--rows', '0', '--table', 'ORDLIB/ORDHDR'], 2, 'whole number from 1 to 100000'],
  [[], 2, 'neither --table nor --library'],
  [['--library', 'NOSUCH'], 2, 'DSPOBJD OBJ(NOSUCH/*ALL)'],
  [['--table', 'ORDHDR'], 2, 'expected LIB/FILE'],
])('%p ends with %d', async (args, code, words) => {
  const result = await desk.cli('infer', ...args);
  expect(result.code).toBe(code);
  expect(result.err).toContain(words);
});

test('a table that is not there has its state and no guesses', async () => {
  const { text } = await inferred('--table', 'ORDLIB/NOSUCH');
  expect(text).toContain('# no table ORDLIB/NOSUCH is visible to this profile: nothing can be proposed');
});
