/** Whatever text arrives, the engine answers with rows or an SQL failure, never with an error of its own making. */
import fc from 'fast-check';
import { tokenize } from '../../../src/simulator/sql/text/lexer';
import { SqlFailure } from '../../../src/simulator/sql-session';
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeAll(async () => {
  f = await sqlFixture();
  f.run(
    'CREATE TABLE T (A INTEGER NOT NULL, B DECIMAL(9,2), C CHAR(5), D DATE, V VARCHAR(20), X BINARY(4), BIG DECIMAL(31,4))',
  );
  f.run(`INSERT INTO T VALUES (1, 2.5, 'ab', '2024-02-29', 'text', BX'01020304', 1)`);
});
afterAll(() => f[Symbol.dispose]());

const SEEDS = [
  'SELECT A, B + 1, C CONCAT V, CAST(B AS CHAR(9)) FROM T X WHERE X.A = ? AND C LIKE ? ORDER BY 1 DESC FETCH FIRST 3 ROWS ONLY',
  "SELECT COUNT(*), SUM(B), MAX(D), LISTAGG(V, ',') WITHIN GROUP (ORDER BY A) FROM T GROUP BY C HAVING COUNT(*) > 0",
  'WITH Q (N) AS (SELECT A FROM T UNION ALL SELECT BIG FROM T) SELECT N, ROW_NUMBER() OVER (ORDER BY N) FROM Q LEFT JOIN T ON T.A = N',
  'SELECT D + 1 MONTH - 2 DAYS, CURRENT TIMESTAMP - 5 SECONDS, YEAR(D), HEX(X), SUBSTR(V, 2, 2) FROM T WHERE (A, B) > (?, ?) WITH UR',
  `INSERT INTO T (A, B, V) VALUES (?, DEFAULT, UPPER('x')), (2, NULL, ?)`,
  'INSERT INTO T (A, B) SELECT A + 1, B * 2 FROM T WHERE A IN (SELECT A FROM T WHERE B BETWEEN 1 AND 3)',
  'UPDATE T SET B = B * ?, (C, V) = (?, CASE WHEN A = 1 THEN V ELSE NULL END) WHERE EXISTS (SELECT 1 FROM T Y WHERE Y.A = T.A)',
  'DELETE FROM T X WHERE X.A > ALL (SELECT A FROM T) OR D IS NULL',
  `VALUES (CURRENT DATE, DECIMAL('1.5', 5, 2), INTERPRET(BX'00123F' AS DECIMAL(5,2)))`,
  `SELECT SEQUENCE_NUMBER FROM TABLE(QSYS2.DISPLAY_JOURNAL(JOURNAL_LIBRARY => 'X', JOURNAL_NAME => ?, STARTING_SEQUENCE => 1)) J`,
  'CREATE TABLE U (ID BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 1), N NUMERIC(7, 2) NOT NULL WITH DEFAULT, PRIMARY KEY (ID))',
  'ALTER TABLE T ADD COLUMN Z TIMESTAMP(3) DEFAULT CURRENT TIMESTAMP ALTER COLUMN V SET DATA TYPE VARCHAR(30) DROP COLUMN C',
  `CALL QSYS2.QCMDEXC('DSPJOB')`,
  'SET SCHEMA = APPLIB',
  'SAVEPOINT S1 ON ROLLBACK RETAIN CURSORS',
];

const pool = SEEDS.flatMap((s) => tokenize(s).map((t) => ({ kind: t.kind, text: s.slice(t.offset, t.end) })));
const words = [...new Set(pool.map((t) => t.text))];
const NAMES = [
  'A',
  'B',
  'C',
  'D',
  'V',
  'X',
  'BIG',
  'NULL',
  '?',
  '1',
  '2.5',
  "'ab'",
  'COUNT(*)',
  'MAX(A)',
  '(SELECT A FROM T)',
];
const FUNCTIONS = [
  'SUM',
  'MAX',
  'YEAR',
  'HEX',
  'SUBSTR',
  'UPPER',
  'DECIMAL',
  'CHAR',
  'COALESCE',
  'RRN',
  'DATE',
  'LENGTH',
];

/** A seed with some of its tokens dropped, doubled, swapped or replaced by others. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(
      fc.tuple(
        fc.nat(60),
        fc.constantFrom('drop', 'swap', 'replace', 'same', 'same', 'same'),
        fc.constantFrom(...words),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  )
  .map(([seed, edits]) => {
    const pieces = tokenize(seed).map((t) => seed.slice(t.offset, t.end));
    for (const [where, edit, word] of edits) {
      const at = where % Math.max(1, pieces.length);
      if (edit === 'drop') pieces.splice(at, 1);
      else if (edit === 'same') pieces[at] = alike(pieces[at] ?? '', where);
      else if (edit === 'replace') pieces[at] = word;
      else [pieces[at], pieces[0]] = [pieces[0] ?? '', pieces[at] ?? ''];
    }
    return pieces.join(' ');
  });

/** Another operand for an operand, another function for a function: what still parses. */
function alike(piece: string, n: number): string {
  if (NAMES.includes(piece)) return NAMES[n % NAMES.length]!;
  if (FUNCTIONS.includes(piece)) return FUNCTIONS[n % FUNCTIONS.length]!;
  return piece;
}

const values = fc.array(fc.oneof(fc.integer(), fc.string({ maxLength: 12 }), fc.constant(null)), {
  minLength: 6,
  maxLength: 6,
});

function attempt(sql: string, params: (string | number | null)[]): void {
  try {
    const prepared = f.session.prepare(sql);
    const given = params.slice(0, prepared.parameters.length);
    if (prepared.kind !== 'select') prepared.execute(given);
    else {
      const cursor = prepared.open(given);
      cursor.fetch(50);
      cursor.close();
    }
  } catch (error) {
    if (!(error instanceof SqlFailure)) throw error;
    // An internal error of SQLite would show up as SQL0901.
    if (error.sqlCode === -901) throw new Error(`${error.secondLevel}: ${sql}`);
  }
}

test('mutated statements', () => {
  fc.assert(fc.property(mutated, values, attempt), { numRuns: 3000 });
});

test('any text at all', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => attempt(text, [])),
    { numRuns: 500 },
  );
});
