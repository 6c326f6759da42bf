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

/** The journal's entries as JSON lines, by the partition's own table function. */
async function exported(): Promise<string> {
  const { out, err } = await desk.cli(
    'sql',
    `SELECT JOURNAL_CODE AS C, JOURNAL_ENTRY_TYPE AS T, HEX(CAST(ENTRY_DATA AS VARCHAR(32000) FOR BIT DATA)) AS X, NULL_VALUE_INDICATORS AS N,
       COUNT_OR_RRN AS R, RECEIVER_LIBRARY CONCAT '/' CONCAT RECEIVER_NAME AS RCV, SEQUENCE_NUMBER AS S
     FROM TABLE(QSYS2.DISPLAY_JOURNAL('ORDLIB', 'ORDJRN', OBJECT_LIBRARY => 'ORDLIB', OBJECT_NAME => 'MIX', OBJECT_OBJTYPE => '*FILE', OBJECT_MEMBER => '*ALL')) AS J
     WHERE JOURNAL_CODE = 'R'`,
  );
  if (out === '') throw new Error(err);
  const lines = out
    .split('\n')
    .filter(Boolean)
    .map((l) => JSON.parse(l) as Record<string, string | null>);
  const file = `${desk.state}.entries.jsonl`;
  writeFileSync(
    file,
    lines
      .map(({ T, X, N, R, RCV, S }) =>
        JSON.stringify({ table: 'ORDLIB/MIX', type: T, hex: X, nullMap: N, rrn: R, receiver: RCV, sequence: S }),
      )
      .join('\n'),
  );
  return file;
}

test('exported entries in place of the journal: rows that changed since are left out', async () => {
  await table('ID INTEGER NOT NULL PRIMARY KEY, P DECIMAL(9, 2), G VARCHAR(20) CCSID 273');
  for (let id = 1; id <= 6; id++) await desk.sql(`INSERT INTO ORDLIB.MIX VALUES (${id}, ${id}.5, 'Größe ${id}')`);
  await desk.sql('UPDATE ORDLIB.MIX SET P = NULL WHERE ID = 3');
  await desk.sql('DELETE FROM ORDLIB.MIX WHERE ID = 6');
  desk.write('tables: { ORDLIB/MIX: { event: mix } }\n');
  const file = await exported();
  // after the export
  await desk.sql("UPDATE ORDLIB.MIX SET G = 'new' WHERE ID = 1");
  await desk.sql('DELETE FROM ORDLIB.MIX WHERE ID = 2');
  const { code, report } = await verify('--entries', file);
  expect({ code, report }).toEqual({
    code: 0,
    report: { table: 'ORDLIB/MIX', rows: 3, columns: 3, differences: [], unproven: [] },
  });
  expect((await verify('--entries', file, '--rows', '2')).report.rows).toBe(2);
  // bytes that are not the row's are found, by column and key
  const lines = readFileSync(file, 'utf8').split('\n');
  const at = lines.findLastIndex((l) => (JSON.parse(l) as { rrn: string }).rrn === '4');
  const entry = JSON.parse(lines[at]!) as { hex: string };
  lines[at] = JSON.stringify({ ...entry, hex: entry.hex.replace('450F', '451F') });
  writeFileSync(file, lines.join('\n'));
  const wrong = await verify('--entries', file);
  expect(wrong).toMatchObject({ code: 5, report: { rows: 3, differences: [{ key: { ID: '4' }, column: 'P' }] } });
});

test('entries that do not say where they stand, and receivers that are gone, are refused', async () => {
  await table('ID INTEGER NOT NULL PRIMARY KEY');
  desk.write('tables: { ORDLIB/MIX: { event: mix } }\n');
  const file = `${desk.state}.entries.jsonl`;
  const entry = { table: 'ORDLIB/MIX', type: 'PT', hex: '00000001' };
  writeFileSync(file, `${JSON.stringify({ ...entry, table: 'OTHER/FILE' })}\n${JSON.stringify(entry)}\n`);
  const run = (): Promise<{ code: number; err: string }> =>
    desk.cli('verify', '--table', 'ORDLIB/MIX', '--entries', file);
  expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('line 2 of the entries: expected rrn') });
  writeFileSync(file, JSON.stringify({ ...entry, rrn: 1, receiver: 'ORDLIB/GONE', sequence: 7 }));
  expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('ORDLIB/GONE') });
  expect(await desk.cli('verify', '--table', 'ORDLIB/MIX', '--entries', '/nowhere')).toMatchObject({ code: 2 });
});
