/** Values of the two drivers that bring their own: what JDBC strings and node-odbc's values become, and what markers get. */
import { CodedError, SqlError } from '../../src/errors/coded-error';
import { fromJava } from '../../src/transport/jt400/errors';
import * as jt400 from '../../src/transport/jt400/values';
import * as odbc from '../../src/transport/odbc/values';
import type { ColumnDescriptor, SqlValue } from '../../src/transport/transport';

const column = (type: ColumnDescriptor['type'], more: Partial<ColumnDescriptor> = {}): ColumnDescriptor => ({
  name: 'C',
  type,
  length: 9,
  scale: 0,
  ccsid: null,
  nullable: true,
  ...more,
});

describe('JDBC strings', () => {
  test.each<[ColumnDescriptor, string, SqlValue]>([
    [column('SMALLINT'), '-32768', -32768],
    [column('INTEGER'), '2147483647', 2147483647],
    [column('BIGINT'), '9223372036854775807', '9223372036854775807'],
    [column('DECIMAL'), '-0.05', '-0.05'],
    [column('NUMERIC'), '12345678901234567890.12', '12345678901234567890.12'],
    [column('DECFLOAT'), '1E+3', '1E+3'],
    [column('REAL'), '1.5', 1.5],
    [column('DOUBLE'), '-1.0E-7', -1e-7],
    [column('BOOLEAN'), 'true', true],
    [column('BOOLEAN'), '1', true],
    [column('BOOLEAN'), 'false', false],
    [column('BOOLEAN'), '0', false],
    [column('CHAR'), 'AB  ', 'AB  '],
    [column('VARCHAR'), '', ''],
    [column('CHAR', { ccsid: 65535 }), 'C1C2', Buffer.of(0xc1, 0xc2)],
    [column('BINARY'), '00ff', Buffer.of(0, 255)],
    [column('VARBINARY'), '', Buffer.alloc(0)],
    [column('BLOB'), '0102', Buffer.of(1, 2)],
    [column('ROWID'), 'AB', Buffer.of(0xab)],
    [column('DATE'), '2024-02-29', '2024-02-29'],
    [column('TIME'), '23.59.58', '23:59:58'],
    [column('TIME'), '24:00:00', '24:00:00'],
    [column('TIMESTAMP'), '2024-02-29 23:59:58.123456', '2024-02-29T23:59:58.123456'],
    [column('CLOB'), '2024-02-29 kept', '2024-02-29 kept'],
  ])('%j %s', (c, text, value) => {
    expect(jt400.columnReader(c)(text)).toEqual(value);
    expect(jt400.columnReader(c)(null)).toBeNull();
  });

  /** java.sql.ResultSetMetaData as the bridge gives it. */
  const meta = (typeName: string, o: { precision?: number; scale?: number; nullable?: number } = {}) =>
    ({
      getColumnCountSync: () => 1,
      getColumnTypeNameSync: () => typeName,
      getColumnNameSync: () => 'C',
      getPrecisionSync: () => o.precision ?? 10,
      getScaleSync: () => o.scale ?? 0,
      isNullableSync: () => o.nullable ?? 1,
    }) as unknown as Parameters<typeof jt400.describeColumns>[0];

  test.each([
    ['CHAR', {}, { type: 'CHAR', ccsid: null, nullable: true }],
    ['CHAR () FOR BIT DATA', {}, { type: 'CHAR', ccsid: 65535 }],
    ['VARCHAR () FOR BIT DATA', {}, { type: 'VARCHAR', ccsid: 65535 }],
    ['NVARCHAR', {}, { type: 'VARGRAPHIC' }],
    ['DECIMAL', { precision: 7, scale: 2 }, { type: 'DECIMAL', length: 7, scale: 2 }],
    ['TIMESTAMP', { scale: 0 }, { type: 'TIMESTAMP', scale: 6 }],
    ['FLOAT', {}, { type: 'DOUBLE' }],
    ['NCLOB', {}, { type: 'DBCLOB' }],
    ['INTEGER', { nullable: 0 }, { type: 'INTEGER', nullable: false }],
    ['INTEGER', { nullable: 2 }, { type: 'INTEGER', nullable: true }],
    ['SOMETHING NEW', {}, { type: 'VARCHAR' }],
  ])('described as %s %j', (typeName, o, expected) => {
    expect(jt400.describeColumns(meta(typeName, o))).toEqual([expect.objectContaining(expected)]);
  });

  test.each<[SqlValue, string, unknown[]]>([
    [null, 'setNullSync', [3, 12]],
    [true, 'setBooleanSync', [3, true]],
    [7, 'setStringSync', [3, '7']],
    ['12.30', 'setStringSync', [3, '12.30']],
    [Buffer.of(1), 'setBytesSync', [3, 'bytes of 01']],
    ['2024-02-29T23:59:58.123456', 'setStringSync', [3, '2024-02-29 23:59:58.123456']],
    ['2024-02-29T23:59:58', 'setStringSync', [3, '2024-02-29 23:59:58']],
    // texts that only look like one
    ['2024-02-29T23:59:58Z', 'setStringSync', [3, '2024-02-29T23:59:58Z']],
    ['2024-02-29T23:59 see file', 'setStringSync', [3, '2024-02-29T23:59 see file']],
    ['T', 'setStringSync', [3, 'T']],
  ])('marker %p', (value, method, args) => {
    const calls: [string, unknown[]][] = [];
    const statement = new Proxy(
      {},
      {
        get:
          (_, name) =>
          (...given: unknown[]) =>
            calls.push([String(name), given]),
      },
    );
    const jvm = { bytes: (b: Uint8Array) => `bytes of ${Buffer.from(b).toString('hex')}` };
    jt400.setParameter(jvm as never, statement as never, 3, value);
    expect(calls).toEqual([[method, args]]);
  });
});

