/** Text of an expression to tokens. */
export type TokenKind = 'number' | 'text' | 'name' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** 1 upwards, in the expression. */
  readonly at: number;
}

/** What is wrong with an expression, and where. The message completes "expected ...". */
export class ExpressionFault extends Error {
  constructor(
    readonly seen: string,
    readonly expected: string,
    readonly at: number,
  ) {
    super(`${seen} at ${at}: expected ${expected}`);
    this.name = 'ExpressionFault';
  }
}

const PATTERN =
  /\s*(?:(\d+(?:\.\d+)?)|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|([A-Za-z_#$@§ÄÖÜ][\w#$@§ÄÖÜ]*(?:\.[A-Za-z_#$@§ÄÖÜ][\w#$@§ÄÖÜ]*)?)|(<=|>=|<>|!=|==|[-+*/%()<>=,?:]))/y;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  let end = 0;
  while (end < text.trimEnd().length) {
    PATTERN.lastIndex = end;
    const m = PATTERN.exec(text);
    if (!m) {
      const at = end + (/\S/.exec(text.slice(end))?.index ?? 0);
      throw new ExpressionFault(`"${text[at]}"`, 'a column, number, text in quotes, operator or parenthesis', at + 1);
    }
    end = PATTERN.lastIndex;
    const lead = m[0].length - m[0].trimStart().length;
    tokens.push({ ...tokenOf(m), at: m.index + lead + 1 });
  }
  tokens.push({ kind: 'end', text: '', at: text.length + 1 });
  return tokens;
}

function tokenOf(m: RegExpExecArray): Omit<Token, 'at'> {
  if (m[1] !== undefined) return { kind: 'number', text: m[1] };
  if (m[2] !== undefined) return { kind: 'text', text: m[2].replaceAll("''", "'") };
  if (m[3] !== undefined) return { kind: 'text', text: m[3].replaceAll('""', '"') };
  if (m[4] !== undefined) return { kind: 'name', text: m[4] };
  return { kind: 'symbol', text: m[5]! };
}
