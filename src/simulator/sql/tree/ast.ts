/**
 * The parser's tree, read defensively: nodes are plain JSON, an enum is `"Name"` or `{"Name": payload}`.
 * Everything above this file asks through these helpers and never trusts a shape.
 */
import { SqlFailure } from '../../sql-session';
import { tokenNotValid, unsupported } from '../failures';

/** The package's typings describe its ESM build only, so the CommonJS one is asked for by name. */
const parser = require('@guanmingchiu/sqlparser-ts') as {
  readonly init: () => Promise<void>;
  readonly parse: (sql: string, dialect: string) => readonly unknown[];
};

export type Node = null | boolean | number | string | readonly Node[] | { readonly [key: string]: Node };

/** Loads the parser once per process; must be awaited before {@link parseStatement}. */
export async function loadParser(): Promise<void> {
  await parser.init();
}

/** One statement; refusals of the parser become SQL0104. */
export function parseStatement(sql: string): Node {
  let statements: readonly unknown[];
  try {
    statements = parser.parse(sql, 'generic');
  } catch (error) {
    throw syntaxFailure(error instanceof Error ? error.message : String(error));
  }
  if (statements.length !== 1) throw tokenNotValid(';', '<END-OF-STATEMENT>');
  return statements[0] as Node;
}

function syntaxFailure(message: string): SqlFailure {
  const m = /Expected:? (.*?), found: (.*?)(?: at Line: \d+, Column: \d+)?\.?$/s.exec(message);
  if (!m) return new SqlFailure(-104, '42601', 'Token *N was not valid. Valid tokens: *N.', ['*N', '*N'], message);
  const found = m[2] === 'EOF' ? '<END-OF-STATEMENT>' : m[2]!.replace(/^"|"$/g, '');
  return tokenNotValid(found, m[1]);
}

/** `["Kind", payload]` of an enum node. */
export function variant(node: Node): readonly [string, Node] {
  if (typeof node === 'string') return [node, null];
  if (node !== null && typeof node === 'object' && !Array.isArray(node)) {
    const [entry] = Object.entries(node as { readonly [key: string]: Node });
    if (entry) return entry;
  }
  throw unsupported('this form of statement');
}

export function get(node: Node, ...path: readonly (string | number)[]): Node {
  let at: Node = node;
  for (const key of path) {
    if (at === null || typeof at !== 'object') return null;
    at = (at as { readonly [key: string]: Node })[key as string] ?? null;
  }
  return at;
}

export function list(node: Node, ...path: readonly (string | number)[]): readonly Node[] {
  const value = get(node, ...path);
  return Array.isArray(value) ? value : [];
}

export function has(node: Node, key: string): boolean {
  return get(node, key) !== null;
}

/** An identifier as Db2 sees it: upper case unless it was quoted. */
export function identifier(node: Node): string {
  const value = String(get(node, 'value') ?? '');
  return get(node, 'quote_style') === null ? value.toUpperCase() : value;
}

/** `LIB.NAME` parts of an object name, outermost first. */
export function nameParts(node: Node): string[] {
  return (Array.isArray(node) ? node : []).map((part) => identifier(get(part, 'Identifier')));
}
