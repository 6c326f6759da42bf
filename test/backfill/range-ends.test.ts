/** `--from 0001-01-01 --to 9999-12-31`, and long ranges, on columns of every form: the rows the server finds for the predicate. */
import { rangePredicate } from '../../src/backfill/date-range';
import type { ColumnFormat, LegacyMeaning } from '../../src/model/record-format';
import { ManualClock } from '../../src/simulator/partition/clock';
import { Partition } from '../../src/simulator/partition/partition';
import { PartitionSqlEngine } from '../../src/simulator/sql/run/engine';
import { allRows } from '../../src/transport/transport';
import { EngineConnection } from '../support/engine-connection';

let connection: EngineConnection;
beforeAll(async () => {
  const partition = Partition.open({ clock: new ManualClock('2026-11-21T10:00:00.000000', 1n), officers: ['TESTER'] });
  partition.createLibrary('APPLIB');
  const engine = await PartitionSqlEngine.open(partition);
  const job = { name: 'QZDASOINIT', user: 'TESTER', number: '000001', remoteAddress: '' };
  connection = new EngineConnection(engine.openSession(job));
});

/** Digits of an ISO day in a form, by the letters of the form. */
function digits(form: string, iso: string): string {
  const [year, month, day] = iso.split('-') as [string, string, string];
  const ordinal = Math.round((Date.parse(iso) - Date.parse(`${year}-01-01`)) / 86_400_000) + 1;
  return form
    .replace('hhmmss', '235959')
    .replace('ccyy', year)
    .replace(/^c(?=[ymd])/, String(Number(year.slice(0, 2)) - 19))
    .replace('yy', year.slice(2))
    .replace('mm', month)
    .replace('ddd', String(ordinal).padStart(3, '0'))
    .replace('dd', day);
}

const FORMS = [
  'cyymmdd',
  'cmmddyy',
  'cddmmyy',
  'yymmdd',
  'mmddyy',
  'ddmmyy',
  'ccyymmdd',
  'mmddccyy',
  'ddmmccyy',
  'cyyddd',
  'yyddd',
  'ccyyddd',
  'cyymmddhhmmss',
  'ccyymmddhhmmss',
]; // prettier-ignore

/** Days in order that the form can say, its first and last among them. */
function daysOf(form: string): string[] {
  const middle = ['1940-01-01', '1999-12-31', '2000-02-29', '2024-03-05', '2039-12-31'];
  if (form.includes('ccyy')) return ['0001-01-01', ...middle, '9999-12-31'];
  return form.startsWith('c') ? ['1900-01-01', ...middle, '2899-12-31'] : middle;
}

const RANGES = [
  ['0001-01-01', '9999-12-31'],
  ['2000-01-01', '9999-12-31'],
  ['0001-01-01', '2000-02-29'],
  ['1999-12-31', '2024-03-05'],
  ['2024-03-05', '2024-03-05'],
] as const;

let tables = 0;
async function found(format: ColumnFormat, type: string, values: readonly string[], from: string, to: string) {
  const table = `APPLIB.R${++tables}`;
  await connection.execute(`CREATE TABLE ${table} (N INTEGER NOT NULL, "D" ${type})`);
  for (const [i, v] of [...values, 'NULL'].entries())
    await connection.execute(`INSERT INTO ${table} VALUES (${i}, ${v})`);
  const { sql, params } = rangePredicate('T."D"', format, from, to);
  const rows = await allRows(await connection.query(`SELECT N FROM ${table} T WHERE (${sql}) ORDER BY N`, params));
  return rows.map(([n]) => Number(n));
}

function columnOf(type: ColumnFormat['type'], length: number, as: LegacyMeaning | null): ColumnFormat {
  return { name: 'D', type, length, scale: 0, ccsid: 37, nullable: true, ...(as ? { as } : {}) };
}

describe.each(FORMS)('%s', (form) => {
  const as: LegacyMeaning = form.endsWith('hhmmss') ? { timestamp: form as never } : { date: form as never };
  const days = daysOf(form);
  const texts = [...days.map((d) => digits(form, d)), '0'.repeat(form.length), '9'.repeat(form.length)];
  const wanted = (from: string, to: string) => days.flatMap((d, i) => (d >= from && d <= to ? [i] : []));

  test.each([
    ['DECIMAL', `DECIMAL(${form.length + 1}, 0)`, form.length + 1],
    ['CHAR', `CHAR(${form.length})`, form.length],
  ] as const)('in %s', async (type, sql, length) => {
    const format = columnOf(type, length, as);
    const literals = texts.map((t) => (type === 'CHAR' ? `'${t}'` : t));
    for (const [from, to] of RANGES) expect(await found(format, sql, literals, from, to)).toEqual(wanted(from, to));
  });
});

test.each([
  ['DATE', ['0001-01-01', '2024-02-29', '9999-12-31'], [0, 1, 2]],
  ['TIMESTAMP', ['0001-01-01-00.00.00.000000', '2024-02-29-24.00.00.000000', '9999-12-31-24.00.00.000000'], [0, 1, 2]],
] as const)('%s from the first to the last day', async (type, values, all) => {
  const format = columnOf(type, type === 'DATE' ? 10 : 26, null);
  const literals = values.map((v) => `'${v}'`);
  expect(await found(format, type, literals, '0001-01-01', '9999-12-31')).toEqual(all);
  expect(await found(format, type, literals, '2024-02-29', '2024-02-29')).toEqual([1]);
});

test('what lies wholly beyond the form is told, by option', () => {
  const format = columnOf('DECIMAL', 7, { date: 'cyymmdd' });
  const range = (from: string, to: string) => () => rangePredicate('D', format, from, to);
  const says = (text: string) =>
    expect.objectContaining({ code: 'BACKFILL_RANGE', message: expect.stringContaining(text) });
  expect(range('0001-01-01', '1850-01-01')).toThrow(
    says('--to 1850-01-01 lies before all that column D holds 1900-01-01'),
  );
  expect(range('2900-01-01', '9999-12-31')).toThrow(says('--from 2900-01-01 lies after'));
  expect(range('0000-01-01', '2024-01-01')).toThrow(says('--from "0000-01-01"'));
});

test.each([
  [columnOf('DECIMAL', 14, null), /timestamp: ccyymmddhhmmss .*--where/],
  [columnOf('DECIMAL', 13, null), /timestamp: cyymmddhhmmss .*--where/],
  [columnOf('CHAR', 8, null), /ccyymmdd or mmddccyy or ddmmccyy, .*date: ccyymmdd .*--where/],
  [columnOf('BIGINT', 8, null), /timestamp: ccyymmddhhmmss .*--where/],
  [columnOf('DECIMAL', 3, null), /^use --where /],
  [columnOf('DOUBLE', 8, null), /^use --where /],
])('advice for a column that nobody calls a date', (format, next) => {
  expect(() => rangePredicate('D', format, '2024-01-01', '2024-01-02')).toThrow(
    expect.objectContaining({ code: 'BACKFILL_RANGE', next: expect.stringMatching(next) }),
  );
});
