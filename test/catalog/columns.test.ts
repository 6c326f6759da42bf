/** One row of SYSCOLUMNS2 as a column of the record format: rows as releases give them, odd ones among them. */
import type { Answer } from '../../src/catalog/answer';
import { columnOf } from '../../src/catalog/column-format';
import type { SqlValue } from '../../src/transport/transport';

type Row = Readonly<Record<string, SqlValue>>;

const answer = (row: Row): Answer => new Map(Object.entries(row));
const row = (DATA_TYPE: string, more: Row = {}): Answer =>
  answer({ COLUMN_NAME: 'A', SYSTEM_COLUMN_NAME: 'A', DATA_TYPE, IS_NULLABLE: 'N', HAS_DEFAULT: 'N', ...more });
const format = (type: string, more: Row = {}) => columnOf(row(type, more))?.format;

describe('types', () => {
  // [DATA_TYPE, LENGTH, NUMERIC_SCALE, CCSID, what the image has]
  test.each<[string, number, number | null, number | null, object]>([
    ['CHAR', 10, null, 37, { type: 'CHAR', length: 10, scale: 0, ccsid: 37 }],
    ['CHAR', 10, null, 65535, { type: 'CHAR', length: 10, ccsid: 65535 }],
    ['CHARACTER', 10, null, 273, { type: 'CHAR', length: 10, ccsid: 273 }],
    ['VARCHAR', 32740, null, 1208, { type: 'VARCHAR', length: 32740, ccsid: 1208 }],
    ['CHARACTER VARYING', 5, null, 37, { type: 'VARCHAR', length: 5 }],
    ['GRAPHIC', 5, null, 1200, { type: 'GRAPHIC', length: 5, ccsid: 1200 }],
    ['NCHAR', 5, null, 1200, { type: 'GRAPHIC', length: 5 }],
    ['VARG', 5, null, 13488, { type: 'VARGRAPHIC', length: 5, ccsid: 13488 }],
    ['VARGRAPHIC', 5, null, 300, { type: 'VARGRAPHIC', length: 5, ccsid: 300 }],
    ['NVARCHAR', 5, null, 1200, { type: 'VARGRAPHIC', length: 5 }],
    // binary has no CCSID, whatever column of the view says so
    ['BINARY', 5, null, null, { type: 'BINARY', length: 5, ccsid: 65535 }],
    ['VARBIN', 5, null, null, { type: 'VARBINARY', length: 5, ccsid: 65535 }],
    ['VARBINARY', 5, null, 65535, { type: 'VARBINARY', length: 5, ccsid: 65535 }],
    ['BINARY VARYING', 5, null, null, { type: 'VARBINARY', length: 5, ccsid: 65535 }],
    ['DECIMAL', 7, 0, null, { type: 'DECIMAL', length: 7, scale: 0, ccsid: null }],
    ['DECIMAL', 63, 63, null, { type: 'DECIMAL', length: 63, scale: 63 }],
    ['NUMERIC', 9, 2, null, { type: 'NUMERIC', length: 9, scale: 2 }],
    ['NUMERIC', 9, null, null, { type: 'NUMERIC', length: 9, scale: 0 }],
    ['SMALLINT', 2, 0, null, { type: 'SMALLINT', length: 2, scale: 0 }],
    ['INTEGER', 4, 5, null, { type: 'INTEGER', length: 4, scale: 5 }],
    ['BIGINT', 8, 0, null, { type: 'BIGINT', length: 8 }],
    ['FLOAT', 4, null, null, { type: 'REAL', length: 4 }],
    ['FLOAT', 8, null, null, { type: 'DOUBLE', length: 8 }],
    ['REAL', 4, null, null, { type: 'REAL', length: 4 }],
    ['DOUBLE', 8, null, null, { type: 'DOUBLE', length: 8 }],
    ['DATE', 4, null, null, { type: 'DATE', length: 10, scale: 0 }],
    ['TIME', 3, null, null, { type: 'TIME', length: 8, scale: 0 }],
    ['BOOLEAN', 1, null, null, { type: 'BOOLEAN', length: 1 }],
    ['ROWID', 40, null, null, { type: 'ROWID', length: 40 }],
    ['DATALINK', 200, null, 37, { type: 'DATALINK', length: 200, ccsid: 37 }],
    ['CLOB', 1048576, null, 1208, { type: 'CLOB', length: 1048576, ccsid: 1208 }],
    ['BLOB', 1048576, null, null, { type: 'BLOB', length: 1048576 }],
    ['DBCLOB', 1000, null, 1200, { type: 'DBCLOB', length: 1000, ccsid: 1200 }],
    ['NCLOB', 1000, null, 1200, { type: 'DBCLOB', length: 1000 }],
    ['XML', 2147483647, null, 1208, { type: 'XML', length: 2147483647, ccsid: 1208 }],
  ])('%s of %i', (type, LENGTH, NUMERIC_SCALE, CCSID, expected) => {
    expect(format(type, { LENGTH, NUMERIC_SCALE, CCSID })).toMatchObject(expected);
    // drivers hand over small integers as text as well
    const text = { LENGTH: String(LENGTH), NUMERIC_SCALE: NUMERIC_SCALE === null ? '' : `${NUMERIC_SCALE}` };
    expect(format(type.toLowerCase(), { ...text, CCSID: CCSID === null ? null : `${CCSID}` })).toMatchObject(expected);
  });

  test.each(['GEOMETRY', 'ST_POINT', '', 'ARRAY', 'CURSOR'])('%j is none this product knows', (type) => {
    expect(columnOf(row(type))).toBeNull();
  });
});

