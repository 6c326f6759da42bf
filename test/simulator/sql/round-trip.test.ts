/** Random tables of every type, random rows: what is selected back equals what was inserted, by marker and by literal. */
import fc from 'fast-check';
import type { SessionValue } from '../../../src/simulator/sql-session';
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;
let tables = 0;

beforeAll(async () => {
  f = await sqlFixture();
});
afterAll(() => f[Symbol.dispose]());

interface ColumnKind {
  readonly sql: string;
  readonly value: fc.Arbitrary<SessionValue>;
  /** The value as a constant in SQL text. */
  readonly literal: (value: SessionValue) => string;
  /** Can stand in `WHERE col = ?`. */
  readonly comparable: boolean;
}

const quoted = (v: SessionValue) => `'${String(v).replaceAll("'", "''")}'`;
const hex = (v: SessionValue) => `X'${Buffer.from(v as Uint8Array).toString('hex')}'`;

const latin = (max: number) =>
  fc.string({ unit: fc.constantFrom(...'ABCxyz019 .,-+/ÄÖÜß€%_\'"'.replace('€', '')), maxLength: max });

function decimalText(precision: number, scale: number): fc.Arbitrary<string> {
  const limit = 10n ** BigInt(precision) - 1n;
  return fc.bigInt({ min: -limit, max: limit }).map((n) => {
    if (scale === 0) return n.toString();
    const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
    return `${n < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  });
}

const date = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
const isoDay = date.map((d) => d.toISOString().slice(0, 10));
const isoTime = fc.integer({ min: 0, max: 86399 }).map((s) => new Date(s * 1000).toISOString().slice(11, 19));

const bytes = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((b) => Buffer.from(b));

function decimalKind(name: string, precision: number, scale: number): ColumnKind {
  return {
    sql: `${name}(${precision},${scale})`,
    value: decimalText(precision, scale),
    literal: String,
    comparable: true,
  };
}

const KINDS: readonly fc.Arbitrary<ColumnKind>[] = [
  fc.integer({ min: 1, max: 40 }).map((n) => ({
    sql: `CHAR(${n})`,
    value: latin(n).map((s) => s.padEnd(n)),
    literal: quoted,
    comparable: true,
  })),
  fc
    .integer({ min: 1, max: 60 })
    .map((n) => ({ sql: `VARCHAR(${n})`, value: latin(n), literal: quoted, comparable: true })),
  fc.constant({
    sql: 'VARCHAR(120) CCSID 1208',
    value: fc
      .string({ unit: 'grapheme', maxLength: 8 })
      .filter((s) => !/[\0\ud800-\udfff]/.test(s) && Buffer.byteLength(s) <= 120),
    literal: quoted,
    comparable: true,
  }),
  fc.integer({ min: 1, max: 20 }).map((n) => ({
    sql: `VARGRAPHIC(${n}) CCSID 1200`,
    value: fc.string({ unit: fc.constantFrom(...'aßЖ漢字€ '), maxLength: n }),
    literal: quoted,
    comparable: true,
  })),
  fc
    .tuple(fc.integer({ min: 1, max: 63 }), fc.nat(63))
    .map(([p, s]) => decimalKind(p % 2 ? 'DECIMAL' : 'NUMERIC', p, Math.min(p, s))),
  fc.constant({ sql: 'SMALLINT', value: fc.integer({ min: -32768, max: 32767 }), literal: String, comparable: true }),
  fc.constant({
    sql: 'INTEGER',
    value: fc.integer({ min: -2147483648, max: 2147483647 }),
    literal: String,
    comparable: true,
  }),
  fc.constant({
    sql: 'BIGINT',
    value: fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(String),
    literal: String,
    comparable: true,
  }),
  fc.constant({
    sql: 'DOUBLE',
    value: fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })
      .map((d) => (Object.is(d, -0) ? 0 : d)),
    literal: (v: SessionValue) => Number(v).toExponential(),
    comparable: true,
  }),
  fc.constant({ sql: 'DATE', value: isoDay, literal: quoted, comparable: true }),
  fc.constant({ sql: 'TIME', value: isoTime, literal: quoted, comparable: true }),
  fc.integer({ min: 0, max: 12 }).map((scale) => ({
    sql: `TIMESTAMP(${scale})`,
    value: fc.tuple(isoDay, isoTime, fc.stringMatching(/^\d{12}$/)).map(([d, t, x]) => {
      const fraction = scale === 0 ? '' : `.${x.slice(0, scale)}`;
      return `${d}T${t}${fraction}`;
    }),
    literal: (v: SessionValue) => quoted(String(v).replace('T', '-').replaceAll(':', '.')),
    comparable: true,
  })),
  fc
    .integer({ min: 1, max: 20 })
    .map((n) => ({ sql: `BINARY(${n})`, value: bytes(n, n), literal: hex, comparable: true })),
  fc
    .integer({ min: 1, max: 30 })
    .map((n) => ({ sql: `VARBINARY(${n})`, value: bytes(0, n), literal: hex, comparable: true })),
  fc
    .integer({ min: 1, max: 12 })
    .map((n) => ({ sql: `CHAR(${n}) FOR BIT DATA`, value: bytes(n, n), literal: hex, comparable: true })),
  fc.constant({ sql: 'BLOB(1K)', value: bytes(0, 300), literal: hex, comparable: false }),
  fc.constant({ sql: 'CLOB(1K)', value: latin(200), literal: quoted, comparable: false }),
  fc.constant({ sql: 'BOOLEAN', value: fc.boolean(), literal: String, comparable: true }),
];

interface Case {
  readonly kinds: readonly ColumnKind[];
  readonly rows: readonly (readonly SessionValue[])[];
}

const cases: fc.Arbitrary<Case> = fc
  .array(fc.oneof(...KINDS), { minLength: 1, maxLength: 8 })
  .chain((kinds) =>
    fc
      .array(fc.tuple(...kinds.map((k) => fc.option(k.value, { freq: 8 }))), { minLength: 1, maxLength: 6 })
      .map((rows) => ({ kinds, rows })),
  );

function createTable(kinds: readonly ColumnKind[]): string {
  const name = `RT${++tables}`;
  f.run(`CREATE TABLE ${name} (ID INTEGER NOT NULL PRIMARY KEY, ${kinds.map((k, i) => `V${i} ${k.sql}`).join(', ')})`);
  return name;
}

function check({ kinds, rows }: Case, insert: (table: string, id: number, row: readonly SessionValue[]) => void): void {
  const table = createTable(kinds);
  for (const [i, row] of rows.entries()) insert(table, i, row);
  const back = f.rows(`SELECT * FROM ${table} ORDER BY ID`);
  expect(back).toEqual(rows.map((row, i) => [i, ...row]));
  for (const [c, kind] of kinds.entries()) {
    if (!kind.comparable) continue;
    for (const [i, row] of rows.entries()) {
      if (row[c] === null) continue;
      const found = f.rows(`SELECT ID FROM ${table} WHERE V${c} = ? ORDER BY 1`, [row[c]!]).map((r) => r[0]);
      expect(found).toContain(i);
      const ordered = f.rows(`SELECT COUNT(*) FROM ${table} WHERE V${c} <= ? AND NOT V${c} > ?`, [row[c]!, row[c]!]);
      expect(Number(ordered[0]![0])).toBeGreaterThan(0);
    }
  }
  f.run(`DROP TABLE ${table}`);
}

test('rows written through markers come back', () => {
  fc.assert(
    fc.property(cases, (c) =>
      check(c, (table, id, row) => {
        const marks = ['?', ...row.map(() => '?')].join(', ');
        f.run(`INSERT INTO ${table} VALUES (${marks})`, [id, ...row]);
      }),
    ),
    { numRuns: 60 },
  );
});

test('rows written as constants come back', () => {
  fc.assert(
    fc.property(cases, (c) =>
      check(c, (table, id, row) => {
        const cells = row.map((v, i) => (v === null ? 'NULL' : c.kinds[i]!.literal(v)));
        f.run(`INSERT INTO ${table} VALUES (${[id, ...cells].join(', ')})`);
      }),
    ),
    { numRuns: 60 },
  );
});

test('sums of decimals are exact whatever their width', () => {
  const amounts = fc.tuple(fc.integer({ min: 1, max: 31 }), fc.nat(10)).chain(([p, s]) => {
    const scale = Math.min(p, s);
    return fc.array(decimalText(p, scale), { minLength: 1, maxLength: 10 }).map((values) => ({ p, scale, values }));
  });
  fc.assert(
    fc.property(amounts, ({ p, scale, values }) => {
      const total = values.reduce((sum, v) => sum + BigInt(v.replace('.', '')), 0n);
      fc.pre(total < 10n ** 31n && total > -(10n ** 31n));
      const name = `SUM${++tables}`;
      f.run(`CREATE TABLE ${name} (V DECIMAL(${p},${scale}))`);
      f.run(`INSERT INTO ${name} VALUES ${values.map(() => '(?)').join(', ')}`, values);
      const [[sum] = []] = f.rows(`SELECT SUM(V) FROM ${name}`);
      expect(BigInt(String(sum).replace('.', ''))).toBe(total);
      f.run(`DROP TABLE ${name}`);
    }),
    { numRuns: 40 },
  );
});
