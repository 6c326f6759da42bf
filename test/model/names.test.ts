/** Names as they are written, as Db2 for i knows them, and as SQL writes them. */
import {
  entryFor,
  findNamed,
  foldIdentifier,
  identifierOf,
  ordinaryName,
  quotedName,
  sameIdentifier,
  spellingsOf,
  splitQualified,
  writtenName,
} from '../../src/model/identifiers';
import { formatPosition, ordinaryTable, parseName, parseWritten, sameName } from '../../src/model/position';

test.each([
  // written, without quotes, exact, folded, spellings
  ['ORDNO', 'ORDNO', false, 'ORDNO', ['ORDNO']],
  ['ordno', 'ordno', false, 'ORDNO', ['ordno', 'ORDNO']],
  ['"ordno"', 'ordno', true, 'ordno', ['ordno']],
  ['"a ""b"""', 'a "b"', true, 'a "b"', ['a "b"']],
  ['Größe', 'Größe', false, 'GRößE', ['Größe', 'GRößE', 'GRÖSSE']],
  ['à', 'à', false, 'à', ['à', 'À']],
  // no closing quote, or nothing between: not quoted
  ['"ordno', '"ordno', false, '"ORDNO', ['"ordno', '"ORDNO']],
  ['""', '""', false, '""', ['""']],
])('%s', (written, name, exact, ordinary, spellings) => {
  expect(identifierOf(written)).toEqual({ name, exact });
  expect(ordinaryName(written)).toBe(ordinary);
  expect(spellingsOf(written)).toEqual(spellings);
});

test.each([
  ['ORDNO', '"ORDNO"', 'ORDNO'],
  ['Order No', '"Order No"', '"Order No"'],
  ['a"b', '"a""b"', '"a""b"'],
  ['ordno', '"ordno"', '"ordno"'],
  ['X@#$', '"X@#$"', 'X@#$'],
  ['1ST', '"1ST"', '"1ST"'],
  ['', '""', '""'],
])('%s is quoted and written so that it comes back', (name, quoted, written) => {
  expect(quotedName(name)).toBe(quoted);
  expect(writtenName(name)).toBe(written);
  if (name !== '') expect(identifierOf(written).name).toBe(name);
});

test('only a to z are folded', () => {
  expect(foldIdentifier('azAZ09_àéß$#@')).toBe('AZAZ09_àéß$#@');
});

describe('the one that is meant', () => {
  const columns = [
    { sql: 'ORDER_NUMBER', system: 'ORDNO' },
    { sql: 'ORDNO', system: 'ORDNO2' },
    { sql: 'Größe', system: 'GROESSE' },
    { sql: 'Mixed', system: 'M1' },
    { sql: 'MIXED', system: 'M2' },
  ];
  test.each([
    ['ORDNO', 1],
    ['ordno', 1],
    ['order_number', 0],
    ['ORDNO2', 1],
    ['Mixed', 3],
    ['mixed', 4],
    ['"mixed"', undefined],
    ['"Mixed"', 3],
    ['größe', 2],
    ['GRÖSSE', 2],
    ['nope', undefined],
  ])('%s', (written, index) => {
    const found = findNamed(written, columns, (c) => [c.sql, c.system]);
    expect(found && columns.indexOf(found)).toBe(index);
  });

  test('two that differ from it in case alone: neither', () => {
    expect(findNamed('aB', ['Ab', 'ab'], (n) => [n])).toBeUndefined();
    expect(findNamed('aB', [], (n: string) => [n])).toBeUndefined();
  });
});

test.each([
  ['ordno', 'ORDNO', true],
  ['"ordno"', 'ORDNO', false],
  ['"ordno"', 'ordno', true],
  ['ORDNO', '"ordno"', false],
  ['ORDNO', 'ORDNO2', false],
])('%s and %s can mean the same: %s', (a, b, same) => {
  expect(sameIdentifier(a, b)).toBe(same);
  expect(entryFor({ [a]: 1 }, b)).toBe(same ? 1 : undefined);
});

test('of two entries for a column the one spelled like it counts, and members of every object are none', () => {
  expect(entryFor({ ordno: 1, ORDNO: 2 }, 'ORDNO')).toBe(2);
  expect(entryFor<unknown>({}, 'toString')).toBeUndefined();
});

test.each([
  ['ORDLIB/ORDHDR', ['ORDLIB', 'ORDHDR']],
  ['ORDLIB.ORDHDR', ['ORDLIB', 'ORDHDR']],
  [' ordlib / Order Head ', null],
  ['ordlib/Order Head', ['ordlib', 'Order Head']],
  ['"my lib"/"a/b"', ['"my lib"', '"a/b"']],
  ['"a.b"."c.d"', ['"a.b"', '"c.d"']],
  ['LIB/A.B', ['LIB', 'A.B']],
  ['LIB', null],
  ['LIB/', null],
  ['/FILE', null],
  ['A/B/C', null],
  ['', null],
])('%s in two parts', (text, parts) => {
  expect(splitQualified(text)).toEqual(parts);
  expect(parseWritten(text)).toEqual(parts && { library: parts[0], name: parts[1] });
});

test('names of the system are folded, those in quotes and those of a configuration are not', () => {
  expect(parseName('ordlib/ordhdr')).toEqual({ library: 'ORDLIB', name: 'ORDHDR' });
  expect(parseName('ordlib/"ordhdr"')).toEqual({ library: 'ORDLIB', name: '"ordhdr"' });
  expect(parseName('ordhdr')).toBeNull();
  expect(ordinaryTable({ library: 'ordlib', name: '"ordhdr"' })).toEqual({ library: 'ORDLIB', name: 'ordhdr' });
});

test('positions for people, and when two names are one', () => {
  const receiver = { library: 'L', name: 'R0001' };
  expect(formatPosition({ receiver, sequence: 18446744073709551600n })).toBe('L/R0001:18446744073709551600');
  expect(sameName(receiver, { ...receiver })).toBe(true);
  expect(sameName(receiver, { ...receiver, library: 'M' })).toBe(false);
  expect(sameName(receiver, { ...receiver, name: 'R0002' })).toBe(false);
});
