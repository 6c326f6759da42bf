/** A long range of days in a form that does not sort by time: the digits are put in order by the server. Reads the whole table. */
import type { ColumnFormat, LegacyMeaning } from '../model/record-format';
import { DEFAULT_PIVOT, LEGACY_DIGITS } from '../record/legacy/legacy';
import { legacyText } from '../record/legacy/legacy-encode';
import type { SqlValue } from '../transport/transport';

type Part = 'ccyy' | 'c' | 'yy' | 'mm' | 'dd' | 'ddd';

/** Null for types whose digits cannot be had. */
export function sortedDate(
  column: string,
  format: ColumnFormat,
  meaning: LegacyMeaning,
  range: { readonly from: string; readonly to: string },
): RangePredicate | null {
  const form = meaning.date!;
  const at = digitsOf(column, format, LEGACY_DIGITS[form]);
  if (at === null) return null;
  const places = new Map<Part, readonly [number, number]>();
  let place = 0;
  for (const part of form.match(/ccyy|c|yy|mm|ddd|dd/g) as Part[]) {
    places.set(part, [place, part.length]);
    place += part.length;
  }
  const text = (part: Part): string => at(...places.get(part)!);
  const year = places.has('ccyy')
    ? text('ccyy')
    : `${century(places.has('c') ? text('c') : null, text('yy'), meaning)} CONCAT ${text('yy')}`;
  const ordinal = places.has('ddd');
  const day = ordinal ? text('ddd') : `${text('mm')} CONCAT ${text('dd')}`;
  // zeros and other fillers are no dates, though they lie between some
  const real = ordinal
    ? `${text('ddd')} BETWEEN '001' AND '366'`
    : `${text('mm')} BETWEEN '01' AND '12' AND ${text('dd')} BETWEEN '01' AND '31'`;
  const bound = (iso: string): string => legacyText({ date: ordinal ? 'ccyyddd' : 'ccyymmdd' }, iso);
  return {
    sql: `${real} AND ${year} CONCAT ${day} BETWEEN ? AND ?`,
    params: [bound(range.from), bound(range.to)],
  };
}

function century(c: string | null, yy: string, meaning: LegacyMeaning): string {
  if (c === null) {
    const first = meaning.pivot ?? DEFAULT_PIVOT;
    if (first > 99) return "'20'";
    const pivot = String(first).padStart(2, '0');
    return `CASE WHEN ${yy} >= '${pivot}' THEN '19' ELSE '20' END`;
  }
  const cases = Array.from({ length: 10 }, (_, i) => `WHEN ${c} = '${i}' THEN '${19 + i}'`);
  return `CASE ${cases.join(' ')} ELSE '00' END`;
}

/** SQL of some of the last `count` digits of a column. */
function digitsOf(
  column: string,
  format: ColumnFormat,
  count: number,
): ((from: number, length: number) => string) | null {
  const { type, length, scale } = format;
  if (type === 'CHAR' || type === 'VARCHAR')
    return (from, size) => `SUBSTR(CAST(${column} AS CHAR(${count})), ${from + 1}, ${size})`;
  const width = type === 'DECIMAL' || type === 'NUMERIC' ? length : type === 'INTEGER' ? 10 : null;
  if (width === null || scale !== 0 || width < count) return null;
  return (from, size) => `SUBSTR(DIGITS(${column}), ${width - count + from + 1}, ${size})`;
}

export interface RangePredicate {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}
