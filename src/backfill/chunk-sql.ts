/**
 * Statements of a backfill: count, and chunks by key or by record number.
 *
 * Chunks of journaled files are read as committed last: a row in the middle of somebody's transaction is neither waited for
 * nor read as it may never be; its change comes by the stream when it commits. Files without journal have no transactions,
 * and their readers must not wait for the record locks of programs.
 */
import type { SqlValue } from '../transport/transport';
import { rangePredicate } from './date-range';
import type { BackfillRequest } from './options';

export interface Statement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** A chunk's rows: the record number, then the columns asked for. */
export interface ChunkStatement {
  sql(list: string): string;
  readonly params: readonly SqlValue[];
}

/** Name of the record number in a chunk's rows; the first column. */
export const RRN_COLUMN = 'RRN_OF_ROW';

export function quoted(name: string): string {
  return /^[A-Z#@$][A-Z0-9#@$_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function conditions(request: BackfillRequest): { sql: string[]; params: SqlValue[] } {
  const sql: string[] = [];
  const params: SqlValue[] = [];
  const { range, where } = request;
  if (range) {
    const format = request.columns.find((c) => c.name === range.column)!;
    const predicate = rangePredicate(`T.${quoted(range.column)}`, format, range.from, range.to);
    sql.push(`(${predicate.sql})`);
    params.push(...predicate.params);
  }
  if (where) sql.push(`(${where})`);
  return { sql, params };
}

function from(request: BackfillRequest): string {
  return `FROM ${quoted(request.sqlName.library)}.${quoted(request.sqlName.name)} T`;
}

export function countSql(request: BackfillRequest): Statement {
  const { sql, params } = conditions(request);
  return { sql: `SELECT COUNT(*) AS N ${from(request)}${sql.length > 0 ? ` WHERE ${sql.join(' AND ')}` : ''}`, params };
}

/** @param after key values of the last row of the previous chunk, or its record number; null for the first chunk */
export function chunkSql(request: BackfillRequest, after: readonly SqlValue[] | null): ChunkStatement {
  const { sql, params } = conditions(request);
  const order = request.key ? request.key.map((k) => `T.${quoted(k)}`) : ['RRN(T)'];
  if (after) {
    const keyset = following(order, after);
    sql.push(keyset.sql);
    params.push(...keyset.params);
  }
  const tail = `${from(request)}${sql.length > 0 ? ` WHERE ${sql.join(' AND ')}` : ''} ORDER BY ${order.join(', ')} FETCH FIRST ${request.chunkRows} ROWS ONLY ${isolation(request)}`;
  return { sql: (list) => `SELECT RRN(T) AS ${RRN_COLUMN}, ${list} ${tail}`, params };
}

function isolation({ journaled }: BackfillRequest): string {
  return journaled ? 'WITH CS USE CURRENTLY COMMITTED' : 'WITH UR';
}

/** `(a, b) > (x, y)` with the first column bounding an index scan. */
function following(order: readonly string[], values: readonly SqlValue[]): Statement {
  const params: SqlValue[] = [];
  const compare = (i: number): string => {
    params.push(values[i]!);
    if (i === order.length - 1) return `${order[i]} > ?`;
    params.push(values[i]!);
    return `(${order[i]} > ? OR (${order[i]} = ? AND ${compare(i + 1)}))`;
  };
  const sql = compare(0);
  return order.length === 1 ? { sql, params } : { sql: `${order[0]} >= ? AND ${sql}`, params: [values[0]!, ...params] };
}
