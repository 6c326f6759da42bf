/** One finding of `doctor` or `plan`: what was seen, and the exact CL or SQL that mends it. */

export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly area: 'network' | 'sign-on' | 'server' | 'journal' | 'receiver' | 'table' | 'window' | 'state';
  /** Journal, table, host and port... */
  readonly subject: string;
  readonly text: string;
  /** CL, SQL or YAML to type; null when there is nothing to do. */
  readonly fix: string | null;
}

export function finding(
  level: Finding['level'],
  area: Finding['area'],
  subject: string,
  text: string,
  fix: string | null = null,
): Finding {
  return { level, area, subject, text, fix };
}
