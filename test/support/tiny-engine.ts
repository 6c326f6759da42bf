/**
 * A handful of statements over arrays, for tests of the wire alone: SELECT * FROM name [FETCH FIRST n ROWS ONLY],
 * INSERT INTO name VALUES(?, ...), UPDATE/DELETE of everything in a table, CALL DOUBLED(in, out), COMMIT, ROLLBACK.
 */
import {
  type CursorValue,
  type ParameterColumn,
  type PreparedSql,
  type ResultColumn,
  type SessionValue,
  type SqlCursor,
  type SqlEngine,
  SqlFailure,
  type SqlSession,
} from '../../src/simulator/sql-session';

export interface TinyTable {
  readonly columns: readonly ResultColumn[];
  rows: CursorValue[][];
}

export function column(
  name: string,
  type: ResultColumn['type'],
  length = 0,
  extra: Partial<ResultColumn> = {},
): ResultColumn {
  return { name, type, length, scale: 0, ccsid: null, nullable: true, ...extra };
}

export class TinyEngine implements SqlEngine {
  /** What sessions were told, in order: `commit`, `rollback`, `autocommit false`, `level 2`, `end`. */
  readonly log: string[] = [];
  readonly tables = new Map<string, TinyTable>();
  openCursors = 0;

  table(name: string, columns: readonly ResultColumn[], rows: CursorValue[][] = []): this {
    this.tables.set(name, { columns, rows });
    return this;
  }

  openSession(): SqlSession {
    return {
      prepare: (sql) => this.prepare(sql),
      block: (run) => run(),
      commit: () => void this.log.push('commit'),
      rollback: () => void this.log.push('rollback'),
      setCommitLevel: (level) => void this.log.push(`level ${level}`),
      setAutocommit: (on) => void this.log.push(`autocommit ${on}`),
      setNaming: (naming) => void this.log.push(`naming ${naming}`),
      setDefaultSchema: (schema) => void this.log.push(`schema ${schema}`),
      setDateForm: () => undefined,
      cancel: () => void this.log.push('cancel'),
      end: () => void this.log.push('end'),
    };
  }

  private prepare(sql: string): PreparedSql {
    const select = /^SELECT \* FROM (\w+)(?: FETCH FIRST (\d+) ROWS ONLY)?$/i.exec(sql.trim());
    if (select) return this.select(this.named(select[1]!), select[2] ? Number(select[2]) : Number.POSITIVE_INFINITY);
    const insert = /^INSERT INTO (\w+) VALUES ?\(/i.exec(sql.trim());
    if (insert) return this.insert(this.named(insert[1]!));
    const change = /^(UPDATE|DELETE FROM) (\w+)/i.exec(sql.trim());
    if (change) return this.change(this.named(change[2]!), /^DELETE/i.test(sql) ? 'delete' : 'update');
    if (/^CALL DOUBLED/i.test(sql)) return doubled(this);
    if (/^CALL QSYS2.QCMDEXC/i.test(sql))
      return { kind: 'call', columns: null, parameters: [], open: notASelect, execute: () => ({ updateCount: 0 }) };
    throw new SqlFailure(-104, '42601', `Token ${sql.split(' ')[0]} was not valid.`, [sql.split(' ')[0]!]);
  }

  cursor(columns: readonly ResultColumn[], rows: CursorValue[][]): SqlCursor {
    let at = 0;
    this.openCursors++;
    return {
      columns,
      fetch: (max) => {
        const block = rows.slice(at, at + max);
        at += block.length;
        return block;
      },
      close: () => void this.openCursors--,
    };
  }

  private named(name: string): TinyTable {
    const table = this.tables.get(name.toUpperCase());
    if (!table) throw new SqlFailure(-204, '42704', `${name} in TINY type *FILE not found.`, [name, 'TINY']);
    return table;
  }

  private select(table: TinyTable, limit: number): PreparedSql {
    return {
      kind: 'select',
      columns: table.columns,
      parameters: [],
      open: () => this.cursor(table.columns, table.rows.slice(0, limit)),
      execute: () => ({ updateCount: 0 }),
    };
  }

  private insert(table: TinyTable): PreparedSql {
    const parameters = table.columns.map((c): ParameterColumn => ({ ...c, mode: 'in' }));
    const execute = (values: readonly SessionValue[]) => {
      table.rows.push([...values]);
      return { updateCount: 1, generatedKey: String(table.rows.length) };
    };
    return { kind: 'insert', columns: null, parameters, open: notASelect, execute };
  }

  private change(table: TinyTable, kind: 'update' | 'delete'): PreparedSql {
    const execute = () => {
      const updateCount = table.rows.length;
      if (kind === 'delete') table.rows = [];
      const warning = { sqlCode: 100, sqlState: '02000', text: 'Row not found.' };
      return updateCount === 0 ? { updateCount, warning } : { updateCount };
    };
    return { kind, columns: null, parameters: [], open: notASelect, execute };
  }
}

function doubled(engine: TinyEngine): PreparedSql {
  const parameters: ParameterColumn[] = [
    { ...column('N', 'INTEGER'), mode: 'in' },
    { ...column('TWICE', 'VARCHAR', 20, { ccsid: 37 }), mode: 'out' },
  ];
  const columns = [column('ID', 'INTEGER', 0, { nullable: false })];
  return {
    kind: 'call',
    columns: null,
    parameters,
    open: notASelect,
    execute: ([n]) => ({
      updateCount: 0,
      outputs: [n!, String(Number(n) * 2)],
      resultSets: [engine.cursor(columns, [[1], [2]]), engine.cursor(columns, [[3]])],
    }),
  };
}

function notASelect(): never {
  throw new SqlFailure(-514, '26501', 'Prepared statement is not a SELECT.');
}
