/**
 * The proof, on the user's own partition, that the layout of a table is understood: the newest record images of its journal,
 * decoded by our plans, against the same rows as the server converts them, column by column.
 */
import { journalsOf } from '../../capture/journals';
import { tableNamed } from '../../capture/tables/table-named';
import { readTables } from '../../catalog/catalog';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import type { Config, TableConfig } from '../../config/config';
import { CodedError, isCoded } from '../../errors/coded-error';
import { entryFor, findNamed, quotedName } from '../../model/identifiers';
import { formatName, type Position } from '../../model/position';
import type { ColumnFormat, RecordFormat } from '../../model/record-format';
import { withCcsids } from '../../record/layout/ccsid-override';
import { computeLayout } from '../../record/layout/layout';
import { compileRowReader, type RowReader, type RowValue } from '../../record/rows/row-reader';
import { lines as asLines } from '../../telemetry/visible';
import type { SqlConnection, SqlValue } from '../../transport/transport';
import { exportedImages } from './exported-images';
import { type NewestImage, newestImages, touchedSince } from './newest-images';
import { normal, type ServerText, sameFloat, serverText } from './server-text';

interface VerifyDifference {
  /** Key columns with their values, as our plan reads them; the record number where the table has no key. */
  readonly key: Readonly<Record<string, string | null>>;
  readonly column: string;
  /** As our plan reads it; null is SQL null. */
  readonly journal: string | null;
  /** As the server says it. */
  readonly sql: string | null;
  /** Hex of the field's bytes in the record image. */
  readonly raw: string;
}

interface VerifyReport {
  readonly table: string;
  /** Rows compared. */
  readonly rows: number;
  /** Columns of which at least one value was compared. */
  readonly columns: number;
  readonly differences: readonly VerifyDifference[];
  /** Columns of which nothing could be compared: no image was seen, every value is null, or the server has no text of them. */
  readonly unproven: readonly string[];
}

interface VerifyWish {
  /** `LIB/FILE` as the user wrote it. */
  readonly table: string;
  readonly rows: number;
  /** In place of the catalog's. */
  readonly format?: RecordFormat;
  /** File of exported entries whose images are compared, in place of the journal's newest ones. */
  readonly entries?: string;
}

/** Differences listed of one table at most: a wrong column differs in every row. */
const MOST_DIFFERENCES = 1000;
/** Rows asked for by one statement. */
const ROWS_A_STATEMENT = 50;

/** @throws CodedError config: the table is not mapped, not journaled, or its layout is not known; `ENTRIES_*`; transport, host */
export async function verifyTable(
  config: Config,
  connection: SqlConnection,
  wish: VerifyWish,
  signal: AbortSignal,
): Promise<VerifyReport> {
  const table = await tableNamed(config, connection, wish.table);
  const [facts] = await readTables(connection, [table.table]);
  const [options] = facts && hasLayout(facts) ? journalsOf(config, [facts]) : [];
  if (!facts || !options) throw unusable(wish.table, facts);
  const plan = planOf(facts, table, config.partition.ccsid, wish.format ?? null);
  const { images, last } =
    wish.entries === undefined
      ? await newestImages(connection, options, wish.rows, signal)
      : await exportedImages(wish.entries, namesOf(facts), wish.rows);
  const seen = last === null ? new Map() : await plan.serverRows(connection, images, signal);
  const touched = last === null ? new Set<bigint>() : await touchedSince(connection, options, last, signal);
  if (touched === null) throw tooOld(wish.table, last!);
  const compared = images.filter(({ rrn }) => seen.has(rrn) && !touched.has(rrn));
  return plan.report(wish.table, compared, seen);
}

function unusable(table: string, facts: TableFacts | undefined): CodedError {
  const why =
    facts && hasLayout(facts)
      ? 'it is not journaled, or not captured by its journal'
      : (facts?.reason ?? 'it is not on the partition');
  return new CodedError({
    code: 'VERIFY_TABLE',
    message: `${table} has no record images to verify: ${why}`,
    next: '`ibmi-cdc plan` shows every table with its journal',
  });
}

function namesOf({ file, sqlName, asked }: TableFacts): ReadonlySet<string> {
  return new Set([file, sqlName, asked].map(formatName));
}

