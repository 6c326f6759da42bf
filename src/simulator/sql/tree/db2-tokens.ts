/**
 * Rewrites what is Db2's own into what the general SQL parser reads. Special registers, labelled durations, parameter
 * markers and CAST types become names the binder knows again; clauses that only steer locking and access plans vanish.
 */

import { quoteName, quoteText, type Token } from '../text/lexer';
import { TokenStream } from '../text/token-stream';
import type { SqlType } from '../types/sql-type';
import { parseCastType, startsType } from '../types/type-parser';
import type { Isolation, LockResolution } from './isolation';

/** Marks a name made here; no client can type it. */
export const MARK = '\u0001';

interface Rewritten {
  readonly sql: string;
  /** Types of CAST, referred to as custom type `DB2TYPE_<index>`. */
  readonly types: readonly SqlType[];
  readonly markerCount: number;
  readonly isolation: Isolation | null;
}

const REGISTER_WORDS = new Set([
  'TIMESTAMP',
  'DATE',
  'TIME',
  'TIMEZONE',
  'SERVER',
  'USER',
  'SCHEMA',
  'PATH',
  'DEGREE',
  'SQLID',
  'CLIENT_ACCTNG',
  'CLIENT_APPLNAME',
  'CLIENT_PROGRAMID',
  'CLIENT_USERID',
  'CLIENT_WRKSTNNAME',
]);
const ONE_WORD_REGISTERS: Record<string, string> = {
  CURRENT_TIMESTAMP: 'TIMESTAMP',
  CURRENT_DATE: 'DATE',
  CURRENT_TIME: 'TIME',
  CURRENT_TIMEZONE: 'TIMEZONE',
  CURRENT_SERVER: 'SERVER',
  CURRENT_USER: 'USER',
  CURRENT_SCHEMA: 'SCHEMA',
  CURRENT_PATH: 'PATH',
  SESSION_USER: 'USER',
  SYSTEM_USER: 'USER',
  USER: 'USER',
};
const SAME_OPERATORS: Record<string, string> = {
  '¬=': '<>',
  '^=': '<>',
  '!=': '<>',
  '¬<': '>=',
  '¬>': '<=',
  '!<': '>=',
  '!>': '<=',
  '¬': 'NOT',
};
const DURATIONS = new Set(
  'YEAR YEARS MONTH MONTHS DAY DAYS HOUR HOURS MINUTE MINUTES SECOND SECONDS MICROSECOND MICROSECONDS'.split(' '),
);
const ISOLATION = new Set(['NC', 'UR', 'CS', 'RS', 'RR', 'NONE', 'CHG', 'ALL', 'NO']);
/** After these, `/` separates library and object; after those, it divides. */
const BEFORE_NAMES = new Set(['FROM', 'INTO', 'UPDATE', 'JOIN', 'CALL']);
const AFTER_NAMES = new Set(
  'WHERE SET ON SELECT VALUES GROUP ORDER HAVING FETCH OFFSET UNION EXCEPT INTERSECT USING'.split(' '),
);
/** Words after which an operand must follow, so a name after them starts something new. */
const NOT_OPERANDS = new Set(
  (
    'SELECT FROM WHERE AND OR NOT ON BY HAVING CASE WHEN THEN ELSE IN LIKE BETWEEN AS SET VALUES DISTINCT ALL UNION ' +
    'EXISTS JOIN LEFT RIGHT INNER OUTER CROSS FULL INTO UPDATE ORDER GROUP FETCH OFFSET LIMIT WITH OVER PARTITION ESCAPE'
  ).split(' '),
);

export function rewrite(tokens: readonly Token[]): Rewritten {
  return new Rewriter(tokens).run();
}

class Rewriter {
  private readonly out: string[] = [];
  private readonly kinds: ('operand' | 'other')[] = [];
  private readonly types: SqlType[] = [];
  private readonly s: TokenStream;
  private markers = 0;
  private isolation: string | null = null;
  private resolution: LockResolution = 'wait';
  /** Per parenthesis depth: are we in a FROM list, where `/` separates library and file? */
  private readonly inFrom: boolean[] = [false];
  private readonly functionParens: (string | null)[] = [];
  private bareValues = false;

  constructor(tokens: readonly Token[]) {
    const last = tokens[tokens.length - 1];
    this.s = new TokenStream(last?.text === ';' && last.kind === 'op' ? tokens.slice(0, -1) : tokens);
  }

  run(): Rewritten {
    while (!this.s.done) this.step();
    if (this.bareValues) this.push(')', 'other');
    return { sql: this.out.join(' '), types: this.types, markerCount: this.markers, isolation: this.isolationOf() };
  }

