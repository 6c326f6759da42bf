/**
 * Statements of a backfill: count, and chunks by key or by record number.
 *
 * Chunks of journaled files are read as committed last: a row in the middle of someone's transaction is neither waited for
 * nor read as it may never be; its change comes by the stream when it commits. Files without journal have no transactions,
 * and their readers must not wait for the record locks of programs.
 */

import { quotedName } from '../model/identifiers';
import { type OrderColumn, orderBy, orderColumns, rowsAfter } from '../table-rows/keyset';
import type { SqlValue } from '../transport/transport';
import { rangePredicate } from './date-range';
import type { BackfillRequest } from './options';

interface Statement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** A chunk's rows: the record number, then the columns asked for. */
interface ChunkStatement {
  sql(list: string): string;
  readonly params: readonly SqlValue[];
}

const BY_RECORD_NUMBER: OrderColumn = { sql: 'RRN(T)', nullable: false };

/** Name of the record number in a chunk's rows; the first column. */
const RRN_COLUMN = 'RRN_OF_ROW';

function conditions(request: BackfillRequest): { sql: string[]; params: SqlValue[] } {
  const sql: string[] = [];
  const params: SqlValue[] = [];
  const { range, where } = request;
  if (range) {
    const format = request.columns.find((c) => c.name === range.column)!;
    const predicate = rangePredicate(`T.${quotedName(range.column)}`, format, range.from, range.to);
    sql.push(`(${predicate.sql})`);
    params.push(...predicate.params);
  }
  if (where) sql.push(`(${where})`);
  return { sql, params };
}

function from(request: BackfillRequest): string {
  return `FROM ${quotedName(request.sqlName.library)}.${quotedName(request.sqlName.name)} T`;
}

export function countSql(request: BackfillRequest): Statement {
  const { sql, params } = conditions(request);
  return { sql: `SELECT COUNT(*) AS N ${from(request)}${sql.length > 0 ? ` WHERE ${sql.join(' AND ')}` : ''}`, params };
}

/** @param after key values of the last row of the previous chunk, or its record number; null for the first chunk */
export function chunkSql(request: BackfillRequest, after: readonly SqlValue[] | null): ChunkStatement {
  const { sql, params } = conditions(request);
  const order = request.key ? orderColumns(request.key, request.columns, 'T') : [BY_RECORD_NUMBER];
  if (after) {
    const keyset = rowsAfter(order, after);
    sql.push(keyset.sql);
    params.push(...keyset.params);
  }
  const tail = `${from(request)}${sql.length > 0 ? ` WHERE ${sql.join(' AND ')}` : ''} ORDER BY ${orderBy(order)} FETCH FIRST ${request.chunkRows} ROWS ONLY ${isolation(request)}`;
  return { sql: (list) => `SELECT RRN(T) AS ${RRN_COLUMN}, ${list} ${tail}`, params };
}

function isolation({ journaled }: BackfillRequest): string {
  return journaled ? 'WITH CS USE CURRENTLY COMMITTED' : 'WITH UR';
}
