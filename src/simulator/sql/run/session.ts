/** One server job's SQL: prepares statements, keeps naming and schema, commits, and ends. */
import type { PartitionJob } from '../../partition/jobs/job';
import type { Partition } from '../../partition/partition';
import {
  type CommitLevel,
  type CursorPlace,
  type ExecuteOutcome,
  type JobDateForm,
  type ParameterColumn,
  type PreparedSql,
  type ResultColumn,
  type SessionValue,
  type SqlCursor,
  SqlFailure,
  type SqlSession,
} from '../../sql-session';
import { JobNames, type NamingState } from '../compile/names';
import type { VirtualRelation } from '../compile/virtual';
import { cursorNotOpen, databaseNotFound, interrupted, procedureNotFound, tokenNotValid } from '../failures';
import type { ConnectionPool } from '../rows/connection';
import type { SelectCursor } from '../rows/cursor';
import type { Procedure, ProcedureContext } from '../rows/procedure';
import { checkSelect, compileSelect, isCurrent, openSelect } from '../rows/select';
import { guarded, type Work } from '../rows/work';
import { compileCall } from '../statements/call';
import { compileDelete, compileUpdate } from '../statements/change';
import { definitionFailure, definitionStatement } from '../statements/definition-statements';
import { compileInsert } from '../statements/insert';
import { insertedRows } from '../statements/inserted-rows';
import { compileMerge } from '../statements/merge';
import { overCursor, positionedChange, RecordCursor, withRecordNumber } from '../statements/positioned';
import type { Token } from '../text/lexer';
import { TokenStream } from '../text/token-stream';
import { get } from '../tree/ast';
import { isolationLevel } from '../tree/isolation';
import { parseText, parseTokens } from '../tree/parsed';
import { parameterColumns } from '../types/describe';

/** What all sessions of an engine share. */
interface EngineParts {
  readonly partition: Partition;
  readonly pool: ConnectionPool;
  readonly relations: ReadonlyMap<string, VirtualRelation>;
  readonly procedures: ReadonlyMap<string, Procedure>;
  readonly version: string;
}

const QUERY_WORDS = new Set(['SELECT', 'WITH', 'VALUES']);

export class StatementSession implements SqlSession {
  private readonly state: NamingState;
  private readonly names: JobNames;
  private readonly work: Work;
  private readonly cursors = new Set<SelectCursor>();
  /** True autocommit, asked for by the client: each statement is a unit of work under whatever level. */
  private autocommit = false;
  private inUnit = false;
  private findCursor: (name: string) => CursorPlace | null = () => null;

  constructor(
    private readonly engine: EngineParts,
    readonly job: PartitionJob,
  ) {
    this.state = { naming: 'sql', schema: job.currentUser, dateForm: null };
    this.names = new JobNames(engine.partition, job, engine.relations, this.state);
    const { state, names } = this;
    this.work = {
      partition: engine.partition,
      job,
      pool: engine.pool,
      names,
      relations: [...new Set(engine.relations.values())],
      version: engine.version,
      get naming() {
        return state.naming;
      },
      get schema() {
        return state.schema;
      },
      procedure: (library, name) => this.procedure(library, name),
      libraryFor: (library) => library ?? state.schema,
      setSchema: (schema) => {
        state.schema = schema;
      },
    };
  }

  prepare(sql: string): PreparedSql {
    this.job.load.charge('statement');
    return guarded(() => this.prepared(sql));
  }

  private prepared(sql: string): PreparedSql {
    const s = TokenStream.of(sql);
    const { tokens } = s;
    if (s.done) throw tokenNotValid('<END-OF-STATEMENT>');
    while (s.sees('(') && s.peek(1)?.kind === 'word') s.next();
    if (this.state.naming === 'sql') refuseSlashes(tokens);
    const word = s.peek()!.kind === 'word' ? s.peek()!.text : '';
    if (QUERY_WORDS.has(word)) return this.query(sql, new TokenStream(tokens));
    s.at = 0;
    switch (word) {
      case 'INSERT':
        return this.insert(tokens);
      case 'UPDATE':
        return this.change('update', tokens);
      case 'DELETE':
        return this.change('delete', tokens);
      case 'MERGE':
        return this.change('update', tokens, compileMerge);
      case 'CALL':
        return this.call(tokens);
      default:
        return this.control(s) ?? this.definition(s);
    }
  }

  private query(sql: string, s: TokenStream): PreparedSql {
    const inserted = insertedRows(sql, s, (text) => this.prepared(text), this.names, this.work);
    if (inserted) {
      return {
        ...inserted,
        open: (params) => this.unit(() => inserted.open(params)),
        execute: (params) => this.unit(() => inserted.execute(params)),
      };
    }
    const parsed = parseTokens(s.tokens);
    const query = get(parsed.tree, 'Query');
    let compiled = compileSelect(this.work, parsed, query);
    checkSelect(this.work, compiled);
    const open = (params: readonly SessionValue[], updatable = false): SqlCursor => {
      const records = updatable ? this.records(s.tokens, params) : null;
      if (records) return records;
      if (!isCurrent(this.work, compiled)) compiled = compileSelect(this.work, parsed, query);
      return this.track(openSelect(this.work, compiled, params));
    };
    return {
      kind: 'select',
      ...(parsed.isolation ? { isolation: parsed.isolation.level } : {}),
      get columns() {
        return compiled.columns;
      },
      get parameters() {
        return parameterColumns(compiled.parameters);
      },
      open,
      execute: (params) => {
        open(params).close();
        return { updateCount: 0 };
      },
    };
  }

