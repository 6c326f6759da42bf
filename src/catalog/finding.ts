/** One finding of `doctor` or `plan`: what was seen, and the exact CL or SQL that mends it. */
import { CHECK_FINDINGS, type CheckCode, type CheckEntry } from '../errors/codes/findings';

export interface CheckFinding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly area: CheckEntry['area'];
  /** Journal, table, host and port... */
  readonly subject: string;
  readonly text: string;
  /** CL, SQL or YAML to type; null when there is nothing to do. */
  readonly fix: string | null;
  /** Explained in docs/reference/errors.md; null where a check has passed. */
  readonly code: CheckCode | null;
}

/** Level and area follow from the code. */
export function finding(code: CheckCode, subject: string, text: string, fix: string | null = null): CheckFinding {
  const { level, area } = CHECK_FINDINGS[code];
  return { level, area, subject, text, fix, code };
}

/** A check that found nothing to mend. */
export function passed(area: CheckEntry['area'], subject: string, text: string): CheckFinding {
  return { level: 'ok', area, subject, text, fix: null, code: null };
}
