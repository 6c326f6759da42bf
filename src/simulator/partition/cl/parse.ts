/** CL commands: name, positional values, KEYWORD(value (list element) ...), quotes, comments, continuation. */
import { CpfFailure } from '../failures';

/** A word, or a parenthesised list of values. */
export type ClValue = string | readonly ClValue[];

export interface ClCommand {
  /** Upper case, without a library. */
  readonly name: string;
  readonly positional: readonly ClValue[];
  /** Each keyword's values, e.g. OBJ((A/B *FILE)) -> [['A/B', '*FILE']]. */
  readonly keywords: ReadonlyMap<string, readonly ClValue[]>;
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
  /** Follows the token before without a blank: KEYWORD( is one thing, A (B) two. */
  readonly glued: boolean;
}

/** @throws CpfFailure CPF0006 when the text is no command */
export function parseCommand(source: string): ClCommand {
  const tokens = tokenize(source);
  const first = tokens.shift();
  if (!first || first.quoted || /[()]/.test(first.text)) throw malformed(source);
  const name = first.text.toUpperCase().replace(/^.*\//, '');
  const positional: ClValue[] = [];
  const keywords = new Map<string, readonly ClValue[]>();
  while (tokens.length > 0) {
    const token = tokens.shift()!;
    if (isOpen(tokens[0]) && tokens[0]!.glued && !token.quoted && token.text !== '(') {
      tokens.shift();
      keywords.set(token.text.toUpperCase(), readList(tokens, source));
    } else if (isOpen(token)) positional.push(readList(tokens, source));
    else if (token.text === ')' && !token.quoted) throw malformed(source);
    else positional.push(wordOf(token));
  }
  return { name, positional, keywords };
}

function readList(tokens: Token[], source: string): ClValue[] {
  const values: ClValue[] = [];
  for (;;) {
    const token = tokens.shift();
    if (!token) throw malformed(source);
    if (token.text === ')' && !token.quoted) return values;
    values.push(isOpen(token) ? readList(tokens, source) : wordOf(token));
  }
}

function isOpen(token: Token | undefined): boolean {
  return token !== undefined && token.text === '(' && !token.quoted;
}

function wordOf(token: Token): string {
  return token.quoted ? token.text : token.text.toUpperCase();
}

function tokenize(source: string): Token[] {
  const text = source.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/[+-]\s*\n\s*/g, '');
  const tokens: Token[] = [];
  const pattern = /(\s*)(?:'((?:[^']|'')*)'|([()])|([^\s()']+))/gy;
  let at = 0;
  for (const m of text.matchAll(pattern)) {
    at = m.index + m[0].length;
    const quoted = m[2] !== undefined;
    tokens.push({ text: quoted ? m[2]!.replaceAll("''", "'") : (m[3] ?? m[4])!, quoted, glued: m[1] === '' });
  }
  if (text.slice(at).trim() !== '') throw malformed(source);
  return tokens;
}

function malformed(source: string): CpfFailure {
  return new CpfFailure('CPF0006', 'Errors occurred in command.', `Not a CL command: ${source.slice(0, 60)}`);
}