  /** A cursor whose rows are records of one table, where they are. */
  private records(tokens: readonly Token[], params: readonly SessionValue[]): SqlCursor | null {
    const sql = withRecordNumber(tokens);
    if (sql === null) return null;
    const parsed = parseText(sql);
    const compiled = compileSelect(this.work, parsed, get(parsed.tree, 'Query'));
    return new RecordCursor(this.track(openSelect(this.work, compiled, params)), compiled.files[0]!.file);
  }

  private track(cursor: SelectCursor): SelectCursor {
    for (const c of this.cursors) if (c.finished) this.cursors.delete(c);
    this.cursors.add(cursor);
    return cursor;
  }

  private insert(tokens: readonly Token[]): PreparedSql {
    const parsed = parseTokens(tokens);
    let compiled = compileInsert(this.names, parsed);
    return statement('insert', parameterColumns(compiled.parameters), (params) => {
      const now = this.engine.partition.file(compiled.file.library, compiled.file.name);
      if (now !== compiled.file || !compiled.isCurrent(this.work)) compiled = compileInsert(this.names, parsed);
      const { records: _records, ...outcome } = this.unit(() => compiled.execute(this.work, params));
      return outcome;
    });
  }

  private change(
    kind: 'update' | 'delete',
    tokens: readonly Token[],
    compileWith = kind === 'update' ? compileUpdate : compileDelete,
  ): PreparedSql {
    const change = positionedChange(tokens);
    const parsed = change ? parseText(change.sql) : parseTokens(tokens);
    const compile = () => compileWith(this.names, parsed);
    let compiled = compile();
    const parameters = parameterColumns(compiled.parameters);
    const execute = (params: readonly SessionValue[]): ExecuteOutcome => {
      if (!compiled.isCurrent(this.work)) compiled = compile();
      return this.unit(() => compiled.execute(this.work, params));
    };
    if (!change) return statement(kind, parameters, execute);
    const file = this.names.fileFor(change.table.library, change.table.name);
    const over = overCursor({ change, file, place: () => this.findCursor(change.cursor), parameters, execute });
    return statement(kind, over.parameters, over.execute);
  }

  useCursors(find: (name: string) => CursorPlace | null): void {
    this.findCursor = find;
  }

  block<T>(run: () => T): T {
    return guarded(() => this.unit(() => this.job.statement(run)));
  }

  /** One statement; with autocommit its changes are committed, or gone when it fails. */
  private unit<T>(run: () => T): T {
    if (!this.autocommit || this.job.commitLevel === 0 || this.inUnit) return run();
    this.inUnit = true;
    try {
      const result = run();
      this.job.commit();
      return result;
    } catch (error) {
      this.job.rollback();
      throw error;
    } finally {
      this.inUnit = false;
    }
  }

  private call(tokens: readonly Token[]): PreparedSql {
    const compiled = compileCall(this.work, parseTokens(tokens));
    const context: ProcedureContext = {
      partition: this.engine.partition,
      job: this.job,
      query: (text, params = []) => this.prepared(text).open(params),
    };
    return statement('call', compiled.parameters, (params) =>
      this.unit(() => compiled.execute(this.work, context, params)),
    );
  }

  /** COMMIT, ROLLBACK, savepoints and SET. */
  private control(s: TokenStream): PreparedSql | null {
    const done = (kind: PreparedSql['kind'], run: () => void) =>
      statement(kind, [], () => {
        guarded(run);
        return { updateCount: 0 };
      });
    if (s.take('COMMIT')) {
      s.at = s.tokens.length;
      return done('commit', () => this.commit());
    }
    if (s.take('ROLLBACK')) return this.rollbackStatement(s, done);
    if (s.take('SAVEPOINT')) {
      const name = s.identifier();
      return done('other', () => this.job.savepoint(name));
    }
    if (s.take('RELEASE')) {
      if (s.take('TO')) s.take('SAVEPOINT');
      else s.expect('SAVEPOINT');
      const name = s.identifier();
      s.end();
      return done('other', () => this.job.release(name));
    }
    if (s.take('SET')) return this.setStatement(s, done);
    if (s.take('CONNECT')) return this.connectStatement(s, done);
    return null;
  }

  private rollbackStatement(s: TokenStream, done: (kind: 'rollback' | 'other', run: () => void) => PreparedSql) {
    if (!s.take('WORK')) s.take('HOLD');
    if (!s.take('TO')) return done('rollback', () => this.rollback());
    s.expect('SAVEPOINT');
    const name = s.identifier();
    s.end();
    return done('other', () => this.job.rollbackTo(name));
  }

