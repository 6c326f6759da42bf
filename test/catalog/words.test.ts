/** What people wrote into the catalog, and how tables refer to each other, read back from statements that put it there. */
import { typeText } from '../../src/catalog/column-format';
import { readForeignKeys, readKeyedTables, readLibrary, readWords } from '../../src/catalog/words';
import type { ColumnFormat } from '../../src/model/record-format';
import { Desk } from '../support/desk';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
  await desk.cl('CRTLIB LIB(SALES)');
  await desk.sql(
    'CREATE TABLE SALES.INVOICE_HEADERS FOR SYSTEM NAME INVHDR (INVOICE_NUMBER FOR COLUMN INVNO DECIMAL(7,0) NOT NULL, SHOP CHAR(2) NOT NULL, NOTE VARCHAR(20), CONSTRAINT INVPK PRIMARY KEY (SHOP, INVOICE_NUMBER))',
  );
  await desk.sql(
    'CREATE TABLE SALES.INVLIN (SHOP CHAR(2) NOT NULL, INVNO DECIMAL(7,0) NOT NULL, LINNO DECIMAL(3,0) NOT NULL, PRIMARY KEY (SHOP, INVNO, LINNO), CONSTRAINT INVFK FOREIGN KEY (SHOP, INVNO) REFERENCES SALES.INVOICE_HEADERS (SHOP, INVOICE_NUMBER))',
  );
  await desk.sql('CREATE TABLE SALES.LOOSE (A INT)');
  await desk.sql("LABEL ON TABLE SALES.INVOICE_HEADERS IS 'Invoices, as sent'");
  await desk.sql("LABEL ON COLUMN SALES.INVOICE_HEADERS (INVOICE_NUMBER IS 'Invoice             Number')");
  await desk.sql("LABEL ON COLUMN SALES.INVOICE_HEADERS (SHOP TEXT IS 'Shop it was sold in')");
  await desk.sql("COMMENT ON COLUMN SALES.INVOICE_HEADERS.NOTE IS 'What the shop wrote'");
}, 60_000);
afterAll(async () => desk?.[Symbol.asyncDispose]());

const sales = (name: string) => ({ library: 'SALES', name });

test('texts of tables and columns: text before heading before comment, a heading that repeats the name is none', async () => {
  const words = await readWords(desk.admin, [sales('INVHDR'), sales('LOOSE'), sales('NOSUCH')]);
  expect([...words.keys()].sort()).toEqual(['SALES/INVHDR', 'SALES/LOOSE']);
  const { text, columns } = words.get('SALES/INVHDR')!;
  expect(text).toBe('Invoices, as sent');
  expect(Object.fromEntries(columns)).toEqual({
    INVOICE_NUMBER: 'Invoice Number',
    SHOP: 'Shop it was sold in',
    NOTE: 'What the shop wrote',
  });
  expect(words.get('SALES/LOOSE')).toEqual({ text: '', columns: new Map([['A', '']]) });
});

test('the tables of a library by system name', async () => {
  expect((await readLibrary(desk.admin, 'SALES')).map((t) => t.name)).toEqual(['INVHDR', 'INVLIN', 'LOOSE']);
  expect(await readLibrary(desk.admin, 'NOSUCH')).toEqual([]);
});

test('a foreign key with the columns of both sides in key order', async () => {
  const tables = [sales('INVLIN'), sales('INVOICE_HEADERS'), sales('LOOSE')];
  expect(await readForeignKeys(desk.admin, tables)).toEqual([
    {
      name: 'INVFK',
      child: sales('INVLIN'),
      parent: sales('INVOICE_HEADERS'),
      columns: [
        ['SHOP', 'SHOP'],
        ['INVNO', 'INVOICE_NUMBER'],
      ],
    },
  ]);
  expect(await readForeignKeys(desk.admin, [sales('LOOSE')])).toEqual([]);
});

test('keyed tables of several libraries, by constraint or access path', async () => {
  const keyed = await readKeyedTables(desk.admin, ['SALES', 'ORDLIB']);
  const keyOf = (library: string, name: string) =>
    keyed.find(({ file }) => file.library === library && file.name === name)?.key;
  expect(keyOf('SALES', 'INVHDR')).toEqual(['SHOP', 'INVOICE_NUMBER']);
  expect(keyOf('SALES', 'INVLIN')).toEqual(['SHOP', 'INVNO', 'LINNO']);
  expect(keyOf('SALES', 'LOOSE')).toBeUndefined();
  // PRICES is a keyed physical file without a constraint
  expect(keyOf('ORDLIB', 'PRICES')).toEqual(['ITMNO', 'CURR']);
});

test.each([
  ['DECIMAL', 7, 0, 'DECIMAL(7,0)'],
  ['NUMERIC', 9, 2, 'NUMERIC(9,2)'],
  ['CHAR', 10, 0, 'CHAR(10)'],
  ['VARGRAPHIC', 20, 0, 'VARGRAPHIC(20)'],
  ['VARBINARY', 5, 0, 'VARBINARY(5)'],
  ['CLOB', 1000, 0, 'CLOB(1000)'],
  ['TIMESTAMP', 26, 6, 'TIMESTAMP(6)'],
  ['TIMESTAMP', 19, 0, 'TIMESTAMP(0)'],
  ['DATE', 10, 0, 'DATE'],
  ['BIGINT', 8, 0, 'BIGINT'],
] as const)('%s of %i and %i is written %s', (type, length, scale, text) => {
  const format: ColumnFormat = { name: 'C', type, length, scale, ccsid: null, nullable: false };
  expect(typeText(format)).toBe(text);
});
