/**
 * The expression language: closed, total, without loops, time or chance, so that the same entry always gives the same
 * event. docs/mapping.md lists it.
 *
 *   expr    := or [ '?' expr ':' expr ]
 *   or      := and { 'or' and }          and := not { 'and' not }        not := 'not' not | compare
 *   compare := sum [ ( = | == | != | <> | < | <= | > | >= ) sum | [not] in '(' expr {, expr} ')' | is [not] null ]
 *   sum     := term { (+|-) term }       term := unary { (*|/|%) unary } unary := '-' unary | primary
 *   primary := number | 'text' | true | false | null | name | function '(' [ expr {, expr} ] ')' | '(' expr ')'
 *   name    := COLUMN | before.COLUMN | after.COLUMN | op | meta.NAME; COLUMN may stand in double quotes
 */
import { identifierOf } from '../../model/identifiers';
import { FUNCTIONS } from './functions';
import { ExpressionFault, type ExpressionToken, expressionTokens } from './tokens';
import { decimalOf, type Value } from './value';

const META_NAMES = [
  'mode',
  'table',
  'member',
  'journal',
  'receiver',
  'user',
  'job',
  'program',
  'remoteAddress',
  'rrn',
] as const;
export type MetaName = (typeof META_NAMES)[number];

export type Expression =
  /** `word`: true, false and null as written. */
  | { readonly is: 'value'; readonly value: Value; readonly word?: string }
  /** `name` as written, double quotes included: see `model/identifiers`. */
  | { readonly is: 'column'; readonly side: 'after' | 'before' | 'current'; readonly name: string; readonly at: number }
  | { readonly is: 'op'; readonly word: string }
  | { readonly is: 'meta'; readonly name: MetaName }
  | { readonly is: 'lookup'; readonly name: string; readonly key: Expression; readonly at: number }
  | { readonly is: 'changed'; readonly name: string; readonly at: number }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly is: 'unary'; readonly op: '-' | 'not'; readonly of: Expression }
  | { readonly is: 'comparison'; readonly op: string; readonly left: Expression; readonly right: Expression }
  /** `or`, `and` of any number of terms: flat, because trees as deep as they are long would end the stack. */
  | { readonly is: 'any' | 'all'; readonly of: readonly Expression[] }
  /** Sums and products, taken from the left. */
  | { readonly is: 'chain'; readonly first: Expression; readonly rest: readonly Step[] }
  | { readonly is: 'in'; readonly of: Expression; readonly list: readonly Expression[] }
  | { readonly is: 'choice'; readonly test: Expression; readonly yes: Expression; readonly no: Expression };

interface Step {
  readonly op: string;
  readonly operand: Expression;
}

/** `before.COLUMN`, `changed(COLUMN)`, `op` and `meta.NAME` speak of a change, everything else of a row. */
export function asksForChange(e: Expression): boolean {
  const itself = e.is === 'column' ? e.side === 'before' : e.is === 'changed' || e.is === 'op' || e.is === 'meta';
  return itself || partsOf(e).some(asksForChange);
}

/** What an expression is made of, for whoever looks for columns or lookups in it. */
export function partsOf(e: Expression): readonly Expression[] {
  switch (e.is) {
    case 'lookup':
      return [e.key];
    case 'call':
      return e.args;
    case 'unary':
      return [e.of];
    case 'comparison':
      return [e.left, e.right];
    case 'any':
    case 'all':
      return e.of;
    case 'chain':
      return [e.first, ...e.rest.map((s) => s.operand)];
    case 'in':
      return [e.of, ...e.list];
    case 'choice':
      return [e.test, e.yes, e.no];
    default:
      return [];
  }
}

