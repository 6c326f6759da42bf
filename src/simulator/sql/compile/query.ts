/** Compiles queries: select lists, joins, grouping, set operations, common tables, ordering and limits. */

import {
  columnNotFound,
  columnNotGrouped,
  operandsNotCompatible,
  tokenNotValid,
  unsupported,
  valueCountDiffers,
} from '../failures';
import { get, has, identifier, list, type Node, nameParts, variant } from '../tree/ast';
import { comparableText, convert, sortable } from '../types/convert';
import { Scope, type ScopeRelation } from '../types/scope';
import { BIGINT, commonType, isText, type SqlType, varchar } from '../types/sql-type';
import { type Typed, withType } from '../types/typed';
import type { CompiledQuery, DirectPlan, QueryColumn } from './compiled-query';
import { outerColumns, renamed } from './compiled-query';
import type { CompileContext } from './context';
import { Expressions, type QueryCompiler, type SubqueryResult } from './expressions';
import { RelationCompiler } from './from-clause';

interface Body {
  readonly columns: readonly QueryColumn[];
  readonly select: (extra: readonly string[], without?: ReadonlySet<number>) => string;
  /** Slot of the only relation, when it is a virtual one and rows come out as they go in. */
  readonly stream?: { readonly slot: string; readonly filtered: boolean };
  readonly scope: Scope | null;
  readonly grouped: boolean;
  readonly distinct: boolean;
}

export class Queries implements QueryCompiler {
  readonly expressions: Expressions;
  private readonly relations: RelationCompiler;

  constructor(readonly context: CompileContext) {
    this.expressions = new Expressions(context, this);
    this.relations = new RelationCompiler(
      context,
      this.expressions,
      (node, scope) => this.query(node, scope),
      (inner) => new Queries(inner).expressions,
    );
  }

  /** One relation as in a FROM clause, e.g. the source of MERGE. */
  source(relation: Node, scope: Scope): string {
    return this.relations.fromClause([{ relation, joins: [] }], scope);
  }

  subquery(node: Node, scope: Scope): SubqueryResult {
    const query = this.query(node, scope);
    return { sql: query.sql, columns: query.columns.map((c) => c.value) };
  }

  /** The outermost query: plain columns report mapping errors through extra result columns. */
  statement(node: Node): CompiledQuery {
    return this.query(node, new Scope(), true);
  }

  /** A Query node. */
  query(node: Node, parent: Scope, outermost = false): CompiledQuery {
    const scope = new Scope(parent);
    const prefix = this.commonTables(get(node, 'with'), scope);
    const body = this.body(get(node, 'body'), scope);
    const order = this.orderBy(list(node, 'order_by', 'kind', 'Expressions'), body);
    const bad = outermost && !body.grouped && !body.distinct ? badAliases(body.columns) : [];
    const limit = this.limit(node, scope);
    const direct = outermost && order.length === 0 ? this.directPlan(body, limit === '') : null;
    const without = new Set(direct?.outputs.flatMap((o, i) => (o ? [i] : [])));
    const extra = bad.map((alias) => `${alias}.bad`);
    const sql = [prefix, body.select(extra, without), order.length > 0 ? `ORDER BY ${order.join(', ')}` : '', limit];
    return {
      sql: sql.filter((s) => s !== '').join(' '),
      columns: body.columns,
      badAliases: bad,
      ...(direct ? { direct } : {}),
    };
  }

  private directPlan(body: Body, unlimited: boolean): DirectPlan | null {
    const { stream } = body;
    const use = this.context.virtualUses.find((u) => u.slot === stream?.slot);
    if (!stream || !use || body.grouped || body.distinct) return null;
    const outputs = body.columns.map(({ value: { cell } }) =>
      cell && cell.slot === use.slot && use.references.get(cell.ordinal) === 1 ? cell : null,
    );
    if (outputs.every((o) => o === null)) return null;
    return { slot: use.slot, outputs, whole: unlimited && !stream.filtered && outputs.every((o) => o !== null) };
  }

