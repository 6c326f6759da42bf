/** Resolves `${env:..}`, `${file:..}` and `${command:..}` in the parsed YAML, except where a secret stands: those stay references. */
import type { Finding } from './issue';
import { formatPath } from './issue';
import {
  hasReference,
  type ReferenceFault,
  type References,
  shownReference,
  withoutReferences,
} from './lookup/references';
import { Secret, type SecretForm } from './secret';

type Path = readonly (string | number)[];

const SECRET_NAMES = new Set([
  'password',
  'secret',
  'previousSecret',
  'privateKey',
  'previousPrivateKey',
  'token',
  'clientSecret',
  'passphrase',
  'connectionString',
]);

/** Places of secrets, by name or by what stands around them. test/config holds this list against the schema. */
export function isSecretPath(path: Path): boolean {
  const name = String(path.at(-1));
  const parent = String(path.at(-2));
  if (path[0] === 'tables') return name === 'key' && path.includes('mask');
  if (SECRET_NAMES.has(name)) return true;
  // whoever knows the address of such a channel may write there
  if (path[0] === 'alerts')
    return name === 'routingKey' || (name === 'url' && (parent === 'slack' || parent === 'teams'));
  // text where an object should be is refused, and may be the secret
  if (parent === 'auth') return true;
  if (name === 'value') return parent === 'apiKey' || parent === 'bodyToken';
  if (name === 'key') return parent === 'encryption';
  return parent === 'headers' && path.includes('webhook');
}

interface ResolvedTree {
  readonly tree: unknown;
  /** Paths whose text came out of a reference: shown as written, never by value. */
  readonly written: ReadonlyMap<string, string>;
  /** Paths whose reference leads nowhere; the reference itself is left in place. */
  readonly faults: readonly {
    readonly path: Path;
    readonly fault: ReferenceFault;
    /** False where the value is only not known here. */
    readonly reported: boolean;
  }[];
}

export function resolveTree(tree: unknown, references: References): ResolvedTree {
  const written = new Map<string, string>();
  const faults: { path: Path; fault: ReferenceFault; reported: boolean }[] = [];
  const visit = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((v, i) => visit(v, [...path, i]));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, visit(v, [...path, k])]));
    }
    if (typeof value !== 'string' || !hasReference(value) || isSecretPath(path)) return value;
    const r = references.resolve(value);
    if (!r.ok) faults.push({ path, fault: r.fault, reported: !references.isUnknown(value) });
    written.set(formatPath(path), shownReference(value));
    return r.ok ? r.value : value;
  };
  return { tree: visit(tree, []), written, faults };
}

/**
 * Gives every secret below `value` its place. Plain objects and arrays are rebuilt, anything else is kept.
 * @param formOf what a later value of the secret at a path must be
 */
export function bindSecrets<T>(
  value: T,
  references: References,
  formOf: (path: Path) => SecretForm,
  path: Path = [],
): T {
  const inner = (v: unknown, part: string | number): unknown => bindSecrets(v, references, formOf, [...path, part]);
  if (value instanceof Secret) return value.bind({ references, path: formatPath(path), form: formOf(path) }) as T;
  if (Array.isArray(value)) return value.map(inner) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, inner(v, k)])) as T;
  }
  return value;
}

/** Every text at the place of a secret, whatever else is wrong with the configuration. */
export function writtenSecrets(
  tree: unknown,
  references: References,
  formOf: (path: Path) => SecretForm,
): { readonly secret: Secret; readonly path: Path }[] {
  const found: { secret: Secret; path: Path }[] = [];
  eachText(tree, (text, path) => {
    if (text === '' || !isSecretPath(path)) return;
    const secret = Secret.unbound(text).bind({ references, path: formatPath(path), form: formOf(path) });
    found.push({ secret, path });
  });
  return found;
}

/** What looks like a reference and is none: a misspelt one would be sent as it stands there. */
export function strayFindings(tree: unknown): Finding[] {
  const findings: Finding[] = [];
  eachText(tree, (text, path) => {
    const rest = withoutReferences(text);
    // ${table} of a topic is a field, and a table's texts may have any
    const own = path.at(-1) === 'topic' || (path[0] === 'tables' && !isSecretPath(path));
    if (!(own ? /\$\{(env|file|command):/ : /\$\{/).test(rest)) return;
    findings.push({
      severity: 'error',
      code: 'CFG_REFERENCE',
      path,
      at: 'value',
      seen: isSecretPath(path) ? '[secret]' : JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text),
      expected: 'expected ${env:NAME}, ${file:path} or ${command:program ...}; $${ stands for a literal ${',
      suggestion: null,
    });
  });
  return findings;
}

function eachText(value: unknown, visit: (text: string, path: Path) => void, path: Path = []): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value)) for (const [i, v] of value.entries()) eachText(v, visit, [...path, i]);
  else if (typeof value === 'object' && value !== null) {
    for (const [k, v] of Object.entries(value)) eachText(v, visit, [...path, k]);
  }
}

export function eachSecret(value: unknown, visit: (secret: Secret, path: Path) => void, path: Path = []): void {
  if (value instanceof Secret) visit(value, path);
  else if (Array.isArray(value)) for (const [i, v] of value.entries()) eachSecret(v, visit, [...path, i]);
  else if (typeof value === 'object' && value !== null) {
    for (const [k, v] of Object.entries(value)) eachSecret(v, visit, [...path, k]);
  }
}

export function referenceFinding(path: Path, fault: ReferenceFault, severity: 'error' | 'warning'): Finding {
  return {
    severity,
    code: 'CFG_REFERENCE',
    path,
    at: 'value',
    seen: `${fault.reference}: ${fault.problem}`,
    expected: 'expected a reference that leads somewhere',
    suggestion: null,
  };
}
