/** `test`: what it says of a mapping against what a daemon sent of the same rows, and what it says of wrong tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCli } from '../../src/cli/program';
import { Desk } from '../support/desk';

const TABLES = `policies: { start: earliest }
tables:
  ORDLIB/ORDHDR:
    event: order
    whenChanged: [STS, TOTAMT]
    columns:
      ORDNO: orderNumber
      CUSNO: { as: customer, number: true }
      STS: status
      ORDDAT: { as: orderDate, date: cyymmdd }
      DLVDAT: { as: deliveryDate, date: cyymmdd, sentinels: [0] }
      CHGDAT: { as: changed, date: cyymmdd, withTime: CHGTIM }
      TOTAMT: { as: total, onError: zero-if-blank }
      REMARK: remark
    expressions: { big: 'TOTAMT > 1000' }
    transitions: [{ event: order.closed, column: STS, to: ["90"] }]
`;

const FORMAT = {
  key: ['ID'],
  columns: [
    { name: 'ID', type: 'DECIMAL', length: 5, scale: 0, nullable: false },
    { name: 'CODE', type: 'CHAR', length: 4, scale: 0, ccsid: 273, nullable: false },
    { name: 'AMT', type: 'NUMERIC', length: 7, scale: 2, nullable: true },
    { name: 'CITY', type: 'VARCHAR', length: 20, scale: 0, ccsid: 1208, nullable: true },
  ],
};

describe('beside a daemon', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
    desk.write(TABLES);
  }, 60_000);
  afterAll(async () => desk?.[Symbol.asyncDispose]());

  test('the events a daemon sent are those that the rows themselves are expected to give', async () => {
    await desk.sql(
      "UPDATE ORDLIB.ORDHDR SET TOTAMT = TOTAMT + 1.25, REMARK = 'x: # y', STS = '90' WHERE CUSNO < 10040",
    );
    const daemon = await desk.start();
    const changed = (await desk.admin.query(
      'SELECT COUNT(*) FROM ORDLIB.ORDHDR WHERE CUSNO < 10040',
    )) as AsyncDisposable & {
      blocks(): AsyncIterable<readonly (readonly unknown[])[]>;
    };
    let rows = 0;
    for await (const block of changed.blocks()) rows = Number(block[0]![0]);
    await desk.until('all updates', () => desk.sent.filter((e) => e.type === 'order.updated').length >= rows);
    await daemon.stop();
    expect((await desk.cli('plan', '--formats', join(desk.state, '../formats'))).code).toBe(0);
    const now = new Map<string, Record<string, unknown>>();
    const { out } = await desk.cli('sql', 'SELECT * FROM ORDLIB.ORDHDR WHERE CUSNO < 10040');
    for (const line of out.trim().split('\n')) {
      const row = JSON.parse(line) as Record<string, unknown>;
      now.set(String(row['ORDNO']), row);
    }
    const updates = desk.sent.filter((e) => e.type === 'order.updated' && now.has(e.subject));
    expect(updates.length).toBeGreaterThan(20);
    const cases = updates.map((event) => {
      const after = now.get(event.subject)!;
      const before = {
        ...after,
        TOTAMT: event.data.before!['total'],
        STS: event.data.before!['status'],
        REMARK: event.data.before!['remark'],
      };
      return {
        name: `update of ${event.subject}`,
        table: 'ORDLIB/ORDHDR',
        op: 'update',
        before: given(before),
        after: given(after),
        expect: [
          {
            type: 'order.updated',
            exactly: true,
            after: event.data.after,
            before: event.data.before,
            changed: changedOf(event),
          },
          ...(event.data.before!['status'] === '90' ? [] : [{ type: 'order.closed' }]),
        ],
      };
    });
    const file = join(desk.state, '../made.test.yaml');
    writeFileSync(file, JSON.stringify(cases));
    expect(await desk.cli('test')).toEqual({
      code: 0,
      err: '',
      out: expect.stringContaining(`${cases.length} tests, all as expected`),
    });
    // one expectation of each wrong: every one of them is found
    writeFileSync(
      file,
      JSON.stringify(
        cases.map((c) => ({
          ...c,
          expect: [{ ...c.expect[0]!, after: { ...c.expect[0]!.after, orderNumber: '0' } }, ...c.expect.slice(1)],
        })),
      ),
    );
    const wrong = await desk.cli('test', '--json');
    expect(wrong.code).toBe(5);
    const results = wrong.out
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as { ok: boolean; differences: unknown[] });
    expect(results.every((r) => !r.ok && r.differences.length === 1)).toBe(true);
  }, 90_000);

  test('without format files the state file of the daemon has the formats', async () => {
    const file = join(desk.state, '../one.test.yaml');
    writeFileSync(
      file,
      `- { name: one, table: ORDLIB/ORDHDR, op: insert, after: { ORDNO: 7, STS: "10" }, expect: [{ type: order.created, after: { orderNumber: "7" } }] }\n`,
    );
    rmSync(join(desk.state, '../formats'), { recursive: true });
    expect(await desk.cli('test', file)).toMatchObject({ code: 0 });
  });
});

/** Nulls stay away: a column that takes no nulls has its default. */
function given(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, v]) => v !== null));
}