  /** This partition is the only relational database of its directory. */
  private connectStatement(s: TokenStream, done: (kind: 'other', run: () => void) => PreparedSql): PreparedSql {
    const name = s.take('TO') ? s.identifier() : null;
    if (name === null) s.take('RESET');
    if (s.take('USER')) {
      s.next();
      s.expect('USING');
      s.next();
    }
    s.end();
    return done('other', () => {
      if (name !== null && name !== this.engine.partition.systemName) throw databaseNotFound(name);
    });
  }

  private setStatement(s: TokenStream, done: (kind: 'other', run: () => void) => PreparedSql): PreparedSql {
    s.take('CURRENT');
    // global variables change nothing here
    if (s.sees('SYSIBMADM')) return done('other', () => undefined);
    if (s.take('SCHEMA') || s.take('SQLID')) {
      s.take('=');
      const token = s.next();
      s.end();
      const schema = token.text === 'DEFAULT' || token.text === 'USER' ? this.job.currentUser : token.text;
      return done('other', () => this.setDefaultSchema(schema));
    }
    if (s.take('TRANSACTION', 'ISOLATION', 'LEVEL')) {
      const level = isolationLevel(s.tokens.slice(s.at).map((t) => t.text));
      return done('other', () => this.setCommitLevel(level));
    }
    if (s.sees('PATH') || s.sees('DEGREE') || s.sees('OPTION') || s.sees('SESSION') || s.sees('DEBUG')) {
      return done('other', () => undefined);
    }
    throw tokenNotValid(s.peek()?.text ?? '<END-OF-STATEMENT>');
  }

  private definition(s: TokenStream): PreparedSql {
    const start = s.at;
    const run = definitionStatement(s);
    if (!run) throw tokenNotValid(s.peek()?.text ?? '<END-OF-STATEMENT>', 'SELECT INSERT UPDATE DELETE CALL CREATE');
    return statement('other', [], () => {
      const fresh = new TokenStream(s.tokens, start);
      try {
        definitionStatement(fresh)!({ work: this.work, names: this.names, s: fresh });
      } catch (error) {
        throw definitionFailure(error);
      }
      return { updateCount: 0 };
    });
  }

  private procedure(library: string | null, name: string): Procedure {
    const places = library === null ? [this.state.schema, 'QSYS2', 'SYSIBM', 'QSYS', 'SYSPROC'] : [library];
    for (const place of places) {
      const found = this.engine.procedures.get(`${place}.${name}`);
      if (found) return found;
    }
    throw procedureNotFound(name, library ?? '*LIBL');
  }

  commit(): void {
    guarded(() => this.job.commit());
  }

  rollback(): void {
    guarded(() => this.job.rollback());
  }

  setCommitLevel(level: CommitLevel): void {
    this.job.commitLevel = level;
  }

  setAutocommit(on: boolean): void {
    this.autocommit = on;
  }

  setNaming(naming: 'sql' | 'system'): void {
    this.state.naming = naming;
  }

  setDefaultSchema(schema: string): void {
    const name = schema.trim();
    this.state.schema = name === '' ? this.job.currentUser : name;
  }

  setDateForm(form: JobDateForm | null): void {
    this.state.dateForm = form;
  }

  cancel(): void {
    for (const cursor of this.cursors) cursor.interrupt(interrupted());
  }

  end(): void {
    for (const cursor of this.cursors) cursor.close();
    this.cursors.clear();
    this.job.end();
  }
}

const BEFORE_TABLES = new Set(['FROM', 'JOIN', 'INTO', 'UPDATE', 'TABLE']);
const FUNCTIONS_WITH_FROM = new Set(['SUBSTRING', 'TRIM', 'EXTRACT', 'OVERLAY']);

/** `LIB/FILE` is a name under system naming alone. @throws SqlFailure -5016 */
function refuseSlashes(tokens: readonly Token[]): void {
  const open: boolean[] = [];
  for (const [i, { kind, text }] of tokens.entries()) {
    if (kind === 'op' && text === '(') open.push(FUNCTIONS_WITH_FROM.has(tokens[i - 1]?.text ?? ''));
    else if (kind === 'op' && text === ')') open.pop();
    else if (kind === 'word' && BEFORE_TABLES.has(text) && !open.at(-1) && tokens[i + 2]?.text === '/') {
      const [library, table] = [tokens[i + 1]!.text, tokens[i + 3]?.text ?? ''];
      throw new SqlFailure(-5016, '42833', `Qualified object name ${table} not valid.`, [table, library]);
    }
  }
}

function statement(
  kind: PreparedSql['kind'],
  parameters: readonly ParameterColumn[],
  execute: (params: readonly SessionValue[]) => ExecuteOutcome,
): PreparedSql {
  const columns: readonly ResultColumn[] | null = null;
  return {
    kind,
    columns,
    parameters,
    open: () => {
      throw cursorNotOpen();
    },
    execute,
  };
}