describe('node-odbc', () => {
  test.each<[ColumnDescriptor, unknown, SqlValue]>([
    [column('DECIMAL', { scale: 2 }), 12.3, '12.30'],
    [column('DECIMAL', { scale: 2 }), -0.05, '-0.05'],
    [column('DECIMAL', { scale: 0 }), 7, '7'],
    [column('DECIMAL', { length: 15, scale: 5 }), 1234567890.12345, '1234567890.12345'],
    [column('NUMERIC', { scale: 2 }), '12345678901234567890.12', '12345678901234567890.12'],
    [column('BIGINT'), 9007199254740993n, '9007199254740993'],
    [column('DECFLOAT'), '1E+3', '1E+3'],
    [column('INTEGER'), '7', 7],
    [column('DOUBLE'), 1.5, 1.5],
    [column('BOOLEAN'), 1, true],
    [column('BOOLEAN'), '1', true],
    [column('BOOLEAN'), 't', true],
    [column('BOOLEAN'), 'f', false],
    [column('BOOLEAN'), 0, false],
    [column('VARBINARY'), Uint8Array.of(1, 2).buffer, Buffer.of(1, 2)],
    [column('TIMESTAMP'), '2024-02-29 23:59:58.123456', '2024-02-29T23:59:58.123456'],
    [column('TIME'), '23.59.58', '23:59:58'],
    [column('DATE'), '2024-02-29', '2024-02-29'],
    [column('CHAR'), 'AB  ', 'AB  '],
  ])('%j %p', (c, given, value) => {
    expect(odbc.columnReader(c)(given)).toEqual(value);
    expect(odbc.columnReader(c)(null)).toBeNull();
  });

  test('every decimal of up to fifteen digits comes back from the double it was made to', () => {
    for (const digits of ['999999999999999', '100000000000001', '123456789012345', '000000000000001'])
      for (let scale = 0; scale <= 15; scale++) {
        const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
        const exact = text.replace(/^0+(?=\d)/, '').replace(/^\./, '0.');
        const read = odbc.columnReader(column('DECIMAL', { length: 15, scale }));
        expect(read(Number(text))).toBe(exact.replace(/^0+(?=\d)/, ''));
        expect(read(-Number(text))).toBe(`-${exact.replace(/^0+(?=\d)/, '')}`);
      }
  });

  test.each([
    ['DECIMAL', 15, false],
    ['DECIMAL', 16, true],
    ['NUMERIC', 63, true],
    ['DECFLOAT', 16, true],
    ['BIGINT', 19, false],
    ['DOUBLE', 53, false],
  ] as const)('%s of %i digits is read as text: %s', (type, length, expected) => {
    expect(odbc.losesDigits(column(type, { length }))).toBe(expected);
  });

  // sql.h and sqlext.h
  test.each([
    [1, 'CHAR'],
    [12, 'VARCHAR'],
    [-9, 'VARGRAPHIC'],
    [-2, 'BINARY'],
    [2, 'NUMERIC'],
    [3, 'DECIMAL'],
    [-5, 'BIGINT'],
    [6, 'DOUBLE'],
    [8, 'DOUBLE'],
    [-360, 'DECFLOAT'],
    [93, 'TIMESTAMP'],
    [4711, 'VARCHAR'],
  ])('type %i is %s', (dataType, type) => {
    const given = { name: 'C', dataType, columnSize: 7, decimalDigits: 2, nullable: false };
    expect(odbc.describeColumn(given as never)).toEqual({
      name: 'C',
      type,
      length: 7,
      scale: 2,
      ccsid: null,
      nullable: false,
    });
  });

  test.each<[SqlValue, unknown]>([
    [null, null],
    ['2024-02-29T23:59:58.5', '2024-02-29 23:59:58.5'],
    ['2024-02-29T23:59:58+01:00', '2024-02-29T23:59:58+01:00'],
    ['2024-02-29T', '2024-02-29T'],
    [7, 7],
    [Uint8Array.of(1), Buffer.of(1)],
  ])('marker %p', (value, expected) => {
    expect(odbc.toOdbc(value)).toEqual(expected);
  });
});

