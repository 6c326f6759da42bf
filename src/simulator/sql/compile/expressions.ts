/** Compiles SQL expressions to SQLite text with Db2 types. */

import { markerNotAllowed, operandsNotCompatible, tokenNotValid, unsupported } from '../failures';
import { arithmetic, concatenate, negate } from '../functions/arithmetic';
import { callFunction } from '../functions/functions';
import { registerValue } from '../functions/registers';
import { quoteText, textConstant } from '../text/lexer';
import { get, identifier, list, type Node, variant } from '../tree/ast';
import { MARK } from '../tree/db2-tokens';
import { compareOperands } from '../types/comparison';
import { comparableText, convert } from '../types/convert';
import { jobDate } from '../types/iso-text';
import type { Scope } from '../types/scope';
import {
  BOOLEAN,
  commonType,
  DATE,
  isBytes,
  isText,
  type SqlType,
  sqlType,
  TIME,
  TIMESTAMP6,
  varchar,
} from '../types/sql-type';
import { expression, type Typed, withType } from '../types/typed';
import type { CompileContext } from './context';
import { defaultPage, numberLiteral, pageOf } from './literals';
import { namedConstant } from './named-constants';

const COMPARISONS: Record<string, string> = { Eq: '=', NotEq: '<>', Lt: '<', LtEq: '<=', Gt: '>', GtEq: '>=' };
const ARITHMETIC: Record<string, '+' | '-' | '*' | '/' | '%'> = {
  Plus: '+',
  Minus: '-',
  Multiply: '*',
  Divide: '/',
  Modulo: '%',
};

/** A compiled subquery, as expressions use it. */
export interface SubqueryResult {
  readonly sql: string;
  readonly columns: readonly Typed[];
}

export interface QueryCompiler {
  subquery(query: Node, scope: Scope): SubqueryResult;
}

export class Expressions {
  constructor(
    readonly context: CompileContext,
    readonly queries: QueryCompiler,
  ) {}

  /** A value; an untyped marker or NULL takes `hint`. @throws SqlFailure -418 when it has none. */
  value(node: Node, scope: Scope, hint?: SqlType): Typed {
    const e = this.raw(node, scope);
    if (e.duration) throw tokenNotValid(e.duration);
    if (e.untyped === undefined) return e;
    if (e.untyped === 'null') return withType(e, hint ?? varchar(1), this.context.parameters);
    if (!hint) throw markerNotAllowed();
    return withType(e, hint, this.context.parameters);
  }

  /** A value converted to `type`. */
  valueAs(node: Node, scope: Scope, type: SqlType): Typed {
    return convert(this.value(node, scope, type), type);
  }

  /** A search condition. */
  predicate(node: Node, scope: Scope): string {
    return this.value(node, scope, BOOLEAN).sql;
  }

  /** May return an untyped marker or NULL. */
  raw(node: Node, scope: Scope): Typed {
    const [kind, body] = variant(node);
    switch (kind) {
      case 'Identifier':
        return this.name([identifier(body)], scope);
      case 'CompoundIdentifier':
        return this.name((body as readonly Node[]).map(identifier), scope);
      case 'Value':
        return this.literal(get(body, 'value'));
      case 'TypedString':
        return this.typedString(body);
      case 'Nested':
        return this.raw(body, scope);
      case 'BinaryOp':
        return this.binary(body, scope);
      case 'UnaryOp':
        return this.unary(body, scope);
      case 'IsNull':
      case 'IsNotNull':
        return this.isNull(body, scope, kind === 'IsNotNull');
      case 'IsTrue':
      case 'IsFalse':
      case 'IsNotTrue':
      case 'IsNotFalse':
        return this.isTruth(kind, body, scope);
      case 'IsDistinctFrom':
      case 'IsNotDistinctFrom': {
        const [l, r] = body as readonly Node[];
        return this.compare(kind === 'IsDistinctFrom' ? 'IS NOT' : 'IS', l!, r!, scope);
      }
      case 'Between':
        return this.between(body, scope);
      case 'InList':
        return this.inList(body, scope);
      case 'InSubquery':
        return this.inSubquery(body, scope);
      case 'Exists':
        return this.exists(body, scope);
      case 'AnyOp':
      case 'AllOp':
        return this.quantified(kind, body, scope);
      case 'Like':
        return this.like(body, scope);
      case 'Case':
        return this.caseOf(body, scope);
      case 'Cast':
        return this.cast(body, scope);
      case 'Subquery':
        return this.scalarSubquery(body, scope);
      default:
        return callFunction(this, kind, body, scope);
    }
  }

