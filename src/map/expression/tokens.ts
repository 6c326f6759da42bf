/** Text of an expression to tokens. */
type TokenKind = 'number' | 'text' | 'name' | 'symbol' | 'end';

export interface ExpressionToken {
  readonly kind: TokenKind;
  /** As written; a name keeps its double quotes, a text has lost its own. */
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

/** Longer texts are a mistake; they would be read at every start. */
const MAX_LENGTH = 1_000_000;

/**
 * What a name may be made of without quotes: letters and digits of any CCSID, and what stands in the places of # @ $ in
 * one of them: £ in 297, § in 273, ¥ in 281.
 */
const PLAIN = String.raw`[\p{L}_#$@§£¥][\p{L}\p{M}\p{N}_#$@§£¥]*`;
const QUOTED = '"(?:[^"]|"")+"';
const PATTERN = new RegExp(
  String.raw`\s*(?:(\d+(?:\.\d+)?)|'((?:[^']|'')*)'|((?:${PLAIN}|${QUOTED})(?:\.(?:${PLAIN}|${QUOTED}))?)|(<=|>=|<>|!=|==|[-+*/%()<>=,?:]))`,
  'uy',
);

/** @throws ExpressionFault */
export function expressionTokens(text: string): ExpressionToken[] {
  if (text.length > MAX_LENGTH)
    throw new ExpressionFault(`${text.length} characters`, `at most ${MAX_LENGTH}`, MAX_LENGTH);
  const tokens: ExpressionToken[] = [];
  const length = text.trimEnd().length;
  let end = 0;
  while (end < length) {
    PATTERN.lastIndex = end;
    const m = PATTERN.exec(text);
    if (!m) {
      const at = end + (/\S/.exec(text.slice(end, end + 1000))?.index ?? 0);
      throw new ExpressionFault(
        `"${String.fromCodePoint(text.codePointAt(at)!)}"`,
        'a column, number, text in quotes, operator or parenthesis',
        at + 1,
      );
    }
    end = PATTERN.lastIndex;
    const lead = m[0].length - m[0].trimStart().length;
    tokens.push({ ...tokenOf(m), at: m.index + lead + 1 });
  }
  tokens.push({ kind: 'end', text: '', at: text.length + 1 });
  return tokens;
}

function tokenOf(m: RegExpExecArray): Omit<ExpressionToken, 'at'> {
  if (m[1] !== undefined) return { kind: 'number', text: m[1] };
  if (m[2] !== undefined) return { kind: 'text', text: m[2].replaceAll("''", "'") };
  if (m[3] !== undefined) return { kind: 'name', text: m[3] };
  return { kind: 'symbol', text: m[4]! };
}