  private push(text: string, kind: 'operand' | 'other'): void {
    this.out.push(text);
    this.kinds.push(kind);
  }

  private get lastKind(): 'operand' | 'other' {
    return this.kinds[this.kinds.length - 1] ?? 'other';
  }

  private step(): void {
    if (this.dropped() || this.register() || this.special()) return;
    const token = this.s.next();
    if (token.kind === 'op') this.operator(token.text);
    else if (token.kind === 'marker') this.push(`$${++this.markers}`, 'operand');
    else if (token.kind === 'word') this.word(token.text);
    else this.push(literal(token), 'operand');
  }

  /** Clauses without effect on the result. */
  private dropped(): boolean {
    const s = this.s;
    const isolation = s.peek(1)?.text;
    if (s.sees('WITH') && isolation && ISOLATION.has(isolation) && !s.peek(2)?.text.match(/^(AS|\(|DATA)$/)) {
      s.next();
      this.isolation = s.next().text;
      s.take('COMMIT');
      if (s.take('USE', 'AND', 'KEEP')) s.at += 2;
      s.take('KEEP', 'LOCKS');
      return true;
    }
    if (this.lockResolution()) return true;
    if (s.take('OPTIMIZE', 'FOR')) {
      s.next();
      if (!s.take('ROWS')) s.take('ROW');
      return true;
    }
    if (s.take('FOR', 'READ', 'ONLY') || s.take('FOR', 'FETCH', 'ONLY')) return true;
    if (s.take('FOR', 'UPDATE')) {
      if (s.take('OF')) {
        s.identifier();
        while (s.take(',')) s.identifier();
      }
      return true;
    }
    return false;
  }

  private lockResolution(): boolean {
    const { s } = this;
    if (s.take('WAIT', 'FOR', 'OUTCOME')) this.resolution = 'wait';
    else if (s.take('USE', 'CURRENTLY', 'COMMITTED')) this.resolution = 'committed';
    else if (s.take('SKIP', 'LOCKED', 'DATA')) this.resolution = 'skip';
    else return false;
    return true;
  }

  private isolationOf(): Isolation | null {
    return this.isolation === null ? null : { level: this.isolation, resolution: this.resolution };
  }

  private register(): boolean {
    const s = this.s;
    const afterDot = this.out[this.out.length - 1] === '.';
    const word = s.peek();
    if (word?.kind !== 'word' || afterDot) return false;
    if (s.sees('ROW', 'CHANGE', 'TIMESTAMP', 'FOR') || s.sees('ROW', 'CHANGE', 'TOKEN', 'FOR')) {
      const kind = s.peek(2)!.text;
      s.at += 4;
      this.push(`${quoteName(`${MARK}ROW CHANGE ${kind}`)}(${quoteName(s.identifier())})`, 'operand');
      return true;
    }
    let name: string | undefined;
    if (word.text === 'CURRENT' && s.peek(1)?.kind === 'word' && REGISTER_WORDS.has(s.peek(1)!.text)) {
      s.next();
      name = s.next().text;
    } else if (word.text === 'NEXT' && s.sees('NEXT', 'VALUE', 'FOR')) {
      return false;
    } else if (word.text in ONE_WORD_REGISTERS && this.isRegisterHere()) {
      s.next();
      name = ONE_WORD_REGISTERS[word.text]!;
    }
    if (!name) return false;
    if (name === 'TIMESTAMP' && s.sees('(') && s.peek(1)?.kind === 'number') {
      s.next();
      name = `TIMESTAMP ${s.integer()}`;
      s.expect(')');
    }
    this.push(quoteName(`${MARK}REG ${name}`), 'operand');
    return true;
  }

  /** `USER => 'X'`, `AS USER` and `USER.X` name something else. */
  private isRegisterHere(): boolean {
    const before = this.out[this.out.length - 1]?.toUpperCase();
    const after = this.s.peek(1)?.text;
    return before !== 'AS' && after !== '=>' && after !== '.' && this.lastKind !== 'operand';
  }

  private special(): boolean {
    const s = this.s;
    const token = s.peek()!;
    if (token.kind !== 'word') return false;
    if (s.peek(1)?.text === '=>' && s.peek(1)?.kind === 'op') {
      s.next();
      this.push(quoteName(token.text), 'other');
      return true;
    }
    if (token.text === 'CONCAT' && this.lastKind === 'operand') {
      s.next();
      this.push('||', 'other');
      return true;
    }
    if (DURATIONS.has(token.text) && this.lastKind === 'operand') return this.duration(token.text);
    if (token.text === 'INTERPRET' && s.peek(1)?.text === '(') {
      s.next();
      this.push('TRY_CAST', 'other');
      return true;
    }
    if (s.sees('TRIM', '(') || s.sees('STRIP', '(')) return this.trim();
    if (token.text === 'VALUES' && s.peek(1)?.text !== '(' && this.out.length === 0) {
      s.next();
      this.bareValues = true;
      this.push('VALUES (', 'other');
      return true;
    }
    if (token.text === 'AS') return this.castType();
    return false;
  }

  /** `<operand> SECONDS` after + or -: the operand already written is wrapped. */
  private duration(unit: string): boolean {
    const start = this.operandStart();
    const before = this.out[start - 1];
    if (start < 0 || (before !== '+' && before !== '-')) return false;
    this.s.next();
    this.out.splice(start, 0, `${quoteName(`${MARK}DURATION`)}(${quoteText(unit.replace(/S$/, ''))},`);
    this.kinds.splice(start, 0, 'other');
    this.push(')', 'operand');
    return true;
  }

  /** Index of the first written piece of the operand that ends here. */
  private operandStart(): number {
    let at = this.out.length - 1;
    if (this.out[at] === ')') {
      let depth = 0;
      for (; at >= 0; at--) {
        if (this.out[at] === ')') depth++;
        if (this.out[at] === '(' && --depth === 0) break;
      }
      if (at > 0 && this.kinds[at - 1] === 'operand' && this.out[at - 1] !== ')') at--;
    }
    while (at >= 2 && this.out[at - 1] === '.') at -= 2;
    return at;
  }

  /** TRIM(BOTH FROM x), TRIM(L x), STRIP(x, B, c): the parser wants the character spelled out. */
  private trim(): boolean {
    const s = this.s;
    const where = s.peek(2)?.text ?? '';
    const side = { B: 'BOTH', BOTH: 'BOTH', L: 'LEADING', LEADING: 'LEADING', T: 'TRAILING', TRAILING: 'TRAILING' }[
      where
    ];
    if (!side || s.peek()!.text === 'STRIP') return false;
    if (s.peek(2)?.kind !== 'word' || s.peek(3)?.text === ')' || s.peek(3)?.text === '.') return false;
    s.at += 3;
    this.push('TRIM', 'other');
    this.open(null);
    this.push(side, 'other');
    if (s.sees('FROM')) this.push(`' '`, 'operand');
    return true;
  }

  /** `AS <type>` directly inside CAST( ... ) or INTERPRET( ... ). */
  private castType(): boolean {
    const s = this.s;
    const inside = this.functionParens[this.functionParens.length - 1];
    const word = s.peek(1);
    if ((inside !== 'CAST' && inside !== 'TRY_CAST') || word?.kind !== 'word' || !startsType(word.text)) return false;
    s.next();
    const type = parseCastType(s);
    if (!s.sees(')')) throw s.refuse(')');
    this.types.push(type);
    this.push(`AS DB2TYPE_${this.types.length - 1}`, 'other');
    return true;
  }

  private word(text: string): void {
    const depth = this.inFrom.length - 1;
    if (BEFORE_NAMES.has(text)) this.inFrom[depth] = true;
    else if (AFTER_NAMES.has(text)) this.inFrom[depth] = false;
    const plain = /^[A-Z_][A-Z0-9_]*$/.test(text);
    this.push(plain ? text : quoteName(text), NOT_OPERANDS.has(text) ? 'other' : 'operand');
  }

  private operator(text: string): void {
    const separatesNames = text === '/' && this.inFrom[this.inFrom.length - 1] && this.lastKind === 'operand';
    if (text === '(') this.open(this.out[this.out.length - 1]?.toUpperCase() ?? null);
    else if (text === ')') {
      this.inFrom.pop();
      this.functionParens.pop();
      this.push(')', 'operand');
    } else if (text === ',' && this.bareValues && this.functionParens.length === 0) this.push('), (', 'other');
    else if (separatesNames) this.push('.', 'other');
    else this.push(SAME_OPERATORS[text] ?? text, 'other');
  }

  private open(before: string | null): void {
    this.inFrom.push(before === 'TABLE');
    this.functionParens.push(before);
    this.push('(', 'other');
  }
}
function literal(token: Token): string {
  if (token.kind === 'quoted') return quoteName(token.text);
  if (token.kind === 'string') return quoteText(token.text);
  if (token.kind === 'hex') return `X${quoteText(token.text)}`;
  if (token.kind === 'graphicHex') return `${quoteName(`${MARK}UX`)}(${quoteText(token.text)})`;
  return token.text;
}
