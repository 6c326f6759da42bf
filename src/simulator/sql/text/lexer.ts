/**
 * Db2 for i SQL text to tokens. Source: Db2 for i SQL reference, "Characters", "Tokens", "Constants".
 * Comments and blanks vanish; every token keeps its offset for error texts.
 */
import { SqlFailure } from '../../sql-session';

type TokenKind = 'word' | 'quoted' | 'string' | 'hex' | 'graphicHex' | 'number' | 'marker' | 'op';

export interface Token {
  readonly kind: TokenKind;
  /** Upper case for words, contents for quoted names and strings, the text itself otherwise. */
  readonly text: string;
  readonly offset: number;
  /** Offset after the last character. */
  readonly end: number;
}

const WORD_START = /[\p{L}_#@$]/u;
const WORD = /[\p{L}\p{N}_#@$]/u;
const NUMBER = /^(\d+(\.\d*)?|\.\d+)(E[+-]?\d+)?/i;
const OPERATORS = ['=>', '<>', '<=', '>=', '||', '!=', '¬=', '^=', '¬<', '¬>', '!<', '!>', '::'];

export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = skipBlanks(sql, 0);
  while (at < sql.length) {
    const token = next(sql, at);
    tokens.push(token);
    at = skipBlanks(sql, token.end);
  }
  return tokens;
}

function skipBlanks(sql: string, from: number): number {
  let at = from;
  for (;;) {
    while (at < sql.length && /[\s\u0000]/.test(sql[at]!)) at++;
    if (sql.startsWith('--', at)) {
      const line = sql.indexOf('\n', at);
      at = line < 0 ? sql.length : line;
    } else if (sql.startsWith('/*', at)) {
      const close = sql.indexOf('*/', at + 2);
      at = close < 0 ? sql.length : close + 2;
    } else return at;
  }
}

function next(sql: string, at: number): Token {
  const c = sql[at]!;
  if (c === "'") return delimited(sql, at, at, "'", 'string');
  if (c === '"') return delimited(sql, at, at, '"', 'quoted');
  const prefixed = /^(BX|GX|UX|N|G|X|U&)'/i.exec(sql.slice(at, at + 3));
  if (prefixed) return prefixedLiteral(sql, at, prefixed[1]!.toUpperCase());
  if (WORD_START.test(c)) return word(sql, at);
  const number = NUMBER.exec(sql.slice(at, at + 80));
  if (number) return { kind: 'number', text: number[0], offset: at, end: at + number[0].length };
  if (c === '?') return { kind: 'marker', text: '?', offset: at, end: at + 1 };
  const op = OPERATORS.find((o) => sql.startsWith(o, at)) ?? c;
  return { kind: 'op', text: op, offset: at, end: at + op.length };
}

function prefixedLiteral(sql: string, at: number, prefix: string): Token {
  const kind = prefix === 'X' || prefix === 'BX' ? 'hex' : prefix === 'GX' || prefix === 'UX' ? 'graphicHex' : 'string';
  return delimited(sql, at, at + prefix.length, "'", kind);
}

function word(sql: string, at: number): Token {
  let end = at;
  while (end < sql.length && WORD.test(sql[end]!)) end++;
  return { kind: 'word', text: sql.slice(at, end).toUpperCase(), offset: at, end };
}

function delimited(sql: string, offset: number, open: number, quote: string, kind: TokenKind): Token {
  let text = '';
  for (let at = open + 1; at < sql.length; at++) {
    if (sql[at] !== quote) text += sql[at];
    else if (sql[at + 1] === quote) {
      text += quote;
      at++;
    } else return { kind, text, offset, end: at + 1 };
  }
  const seen = sql.slice(offset, offset + 20);
  throw new SqlFailure(-10, '42603', `String constant beginning ${seen} not delimited.`, [seen]);
}

/** A name or number as SQL text again; used to hand tokens to another parser. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A constant for SQLite, whose statement text ends at U+0000. */
export function textConstant(text: string): string {
  return text.includes('\0') ? `CAST(X'${Buffer.from(text).toString('hex')}' AS TEXT)` : quoteText(text);
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A token as SQL text again. */
export function written(token: Token): string {
  if (token.kind === 'quoted') return quoteName(token.text);
  if (token.kind === 'string') return quoteText(token.text);
  if (token.kind === 'hex') return `X${quoteText(token.text)}`;
  return token.kind === 'graphicHex' ? `UX${quoteText(token.text)}` : token.text;
}
