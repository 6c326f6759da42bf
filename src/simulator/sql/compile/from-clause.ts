/** The FROM clause: files, catalog views, table functions, nested queries, common tables, joins. */
import type { FileView } from '../../partition/contract';
import { columnNotFound, routineNotFound, unsupported } from '../failures';
import { functionArguments } from '../functions/functions';
import { get, identifier, list, type Node, nameParts, variant } from '../tree/ast';
import { compareOperands } from '../types/comparison';
import { convert } from '../types/convert';
import { Scope, type ScopeColumn, type ScopeRelation } from '../types/scope';
import type { Typed } from '../types/typed';
import { masked, permittedRows } from './access-control';
import { type CompiledQuery, outerColumns, renamed } from './compiled-query';
import type { CompileContext, VirtualUse } from './context';
import type { Expressions } from './expressions';
import { type Alias, fileRelation } from './file-relation';
import type { VirtualRelation } from './virtual';

export class RelationCompiler {
  constructor(
    private readonly context: CompileContext,
    private readonly expressions: Expressions,
    private readonly query: (node: Node, scope: Scope) => CompiledQuery,
    private readonly make: (context: CompileContext) => Expressions,
  ) {}

  /** Adds the relations to `scope`; returns SQLite text, empty when there is no FROM. */
  fromClause(items: readonly Node[], scope: Scope): string {
    return items.map((item) => this.joined(item, scope, items.length)).join(' CROSS JOIN ');
  }

  private joined(item: Node, scope: Scope, count: number): string {
    const joins = list(item, 'joins');
    let sql = this.relation(get(item, 'relation'), scope, count + joins.length > 1);
    for (const join of joins) {
      const [kind, constraint] = variant(get(join, 'join_operator'));
      const right = this.relation(get(join, 'relation'), scope, true);
      sql += ` ${joinWord(kind)} ${right}${this.constraint(constraint, scope)}`;
    }
    return joins.length > 0 && count > 1 ? `(${sql})` : sql;
  }

  private constraint(node: Node, scope: Scope): string {
    if (node === null) return '';
    const [kind, body] = variant(node);
    if (kind === 'On') return ` ON ${this.expressions.predicate(body, scope)}`;
    if (kind !== 'Using') return '';
    const tests = (body as readonly Node[]).map((parts) => this.usingTest(nameParts(parts)[0] ?? '', scope));
    return ` ON ${tests.join(' AND ')}`;
  }

  private usingTest(name: string, scope: Scope): string {
    const sides = scope.relations.flatMap((r) => r.columns.filter((c) => c.name === name || c.systemName === name));
    const [left, right] = [sides[0], sides[sides.length - 1]];
    if (!left || !right || left === right) throw columnNotFound(name);
    return compareOperands('=', left.value(), right.value());
  }

  private relation(node: Node, scope: Scope, several: boolean): string {
    const [kind, body] = variant(node);
    const alias = aliasOf(get(body, 'alias'));
    switch (kind) {
      case 'Table':
        return this.named(body, alias, scope, several);
      case 'Derived':
        return this.derived(
          this.query(get(body, 'subquery'), get(body, 'lateral') ? scope : outerOf(scope)),
          alias,
          scope,
        );
      case 'TableFunction':
        return this.tableFunction(get(body, 'expr'), alias, scope, several);
      case 'NestedJoin':
        return `(${this.joined(get(body, 'table_with_joins'), scope, 1)})`;
      default:
        throw unsupported(`${kind} in a FROM clause`);
    }
  }

  private named(body: Node, alias: Alias, scope: Scope, several: boolean): string {
    const args = get(body, 'args');
    if (args !== null) throw unsupported('a function without TABLE( )');
    const parts = nameParts(get(body, 'name'));
    const name = parts[parts.length - 1]!;
    const common = parts.length === 1 ? scope.commonTable(name) : null;
    if (common) {
      const sqlAlias = this.context.alias('t');
      const columns = common.columns.map((c, i) =>
        plainColumn(alias.columns[i] ?? c.name, { ...outerTyped(c.value), sql: `${sqlAlias}.c${i}` }),
      );
      scope.relations.push(relationOf(alias.name ?? name, null, name, columns, sqlAlias));
      return `${common.sqlName} AS ${sqlAlias}`;
    }
    const table = this.context.names.table(parts.length > 1 ? parts[parts.length - 2]! : null, name);
    return 'rows' in table
      ? this.virtual(this.context.useVirtual(table, []), alias, scope, several)
      : this.file(table, alias, scope);
  }

  private file(file: FileView, alias: Alias, scope: Scope): string {
    const sqlAlias = this.context.alias('t');
    this.context.files.add(file);
    scope.relations.push(masked(fileRelation(file, sqlAlias, alias), this.context, this.make));
    return permittedRows(file, sqlAlias, this.context, this.make);
  }

