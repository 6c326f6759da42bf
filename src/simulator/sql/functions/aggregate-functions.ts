/** Column functions SQLite has not: exact sums and averages, DECFLOAT ones, variance. */

import { pow10 } from '../types/decimal';
import { type Raw, targetForm, targetScale, unscaled } from '../types/exact-form';
import { DECFLOAT_FUNCTIONS } from './decfloat-functions';

interface ExactState {
  sum: bigint;
  count: bigint;
  scale: number;
  target: Raw;
  /** Values so far where each counts once: SQLite knows DISTINCT of one argument alone. */
  readonly seen: Set<string> | null;
}

/** A user-defined aggregate as better-sqlite3 takes it; every step gets (value, scale, target). */
export interface AggregateDefinition<T> {
  readonly start: () => T;
  readonly step: (state: T, ...args: Raw[]) => T;
  readonly inverse?: (state: T, ...args: Raw[]) => T;
  readonly result: (state: T) => Raw;
}

function exact(finish: (s: ExactState) => bigint, distinct = false): AggregateDefinition<ExactState> {
  const move = (s: ExactState, sign: bigint, [x, scale, target]: Raw[]): ExactState => {
    if (x === null || x === undefined || s.seen?.has(String(x))) return s;
    s.seen?.add(String(x));
    s.sum += sign * unscaled(x);
    s.count += sign;
    s.scale = Number(scale);
    s.target = target!;
    return s;
  };
  return {
    start: () => ({ sum: 0n, count: 0n, scale: 0, target: 0n, seen: distinct ? new Set() : null }),
    step: (s, ...args) => move(s, 1n, args),
    inverse: (s, ...args) => move(s, -1n, args),
    result: (s) => {
      if (s.count === 0n) return null;
      return targetForm(finish(s), s.target);
    },
  };
}

function average(s: ExactState): bigint {
  const shift = targetScale(s.target) - s.scale;
  return shift >= 0 ? (s.sum * pow10(shift)) / s.count : s.sum / s.count / pow10(-shift);
}

interface DecfloatState {
  value: string | null;
  count: number;
}

function decfloat(
  combine: (a: string, b: string) => string,
  finish: (value: string, count: number) => string = (v) => v,
): AggregateDefinition<DecfloatState> {
  return {
    start: () => ({ value: null, count: 0 }),
    step: (s, x) => {
      if (x === null || x === undefined) return s;
      s.value = s.value === null ? String(x) : combine(s.value, String(x));
      s.count++;
      return s;
    },
    result: (s) => (s.value === null ? null : finish(s.value, s.count)),
  };
}

const calc = (op: string, a: string, b: string) => String(DECFLOAT_FUNCTIONS['df_calc']!(op, a, b));
const before = (a: string, b: string) => Number(DECFLOAT_FUNCTIONS['df_cmp']!(a, b)) < 0;

interface Moments {
  n: number;
  mean: number;
  m2: number;
}

function moments(finish: (variance: number) => number): AggregateDefinition<Moments> {
  return {
    start: () => ({ n: 0, mean: 0, m2: 0 }),
    step: (s, x) => {
      if (x === null || x === undefined) return s;
      s.n++;
      const delta = Number(x) - s.mean;
      s.mean += delta / s.n;
      s.m2 += delta * (Number(x) - s.mean);
      return s;
    },
    result: (s) => (s.n === 0 ? null : finish(s.m2 / s.n)),
  };
}

export const EXACT_AGGREGATES = {
  d_sum: exact((s) => s.sum),
  d_avg: exact(average),
  d_sum_distinct: exact((s) => s.sum, true),
  d_avg_distinct: exact(average, true),
};

export const DECFLOAT_AGGREGATES = {
  df_sum: decfloat((a, b) => calc('+', a, b)),
  df_avg: decfloat(
    (a, b) => calc('+', a, b),
    (v, n) => calc('/', v, String(n)),
  ),
  df_min: decfloat((a, b) => (before(b, a) ? b : a)),
  df_max: decfloat((a, b) => (before(a, b) ? b : a)),
};

export const REAL_AGGREGATES = {
  r_variance: moments((v) => v),
  r_stddev: moments(Math.sqrt),
};
