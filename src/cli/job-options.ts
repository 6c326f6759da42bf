/** Options that `backfill` and `reconcile` share: a table, whole numbers, and what is wrong with them. */
import type { Config } from '../config/config';
import { findTable } from '../config/find-table';
import { CodedError } from '../errors/coded-error';
import { formatName, parseName } from '../model/position';

/** One spelling for one table, the configuration's where it has it: a wish is found again by its text when it is resumed. */
export function tableText(text: string, config: Config): string {
  const table = findTable(config, text)?.table ?? parseName(text);
  if (!table) throw usage(`--table is "${text}"; expected LIB/TABLE`);
  return formatName(table);
}

/** @throws CodedError USAGE */
export function whole(flag: string, text: string, min: number, max: number): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < min || n > max) throw usage(`${flag} is "${text}"; expected ${min} to ${max}`);
  return n;
}

export function usage(message: string, next?: string): CodedError {
  return new CodedError({ code: 'USAGE', message, ...(next ? { next } : {}) });
}