describe('DECFLOAT, by bytes or digits', () => {
  test.each([
    [8, 16, 8],
    [16, 34, 16],
    [8, null, 8],
    [16, null, 16],
    // digits as the length
    [16, 16, 8],
    [34, 34, 16],
    [34, null, 16],
  ])('LENGTH %s, NUMERIC_PRECISION %s takes %i bytes', (LENGTH, NUMERIC_PRECISION, length) => {
    expect(format('DECFLOAT', { LENGTH, NUMERIC_PRECISION })).toMatchObject({ type: 'DECFLOAT', length, scale: 0 });
  });
});

describe('TIMESTAMP: what proves its digits', () => {
  // internal length: 7 bytes and half a byte for each digit
  test.each(Array.from({ length: 13 }, (_, digits) => digits))('%i of them', (digits) => {
    const shape = { length: digits === 0 ? 19 : 20 + digits, scale: digits };
    const internal = 7 + Math.ceil(digits / 2);
    expect(format('TIMESTMP', { LENGTH: internal, DATETIME_PRECISION: digits })).toMatchObject(shape);
    expect(format('TIMESTAMP', { LENGTH: null, DATETIME_PRECISION: digits })).toMatchObject(shape);
    // as long as its text, as some views say
    expect(format('TIMESTAMP', { LENGTH: 26, DATETIME_PRECISION: digits })).toMatchObject(shape);
  });

  test.each([
    ['no precision, and a length that fits several', { LENGTH: 10, DATETIME_PRECISION: null }],
    ['nothing at all', {}],
    ['a length that contradicts it', { LENGTH: 7, DATETIME_PRECISION: 6 }],
    ['the other way round', { LENGTH: 10, DATETIME_PRECISION: 0 }],
    ['more than there are', { LENGTH: 13, DATETIME_PRECISION: 13 }],
    ['less than none', { LENGTH: 7, DATETIME_PRECISION: -1 }],
  ])('%s proves none', (_, more) => {
    expect(format('TIMESTAMP', more)).toMatchObject({ scale: -1 });
  });

  test('a length of seven bytes is one without a fraction', () => {
    expect(format('TIMESTAMP', { LENGTH: 7 })).toMatchObject({ scale: 0, length: 19 });
  });

  test('NUMERIC_SCALE says nothing of it', () => {
    expect(format('TIMESTAMP', { LENGTH: 10, NUMERIC_SCALE: 6 })).toMatchObject({ scale: -1 });
    expect(format('TIMESTAMP', { LENGTH: 10, NUMERIC_SCALE: 0, DATETIME_PRECISION: 6 })).toMatchObject({ scale: 6 });
  });
});

describe('date and time formats', () => {
  test.each([
    ['*ISO', '-', 'ISO', '-'],
    ['MDY', '/', 'MDY', '/'],
    ['*DMY', '', 'DMY', null],
    ['*jul', ' ', 'JUL', ' '],
    ['*JOB', '', 'ISO', null],
    ['', '', 'ISO', null],
    [null, null, 'ISO', null],
  ])('DATE_FORMAT %j, DATE_SEPARATOR %j', (DATE_FORMAT, DATE_SEPARATOR, dateFormat, dateSeparator) => {
    const found = format('DATE', { DATE_FORMAT, DATE_SEPARATOR })!;
    expect([found.dateFormat, found.dateSeparator]).toEqual([dateFormat, dateSeparator]);
    expect(found).not.toHaveProperty('timeFormat');
  });

  test.each([
    ['*HMS', ':', 'HMS', ':'],
    ['EUR', '.', 'EUR', '.'],
    ['*MDY', '', 'ISO', null],
    [null, null, 'ISO', null],
  ])('TIME_FORMAT %j, TIME_SEPARATOR %j', (TIME_FORMAT, TIME_SEPARATOR, timeFormat, timeSeparator) => {
    const found = format('TIME', { TIME_FORMAT, TIME_SEPARATOR })!;
    expect([found.timeFormat, found.timeSeparator]).toEqual([timeFormat, timeSeparator]);
    expect(found).not.toHaveProperty('dateFormat');
  });

  test('other types have none', () => {
    expect(Object.keys(format('CHAR', { LENGTH: 1, DATE_FORMAT: '*MDY' })!)).not.toContain('dateFormat');
  });
});

