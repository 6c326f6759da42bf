/** Names and labels of thirty years: what they hint at, and the words made of them for a configuration. */
import { camel, entityOf, hints, momentStem } from '../../src/infer/hints';

type What = Parameters<typeof hints>[0];
const ALL: readonly What[] = ['date', 'time', 'status', 'kind', 'changed', 'phone', 'person', 'number'];
const said = (name: string, label = ''): string => ALL.filter((what) => hints(what, { name, label })).join(' ');

test.each([
  ['ORDDAT', 'date'],
  ['orddat', 'date'],
  ['LIEFERDATUM', 'date'],
  ['CHGDAT', 'date changed'],
  ['DATUPD', 'date changed'],
  ['DUEDTE2', 'date'],
  ['CHGTIM', 'time changed'],
  ['UHRZEIT', 'time'],
  ['ORDSTS', 'status'],
  ['STATUS', 'status'],
  ['AUFZUST', 'status'],
  ['SATZART', 'kind'],
  ['RECTYP', 'kind'],
  ['TELNR', 'phone number'],
  ['FAXNO', 'phone number'],
  ['CUSNAM', 'person'],
  ['NAME1', 'person'],
  ['ORDNO', 'number'],
  ['CUSTNR', 'number'],
  ['QTY', 'number'],
  ['DSCP', ''],
])('%s', (name, expected) => {
  expect(said(name)).toBe(expected);
});

test.each([
  ['Order date', 'date'],
  ['valid until', 'date'],
  ['Zeit der Änderung', 'time changed'],
  ['Geändert am', 'changed'],
  ['Änderungen', ''],
  ['Customer status', 'status'],
  ['Art', 'kind'],
  ['Telefon', 'phone'],
  ['Ansprechpartner', 'person'],
  ['Order number', 'number'],
  // within other words they say nothing
  ['Candidate of an article', ''],
  ['Sometimes', ''],
])('label %j', (label, expected) => {
  expect(said('X', label)).toBe(expected);
});

test.each([
  ['CHGDAT', 'CHG'],
  ['CHGTIM', 'CHG'],
  ['chgtim', 'CHG'],
  ['ORDDATE', 'ORD'],
  ['ORDTIME', 'ORD'],
  ['DATCHG', 'CHG'],
  ['TIMCHG', 'CHG'],
  ['DUEDT1', 'DUE1'],
  ['DUETM1', 'DUE1'],
  ['CUSNO', 'CUSNO'],
])('%s without its date or time is %s', (name, stem) => {
  expect(momentStem(name)).toBe(stem);
});

test.each([
  ['Order number', 'orderNumber'],
  ['ORDER NUMBER', 'orderNumber'],
  ['Größe in cm', 'grosseInCm'],
  ['Straße', 'strasse'],
  ['  delivery - date ', 'deliveryDate'],
  ['a', 'a'],
  ['2nd address', null],
  ['', null],
  ['!?', null],
  ['one two three four five six seven', null],
  ['受注番号', null],
  ['x'.repeat(61), null],
])('%j is the member %s', (text, expected) => {
  expect(camel(text)).toBe(expected);
});

test.each([
  ['Order headers', 'ORDHDR', 'order'],
  ['Order lines', 'ORDLIN', 'orderLine'],
  ['Customer master file', 'CUSMAS', 'customer'],
  ['Countries', 'CTRY', 'country'],
  ['Address', 'ADR', 'address'],
  ['Stock, by warehouse', 'STOCK', 'stock'],
  ['Kundenstamm', 'KUNDEN', 'kundenstamm'],
  ['', 'ORDHDR', 'ordhdr'],
  ['This table holds what nobody remembers', 'ODD#1', 'odd-1'],
  ['123', 'X$Y', 'x-y'],
  ['File', 'F1', 'file'],
])('%j of %s holds a %s', (text, file, entity) => {
  expect(entityOf(text, file)).toBe(entity);
});
