/** What kind of statement a text is, from its first word: the server gets it in CP 3812. */
import { STATEMENT_TYPE } from '../messages/database/statement';

const KINDS: Readonly<Record<string, number>> = {
  SELECT: STATEMENT_TYPE.select,
  WITH: STATEMENT_TYPE.select,
  VALUES: STATEMENT_TYPE.select,
  CALL: STATEMENT_TYPE.call,
  COMMIT: STATEMENT_TYPE.commit,
  ROLLBACK: STATEMENT_TYPE.rollback,
  CONNECT: STATEMENT_TYPE.connect,
};

/** Leading blanks, parentheses and comments do not count. */
export function statementType(sql: string): number {
  const text = sql.replace(/^(?:\s+|\(|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
  const word = /^[A-Za-z]+/.exec(text)?.[0].toUpperCase() ?? '';
  return KINDS[word] ?? STATEMENT_TYPE.other;
}

/** True when the text has a parameter marker outside of literals, names and comments. */
export function hasMarkers(sql: string): boolean {
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').includes('?');
}
