/**
 * Reads rows of parents for their events: by key, pages of keys a statement, as record images, so that the plans of the journal
 * decode them. Where the parent's journal ends is asked before the rows are: they have every committed change up to there.
 */
import { readTables } from '../../catalog/catalog';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import { CodedError, isCoded, SqlError } from '../../errors/coded-error';
import { JournalHead } from '../../journal/reader/visible-head';
import type { ParentAnswer, ParentLoader, ParentQuestion } from '../../map/lookup';
import { quotedName } from '../../model/identifiers';
import { formatName, type Position } from '../../model/position';
import { type TableRow, TableRows } from '../../table-rows/table-rows';
import type { SqlConnection, SqlTransport } from '../../transport/transport';

/** Keys of one statement. */
const PAGE = 50;

/** @param untagged CCSID of columns that the catalog calls 65535 */
export function parentLoader(transport: SqlTransport, untagged: number | null): ParentLoader {
  return async (questions) => {
    const answers: ParentAnswer[] = new Array(questions.length);
    const tables = new Map<string, number[]>();
    for (const [i, { table }] of questions.entries())
      tables.set(formatName(table), [...(tables.get(formatName(table)) ?? []), i]);
    await using connection = await transport.connect({ role: 'parent' });
    for (const places of tables.values()) {
      const asked = places.map((i) => questions[i]!);
      const found = await answersOf(connection, asked, untagged);
      for (const [i, place] of places.entries()) answers[place] = found[i]!;
    }
    return answers;
  };
}

/** @param questions of one table. @throws CodedError PARENT_TABLE (host), SqlError */
async function answersOf(
  connection: SqlConnection,
  questions: readonly ParentQuestion[],
  untagged: number | null,
): Promise<ParentAnswer[]> {
  const { table } = questions[0]!;
  const [facts] = await readTables(connection, [table]);
  if (!facts || !hasLayout(facts))
    throw new CodedError({
      code: 'PARENT_TABLE',
      message: `rows of ${formatName(table)} cannot be read for the events of its children: ${facts?.reason ?? 'it is not on the partition'}`,
      next: 'grant the profile *USE of the file, or take `fetch` out of the rules that have it as `parent.table`',
      facts: { table: formatName(table) },
    });
  const at = await headOf(connection, facts);
  const reading = new Reading(connection, facts, untagged);
  const answers: ParentAnswer[] = [];
  for (let i = 0; i < questions.length; i += PAGE)
    for (const rows of await reading.page(questions.slice(i, i + PAGE))) answers.push(answerOf(rows, at));
  return answers;
}

async function headOf(connection: SqlConnection, { journal }: TableFacts): Promise<Position | null> {
  if (!journal) return null;
  const head = new JournalHead(connection, journal.name);
  try {
    return await head.position(new AbortController().signal);
  } finally {
    await head.close();
  }
}

function answerOf(rows: readonly TableRow[], at: Position | null): ParentAnswer {
  const [row] = rows;
  if (rows.length > 1 || !row) return { state: row ? 'several' : 'missing', row: null, rrn: 0n, at };
  return { state: 'read', row, rrn: BigInt(String(row.lead[0] ?? '0').split('.')[0]!), at };
}

class Reading {
  private readonly rows: TableRows;

  constructor(
    private readonly connection: SqlConnection,
    private readonly facts: TableFacts,
    private readonly untagged: number | null,
  ) {
    this.rows = new TableRows({ table: formatName(facts.file), columns: facts.format.columns });
  }

  /** @returns rows of each key, at most two */
  async page(questions: readonly ParentQuestion[]): Promise<readonly (readonly TableRow[])[]> {
    const columns = questions[0]!.key.map(([column]) => column);
    const found = new Map<string, TableRow[]>();
    for (const row of await this.fitting(questions)) {
      const id = idOf(this.rows.asInEvents(row, columns, this.untagged).map(String));
      found.set(id, [...(found.get(id) ?? []), row]);
    }
    const pages: (readonly TableRow[])[] = [];
    for (const question of questions) {
      const known = found.get(idOf(question.key.map(([, value]) => value)));
      // written otherwise than the row has it (7.0 for 7): the partition compares, one by one
      pages.push(known ?? (questions.length === 1 ? [...found.values()].flat() : (await this.page([question]))[0]!));
    }
    return pages;
  }

  /** A value that no key can be has no row, and keeps none of the others from theirs. */
  private async fitting(questions: readonly ParentQuestion[]): Promise<TableRow[]> {
    try {
      return await this.select(questions);
    } catch (error) {
      if (!isUnfit(error)) throw error;
      if (questions.length === 1) return [];
      const half = questions.length >> 1;
      return [...(await this.fitting(questions.slice(0, half))), ...(await this.fitting(questions.slice(half)))];
    }
  }

  private select(questions: readonly ParentQuestion[]): Promise<TableRow[]> {
    const { sqlName, journal } = this.facts;
    const one = (key: ParentQuestion['key']): string =>
      `(${key.map(([column]) => `T.${quotedName(column)} = ?`).join(' AND ')})`;
    const where = questions.map(({ key }) => one(key)).join(' OR ');
    const limit = 2 * questions.length;
    // what someone may still take back is no row of theirs; a file without journal has nothing to take back
    const isolation = journal === null ? 'WITH UR' : 'WITH CS USE CURRENTLY COMMITTED';
    const from = `FROM ${quotedName(sqlName.library)}.${quotedName(sqlName.name)} T WHERE ${where} FETCH FIRST ${limit} ROWS ONLY ${isolation}`;
    return this.rows.read(this.connection, {
      sql: (list) => `SELECT RRN(T) AS RRN_OF_ROW, ${list} ${from}`,
      params: questions.flatMap(({ key }) => key.map(([, value]) => value)),
      lead: 1,
      qualifier: 'T.',
    });
  }
}

function idOf(values: readonly string[]): string {
  return JSON.stringify(values);
}

/** True for what a value alone is to blame for: it does not fit the marker, or the server cannot convert it (class 22). */
function isUnfit(error: unknown): boolean {
  if (error instanceof SqlError) return error.sqlState.startsWith('22');
  return isCoded(error) && error.code === 'PARAMETER_VALUE';
}
