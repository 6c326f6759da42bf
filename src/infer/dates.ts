/**
 * Dates, times and timestamps in number and text fields. The forms overlap (150323 is a day in three of them), so every form is
 * tried over all values, and of those that fit alike the one is taken whose days lie closer together and cover the month better:
 * read in a wrong order, a year stands where the day should, and there are fewer years than days.
 */

import { LEGACY_TIMESTAMPS, type LegacyDate } from '../model/record-format';
import {
  DEFAULT_PIVOT,
  dateOfTimestamp,
  LEGACY_DIGITS,
  legacyDateNumber,
  legacyTimeNumber,
} from '../record/legacy/legacy';
import { hints, type Named } from './hints';
import { CLAIM, type DateGuess, ENOUGH, grouped, percent, type TimeGuess, type TimestampGuess } from './model';
import { fitting, total } from './tally';

/** Numbers of a column and how often each is there. */
export type Numbers = ReadonlyMap<number, number>;

/** Years a business file speaks of. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2150;

/** Forms recognised by their length and century first: of equals the earlier one is meant. */
const ORDER: readonly LegacyDate[] = [
  'cyymmdd',
  'ccyymmdd',
  'yymmdd',
  'ddmmyy',
  'mmddyy',
  'ddmmccyy',
  'mmddccyy',
  'cddmmyy',
  'cmmddyy',
  'ccyyddd',
  'cyyddd',
  'yyddd',
];

interface Fit {
  readonly form: LegacyDate;
  readonly share: number;
  /** yyyymmdd and how often. */
  readonly days: ReadonlyMap<number, number>;
  readonly pivot: number;
}

/** @param digits that the field can hold */
export function guessDate(numbers: Numbers, digits: number, named: Named): DateGuess | null {
  const special = specialValues(numbers, digits);
  const real = new Map([...numbers].filter(([n]) => !special.includes(n)));
  const count = sum(real);
  const saysDate = hints('date', named);
  if (count === 0 || (!saysDate && hints('number', named)) || real.size < (saysDate ? 2 : ENOUGH)) return null;
  const fits = ORDER.filter((form) => LEGACY_DIGITS[form] <= digits && wide(real, form, count))
    .map((form) => fitOf(form, real, count))
    .filter((fit) => fit.share >= CLAIM);
  const best = bestOf(fits);
  if (best === null || !(saysDate || byItself(best, real, digits))) return null;
  return describe(best, numbers, special, fits.length > 1 ? fits.filter((f) => f !== best) : []);
}

/** Zero, and nines to the end of the field or of a shorter form: what programs write for "no date". */
function specialValues(numbers: Numbers, digits: number): number[] {
  const nines = [99999, 999999, 9999999, 99999999, 10 ** digits - 1];
  return [...numbers.keys()].filter((n) => n === 0 || nines.includes(n)).sort((a, b) => a - b);
}

/** Most values must fill the form: 1 to 366 are days of the year 2000 in two of them, and no dates. */
function wide(real: Numbers, form: LegacyDate, count: number): boolean {
  const least = 10 ** (LEGACY_DIGITS[form] - 2);
  return sumOf(real, (n) => n >= least) >= count / 2;
}

function fitOf(form: LegacyDate, real: Numbers, count: number): Fit {
  const century = form.startsWith('c');
  const pivot = century || form.includes('ccyy') ? DEFAULT_PIVOT : pivotOf(form, real);
  const days = new Map<number, number>();
  let fitting = 0;
  for (const [n, times] of real) {
    const day = n < 0 ? -1 : legacyDateNumber(form, n, pivot);
    const year = Math.floor(day / 10_000);
    if (day < 0 || year < FIRST_YEAR || year > LAST_YEAR) continue;
    days.set(day, (days.get(day) ?? 0) + times);
    fitting += times;
  }
  return { form, share: fitting / count, days, pivot };
}

/** The default where no year speaks against it: years that go on over 39/40 would jump a century there. */
function pivotOf(form: LegacyDate, real: Numbers): number {
  const years = new Set<number>();
  for (const n of real.keys()) {
    const day = n < 0 ? -1 : legacyDateNumber(form, n, DEFAULT_PIVOT);
    if (day > 0) years.add(Math.floor(day / 10_000) % 100);
  }
  if (years.size === 0 || !(years.has(DEFAULT_PIVOT - 1) && years.has(DEFAULT_PIVOT))) return DEFAULT_PIVOT;
  let widest = { length: 0, end: DEFAULT_PIVOT };
  for (let start = 0; start < 100; start++) {
    let length = 0;
    while (length < 100 && !years.has((start + length) % 100)) length++;
    if (length > widest.length) widest = { length, end: (start + length) % 100 };
  }
  return widest.end;
}

/** The largest share; of those within half a percent the one whose days are the most like days. */
function bestOf(fits: readonly Fit[]): Fit | null {
  const top = Math.max(0, ...fits.map((f) => f.share));
  const near = fits.filter((f) => f.share >= top - 0.005);
  let best: Fit | null = null;
  for (const fit of near) if (best === null || likeness(fit) > likeness(best) + 1e-9) best = fit;
  return best;
}

/** Forms whose likeness differs less than this are both possible, and the evidence says so. */
const CLOSE = 0.15;

