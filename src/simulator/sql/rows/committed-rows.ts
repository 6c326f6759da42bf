/**
 * Reading under an isolation clause while other jobs have changes open: the committed versions of their rows, none of them,
 * or a refusal. Nothing can wait inside one process, so where a Db2 would wait for a lock this fails with -913 at once.
 */
import type { FileView, MemberView } from '../../partition/contract';
import { rowInUse } from '../../partition/failures';
import type { StoredRow } from '../../partition/files/member-rows';
import { vrelName } from '../compile/virtual';
import type { Isolation, LockResolution } from '../tree/isolation';
import type { Raw } from '../types/exact-form';
import type { Work } from './work';

/** Rows of one member that other jobs changed and did not commit. */
interface OpenRows {
  readonly member: MemberView;
  /** Record number to the committed version; null where there is none. */
  readonly rows: ReadonlyMap<number, StoredRow | null>;
}

/** Statement text with other rows in place of some tables, and what it reads them from. */
export interface CommittedText {
  readonly sql: string;
  /** Parameter name to rows of the virtual table it names. */
  readonly sources: Readonly<Record<string, () => Iterable<readonly Raw[]>>>;
  /** Parameter name to record numbers, as JSON. */
  readonly numbers: Readonly<Record<string, string>>;
}

/** Levels that see what is not committed. */
const DIRTY = new Set(['NC', 'UR', 'NONE', 'NO', 'CHG']);
/** Currently committed versions are for CS alone; elsewhere the clause is ignored. */
const CURRENT = new Set(['CS']);

export class CommittedRows {
  private constructor(
    private readonly open: readonly OpenRows[],
    private readonly resolution: LockResolution,
  ) {}

  /** Null when the statement sees the tables as they are. */
  static of(work: Work, files: readonly FileView[], isolation: Isolation | null): CommittedRows | null {
    if (!isolation || DIRTY.has(isolation.level)) return null;
    const open = files.flatMap((file) => {
      const member = file.members[0];
      const rows = member ? work.partition.openRows(work.job, member) : null;
      return member && rows && rows.size > 0 ? [{ member, rows }] : [];
    });
    if (open.length === 0) return null;
    const ignored = isolation.resolution === 'committed' && !CURRENT.has(isolation.level);
    return new CommittedRows(open, ignored ? 'wait' : isolation.resolution);
  }

  /** The statement over committed rows. */
  text(sql: string): CommittedText {
    return this.rewritten(sql, (table, numbers, source) => {
      const free = `SELECT * FROM ${table} WHERE rrn NOT IN (${numbers})`;
      return this.resolution === 'skip' ? free : `${free} UNION ALL ${source}`;
    });
  }

  /** The statement over the rows in question alone, both versions; null when their locks are not waited for. */
  waitsFor(sql: string): CommittedText | null {
    if (this.resolution !== 'wait') return null;
    return this.rewritten(
      sql,
      (table, numbers, source) => `SELECT * FROM ${table} WHERE rrn IN (${numbers}) UNION ALL ${source}`,
    );
  }

  /** SQLCODE -913. */
  refusal(): Error {
    const { library, name } = this.open[0]!.member.file;
    return rowInUse(library, name);
  }

  private rewritten(sql: string, rows: (table: string, numbers: string, source: string) => string): CommittedText {
    const sources: Record<string, () => Iterable<readonly Raw[]>> = {};
    const numbers: Record<string, string> = {};
    let text = sql;
    for (const { member, rows: open } of this.open) {
      const { id, rowTable, file } = member;
      const columns = ['rrn', 'image', 'nulls', 'bad', ...file.columns.map((_, i) => `c${i}`)];
      const { name: vrel, width } = vrelName(columns.length);
      const names = columns.map((name, i) => `k${i} AS ${name}`).join(', ');
      const source = `SELECT ${names} FROM ${vrel}(@committed${id})`;
      const list = `SELECT value FROM json_each(@open${id})`;
      const from = rows(rowTable, list, source);
      text = text.replaceAll(new RegExp(`\\b${rowTable} AS (t\\d+)`, 'g'), `(${from}) AS $1`);
      sources[`committed${id}`] = () => committed(open, width);
      numbers[`open${id}`] = JSON.stringify([...open.keys()]);
    }
    return { sql: text, sources, numbers };
  }
}

function* committed(open: ReadonlyMap<number, StoredRow | null>, width: number): Generator<readonly Raw[]> {
  for (const [rrn, row] of open) {
    if (!row) continue;
    const cells: Raw[] = [BigInt(rrn), row.image, row.nulls, row.bad.length > 0 ? row.bad.join() : null, ...row.values];
    while (cells.length < width) cells.push(null);
    yield cells;
  }
}
