/** One finding about the configuration: where, what was seen, what was expected. */
import type { FindingCode } from '../errors/codes/findings';
export interface ConfigIssue {
  /** Errors stop the daemon; warnings and lint findings matter to `validate --strict`. */
  readonly severity: 'error' | 'warning';
  /** Stable: `CFG_UNKNOWN_KEY`, `CFG_VALUE`, `CFG_MISSING`, `CFG_YAML`, `CFG_REFERENCE`, `CFG_LINT_...`. */
  readonly code: FindingCode;
  /** As named by the user. */
  readonly file: string;
  /** 1 upwards. */
  readonly line: number;
  readonly column: number;
  /** `tables.ORDLIB/ORDHDR.columns.ORDDAT.date`; empty for the document itself. */
  readonly path: string;
  /** What stands there, shortened; null where nothing does. Never a secret. */
  readonly seen: string | null;
  readonly expected: string;
  /** Did you mean. */
  readonly suggestion: string | null;
}

/** A finding before its place in the file is known. `key` points at the key of the pair instead of its value. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: FindingCode;
  readonly path: readonly (string | number)[];
  readonly at: 'key' | 'value';
  readonly seen: string | null;
  readonly expected: string;
  readonly suggestion: string | null;
}

/** `ibmi-cdc.yaml:12:7: tables.ORDLIB/ORDHDR.colums: unknown key; expected one of ...; did you mean "columns"?` */
export function formatIssue(issue: ConfigIssue): string {
  const place = `${issue.file}:${issue.line}:${issue.column}`;
  const what = issue.seen === null ? 'nothing here' : `saw ${issue.seen}`;
  const hint = issue.suggestion === null ? '' : `; did you mean "${issue.suggestion}"?`;
  const path = issue.path === '' ? '(document)' : issue.path;
  return `${place}: ${issue.severity}: ${path}: ${what}, ${issue.expected}${hint}`;
}

/** Path as text; a key with a dot or bracket is quoted so that the path can be read back. */
export function formatPath(path: readonly (string | number)[]): string {
  let out = '';
  for (const part of path) {
    if (typeof part === 'number') out += `[${part}]`;
    else if (/[.[\]"\s]/.test(part)) out += `[${JSON.stringify(part)}]`;
    else out += out === '' ? part : `.${part}`;
  }
  return out;
}