describe('Java exceptions', () => {
  const thrown = (o: { message?: string; state?: string; code?: number }) =>
    Object.assign(new Error('Error running instance method\njava.sql.SQLException'), {
      cause: { getMessageSync: () => o.message, getSQLStateSync: () => o.state, getErrorCodeSync: () => o.code },
    });

  test('of SQL: code, state, and the message id in front of the text', () => {
    const found = fromJava(
      thrown({ message: '[SQL0204] ORDHDR in ORDLIB type *FILE not found.', state: '42704', code: -204 }),
      'ibmi',
    );
    expect(found).toBeInstanceOf(SqlError);
    expect(found).toMatchObject({
      sqlCode: -204,
      sqlState: '42704',
      messageId: 'SQL0204',
      message: 'ORDHDR in ORDLIB type *FILE not found.',
    });
    expect(fromJava(thrown({ message: 'no id', state: '58004' }), 'ibmi')).toMatchObject({
      sqlCode: 0,
      messageId: null,
      message: 'no id',
    });
  });

  test.each([
    ['08004', 'SIGNON_REFUSED'],
    ['08001', 'CONNECT_FAILED'],
    ['08S01', 'CONNECT_FAILED'],
  ])('state %s', (state, code) => {
    expect(fromJava(thrown({ message: 'x', state, code: -99999 }), 'ibmi')).toMatchObject({
      code,
      message: expect.stringContaining('ibmi'),
    });
  });

  test('what is no SQL exception, what cannot be asked, and what is ours already', () => {
    expect(fromJava(thrown({ message: 'java.lang.NullPointerException' }), 'ibmi')).toMatchObject({
      code: 'JT400_DRIVER',
    });
    const silent = {
      getMessageSync: () => {
        throw new Error('gone');
      },
    };
    expect(fromJava(Object.assign(new Error('first line\nsecond'), { cause: silent }), 'ibmi').message).toBe(
      'JTOpen: first line',
    );
    const own = new CodedError({ code: 'CANCELLED', message: 'x' });
    expect(fromJava(own, 'ibmi')).toBe(own);
  });
});