function tooOld(table: string, { receiver }: Position): CodedError {
  return new CodedError({
    code: 'VERIFY_TABLE',
    message: `${table}: receiver ${formatName(receiver)} of the last entry cannot be read any more: rows may have changed since, unseen`,
    next: 'export entries of receivers that are still on the partition',
  });
}

function planOf(
  facts: TableFacts,
  table: TableConfig,
  untagged: number | null,
  given: RecordFormat | null,
): VerifyPlan {
  const catalog = given ?? facts.format;
  const columns: Record<string, number> = {};
  for (const c of catalog.columns)
    for (const rule of table.rules) {
      const stated = entryFor(rule.columns, c.name)?.ccsid;
      if (stated != null) columns[c.name] ??= stated;
    }
  const stated = withCcsids(catalog, {
    columns,
    ...(table.ccsid === null ? {} : { table: table.ccsid }),
    ...(untagged === null ? {} : { connection: untagged }),
  });
  const key = (table.key ?? facts.key?.columns ?? []).map(
    (k) => findNamed(k, catalog.columns, (c) => [c.name])?.name ?? k,
  );
  return new VerifyPlan(facts, stated, key);
}

/** Server answers of one row by column; a column that is missing could not be asked for. */
type ServerRow = ReadonlyMap<string, string | null>;

class VerifyPlan {
  private readonly reader: RowReader;
  private readonly layout;
  /** By column of the format; null cannot be compared. */
  private readonly texts: readonly (ServerText | null)[];
  private readonly refused = new Set<string>();

  constructor(
    private readonly facts: TableFacts,
    private readonly format: RecordFormat,
    private readonly key: readonly string[],
  ) {
    // as stored: what the config says of a column's meaning is nothing the server knows
    const columns = format.columns.map(({ as: _, ...c }) => c);
    this.layout = computeLayout({ ...format, columns });
    this.reader = compileRowReader(
      { ...format, columns },
      columns.map((c) => ({ column: c.name })),
    );
    this.texts = columns.map((c) => {
      const tagged = facts.format.columns.find(({ name }) => name === c.name);
      return tagged ? serverText(tagged, statedFor(tagged, c)) : null;
    });
  }

