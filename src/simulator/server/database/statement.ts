/** What lives under one statement handle: names, prepared statement, cursor, waiting result sets, last result. */
import type { PreparedSql, ResultColumn, SqlCursor } from '../../sql-session';
import type { OpenCursor } from './open-cursor';
import { FINE, type SqlResult } from './replies/sql-result';

export class ServerStatement {
  statementName = '';
  cursorName = '';
  /** Seconds; undefined is without limit. */
  queryTimeout: number | undefined;
  prepared: PreparedSql | null = null;
  /** Text of `prepared`. */
  text = '';
  cursor: OpenCursor | null = null;
  /** Columns of the cursor opened last. */
  columns: readonly ResultColumn[] = [];
  /** Cursor outlives a commit without hold. */
  holdable = false;
  /** Read without commitment control: no commit closes it. */
  uncommitted = false;
  /** Result sets of a CALL not opened yet. */
  resultSets: SqlCursor[] = [];
  result: SqlResult = FINE;

  closeCursor(): void {
    this.cursor?.close();
    this.cursor = null;
  }

  /** Ends everything the handle holds in the engine. */
  release(): void {
    this.closeCursor();
    for (const set of this.resultSets) set.close();
    this.resultSets = [];
    this.prepared = null;
  }
}