  private name(parts: readonly string[], scope: Scope): Typed {
    const only = parts[0]!;
    if (parts.length === 1 && only.startsWith(`${MARK}REG `)) return registerValue(only.slice(MARK.length + 4));
    if (parts.length === 1 && only === 'DEFAULT') throw tokenNotValid('DEFAULT');
    try {
      return scope.resolve(parts);
    } catch (error) {
      const constant = parts.length === 1 ? namedConstant(only) : null;
      if (!constant) throw error;
      return constant;
    }
  }

  private literal(node: Node): Typed {
    const [kind, value] = variant(node);
    switch (kind) {
      case 'Number':
        return numberLiteral(String((value as readonly Node[])[0]));
      case 'Boolean':
        return expression(value === true ? '1' : '0', BOOLEAN, false);
      case 'Null':
        return { sql: 'NULL', type: varchar(1), nullable: true, untyped: 'null' };
      case 'Placeholder':
        return { sql: '', type: varchar(1), nullable: true, untyped: Number(String(value).slice(1)) };
      case 'HexStringLiteral': {
        const hex = String(value);
        return expression(`X${quoteText(hex)}`, sqlType('VARCHAR', hex.length / 2, 0, 65535), false);
      }
      case 'SingleQuotedString':
      case 'NationalStringLiteral': {
        const text = String(value);
        const date = jobDate(text, this.context.names.dateForm);
        const constant = { sql: textConstant(text), type: varchar(Math.max(1, text.length)), nullable: false, text };
        return date === null ? constant : { ...constant, date };
      }
      default:
        throw unsupported(`a ${kind} constant`);
    }
  }

  private typedString(body: Node): Typed {
    const [type] = variant(get(body, 'data_type'));
    const text = String(get(body, 'value', 'value', 'SingleQuotedString') ?? '');
    const target = type === 'Date' ? DATE : type === 'Time' ? TIME : TIMESTAMP6;
    return convert({ sql: quoteText(text), type: varchar(text.length), nullable: false, text }, target);
  }

  private binary(body: Node, scope: Scope): Typed {
    const op = String(variant(get(body, 'op'))[0]);
    const [left, right] = [get(body, 'left'), get(body, 'right')];
    if (op === 'And' || op === 'Or') {
      const [l, r] = [this.value(left, scope, BOOLEAN), this.value(right, scope, BOOLEAN)];
      return expression(`(${l.sql} ${op.toUpperCase()} ${r.sql})`, BOOLEAN);
    }
    const comparison = COMPARISONS[op];
    if (comparison) return this.compare(comparison, left, right, scope);
    if (op === 'StringConcat') {
      return concatenate([this.value(left, scope, varchar(254)), this.value(right, scope, varchar(254))]);
    }
    const operator = ARITHMETIC[op];
    if (!operator) throw unsupported(`operator ${op}`);
    const [l, r] = [this.raw(left, scope), this.raw(right, scope)];
    return arithmetic(operator, l, r, this.context.parameters);
  }

  /** Two operands that give each other their types. */
  private pair(left: Node, right: Node, scope: Scope): [Typed, Typed] {
    const [l, r] = [this.raw(left, scope), this.raw(right, scope)];
    if (l.untyped !== undefined && r.untyped !== undefined) {
      if (l.untyped !== 'null' && r.untyped !== 'null') throw markerNotAllowed();
      const type = varchar(254);
      return [withType(l, type, this.context.parameters), withType(r, type, this.context.parameters)];
    }
    return [withType(l, r.type, this.context.parameters), withType(r, l.type, this.context.parameters)];
  }

  private compare(op: string, left: Node, right: Node, scope: Scope): Typed {
    const [lk, lb] = variant(left);
    const [rk, rb] = variant(right);
    if (lk === 'Tuple' || rk === 'Tuple') return this.compareRows(op, [lk, lb], [rk, rb], scope);
    const [l, r] = this.pair(left, right, scope);
    return expression(compareOperands(op, l, r), BOOLEAN, l.nullable || r.nullable);
  }

  /** `(A, B) > (?, ?)`: row by row, first difference decides. */
  private compareRows(op: string, l: readonly [string, Node], r: readonly [string, Node], scope: Scope): Typed {
    if (l[0] !== 'Tuple' || r[0] !== 'Tuple') throw operandsNotCompatible(op);
    const [left, right] = [l[1] as readonly Node[], r[1] as readonly Node[]];
    if (left.length !== right.length) throw operandsNotCompatible(op);
    const pairs = left.map((node, i) => this.pair(node, right[i]!, scope));
    if (op === '=' || op === '<>') {
      const equal = pairs.map(([a, b]) => compareOperands('=', a, b)).join(' AND ');
      return expression(op === '=' ? `(${equal})` : `(NOT (${equal}))`, BOOLEAN);
    }
    const strict = op[0]!;
    let sql = compareOperands(op, ...pairs[pairs.length - 1]!);
    for (const [a, b] of pairs.slice(0, -1).reverse()) {
      sql = `(${compareOperands(strict, a, b)} OR (${compareOperands('=', a, b)} AND ${sql}))`;
    }
    // Redundant, but it lets SQLite start an index range at the first column.
    const [a, b] = pairs[0]!;
    return expression(`(${compareOperands(`${strict}=`, a, b)} AND ${sql})`, BOOLEAN);
  }