function changedOf(event: { readonly data: object }): unknown {
  return (event.data as { changed?: unknown }).changed;
}

describe('by itself', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-test-'));
    writeFileSync(
      join(folder, 'ibmi-cdc.yaml'),
      `version: 1
partition: { name: P, host: nowhere.invalid, user: U, password: "\${env:NOT_SET}" }
destinations: { out: { stdout: {} }, two: { stdout: {} } }
tables:
  LIB/T:
    event: thing
    columns: { ID: id, CODE: code, AMT: { as: amount, onError: quarantine-row }, CITY: city }
    expressions: { country: 'lookup("land", CODE)' }
    lookups: { land: { table: LIB/LAND, key: CODE, value: NAME } }
`,
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function run(yaml: string, ...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    writeFileSync(join(folder, 'a.test.yaml'), yaml);
    writeFileSync(join(folder, 't.json'), JSON.stringify({ table: 'LIB/T', ...FORMAT }));
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const text = { out: '', err: '' };
    stdout.on('data', (d: Buffer) => {
      text.out += d.toString();
    });
    stderr.on('data', (d: Buffer) => {
      text.err += d.toString();
    });
    let code = 0;
    const exit = (c: number): void => {
      code = c;
    };
    const line = ['test', ...args, '-c', join(folder, 'ibmi-cdc.yaml')];
    await runCli(line, { stdin: new PassThrough(), stdout, stderr, env: {}, exit });
    await new Promise((resolve) => setImmediate(resolve));
    return { code, ...text };
  }

  const CASE = (after: string, expected: string, more = ''): string =>
    `- { name: a case, table: LIB/T, op: insert, format: t.json, after: ${after}, expect: ${expected}${more} }\n`;

  test.each([
    [
      'text stays as it is written',
      '{ ID: 1, CODE: 007 }',
      '[{ type: thing.created, after: { id: "1", code: "007" } }]',
      '',
    ],
    ['a number equals its text', '{ ID: 1, AMT: 12.30 }', '[{ type: thing.created, after: { amount: 12.30 } }]', ''],
    ['bytes', '{ ID: 1, CODE: "X\'C1C2C3C4\'" }', '[{ type: thing.created, after: { code: ABCD } }]', ''],
    ['a row that is set aside', '{ ID: 1, AMT: "X\'40404040404040\'" }', '[]', ', quarantine: ZONED_SIGN'],
    [
      'answers of lookups',
      '{ ID: 1, CODE: DE }',
      '[{ type: thing.created, after: { country: Germany } }]',
      ', lookups: { land: { DE: Germany } }',
    ],
    ['destinations', '{ ID: 1 }', '[{ type: thing.created, to: [two, out] }]', ''],
    [
      'defaults and nulls',
      '{ ID: 1 }',
      '[{ type: thing.created, exactly: true, after: { id: "1", code: "", amount: null, city: null, country: null } }]',
      '',
    ],
    ['a number that is none', '{ ID: 1, CITY: NO }', '[{ type: thing.created, after: { city: "NO" } }]', ''],
  ])('%s', async (_, after, expected, more) => {
    expect(await run(CASE(after, expected, more))).toEqual({
      code: 0,
      err: expect.anything(),
      out: 'ok    a case\n1 test, all as expected\n',
    });
  });

  test.each([
    [
      'another value',
      '{ ID: 1 }',
      '[{ type: thing.created, after: { id: "2" } }]',
      'event 1: after.id\n        expected "2"\n        saw      "1"',
    ],
    [
      'a number that differs',
      '{ ID: 1, AMT: 12.30 }',
      '[{ type: thing.created, after: { amount: 12.31 } }]',
      'expected 12.31\n        saw      "12.30"',
    ],
    ['another type', '{ ID: 1 }', '[{ type: thing.updated }]', 'event 1: type'],
    ['one event too many', '{ ID: 1 }', '[]', 'expected no more events'],
    [
      'one event too few',
      '{ ID: 1 }',
      '[{ type: thing.created }, { type: thing.created }]',
      'event 2\n        expected thing.created\n        saw      no such event',
    ],
    [
      'a member that is not there',
      '{ ID: 1 }',
      '[{ type: thing.created, after: { nothing: null } }]',
      'saw      nothing',
    ],
    [
      'a row set aside where events are expected',
      '{ ID: 1, AMT: "X\'40404040404040\'" }',
      '[{ type: thing.created }]',
      'saw      quarantined: ZONED_SIGN',
    ],
  ])('FAIL: %s', async (_, after, expected, words) => {
    const { code, out } = await run(CASE(after, expected));
    expect(code).toBe(5);
    expect(out).toContain(words);
    expect(out).toContain(`FAIL  a case  (${join(folder, 'a.test.yaml')}:1)`);
  });

  test.each([
    ['{ ID: 1, NOPE: 2 }', 'TEST_ROW', 'LIB/T has no column NOPE'],
    ['{ ID: 123456 }', 'TEST_ROW', 'ID: "123456" is no value of DECIMAL(5,0)'],
    ['{ ID: x }', 'TEST_ROW', 'ID: "x" is no value of DECIMAL(5,0)'],
    ['{ ID: 1, CODE: ABCDE }', 'TEST_ROW', 'is too long for CHAR(4)'],
    ['{ ID: [1] }', 'TEST_FILE', 'a.test.yaml:1:74: after: expected a value of a column'],
  ])('a wrong row %s ends with 2', async (after, code, words) => {
    const result = await run(CASE(after, '[]'));
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.err).toContain(code);
    expect(result.err).toContain(words);
  });

  test('every error of a file is told with its line', async () => {
    const { code, err } = await run(
      '- { table: LIB/T, op: insrt, after: {}, expect: [] }\n- { table: LIB/T, op: delete, after: {}, expects: [] }\n',
    );
    expect(code).toBe(2);
    expect(err).toMatch(/a\.test\.yaml:1:23: op is "insrt"/);
    expect(err).toMatch(/a\.test\.yaml:2:42: a case has no member expects/);
    expect(err).toMatch(/a\.test\.yaml:2:3: expect is missing/);
    expect(err).toMatch(/a\.test\.yaml:2:38: a delete has no after/);
  });

  test('a table whose format nobody knows: the next step is named', async () => {
    const { code, err } = await run('- { table: LIB/T, op: insert, after: { ID: 1 }, expect: [] }\n');
    expect(code).toBe(2);
    expect(err).toContain('ibmi-cdc plan --formats formats');
  });
});