  private commonTables(node: Node, scope: Scope): string {
    if (node === null) return '';
    const parts = list(node, 'cte_tables').map((table) => {
      const name = identifier(get(table, 'alias', 'name'));
      const query = this.query(get(table, 'query'), scope);
      const names = list(table, 'alias', 'columns').map((c) => identifier(get(c, 'name')));
      const columns = renamed(query.columns, names);
      const sqlName = this.context.alias('w');
      scope.addCommonTable(name, { sqlName, columns });
      const list_ = query.columns.map((_, i) => `c${i}`).join(', ');
      return `${sqlName}(${list_}) AS (${query.sql})`;
    });
    return `WITH ${parts.join(', ')}`;
  }

  private body(node: Node, scope: Scope): Body {
    const [kind, inner] = variant(node);
    switch (kind) {
      case 'Select':
        return this.select(inner, scope);
      case 'SetOperation':
        return this.setOperation(inner, scope);
      case 'Values':
        return this.values(inner, scope);
      case 'Query': {
        const query = this.query(inner, scope);
        return {
          columns: outerColumns(query.columns),
          select: () => `SELECT * FROM (${query.sql})`,
          scope: null,
          grouped: true,
          distinct: false,
        };
      }
      default:
        throw unsupported(`a query of kind ${kind}`);
    }
  }

  private select(node: Node, outer: Scope): Body {
    const scope = new Scope(outer);
    const before = this.context.virtualUses.length;
    const from = this.relations.fromClause(list(node, 'from'), scope);
    const only = this.onlyVirtual(list(node, 'from'), before);
    const { projecting } = this.context;
    this.context.projecting = true;
    const columns = this.projection(list(node, 'projection'), scope);
    this.context.projecting = false;
    const where = get(node, 'selection');
    const whereSql = where === null ? '' : ` WHERE ${this.expressions.predicate(where, scope)}`;
    const group = list(node, 'group_by', 'Expressions', 0).map((g) => this.groupItem(g, scope, columns));
    const having = get(node, 'having');
    const grouped = group.length > 0 || columns.some((c) => c.value.aggregate);
    if (grouped) refuseUngrouped(columns, group);
    const havingSql = having === null ? '' : ` HAVING ${this.expressions.predicate(having, scope)}`;
    this.context.projecting = projecting;
    const distinct = get(node, 'distinct') === 'Distinct';
    const tail = `${from === '' ? '' : ` FROM ${from}`}${whereSql}${
      group.length > 0 ? ` GROUP BY ${group.join(', ')}` : ''
    }${havingSql}`;
    const items = columns.map((c, i) => `${distinct ? distinctForm(c.value) : c.value.sql} AS c${i}`);
    return {
      columns,
      select: (extra, without) => {
        const shown = items.map((item, i) => (without?.has(i) ? `NULL AS c${i}` : item));
        return `SELECT ${distinct ? 'DISTINCT ' : ''}${[...shown, ...extra].join(', ')}${tail}`;
      },
      ...(only ? { stream: { slot: only, filtered: where !== null || having !== null } } : {}),
      scope,
      grouped,
      distinct,
    };
  }

  /** Slot of the virtual relation that alone makes up the FROM clause. */
  private onlyVirtual(from: readonly Node[], before: number): string | null {
    const [item] = from;
    const kind = from.length === 1 && list(item!, 'joins').length === 0 ? variant(get(item!, 'relation'))[0] : '';
    if (kind !== 'Table' && kind !== 'TableFunction') return null;
    return this.context.virtualUses.length === before + 1 ? this.context.virtualUses[before]!.slot : null;
  }

  private groupItem(node: Node, scope: Scope, _columns: readonly QueryColumn[]): string {
    return sortable(this.expressions.value(node, scope));
  }