  private unary(body: Node, scope: Scope): Typed {
    const op = String(get(body, 'op'));
    if (op === 'Not') return expression(`(NOT ${this.predicate(get(body, 'expr'), scope)})`, BOOLEAN);
    const operand = this.raw(get(body, 'expr'), scope);
    if (op === 'Plus') return operand;
    if (op === 'Minus') return negate(operand);
    throw unsupported(`operator ${op}`);
  }

  private isNull(node: Node, scope: Scope, negated: boolean): Typed {
    const e = this.value(node, scope, varchar(254));
    return expression(`(${e.sql} IS ${negated ? 'NOT ' : ''}NULL)`, BOOLEAN, false);
  }

  private isTruth(kind: string, node: Node, scope: Scope): Typed {
    const e = this.predicate(node, scope);
    return expression(`(${e} IS ${kind.includes('Not') ? 'NOT ' : ''}${kind.endsWith('True') ? '1' : '0'})`, BOOLEAN);
  }

  private between(body: Node, scope: Scope): Typed {
    const [e, low, high] = [get(body, 'expr'), get(body, 'low'), get(body, 'high')];
    const from = this.compare('>=', e, low, scope);
    const to = this.compare('<=', e, high, scope);
    return expression(`(${get(body, 'negated') ? 'NOT ' : ''}(${from.sql} AND ${to.sql}))`, BOOLEAN);
  }

  private inList(body: Node, scope: Scope): Typed {
    const items = list(body, 'list');
    const negated = get(body, 'negated') === true;
    const terms = items.map((item) => this.compare('=', get(body, 'expr'), item, scope).sql);
    return expression(`(${negated ? 'NOT ' : ''}(${terms.join(' OR ')}))`, BOOLEAN);
  }

  private inSubquery(body: Node, scope: Scope): Typed {
    const [kind, inner] = variant(get(body, 'expr'));
    const operands = (kind === 'Tuple' ? (inner as readonly Node[]) : [get(body, 'expr')]).map((n) =>
      this.raw(n, scope),
    );
    const query = this.queries.subquery(get(body, 'subquery'), scope);
    if (query.columns.length !== operands.length) throw operandsNotCompatible('IN');
    const alias = this.context.alias('q');
    const tests = operands.map((e, i) => {
      const column = { ...query.columns[i]!, sql: `${alias}.c${i}` };
      return compareOperands('=', withType(e, column.type, this.context.parameters), column);
    });
    const not = get(body, 'negated') === true;
    if (tests.length === 1) {
      const [l, r] = [withType(operands[0]!, query.columns[0]!.type, this.context.parameters), query.columns[0]!];
      const common = commonType(l.type, r.type);
      if (!common) throw operandsNotCompatible('IN');
      const wrapped = (e: Typed) => comparableText(convert(e, common));
      const column = wrapped({ ...r, sql: `${alias}.c0` });
      return expression(
        `(${wrapped(l)} ${not ? 'NOT ' : ''}IN (SELECT ${column} FROM (${query.sql}) AS ${alias}))`,
        BOOLEAN,
      );
    }
    return expression(
      `(${not ? 'NOT ' : ''}EXISTS (SELECT 1 FROM (${query.sql}) AS ${alias} WHERE ${tests.join(' AND ')}))`,
      BOOLEAN,
    );
  }

  private exists(body: Node, scope: Scope): Typed {
    const query = this.queries.subquery(get(body, 'subquery'), scope);
    return expression(`(${get(body, 'negated') ? 'NOT ' : ''}EXISTS (${query.sql}))`, BOOLEAN, false);
  }

  /** `x > ALL (SELECT ..)`, `x = ANY (SELECT ..)`. */
  private quantified(kind: string, body: Node, scope: Scope): Typed {
    const op = COMPARISONS[String(variant(get(body, 'compare_op'))[0])];
    const [inner, query] = variant(get(body, 'right'));
    if (!op || inner !== 'Subquery') throw unsupported('this quantified comparison');
    const compiled = this.queries.subquery(query, scope);
    const alias = this.context.alias('q');
    const column = { ...compiled.columns[0]!, sql: `${alias}.c0` };
    const l = this.value(get(body, 'left'), scope, column.type);
    const test = compareOperands(op, l, column);
    const from = `FROM (${compiled.sql}) AS ${alias}`;
    if (kind === 'AnyOp') return expression(`(EXISTS (SELECT 1 ${from} WHERE ${test}))`, BOOLEAN);
    return expression(`(NOT EXISTS (SELECT 1 ${from} WHERE (${test}) IS NOT 1))`, BOOLEAN);
  }