/** Share of the days of a month that occur, less what the spread over the years costs. */
function likeness(fit: Fit): number {
  const sorted = [...fit.days.keys()].sort((a, b) => a - b);
  const at = (share: number): number => Math.floor(sorted[Math.floor((sorted.length - 1) * share)]! / 10_000);
  const years = at(0.95) - at(0.05);
  const covered = new Set(sorted.map((d) => d % 100)).size / Math.min(31, sorted.length);
  return covered - years / 100;
}

/** Days of a file in use: the middle one is no older than this year. */
const LIVING_YEAR = 1980;

/** A run of numbers without gaps is a counter. */
const DENSE = 0.8;

/** Without a name that says date: enough different days of our time, with gaps between, that chance does not give. */
function byItself(fit: Fit, real: Numbers, digits: number): boolean {
  const spare = digits - LEGACY_DIGITS[fit.form];
  const sorted = [...fit.days.keys()].sort((a, b) => a - b);
  const middle = Math.floor(sorted[Math.floor(sorted.length / 2)]! / 10_000);
  const numbers = [...real.keys()].sort((a, b) => a - b);
  const dense = numbers.length / (numbers.at(-1)! - numbers[0]! + 1);
  return (
    fit.share >= 0.99 &&
    fit.days.size >= ENOUGH &&
    spare <= 1 &&
    middle >= LIVING_YEAR &&
    middle <= new Date().getUTCFullYear() + 5 &&
    dense < DENSE
  );
}

function describe(fit: Fit, numbers: Numbers, special: readonly number[], others: readonly Fit[]): DateGuess {
  const all = sum(numbers);
  const dates = sum(fit.days);
  const sorted = [...fit.days.keys()].sort((a, b) => a - b);
  const first = iso(sorted[0]!);
  const last = iso(sorted.at(-1)!);
  const rest = special.map((n) => `${grouped(numbers.get(n)!)} are ${n}`);
  const odd = all - dates - special.reduce((s, n) => s + numbers.get(n)!, 0);
  if (odd > 0) rest.push(`${grouped(odd)} are no dates`);
  const rival = others.find((o) => o.share >= fit.share - 0.005 && likeness(o) >= likeness(fit) - CLOSE);
  return {
    kind: 'date',
    form: fit.form,
    pivot: fit.pivot === DEFAULT_PIVOT ? null : fit.pivot,
    sentinels: special,
    first,
    last,
    share: fit.share,
    evidence: `${percent(dates, all)} of ${grouped(all)} rows are dates ${first} to ${last}${rest.length > 0 ? `, ${rest.join(', ')}` : ''}${rival ? `; ${rival.form} would fit too` : ''}`,
  };
}

/** @param digits that the field can hold */
export function guessTimestamp(numbers: ReadonlyMap<string, number>, digits: number): TimestampGuess | null {
  const special = [...numbers.keys()].filter((n) => /^0*$/.test(n) || /^9+$/.test(n));
  const real = new Map([...numbers].filter(([n]) => !special.includes(n)));
  const count = total(real);
  if (count === 0) return null;
  for (const form of LEGACY_TIMESTAMPS) {
    const width = LEGACY_DIGITS[form];
    if (width > digits) continue;
    const good = fitting(real, (text) => isMoment(text, width, dateOfTimestamp(form)));
    if (good / count < CLAIM || real.size < 2) continue;
    return {
      kind: 'timestamp',
      form,
      sentinels: special.map(Number).filter((n) => Number.isSafeInteger(n)),
      share: good / count,
      evidence: `${percent(good, total(numbers))} of ${grouped(total(numbers))} rows are timestamps of the form ${form}`,
    };
  }
  return null;
}

function isMoment(text: string, width: number, form: LegacyDate): boolean {
  if (!/^\d+$/.test(text) || text.length > width || text.length < width - 1) return false;
  const padded = text.padStart(width, '0');
  const day = legacyDateNumber(form, Number(padded.slice(0, -6)), DEFAULT_PIVOT);
  const year = Math.floor(day / 10_000);
  return year >= FIRST_YEAR && year <= LAST_YEAR && legacyTimeNumber('hhmmss', Number(padded.slice(-6))) >= 0;
}

/**
 * A name or label must say time: small numbers are times of the first hour.
 * @param digits that the field can hold
 */
export function guessTime(numbers: Numbers, digits: number, named: Named): TimeGuess | null {
  const count = sum(numbers);
  if (count === 0 || !hints('time', named) || numbers.size < 2) return null;
  const forms = digits >= 6 ? (['hhmmss', 'hhmm'] as const) : digits >= 4 ? (['hhmm'] as const) : [];
  for (const form of forms) {
    const least = form === 'hhmmss' ? 10_000 : 100;
    const filled = sumOf(numbers, (n) => n >= least);
    const good = sumOf(numbers, (n) => n >= 0 && legacyTimeNumber(form, n) >= 0);
    const nonZero = count - (numbers.get(0) ?? 0);
    if (good / count < CLAIM || filled < nonZero / 2 || nonZero === 0) continue;
    return {
      kind: 'time',
      form,
      share: good / count,
      evidence: `${percent(good, count)} of ${grouped(count)} rows are times of the form ${form}`,
    };
  }
  return null;
}

function sum(numbers: Numbers): number {
  return sumOf(numbers, () => true);
}

function sumOf(numbers: Numbers, wanted: (n: number) => boolean): number {
  let all = 0;
  for (const [n, times] of numbers) if (wanted(n)) all += times;
  return all;
}

function iso(day: number): string {
  const text = String(day).padStart(8, '0');
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}
