/** Comparisons as SQLite text. Source: Db2 for i SQL reference, "Assignments and comparisons". */

import { operandsNotCompatible } from '../failures';
import { quoteText } from '../text/lexer';
import { comparableText, convert } from './convert';
import { bigText } from './exact-form';
import {
  commonType,
  decimal,
  digitsOf,
  INT_DIGITS,
  isBytes,
  isExact,
  isText,
  MAX_DIGITS_WIDE,
  repOf,
  varbinary,
} from './sql-type';
import type { Typed } from './typed';

/** `op` is a comparison sign, or IS / IS NOT for the null-safe ones. */
export function compareOperands(op: string, l: Typed, r: Typed): string {
  if (isExact(l.type) && isExact(r.type)) return compareExact(op, l, r);
  const common = commonType(l.type, r.type);
  if (!common) throw operandsNotCompatible(op);
  if (isText(common)) return `(${comparableText(l)} ${op} ${comparableText(r)})`;
  if (isBytes(common)) {
    const wide = varbinary(Math.max(l.type.length, r.type.length));
    return `(${convert(l, wide).sql} ${op} ${convert(r, wide).sql})`;
  }
  const [a, b] = [convert(l, common), convert(r, common)];
  if (repOf(common) !== 'decfloat') return `(${a.sql} ${op} ${b.sql})`;
  if (op.startsWith('IS')) return `(df_key(${a.sql}) ${op} df_key(${b.sql}))`;
  return `(df_cmp(${a.sql}, ${b.sql}) ${op} 0)`;
}

/** Integers stay integers where both fit; above 18 digits the order-preserving texts are compared. */
function compareExact(op: string, l: Typed, r: Typed): string {
  const scale = Math.max(l.type.scale, r.type.scale);
  if (repOf(l.type) === 'int' && repOf(r.type) === 'int' && fits(l, scale) && fits(r, scale)) {
    return `(${shifted(l, scale)} ${op} ${shifted(r, scale)})`;
  }
  const whole = Math.max(digitsOf(l.type) - l.type.scale, digitsOf(r.type) - r.type.scale);
  // One side's own width, when it holds the other, keeps that column's index usable.
  const digits = Math.min(MAX_DIGITS_WIDE, Math.max(whole + scale, INT_DIGITS + 1));
  return `(${widened(l, digits, scale)} ${op} ${widened(r, digits, scale)})`;
}

function fits(e: Typed, scale: number): boolean {
  const shift = scale - e.type.scale;
  return shift === 0 || digitsOf(e.type) + shift <= INT_DIGITS || (e.literal !== undefined && shift < 10);
}

function shifted(e: Typed, scale: number): string {
  const shift = scale - e.type.scale;
  if (shift === 0) return e.sql;
  const factor = 10n ** BigInt(shift);
  return e.literal === undefined ? `(${e.sql} * ${factor})` : (e.literal * factor).toString();
}

function widened(e: Typed, digits: number, scale: number): string {
  const target = decimal(digits, scale);
  if (e.literal !== undefined) return quoteText(bigText(e.literal * 10n ** BigInt(scale - e.type.scale), digits));
  if (repOf(e.type) === 'big' && e.type.length === digits && e.type.scale === scale) return e.sql;
  return `d_conv(${e.sql}, ${e.type.scale}, ${target.length}, ${scale})`;
}