  private derived(query: CompiledQuery, alias: Alias, scope: Scope): string {
    const sqlAlias = this.context.alias('t');
    const columns = renamed(outerColumns(query.columns, sqlAlias), alias.columns).map((c) =>
      plainColumn(c.name, c.value),
    );
    scope.relations.push(relationOf(alias.name ?? '', null, alias.name ?? '', columns, sqlAlias));
    return `(${query.sql}) AS ${sqlAlias}`;
  }

  private tableFunction(node: Node, alias: Alias, scope: Scope, several: boolean): string {
    const [kind, body] = variant(node);
    if (kind !== 'Function') throw unsupported('this table expression');
    const parts = nameParts(get(body, 'name'));
    const relation = this.context.function(parts.length > 1 ? parts[0]! : null, parts[parts.length - 1]!);
    return this.virtual(this.context.useVirtual(relation, this.arguments(relation, body)), alias, scope, several);
  }

  private arguments(relation: VirtualRelation, body: Node): (Typed | null)[] {
    const parameters = relation.parameters ?? [];
    const given: (Typed | null)[] = parameters.map(() => null);
    const set = (at: number, node: Node) => {
      const parameter = parameters[at];
      if (!parameter) throw routineNotFound(relation.name, relation.library);
      if (get(node, 'Identifier', 'value') === 'DEFAULT' && get(node, 'Identifier', 'quote_style') === null) return;
      given[at] = convert(this.expressions.value(node, new Scope(), parameter.type), parameter.type);
    };
    const args = list(body, 'args', 'List', 'args');
    const positional = args.filter((a) => variant(a)[0] === 'Unnamed');
    functionArguments({ args: { List: { args: positional } } }).forEach((node, i) => {
      set(i, node);
    });
    for (const arg of args) {
      const [kind, inner] = variant(arg);
      if (kind === 'Unnamed') continue;
      const name = identifier(get(inner, 'name'));
      const at = parameters.findIndex((p) => p.name === name);
      if (at < 0) throw routineNotFound(relation.name, relation.library);
      set(at, get(inner, 'arg', 'Expr'));
    }
    parameters.forEach((p, i) => {
      if (given[i] === null && p.default === undefined) throw routineNotFound(relation.name, relation.library);
    });
    return given;
  }

  /** Columns of a virtual relation get their place in the vrel table when they are first asked for. */
  private virtual(use: VirtualUse, alias: Alias, scope: Scope, several: boolean): string {
    const { relation } = use;
    const sqlAlias = this.context.alias('t');
    const columns = relation.columns.map((c, i): ScopeColumn => {
      const value = (): Typed => {
        let at = use.used.indexOf(i);
        if (at < 0) at = use.used.push(i) - 1;
        use.references.set(i, (use.references.get(i) ?? 0) + 1);
        const cell = { slot: use.slot, ordinal: i, cut: null };
        const base = { library: relation.library, table: relation.name, column: c.name };
        return { sql: `${sqlAlias}.k${at}`, type: c.type, nullable: c.nullable, base, cell };
      };
      return {
        name: alias.columns[i] ?? c.name,
        systemName: c.systemName,
        hidden: c.hidden ?? false,
        value,
      };
    });
    scope.relations.push(
      relationOf(
        alias.name ?? relation.name,
        relation.library,
        relation.systemName ?? relation.name,
        columns,
        sqlAlias,
      ),
    );
    const source = `{{${use.slot}}}(@${use.slot})`;
    if (!several) return `${source} AS ${sqlAlias}`;
    // Read once, whatever the join order: a scan may be long and cannot be searched.
    const cte = this.context.alias('v');
    return `(WITH ${cte} AS MATERIALIZED (SELECT * FROM ${source}) SELECT * FROM ${cte}) AS ${sqlAlias}`;
  }
}

function outerOf(scope: Scope): Scope {
  return scope.parent ?? new Scope();
}

function outerTyped(value: Typed): Typed {
  return { sql: '', type: value.type, nullable: value.nullable, ...(value.base ? { base: value.base } : {}) };
}

function relationOf(
  name: string,
  library: string | null,
  systemTable: string,
  columns: readonly ScopeColumn[],
  alias: string,
): ScopeRelation {
  return { name, library, systemTable, columns, alias };
}

function plainColumn(name: string, value: Typed): ScopeColumn {
  return { name, systemName: name, hidden: false, value: () => value };
}

function aliasOf(node: Node): Alias {
  if (node === null) return { name: null, columns: [] };
  return { name: identifier(get(node, 'name')), columns: list(node, 'columns').map((c) => identifier(get(c, 'name'))) };
}

function joinWord(kind: string): string {
  switch (kind) {
    case 'Join':
    case 'Inner':
      return 'JOIN';
    case 'Left':
    case 'LeftOuter':
      return 'LEFT JOIN';
    case 'Right':
    case 'RightOuter':
      return 'RIGHT JOIN';
    case 'FullOuter':
      return 'FULL JOIN';
    case 'CrossJoin':
      return 'CROSS JOIN';
    default:
      throw unsupported(`${kind} join`);
  }
}
