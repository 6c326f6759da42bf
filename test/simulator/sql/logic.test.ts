/** The files of logic/ against the SQL engine itself: statements, counts, SQLCODEs, described types and rows. */
import { type LogicRecord, logicFiles, type QueryRecord, readLogicFile, rowText, typeText } from './logic-file';
import { type Fixture, sqlFixture } from './sql-fixture';

describe.each(logicFiles())('%s', (name) => {
  let f: Fixture;
  beforeAll(async () => {
    f = await sqlFixture();
  });
  afterAll(() => f[Symbol.dispose]());

  const records = readLogicFile(name).map((record): [string, LogicRecord] => [`${record.line}: ${record.sql}`, record]);
  test.each(records)('%s', (_title, record) => {
    if (record.skip.includes('engine')) return;
    if (record.kind === 'query') runQuery(f, record);
    else if (record.error === null) {
      const { updateCount } = f.run(record.sql);
      if (record.count !== null) expect(updateCount).toBe(record.count);
    } else {
      const { sqlCode, sqlState, message } = f.failure(record.sql);
      const { code, state, text } = record.error;
      expect({ sqlCode, sqlState }).toEqual({ sqlCode: code, sqlState: state });
      if (text !== '') expect(message).toBe(text);
    }
  });
});

function runQuery(f: Fixture, { sql, letters, rowsort, types, rows }: QueryRecord): void {
  const columns = f.session.prepare(sql).columns!;
  expect(columns).toHaveLength(letters.length);
  if (types.length > 0) expect(columns.map(typeText)).toEqual(types);
  const found = f.rows(sql).map((row) => rowText(row as never, letters));
  expect(rowsort ? found.sort() : found).toEqual(rowsort ? [...rows].sort() : rows);
}
