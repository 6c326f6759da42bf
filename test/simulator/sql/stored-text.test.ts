/** Text keeps its bytes: U+0000, bytes a page does not define, and the page of what is cast. */
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeEach(async () => {
  f = await sqlFixture();
});

afterEach(() => f[Symbol.dispose]());

const image = (): string =>
  f.partition.file('APPLIB', 'T')!.members[0]!.rows.get(1)!.image.toString('hex').toUpperCase();

test.each([
  ['VARCHAR(10)', '0003810082'],
  ['CHAR(4)', '81008240'],
  ['CHAR(4) CCSID 500', '81008240'],
])('U+0000 inside %s', (type, hex) => {
  f.run(`CREATE TABLE T (C ${type} NOT NULL)`);
  f.run(`INSERT INTO T VALUES ('a' CONCAT X'00' CONCAT 'b')`);
  expect(image()).toBe(hex.padEnd(image().length, '0'));
  const [[value, bytes, length] = []] = f.rows('SELECT C, HEX(C), LENGTH(RTRIM(C)) FROM T');
  expect(String(value).trimEnd()).toBe('a\0b');
  expect(bytes).toBe(type.startsWith('V') ? '810082' : '81008240');
  expect(length).toBe(3);
  expect(f.rows('SELECT COUNT(*) FROM T WHERE C = ?', ['a\0b'])).toEqual([[1]]);
  expect(f.rows('SELECT COUNT(*) FROM T WHERE C = ?', ['a'])).toEqual([[0]]);
  expect(f.rows(`SELECT COUNT(*) FROM T WHERE C = 'a\0b'`)).toEqual([[1]]);
});

test.each(['VARCHAR(10) CCSID 1208', 'CLOB(20)', 'VARGRAPHIC(10) CCSID 1200', 'DBCLOB(20)', 'CHAR(10) CCSID 1208'])(
  'a parameter with U+0000 into %s',
  (type) => {
    f.run(`CREATE TABLE T (C ${type} NOT NULL)`);
    for (const text of ['a\0b', '\0', '\0\0', 'ab\0']) {
      f.run('DELETE FROM T');
      f.run('INSERT INTO T VALUES (?)', [text]);
      expect(f.rows('SELECT C FROM T').map((r) => String(r[0]).trimEnd())).toEqual([text]);
      expect(f.rows('SELECT LEFT(C, 2), LENGTH(TRIM(CAST(C AS VARCHAR(20) CCSID 1208))) FROM T')).toEqual([
        [text.padEnd(10).slice(0, type.startsWith('CHAR') ? 2 : Math.min(2, text.length)), text.length],
      ]);
    }
  },
);

// pages with bytes, pairs or sequences that are no characters
test.each([
  [1047, 'VARCHAR', 'C1FFC2'],
  [290, 'VARCHAR', 'C1B0C2'],
  [423, 'VARCHAR', 'C1FEC2'],
  [930, 'VARCHAR', 'C10EFEFE0FC2'],
  [930, 'VARCHAR', 'C10E4040'],
  [1208, 'VARCHAR', '41FF80C3A9C3'],
  [1200, 'VARGRAPHIC', '0041D80000E9DC00'],
  [300, 'VARGRAPHIC', 'FEFE4260'],
])('bytes of CCSID %d in %s stay as they are: %s', (ccsid, type, hex) => {
  f.run(`CREATE TABLE T (C ${type}(20) CCSID ${ccsid} NOT NULL, D VARCHAR(5))`);
  const member = f.partition.file('APPLIB', 'T')!.members[0]!;
  const row = Buffer.alloc(member.file.recordLength);
  row.writeUInt16BE(hex.length / (type === 'VARCHAR' ? 2 : 4), 0);
  Buffer.from(hex, 'hex').copy(row, 2);
  const job = f.partition.openJob({ name: 'A', user: 'TESTER', number: '000001', remoteAddress: '' });
  job.insertRow(member, { image: row, nulls: '01' });
  const shown = () => f.rows('SELECT HEX(C), HEX(C CONCAT C) FROM T');
  expect(shown()).toEqual([[hex, hex + hex]]);
  f.run(`UPDATE T SET D = 'x', C = C`);
  expect(shown()).toEqual([[hex, hex + hex]]);
  expect(image().slice(4, 4 + hex.length)).toBe(hex);
  f.run(`CREATE TABLE U (C ${type}(20) CCSID ${ccsid})`);
  f.run('INSERT INTO U SELECT C FROM T');
  expect(f.rows('SELECT HEX(C) FROM U')).toEqual([[hex]]);
});

test('CAST of bytes to characters of a page keeps the bytes', () => {
  expect(f.rows(`VALUES (HEX(CAST(X'C10EFEFE0FC2' AS VARCHAR(20) CCSID 930)))`)).toEqual([['C10EFEFE0FC2']]);
  expect(f.rows(`VALUES (HEX(CAST(X'41FF42' AS VARCHAR(20) CCSID 1208)))`)).toEqual([['41FF42']]);
});

test('CAST without a CCSID keeps that of its operand', () => {
  f.run('CREATE TABLE T (C VARCHAR(24) CCSID 5035, G VARGRAPHIC(5) CCSID 1200)');
  f.run('INSERT INTO T VALUES (?, ?)', ['日本A', 'x']);
  const { columns } = f.session.prepare('SELECT CAST(C AS CHAR(24)), CAST(G AS CHAR(5)), CHAR(C) FROM T');
  expect(columns!.map((c) => c.ccsid)).toEqual([5035, 37, 5035]);
  expect(f.rows('SELECT CAST(C AS CHAR(24)) FROM T').map((r) => String(r[0]).trimEnd())).toEqual(['日本A']);
});