  /** Trailing blanks count on the left side of LIKE: a CHAR column is padded. */
  private like(body: Node, scope: Scope): Typed {
    const e = this.value(get(body, 'expr'), scope, varchar(254));
    const left = isText(e.type) ? convert(e, varchar(Math.max(e.type.length, 1), e.type.ccsid)) : e;
    if (!isText(left.type)) throw operandsNotCompatible('LIKE');
    const pattern = this.valueAs(get(body, 'pattern'), scope, varchar(Math.max(left.type.length, 254)));
    const escapeSign = get(body, 'escape_char', 'value', 'SingleQuotedString');
    const not = get(body, 'negated') === true ? 'NOT ' : '';
    return expression(
      `(${not}like_text(${left.sql}, ${pattern.sql}, ${quoteText(String(escapeSign ?? ''))}))`,
      BOOLEAN,
    );
  }

  private caseOf(body: Node, scope: Scope): Typed {
    const operand = get(body, 'operand');
    const branches = list(body, 'conditions').map((c) => ({
      when:
        operand === null
          ? this.predicate(get(c, 'condition'), scope)
          : this.compare('=', operand, get(c, 'condition'), scope).sql,
      result: this.raw(get(c, 'result'), scope),
    }));
    const otherwise = get(body, 'else_result');
    const last = otherwise === null ? null : this.raw(otherwise, scope);
    const results = this.unify([...branches.map((b) => b.result), ...(last ? [last] : [])]);
    const type = results[0]!.type;
    const arms = branches.map((b, i) => `WHEN ${b.when} THEN ${results[i]!.sql}`).join(' ');
    const tail = last ? ` ELSE ${results[results.length - 1]!.sql}` : '';
    return expression(`(CASE ${arms}${tail} END)`, type, !last || results.some((r) => r.nullable));
  }

  /** Brings values to their common type. */
  unify(values: readonly Typed[]): Typed[] {
    let type: SqlType | null = null;
    for (const v of values) {
      if (v.untyped !== undefined) continue;
      type = type === null ? v.type : commonType(type, v.type);
      if (!type) throw operandsNotCompatible('=');
    }
    if (!type) {
      if (values.some((v) => typeof v.untyped === 'number')) throw markerNotAllowed();
      type = varchar(1);
    }
    const target = type;
    return values.map((v) => convert(withType(v, target, this.context.parameters), target));
  }

  private cast(body: Node, scope: Scope): Typed {
    const type = this.castType(get(body, 'data_type'));
    if (String(get(body, 'kind')) === 'TryCast') return this.interpret(this.value(get(body, 'expr'), scope), type);
    const e = this.raw(get(body, 'expr'), scope);
    const target = e.untyped === undefined ? pageOf(e, type) : { ...type, ccsid: type.ccsid ?? defaultPage(type) };
    const typed = withType(e, target, this.context.parameters);
    const { name: _name, untyped: _untyped, text: _text, ...converted } = convert(typed, target);
    const translated = isText(typed.type) && isText(target) && typed.type.ccsid !== target.ccsid;
    return translated ? { ...converted, sql: `defined_text(${converted.sql})` } : converted;
  }

  /** INTERPRET(bytes AS type): the bytes are a field of that type. */
  private interpret(e: Typed, type: SqlType): Typed {
    if (!isBytes(e.type)) throw operandsNotCompatible('INTERPRET');
    const ccsid = type.ccsid === null ? -1 : type.ccsid;
    return expression(`interpret(${e.sql}, '${type.name}', ${type.length}, ${type.scale}, ${ccsid})`, type);
  }

  castType(node: Node): SqlType {
    const [kind, body] = variant(node);
    const name = kind === 'Custom' ? String(get(body, 0, 0, 'Identifier', 'value')) : '';
    const m = /^DB2TYPE_(\d+)$/.exec(name);
    const type = m ? this.context.castTypes[Number(m[1])] : undefined;
    if (!type) throw tokenNotValid(name || kind);
    return type;
  }

  private scalarSubquery(body: Node, scope: Scope): Typed {
    const query = this.queries.subquery(body, scope);
    if (query.columns.length !== 1) throw operandsNotCompatible('=');
    return expression(`(${query.sql})`, query.columns[0]!.type);
  }
}
