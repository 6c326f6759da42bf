/** Which legacy fields are compiled in place, and where the parts of their forms stand. */
import type { LegacyDate, LegacyMeaning } from '../../model/record-format';
import type { Field } from '../layout/layout';
import { UNROLLED_PACKED, UNROLLED_ZONED } from '../write/decimal-source';
import type { LegacyParts } from '../write/plan-step';
import { DEFAULT_PIVOT, LEGACY_DIGITS, legacyDateNumber, legacyTimeNumber } from './legacy';
import { sentinelsOf } from './sentinels';

const DATE_PARTS: Partial<
  Record<LegacyDate, Pick<LegacyParts, 'centuryDigits' | 'century' | 'year' | 'month' | 'day'>>
> = {
  cyymmdd: { centuryDigits: 1, century: 0, year: 1, month: 3, day: 5 },
  cmmddyy: { centuryDigits: 1, century: 0, month: 1, day: 3, year: 5 },
  cddmmyy: { centuryDigits: 1, century: 0, day: 1, month: 3, year: 5 },
  yymmdd: { centuryDigits: 0, century: -1, year: 0, month: 2, day: 4 },
  mmddyy: { centuryDigits: 0, century: -1, month: 0, day: 2, year: 4 },
  ddmmyy: { centuryDigits: 0, century: -1, day: 0, month: 2, year: 4 },
  ccyymmdd: { centuryDigits: 2, century: 0, year: 2, month: 4, day: 6 },
  mmddccyy: { centuryDigits: 2, month: 0, day: 2, century: 4, year: 6 },
  ddmmccyy: { centuryDigits: 2, day: 0, month: 2, century: 4, year: 6 },
};

/** The parts of a form that is compiled in place, or null: other types, day-of-year forms, sentinels that are real dates. */
export function legacyParts(field: Field, meaning: LegacyMeaning): LegacyParts | null {
  const unrolled =
    field.kind === 'packed' ? field.width <= UNROLLED_PACKED : field.kind === 'zoned' && field.width <= UNROLLED_ZONED;
  const form = meaning.date ?? meaning.time;
  if (!unrolled || form === undefined || field.column.scale !== 0) return null;
  const digits = LEGACY_DIGITS[form];
  if ((field.kind === 'packed' ? field.width * 2 - 1 : field.width) < digits) return null;
  const pivot = meaning.pivot ?? DEFAULT_PIVOT;
  const isReal = (value: number): boolean =>
    value >= 0 &&
    (meaning.date === undefined
      ? legacyTimeNumber(meaning.time!, value)
      : legacyDateNumber(meaning.date, value, pivot)) >= 0;
  if (sentinelsOf(meaning, field).numbers.some(isReal)) return null;
  if (meaning.date === undefined)
    return { is: 'time', digits, centuryDigits: 0, century: -1, year: -1, month: -1, day: -1, pivot };
  const parts = DATE_PARTS[meaning.date];
  return parts === undefined ? null : { is: 'date', digits, pivot, ...parts };
}