  private projection(items: readonly Node[], scope: Scope): QueryColumn[] {
    if (items.length === 0) throw tokenNotValid('FROM', '<expression>');
    const columns: QueryColumn[] = [];
    const unnamed = (value: Typed) => ({
      name: value.name ?? String(columns.length + 1).padStart(5, '0'),
      named: value.name !== undefined,
      value,
    });
    for (const item of items) {
      const [kind, body] = variant(item);
      if (kind === 'UnnamedExpr') columns.push(unnamed(this.output(body, scope)));
      else if (kind === 'ExprWithAlias') {
        columns.push({
          name: identifier(get(body, 'alias')),
          named: true,
          value: this.output(get(body, 'expr'), scope),
        });
      } else {
        const relations = kind === 'Wildcard' ? scope.relations : [this.qualified(body, scope)];
        if (relations.length === 0) throw tokenNotValid('*');
        for (const c of relations.flatMap((r) => r.columns).filter((c) => !c.hidden)) {
          columns.push({ name: c.name, named: true, value: c.value() });
        }
      }
    }
    return columns;
  }

  /** A select item; a bare NULL is allowed there, a bare marker is not. */
  private output(node: Node, scope: Scope): Typed {
    return this.expressions.value(node, scope);
  }

  private qualified(body: Node, scope: Scope): ScopeRelation {
    const parts = nameParts(get(body, 0, 'ObjectName'));
    const relation = scope.relation(parts);
    if (!relation) throw columnNotFound(`${parts.join('.')}.*`);
    return relation;
  }

  private values(node: Node, scope: Scope): Body {
    const rows = list(node, 'rows').map((row) => {
      const cells = Array.isArray(row) ? row : list(row, 'content');
      return cells.map((cell) => this.expressions.raw(cell, scope));
    });
    const width = rows[0]?.length ?? 0;
    if (rows.some((r) => r.length !== width)) throw valueCountDiffers();
    const columns: QueryColumn[] = [];
    const cells: string[][] = rows.map(() => []);
    for (let i = 0; i < width; i++) {
      const values = this.expressions.unify(rows.map((r) => r[i]!));
      values.forEach((v, r) => {
        cells[r]!.push(`${v.sql} AS c${i}`);
      });
      columns.push({
        name: String(i + 1).padStart(5, '0'),
        named: false,
        value: { sql: `c${i}`, type: values[0]!.type, nullable: values.some((v) => v.nullable) },
      });
    }
    const sql = cells.map((c) => `SELECT ${c.join(', ')}`).join(' UNION ALL ');
    return { columns, select: () => sql, scope: null, grouped: true, distinct: false };
  }

  private setOperation(node: Node, scope: Scope): Body {
    const [left, right] = [this.body(get(node, 'left'), scope), this.body(get(node, 'right'), scope)];
    if (left.columns.length !== right.columns.length) throw valueCountDiffers();
    const op = String(get(node, 'op')).toUpperCase();
    const all = get(node, 'set_quantifier') === 'All';
    if (all && op !== 'UNION') throw unsupported(`${op} ALL`);
    const types = left.columns.map((c, i) => common(c.value, right.columns[i]!.value));
    const side = (body: Body) => {
      const items = body.columns.map((c, i) => {
        const value = convert({ ...withType(c.value, types[i]!, this.context.parameters), sql: `c${i}` }, types[i]!);
        return `${op === 'UNION' && all ? value.sql : distinctForm(value)} AS c${i}`;
      });
      return `SELECT ${items.join(', ')} FROM (${body.select([])})`;
    };
    const sql = `${side(left)} ${op}${all ? ' ALL' : ''} ${side(right)}`;
    const columns = left.columns.map((c, i) => {
      const other = right.columns[i]!;
      return {
        name: c.name,
        named: c.named,
        value: { sql: `c${i}`, type: types[i]!, nullable: c.value.nullable || other.value.nullable },
      };
    });
    return { columns, select: () => sql, scope: null, grouped: true, distinct: true };
  }