/** @throws ExpressionFault */
export function parseExpression(text: string): Expression {
  const parser = new Parser(expressionTokens(text));
  const expression = parser.expression();
  parser.finish();
  return expression;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** Deep nesting is a mistake or an attack; the stack must not find out. */
const MAX_DEPTH = 100;

class Parser {
  private next = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly ExpressionToken[]) {}

  finish(): void {
    if (this.peek().kind !== 'end') throw this.fault('an operator or the end');
  }

  expression(): Expression {
    if (++this.depth > MAX_DEPTH) throw this.fault(`at most ${MAX_DEPTH} levels of nesting`);
    const test = this.or();
    let result = test;
    if (this.take('?')) {
      const yes = this.expression();
      this.need(':');
      result = { is: 'choice', test, yes, no: this.expression() };
    }
    this.depth--;
    return result;
  }

  private or(): Expression {
    const terms = [this.and()];
    while (this.word('or')) terms.push(this.and());
    return terms.length === 1 ? terms[0]! : { is: 'any', of: terms };
  }

  private and(): Expression {
    const terms = [this.not()];
    while (this.word('and')) terms.push(this.not());
    return terms.length === 1 ? terms[0]! : { is: 'all', of: terms };
  }

  /** However many there are, two say the same as all the pairs do. */
  private not(): Expression {
    let negations = 0;
    while (this.word('not')) negations++;
    let of = this.comparison();
    for (let n = negations === 0 ? 0 : 2 - (negations % 2); n > 0; n--) of = { is: 'unary', op: 'not', of };
    return of;
  }

  private comparison(): Expression {
    const left = this.sum();
    const op = this.peek().kind === 'symbol' ? COMPARISONS[this.peek().text] : undefined;
    if (op) {
      this.next++;
      return { is: 'comparison', op, left, right: this.sum() };
    }
    if (this.word('is')) {
      const negated = this.word('not');
      if (!this.word('null')) throw this.fault('null after is');
      return { is: 'comparison', op: negated ? '!=' : '=', left, right: { is: 'value', value: null } };
    }
    if (this.word('in')) return { is: 'in', of: left, list: this.list() };
    const mark = this.next;
    if (this.word('not')) {
      if (this.word('in')) return { is: 'unary', op: 'not', of: { is: 'in', of: left, list: this.list() } };
      this.next = mark;
    }
    return left;
  }

  private sum(): Expression {
    const first = this.term();
    const rest: Step[] = [];
    for (let op = this.oneOf('+-'); op; op = this.oneOf('+-')) rest.push({ op, operand: this.term() });
    return rest.length === 0 ? first : { is: 'chain', first, rest };
  }

  private term(): Expression {
    const first = this.unary();
    const rest: Step[] = [];
    for (let op = this.oneOf('*/%'); op; op = this.oneOf('*/%')) rest.push({ op, operand: this.unary() });
    return rest.length === 0 ? first : { is: 'chain', first, rest };
  }

  private unary(): Expression {
    if (!this.take('-')) return this.primary();
    if (++this.depth > MAX_DEPTH) throw this.fault(`at most ${MAX_DEPTH} levels of nesting`);
    const of = this.unary();
    this.depth--;
    return { is: 'unary', op: '-', of };
  }

  private primary(): Expression {
    const token = this.peek();
    if (this.take('(')) {
      const inner = this.expression();
      this.need(')');
      return inner;
    }
    this.next++;
    if (token.kind === 'number') return { is: 'value', value: decimalOf(token.text) };
    if (token.kind === 'text') return { is: 'value', value: token.text };
    if (token.kind === 'name') return this.named(token);
    this.next--;
    throw this.fault('a column, number, text in quotes or (');
  }

  private named(token: ExpressionToken): Expression {
    const { text, at } = token;
    const lower = text.toLowerCase();
    if (this.peek().kind === 'symbol' && this.peek().text === '(') return this.call(token);
    if (lower === 'true' || lower === 'false') return { is: 'value', value: lower === 'true', word: text };
    if (lower === 'null') return { is: 'value', value: null, word: text };
    if (lower === 'op') return { is: 'op', word: text };
    const parts = text.match(/"(?:[^"]|"")*"|[^."]+/g)!;
    if (parts.length === 1) return { is: 'column', side: 'current', name: text, at };
    const [prefix, name] = [parts[0]!.toLowerCase(), parts[1]!];
    if (prefix === 'before' || prefix === 'after') return { is: 'column', side: prefix, name, at };
    const meta = META_NAMES.find((m) => m === name);
    if (prefix === 'meta' && meta) return { is: 'meta', name: meta };
    throw new ExpressionFault(`"${text}"`, `before.COLUMN, after.COLUMN or meta.${META_NAMES.join('|')}`, at);
  }

  private call(token: ExpressionToken): Expression {
    const name = token.text.toLowerCase();
    const args = this.list();
    if (name === 'lookup') {
      const [table, key] = args;
      const lookup = table && lookupName(table);
      if (args.length !== 2 || lookup == null) {
        throw new ExpressionFault(`${token.text}(...)`, "lookup('name', value)", token.at);
      }
      return { is: 'lookup', name: lookup, key: key!, at: token.at };
    }
    if (name === 'changed') {
      const [column] = args;
      if (args.length !== 1 || column?.is !== 'column') {
        throw new ExpressionFault(`${token.text}(...)`, 'changed(COLUMN)', token.at);
      }
      return { is: 'changed', name: column.name, at: token.at };
    }
    const known = FUNCTIONS[name];
    if (!known) throw new ExpressionFault(`${token.text}(...)`, `a function: ${functionNames().join(', ')}`, token.at);
    if (args.length < known.min || args.length > known.max) {
      throw new ExpressionFault(`${args.length} arguments`, `${known.usage}`, token.at);
    }
    return { is: 'call', name, args };
  }

  private list(): Expression[] {
    this.need('(');
    const items: Expression[] = [];
    if (this.take(')')) return items;
    do items.push(this.expression());
    while (this.take(','));
    this.need(')');
    return items;
  }

  private peek(): ExpressionToken {
    return this.tokens[this.next]!;
  }

  private take(symbol: string): boolean {
    const t = this.peek();
    if (t.kind !== 'symbol' || t.text !== symbol) return false;
    this.next++;
    return true;
  }

  private oneOf(symbols: string): string | null {
    const t = this.peek();
    if (t.kind !== 'symbol' || t.text.length !== 1 || !symbols.includes(t.text)) return null;
    this.next++;
    return t.text;
  }

  private word(word: string): boolean {
    const t = this.peek();
    if (t.kind !== 'name' || t.text.toLowerCase() !== word) return false;
    this.next++;
    return true;
  }

  private need(symbol: string): void {
    if (!this.take(symbol)) throw this.fault(`"${symbol}"`);
  }

  private fault(expected: string): ExpressionFault {
    const t = this.peek();
    return new ExpressionFault(t.kind === 'end' ? 'the end' : `"${t.text}"`, expected, t.at);
  }
}

/** Of a lookup either kind of quotes is taken: no column can stand in its place. */
function lookupName(e: Expression): string | null {
  if (e.is === 'value') return typeof e.value === 'string' ? e.value : null;
  if (e.is !== 'column' || e.side !== 'current') return null;
  const { name, exact } = identifierOf(e.name);
  return exact ? name : null;
}

function functionNames(): string[] {
  return [...Object.keys(FUNCTIONS), 'lookup', 'changed'].sort();
}
