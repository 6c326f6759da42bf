/** What is Db2's own, as the general parser gets it; `~` stands for the mark no client can type. */

import { tokenize } from '../../../src/simulator/sql/text/lexer';
import { TokenStream } from '../../../src/simulator/sql/text/token-stream';
import { loadParser, parseStatement } from '../../../src/simulator/sql/tree/ast';
import { MARK, rewrite } from '../../../src/simulator/sql/tree/db2-tokens';

beforeAll(loadParser);

const text = (sql: string) => rewrite(TokenStream.of(sql).tokens).sql.replaceAll(MARK, '~').replace(/\s+/g, ' ').trim();

test.each([
  ['select current timestamp - 5 seconds from t', `SELECT "~REG TIMESTAMP" - "~DURATION"('SECOND', 5 ) FROM T`],
  [
    'select current timestamp(12), current_date, user from t',
    'SELECT "~REG TIMESTAMP 12" , "~REG DATE" , "~REG USER" FROM T',
  ],
  ['select "CURRENT_USER", t.user from t', 'SELECT "CURRENT_USER" , T . USER FROM T'],
  [
    'select a - ? days + (3 + 4) months, f(x) - t.d days from t',
    `SELECT A - "~DURATION"('DAY', $1 ) + "~DURATION"('MONTH', ( 3 + 4 ) ) , F ( X ) - "~DURATION"('DAY', T . D ) FROM T`,
  ],
  ['select x days from t', 'SELECT X DAYS FROM T'],
  ['values 1, current server', 'VALUES ( 1 ), ( "~REG SERVER" )'],
  ['select a concat b, concat(a, b) from t', 'SELECT A || B , CONCAT ( A , B ) FROM T'],
  [
    'select a/b from l/t x, l2/u where x.a/2 > 1 group by a/b',
    'SELECT A / B FROM L . T X , L2 . U WHERE X . A / 2 > 1 GROUP BY A / B',
  ],
  ['select a from l/t group by a/2', 'SELECT A FROM L . T GROUP BY A / 2'],
  ['call qsys2/qcmdexc(?)', 'CALL QSYS2 . QCMDEXC ( $1 )'],
  ['select 1 from table(qsys2/f(1/2)) x', 'SELECT 1 FROM TABLE ( QSYS2 . F ( 1 / 2 ) ) X'],
  ['select a from t with ur', 'SELECT A FROM T'],
  ['select a from t for read only optimize for all rows with cs use currently committed', 'SELECT A FROM T'],
  ['select a from t for update of a, b with rs use and keep exclusive locks', 'SELECT A FROM T'],
  ['with ur as (select 1 from t) select * from ur', 'WITH UR AS ( SELECT 1 FROM T ) SELECT * FROM UR'],
  ['select a¬=1, b^=2 from t', 'SELECT A <> 1 , B <> 2 FROM T'],
  [
    "select trim(l from x), trim(both '0' from x), trim(l) from t",
    `SELECT TRIM ( LEADING ' ' FROM X ) , TRIM ( BOTH '0' FROM X ) , TRIM ( L ) FROM T`,
  ],
  [
    'select cast(x as varchar(10) for bit data), interpret(y as char(2) ccsid 273) from t',
    'SELECT CAST ( X AS DB2TYPE_0 ) , TRY_CAST ( Y AS DB2TYPE_1 ) FROM T',
  ],
  ['select f(user => 1, "job" => 2) from t', 'SELECT F ( "USER" => 1 , "job" => 2 ) FROM T'],
  [`select x'c1', gx'4040', n'ab', a#b from t -- comment`, `SELECT X'c1' , "~UX"('4040') , 'ab' , "A#B" FROM T`],
  ['select row change timestamp for t from t', 'SELECT "~ROW CHANGE TIMESTAMP"("T") FROM T'],
])('%s', (sql, expected) => {
  expect(text(sql)).toBe(expected);
  expect(() => parseStatement(rewrite(TokenStream.of(sql).tokens).sql)).not.toThrow();
});

test('markers are numbered in the order of the text, types and isolation are kept aside', () => {
  const r = rewrite(TokenStream.of('select ? from t where a = ? and cast(? as decimal(21, 0)) > 1 with rr').tokens);
  expect([r.markerCount, r.isolation]).toEqual([3, { level: 'RR', resolution: 'wait' }]);
  expect(r.types).toEqual([{ name: 'DECIMAL', length: 21, scale: 0, ccsid: null }]);
});

test('tokens know where they stand', () => {
  const sql = `select "a""b" /* x */, 'it''s', 1.5e-3 from t`;
  const tokens = tokenize(sql);
  expect(tokens.map((t) => [t.kind, t.text])).toEqual([
    ['word', 'SELECT'],
    ['quoted', 'a"b'],
    ['op', ','],
    ['string', "it's"],
    ['op', ','],
    ['number', '1.5e-3'],
    ['word', 'FROM'],
    ['word', 'T'],
  ]);
  expect(sql.slice(tokens[3]!.offset, tokens[3]!.end)).toBe(`'it''s'`);
});