  /** An ordinal, a result column's name, or an expression over the FROM clause. Nulls sort high. */
  private orderBy(items: readonly Node[], body: Body): string[] {
    return items.map((item) => {
      const { sql, nullable } = this.sortKey(get(item, 'expr'), body);
      const down = get(item, 'options', 'asc') === false;
      const wanted = get(item, 'options', 'nulls_first');
      const first = wanted === null ? down : wanted === true;
      return `${sql}${down ? ' DESC' : ''}${nullable || wanted !== null ? (first ? ' NULLS FIRST' : ' NULLS LAST') : ''}`;
    });
  }

  private sortKey(node: Node, body: Body): { sql: string; nullable: boolean } {
    const ordinal = get(node, 'Value', 'value', 'Number', 0);
    if (ordinal !== null) {
      const column = body.columns[Number(ordinal) - 1];
      if (!column) throw tokenNotValid(String(ordinal));
      return sortOf(column.value, `c${Number(ordinal) - 1}`, body.scope !== null && !body.distinct);
    }
    const [kind, inner] = variant(node);
    const name = kind === 'Identifier' ? identifier(inner) : null;
    const at = name === null ? -1 : body.columns.findIndex((c) => c.named && c.name === name);
    if (at >= 0) return sortOf(body.columns[at]!.value, `c${at}`, body.scope !== null && !body.distinct);
    if (!body.scope) throw columnNotFound(name ?? '*N');
    const e = this.expressions.value(node, body.scope);
    const same = body.distinct ? body.columns.findIndex((c) => c.value.sql === e.sql) : -1;
    if (same >= 0) return sortOf(e, `c${same}`, false);
    return { sql: sortable(e), nullable: e.nullable };
  }

  private limit(node: Node, scope: Scope): string {
    const count = (n: Node) => convert(this.expressions.value(n, scope, BIGINT), BIGINT).sql;
    const fetch = get(node, 'fetch');
    const bare = get(node, 'limit_clause', 'LimitOffset', 'limit');
    const offset = get(node, 'limit_clause', 'LimitOffset', 'offset', 'value');
    const first = fetch !== null ? (has(fetch, 'quantity') ? count(get(fetch, 'quantity')) : '1') : null;
    const limit = first ?? (bare === null ? null : count(bare));
    if (limit === null && offset === null) return '';
    return `LIMIT ${limit ?? '-1'}${offset === null ? '' : ` OFFSET ${count(offset)}`}`;
  }
}

/** Plain columns beside GROUP BY or column functions must be grouped by. */
function refuseUngrouped(columns: readonly QueryColumn[], group: readonly string[]): void {
  for (const { name, value } of columns) {
    const plain = value.bad !== undefined || value.cell !== undefined;
    if (plain && !group.includes(sortable(value))) throw columnNotGrouped(value.base?.column ?? name);
  }
}

function common(a: Typed, b: Typed): SqlType {
  if (a.untyped === 'null') return b.untyped === 'null' ? varchar(1) : b.type;
  if (b.untyped === 'null') return a.type;
  const type = commonType(a.type, b.type);
  if (!type) throw operandsNotCompatible('UNION');
  return type;
}

function sortOf(value: Typed, output: string, inline: boolean): { sql: string; nullable: boolean } {
  // The expression itself, where allowed: SQLite then uses an index, and a result alias cannot shadow a column.
  const e = inline ? value : { ...value, sql: output };
  return { sql: sortable(e), nullable: value.nullable };
}

/** DISTINCT and UNION do not see trailing blanks. */
function distinctForm(value: Typed): string {
  return isText(value.type) ? comparableText(value) : value.sql;
}

function badAliases(columns: readonly QueryColumn[]): string[] {
  return [...new Set(columns.flatMap((c) => (c.value.bad ? [c.value.bad.alias] : [])))];
}
