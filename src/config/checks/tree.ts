/** The configuration as written, before its form is checked: parts of the wrong shape are passed over, the schema speaks of those. */
import type { FindingCode } from '../../errors/codes/findings';
import type { Finding } from '../issue';

export type Path = readonly (string | number)[];
export type ConfigTree = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): ConfigTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ConfigTree) : {};
}

/** The value at the end of `path`, an object or an empty one. */
export function objectAt(tree: ConfigTree, ...path: readonly string[]): ConfigTree {
  return path.reduce((node, key) => objectOf(node[key]), tree);
}

export function error(
  code: FindingCode,
  path: Path,
  at: 'key' | 'value',
  seen: string | null,
  expected: string,
): Finding {
  return { severity: 'error', code, path, at, seen, expected, suggestion: null };
}

export function missing(path: Path, expected: string): Finding {
  return error('CFG_MISSING', path, 'key', null, expected);
}

export function warning(code: FindingCode, path: Path, seen: string, expected: string): Finding {
  return { severity: 'warning', code, path, at: 'value', seen, expected, suggestion: null };
}
