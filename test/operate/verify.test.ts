/**
 * `verify` on the simulated partition: equal where the layout is right; layouts wrong on purpose are found, and named by column,
 * row and bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Desk } from '../support/desk';

jest.setTimeout(90_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

interface Report {
  readonly table: string;
  readonly rows: number;
  readonly columns: number;
  readonly differences: readonly {
    readonly key: Record<string, string>;
    readonly column: string;
    readonly journal: string | null;
    readonly sql: string | null;
    readonly raw: string;
  }[];
  readonly unproven: readonly string[];
}

async function verify(...args: string[]): Promise<{ code: number; report: Report }> {
  const { code, out, err } = await desk.cli('verify', '--table', 'ORDLIB/MIX', '--json', ...args);
  if (out === '') throw new Error(err);
  return { code, report: JSON.parse(out) as Report };
}

const COLUMNS = `ID INTEGER NOT NULL PRIMARY KEY, T CHAR(12) NOT NULL, G VARCHAR(20) CCSID 273, U VARGRAPHIC(10) CCSID 1200,
  P DECIMAL(9, 2), Z NUMERIC(7, 3), B BIGINT, S SMALLINT, D DATE, H TIME, W TIMESTAMP, F DOUBLE, X CHAR(4) FOR BIT DATA,
  N CHAR(3), L CLOB(1000)`;

async function table(columns = COLUMNS): Promise<void> {
  await desk.sql(`CREATE TABLE ORDLIB.MIX (${columns})`);
  await desk.cl('STRJRNPF FILE(ORDLIB/MIX) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
}

async function fill(): Promise<void> {
  for (let id = 1; id <= 6; id++)
    await desk.sql(`INSERT INTO ORDLIB.MIX VALUES (${id}, 'Text ${id}', 'Größe ${id}', 'x', ${id}.05, -${id}.125, ${id}000000000,
      ${id}, '2024-02-0${id}', '11.30.0${id}', '2024-02-29-11.30.59.12345${id}', ${id}.25, X'C1C2C3C${id}', NULL, 'lob')`);
  await desk.sql('UPDATE ORDLIB.MIX SET P = -0.5 WHERE ID = 2');
  await desk.sql('DELETE FROM ORDLIB.MIX WHERE ID = 6');
}

test('every type is decoded as the server converts it; nulls and LOBs prove nothing', async () => {
  await table();
  await fill();
  desk.write('tables: { ORDLIB/MIX: { event: mix } }\n');
  const { code, report } = await verify();
  expect(report).toEqual({ table: 'ORDLIB/MIX', rows: 5, columns: 13, differences: [], unproven: ['N', 'L'] });
  expect(code).toBe(0);
  expect((await verify('--rows', '2')).report.rows).toBe(2);
});

test('a CCSID that is stated wrongly is named with the bytes', async () => {
  await table();
  await fill();
  desk.write('tables: { ORDLIB/MIX: { event: mix, include: "*", columns: { G: { ccsid: 37 } } } }\n');
  const { code, report } = await verify();
  expect(code).toBe(5);
  expect([...new Set(report.differences.map((d) => d.column))]).toEqual(['G']);
  const first = report.differences.find((d) => d.key['ID'] === '1')!;
  expect(first.sql).toBe('Größe 1');
  expect(first.journal).not.toBe('Größe 1');
  // VARCHAR in EBCDIC 273: two bytes of length, then Gr (C7 99), o umlaut (6A) and sharp s (A1)
  expect(first.raw).toMatch(/^0007c7996aa185/);
});

test('digits and scale that are wrong in a given format', async () => {
  await table('ID INTEGER NOT NULL PRIMARY KEY, P DECIMAL(9, 2), Q CHAR(3) NOT NULL');
  await desk.sql("INSERT INTO ORDLIB.MIX VALUES (1, 12.34, 'abc')");
  desk.write('tables: { ORDLIB/MIX: { event: mix } }\n');
  const format = join(dirname(desk.config), 'wrong.json');
  const column = (name: string, type: string, length: number, scale: number): object => ({
    name,
    type,
    length,
    scale,
    ccsid: type === 'CHAR' ? 37 : null,
    nullable: name === 'P',
  });
  const columns = [column('ID', 'INTEGER', 4, 0), column('P', 'DECIMAL', 9, 3), column('Q', 'CHAR', 3, 0)];
  writeFileSync(format, JSON.stringify({ table: 'ORDLIB/MIX', columns }));
  const { code, report } = await verify('--format', format);
  expect(code).toBe(5);
  expect(report.differences).toEqual([
    { key: { ID: '1' }, column: 'P', journal: '1.234', sql: expect.stringMatching(/^12\.34$/), raw: '000001234f' },
  ]);
  expect(readFileSync(format, 'utf8')).toContain('"scale":3');
});

test('a field procedure: the journal holds what the program made of the value', async () => {
  await desk.sql('CREATE TABLE ORDLIB.MIX (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(8) NOT NULL FIELDPROC ORDLIB.HIDE)');
  await desk.cl('STRJRNPF FILE(ORDLIB/MIX) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  await desk.sql("INSERT INTO ORDLIB.MIX VALUES (1, 'secret')");
  desk.write('tables: { ORDLIB/MIX: { event: mix } }\n');
  const { code, report } = await verify();
  expect(code).toBe(5);
  // the simulated program takes each byte XOR 5A: 'secret' is A2 85 83 99 85 A3 40 40 in EBCDIC 37
  expect(report.differences).toEqual([
    { key: { ID: '1' }, column: 'V', journal: expect.any(String), sql: 'secret', raw: 'f8dfd9c3dff91a1a' },
  ]);
});

test('doctor --deep names the columns of every table', async () => {
  await table();
  await fill();
  desk.write('tables: { ORDLIB/MIX: { event: mix, include: "*", columns: { G: { ccsid: 37 } } } }\n');
  const { findings } = await desk.json<{ findings: { code: string | null; text: string }[] }>('doctor', '--deep');
  const of = (code: string): string[] => findings.filter((f) => f.code === code).map((f) => f.text);
  expect(of('CHECK_TABLE_DIFFERS')).toEqual(['not as the server converts them: G']);
  expect(of('CHECK_TABLE_UNPROVED')).toEqual(['layout not proved by 5 rows: N, L']);
  const plain = await desk.json<{ findings: { code: string | null }[] }>('doctor');
  expect(plain.findings.some((f) => f.code === 'CHECK_TABLE_DIFFERS')).toBe(false);
});