  async serverRows(
    connection: SqlConnection,
    images: readonly NewestImage[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<bigint, ServerRow>> {
    const rows = new Map<bigint, Map<string, string | null>>();
    const asked = this.format.columns.flatMap((c, i) =>
      this.texts[i] ? [{ name: c.name, sql: this.texts[i]!.sql }] : [],
    );
    for (let at = 0; at < images.length && !signal.aborted; at += ROWS_A_STATEMENT) {
      const rrns = images.slice(at, at + ROWS_A_STATEMENT).map(({ rrn }) => rrn);
      for (const columns of await this.columnsThatWork(connection, rrns, asked)) {
        for (const [rrn, ...values] of columns.rows) {
          const no = BigInt(String(rrn).split('.')[0]!);
          const row = rows.get(no) ?? new Map<string, string | null>();
          rows.set(no, row);
          for (const [i, { name }] of columns.asked.entries())
            row.set(name, values[i] == null ? null : String(values[i]));
        }
      }
    }
    return rows;
  }

  /** All columns in one statement; where the server refuses it, each by itself, so that one it cannot convert hides no other. */
  private async columnsThatWork(
    connection: SqlConnection,
    rrns: readonly bigint[],
    asked: readonly Asked[],
  ): Promise<{ readonly asked: readonly Asked[]; readonly rows: SqlValue[][] }[]> {
    try {
      return [{ asked, rows: await this.ask(connection, rrns, asked) }];
    } catch (error) {
      if (!isCoded(error) || error.family !== 'host') throw error;
      if (asked.length <= 1) {
        for (const { name } of asked) this.refused.add(name);
        return [{ asked: [], rows: await this.ask(connection, rrns, []) }];
      }
      const half = Math.ceil(asked.length / 2);
      return [
        ...(await this.columnsThatWork(connection, rrns, asked.slice(0, half))),
        ...(await this.columnsThatWork(connection, rrns, asked.slice(half))),
      ];
    }
  }

  /** Uncommitted rows, too: the newest image of a row may not be committed yet. */
  private async ask(
    connection: SqlConnection,
    rrns: readonly bigint[],
    asked: readonly Asked[],
  ): Promise<SqlValue[][]> {
    const { library, name } = this.facts.sqlName;
    const list = ['RRN(T) AS RRN_OF_ROW', ...asked.map(({ sql }, i) => `${sql} AS "VALUE ${i + 1}"`)].join(', ');
    const markers = rrns.map(() => '?').join(', ');
    const sql = `SELECT ${list} FROM ${quotedName(library)}.${quotedName(name)} T WHERE RRN(T) IN (${markers}) WITH UR`;
    const rows: SqlValue[][] = [];
    await using result = await connection.query(sql, rrns.map(String));
    for await (const block of result.blocks()) for (const row of block) rows.push([...row]);
    return rows;
  }

  report(table: string, images: readonly NewestImage[], rows: ReadonlyMap<bigint, ServerRow>): VerifyReport {
    const differences: VerifyDifference[] = [];
    const proven = new Set<string>();
    for (const image of images) {
      const values = this.reader.read(image.bytes, 0, image.nulls, image.bytes.length);
      const errors = new Map(this.reader.errors.list(image.bytes).map((e) => [e.column, e.code]));
      const server = rows.get(image.rrn)!;
      for (const [i, { name, type }] of this.format.columns.entries()) {
        const text = this.texts[i];
        const sql = server.get(name);
        if (!text || sql === undefined) continue;
        const ours = errors.has(name) ? `cannot be decoded: ${errors.get(name)}` : textOf(values[i], text);
        if (sql !== null || ours !== null) proven.add(name);
        if (same(text, ours, sql, type === 'REAL') || differences.length >= MOST_DIFFERENCES) continue;
        const said = sql !== null && text.form === 'text' ? normal('text', sql) : sql;
        differences.push({
          key: this.keyOf(values, image),
          column: name,
          journal: ours,
          sql: said,
          raw: this.raw(i, image),
        });
      }
    }
    const unproven = this.format.columns.map((c) => c.name).filter((name) => !proven.has(name));
    return { table, rows: images.length, columns: proven.size, differences, unproven };
  }

  private keyOf(values: readonly RowValue[], { rrn }: NewestImage): Record<string, string | null> {
    if (this.key.length === 0) return { rrn: String(rrn) };
    const at = (name: string): RowValue => values[this.format.columns.findIndex((c) => c.name === name)];
    return Object.fromEntries(this.key.map((name) => [name, at(name) == null ? null : String(at(name))]));
  }

  private raw(index: number, { bytes }: NewestImage): string {
    const { offset, width } = this.layout.fields[index]!;
    return bytes.subarray(offset, Math.min(offset + width, bytes.length)).toString('hex');
  }
}

interface Asked {
  readonly name: string;
  readonly sql: string;
}

/** The CCSID the configuration gives a column that the catalog calls bytes; a tag of the catalog's own stands. */
function statedFor(tagged: ColumnFormat, read: ColumnFormat): number | null {
  return tagged.ccsid === read.ccsid ? null : read.ccsid;
}

function textOf(value: RowValue, { form }: ServerText): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase();
  return form === 'hex' ? Buffer.from(String(value), 'latin1').toString('hex').toUpperCase() : String(value);
}

function same({ form }: ServerText, ours: string | null, sql: string | null, single: boolean): boolean {
  if (ours === null || sql === null) return ours === sql;
  if (form === 'float') return sameFloat(ours, sql, single);
  return normal(form, ours) === normal(form, sql);
}

/** For people. */
export function verifyText({ table, rows, columns, differences, unproven }: VerifyReport): string {
  const wrong = [...new Set(differences.map((d) => d.column))];
  const verdict = wrong.length === 0 ? `${columns} columns as the server has them` : `DIFFERENT: ${wrong.join(', ')}`;
  const rest = unproven.length === 0 ? '' : `; not proved: ${unproven.join(', ')}`;
  const lines = differences.slice(0, 20).map((d) => {
    const key = Object.entries(d.key).map(([n, v]) => `${n}=${v}`);
    return `  ${key.join(' ')}  ${d.column}: journal ${JSON.stringify(d.journal)}, SQL ${JSON.stringify(d.sql)}, bytes ${d.raw}`;
  });
  if (differences.length > 20) lines.push(`  and ${differences.length - 20} more: --json has them`);
  return asLines([`${table}: ${rows} rows, ${verdict}${rest}`, ...lines]);
}
