/** Constants that are words, where no column has their name. Source: Db2 for i SQL reference, "Decimal floating-point constants". */
import { quoteText } from '../text/lexer';
import { BOOLEAN, DECFLOAT34 } from '../types/sql-type';
import { expression, type Typed } from '../types/typed';

const DECFLOAT_WORDS: Readonly<Record<string, string>> = {
  INFINITY: 'Infinity',
  INF: 'Infinity',
  NAN: 'NaN',
  SNAN: 'sNaN',
};

export function namedConstant(word: string): Typed | null {
  if (word === 'UNKNOWN') return expression('NULL', BOOLEAN);
  if (word === 'TRUE' || word === 'FALSE') return expression(word === 'TRUE' ? '1' : '0', BOOLEAN);
  const special = DECFLOAT_WORDS[word];
  return special === undefined ? null : expression(quoteText(special), DECFLOAT34, false);
}
