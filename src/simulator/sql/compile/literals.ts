/** Numbers as they are written, and the code page of a cast. */
import { quoteText } from '../text/lexer';
import { literalDigits, parseUnscaled } from '../types/decimal';
import { bigText } from '../types/exact-form';
import { BIGINT, DOUBLE, decimal, INT_DIGITS, INTEGER, isGraphic, isText, type SqlType } from '../types/sql-type';
import { expression, type Typed } from '../types/typed';

const INT32 = 2147483647n;

const INT64 = 9223372036854775807n;

/** The type of a cast; characters without a page of their own keep the operand's. */
export function pageOf({ type: from }: Typed, to: SqlType): SqlType {
  if (to.ccsid !== null || !isText(to)) return to;
  return { ...to, ccsid: isText(from) && !isGraphic(from) ? from.ccsid : defaultPage(to) };
}

export function defaultPage(type: SqlType): number | null {
  return type.name === 'CHAR' || type.name === 'VARCHAR' || type.name === 'CLOB' ? 37 : null;
}

export function numberLiteral(text: string): Typed {
  if (/e/i.test(text)) return expression(Number(text).toExponential(), DOUBLE, false);
  const { precision, scale } = literalDigits(text);
  const value = parseUnscaled(text, scale) ?? 0n;
  if (scale === 0 && !text.includes('.')) {
    if (value <= INT32) return { sql: value.toString(), type: INTEGER, nullable: false, literal: value };
    if (value <= INT64) return { sql: value.toString(), type: BIGINT, nullable: false, literal: value };
  }
  const type = decimal(precision, scale);
  const sql = precision <= INT_DIGITS ? value.toString() : quoteText(bigText(value, precision));
  return { sql, type, nullable: false, literal: value };
}