describe('distinct types', () => {
  const typeOf = (SOURCE_TYPE: string, more: Row): ReadonlyMap<string, Answer> =>
    new Map([['LIB/MONEY', answer({ SOURCE_TYPE, ...more })]]);
  const money = { USER_DEFINED_TYPE_SCHEMA: 'LIB', USER_DEFINED_TYPE_NAME: 'MONEY' };

  test('have the layout of what they were made of', () => {
    const types = typeOf('DECIMAL', { LENGTH: 15, NUMERIC_SCALE: 2 });
    expect(columnOf(row('DISTINCT', { LENGTH: 99, ...money }), types)!.format).toEqual({
      name: 'A',
      type: 'DECIMAL',
      length: 15,
      scale: 2,
      ccsid: null,
      nullable: false,
    });
  });

  test('the column may have a CCSID of its own', () => {
    const types = typeOf('VARCHAR', { LENGTH: 20, CCSID: 37 });
    expect(columnOf(row('DISTINCT', { ...money, CCSID: 1208 }), types)!.format).toMatchObject({
      ccsid: 1208,
      length: 20,
    });
    expect(columnOf(row('DISTINCT', money), types)!.format).toMatchObject({ type: 'VARCHAR', ccsid: 37 });
  });

  test('of FLOAT and TIMESTAMP', () => {
    expect(columnOf(row('DISTINCT', money), typeOf('FLOAT', { LENGTH: 4 }))!.format.type).toBe('REAL');
    const stamped = columnOf(row('DISTINCT', { ...money, DATETIME_PRECISION: 3 }), typeOf('TIMESTAMP', { LENGTH: 9 }))!;
    expect(stamped.format).toMatchObject({ type: 'TIMESTAMP', scale: 3, length: 23 });
  });

  test('that nobody describes are unknown', () => {
    expect(columnOf(row('DISTINCT', money))).toBeNull();
    expect(columnOf(row('DISTINCT', money), new Map([['LIB/OTHER', answer({ SOURCE_TYPE: 'DATE' })]]))).toBeNull();
    expect(columnOf(row('DISTINCT', money), typeOf('GEOMETRY', {}))).toBeNull();
  });
});

describe('what else is said of a column', () => {
  test.each([
    ['Y', true],
    ['YES', true],
    ['N', false],
    ['', false],
    [null, false],
  ])('IS_NULLABLE %j', (IS_NULLABLE, nullable) => {
    expect(columnOf(row('INTEGER', { IS_NULLABLE }))!.format.nullable).toBe(nullable);
  });

  // N none, Y has one, A and I generated, E expression, and the like
  test.each([
    ['N', false],
    ['', false],
    [null, false],
    ['Y', true],
    ['A', true],
    ['I', true],
    ['E', true],
  ])('HAS_DEFAULT %j', (HAS_DEFAULT, expected) => {
    expect(columnOf(row('INTEGER', { HAS_DEFAULT }))!.hasDefault).toBe(expected);
  });

  // P partially hidden: left out of SELECT *, and in the image as any other
  test.each([
    ['P', true],
    ['Y', true],
    ['N', false],
    ['', false],
    [null, false],
  ])('HIDDEN %j', (HIDDEN, hidden) => {
    expect(columnOf(row('INTEGER', { HIDDEN }))!.hidden).toBe(hidden);
  });

  test.each([
    ['YES', true],
    ['Y', true],
    ['NO', false],
    [null, false],
  ])('IS_IDENTITY %j', (IS_IDENTITY, identity) => {
    expect(columnOf(row('INTEGER', { IS_IDENTITY }))!.identity).toBe(identity);
  });

  test('a long name keeps its system name beside it; without one it is its own', () => {
    const long = columnOf(
      row('INTEGER', { COLUMN_NAME: 'ORDER_NUMBER_OF_CUSTOMER', SYSTEM_COLUMN_NAME: 'ORDER00001' }),
    )!;
    expect([long.format.name, long.systemName]).toEqual(['ORDER_NUMBER_OF_CUSTOMER', 'ORDER00001']);
    expect(columnOf(row('INTEGER', { COLUMN_NAME: 'ORDNO', SYSTEM_COLUMN_NAME: null }))!.systemName).toBe('ORDNO');
  });
});
