/** YAML file to Config: parse, resolve references, check everything, normalise, freeze. Reports every error at once. */
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { CodedError } from '../errors/coded-error';
import { FileFault, readTextFile } from '../files/text-file';
import type { TableRules } from '../map/options';
import { crossChecks } from './checks/cross-checks';
import { pemChecks } from './checks/pem';
import type { TablePaths } from './checks/table-paths';
import type { Config } from './config';
import { findingsOf, type KnownKeys, noteKnownKeys, valueAt } from './findings';
import { type ConfigIssue, type Finding, formatIssue, formatPath } from './issue';
import { keyFinding, secretForm } from './key-forms';
import { lint } from './lint';
import { COMMAND_DEFAULTS, type CommandOptions } from './lookup/command';
import { References } from './lookup/references';
import { normalise } from './normalise';
import { bindSecrets, isSecretPath, referenceFinding, resolveTree, strayFindings, writtenSecrets } from './references';
import { commandsSchema } from './schema/partition';
import { rootPosition } from './schema/position';
import { rootSchema, rootWithoutTables } from './schema/root';
import { Secret } from './secret';
import { inFileOrder, type YamlError, YamlSource } from './yaml/source';
import type { Tree } from './yaml/tree';

/** Several thousand tables. */
const MAX_CONFIG_BYTES = 8 << 20;

type Path = readonly (string | number)[];

/** Something wrong inside a rule that only the mapping compiler can see: an expression, a template. */
interface RuleFault {
  /** Index in `TableMapping.rules`; null for the table itself. */
  readonly rule: number | null;
  /** Below the rule, such as `['expressions', 'total']`. */
  readonly path: Path;
  readonly seen: string;
  readonly expected: string;
  /** Default error. */
  readonly severity?: 'error' | 'warning';
}

export interface LoadOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * `require` (default): a reference that leads nowhere is an error. `check`: a warning, as the environment may be another
   * one; the value is then the reference as written, and programs are not run. `tolerate`: as `check`, and a key that
   * cannot be one is a warning, too: for commands that need none.
   */
  readonly references?: 'require' | 'check' | 'tolerate';
  /** Member of `profiles` that is laid over the rest. */
  readonly profile?: string | undefined;
  /** `optional`: a configuration without tables is right. Default `require`. */
  readonly tables?: 'require' | 'optional';
  /** Checks of the mapping stage, handed in by the command line so that config needs no stage. */
  readonly checkMapping?: (table: TableRules) => readonly RuleFault[];
}

export interface LoadResult {
  /** Null when there are errors. */
  readonly config: Config | null;
  /** In file order. */
  readonly issues: readonly ConfigIssue[];
}

/**
 * Reads a configuration.
 * @throws CodedError `CONFIG_READ` or `CONFIG_INVALID`, family config; the latter lists every error in its message
 */
export function loadConfig(file: string, options: LoadOptions): Config {
  const { config, issues } = checkConfig(file, options);
  if (config) return config;
  const errors = issues.filter((i) => i.severity === 'error');
  throw new CodedError({
    code: 'CONFIG_INVALID',
    message: `${file} has ${errors.length} error${errors.length === 1 ? '' : 's'}:\n${errors.map((e) => `  ${formatIssue(e)}`).join('\n')}`,
    next: `correct them and run: ibmi-cdc validate -c ${file}`,
    facts: { file, errors: errors.length },
  });
}

/** Like {@link loadConfig}, but hands back what it found. @throws CodedError `CONFIG_READ` when there is no such file */
export function checkConfig(file: string, options: LoadOptions): LoadResult {
  const path = resolve(file);
  try {
    return checkText(readTextFile(path, MAX_CONFIG_BYTES), file, path, options);
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    const { place, problem } = error;
    if (place === null) throw notRead(file, error);
    const issue = {
      severity: 'error',
      code: 'CFG_ENCODING',
      path: '',
      seen: `a file that ${problem.replace(/ \(.*|, expected .*/, '')}`,
      expected: 'expected UTF-8: save it again as UTF-8',
      suggestion: null,
    } as const;
    return { config: null, issues: [{ ...issue, file, ...place }] };
  }
}

/** Checks YAML text that stands at `path`. */
export function checkText(text: string, file: string, path: string, options: LoadOptions): LoadResult {
  const source = new YamlSource(text, options.profile ?? null);
  const syntax = source.syntaxErrors();
  if (syntax.length > 0) return { config: null, issues: yamlIssues(file, syntax) };
  if (options.profile !== undefined && !source.profiles.includes(options.profile))
    return { config: null, issues: [noProfile(file, options.profile, source)] };
  const tree = source.tree(rootPosition);
  if (syntax.length > 0) return { config: null, issues: yamlIssues(file, syntax) };
  const { config, findings } = check(tree, path, options);
  const issues = inFileOrder(source, findings).map(({ place, path: p, at: _, ...rest }) => ({
    ...rest,
    file,
    ...place,
    path: formatPath(p),
  }));
  return { config: issues.some((i) => i.severity === 'error') ? null : config, issues };
}

function noProfile(file: string, profile: string, source: YamlSource): ConfigIssue {
  return {
    severity: 'error',
    code: 'CFG_PROFILE',
    file,
    ...source.profilesPlace(),
    path: 'profiles',
    seen: `no profile "${profile}"`,
    expected:
      source.profiles.length === 0
        ? 'expected profiles: { NAME: ... } in it'
        : `expected one of ${source.profiles.join(', ')}`,
    suggestion: null,
  };
}

function notRead(file: string, cause: FileFault): CodedError {
  const what =
    cause.code === null
      ? `the configuration ${file} ${cause.problem}`
      : `cannot read the configuration ${file} (${cause.code})`;
  return new CodedError({
    code: 'CONFIG_READ',
    message: cause.code === null ? what : `${what}; expected a YAML file`,
    next: `name another with -c FILE, or write one: ibmi-cdc init -c ${file}`,
    facts: { file, code: cause.code },
    cause,
  });
}

function yamlIssues(file: string, errors: readonly YamlError[]): ConfigIssue[] {
  return errors.map(({ place, message }) => ({
    severity: 'error',
    code: 'CFG_YAML',
    file,
    ...place,
    path: '',
    seen: message,
    expected: 'expected valid YAML',
    suggestion: null,
  }));
}

function check(
  { value: written, written: plain, findings: scalars }: Tree,
  path: string,
  options: LoadOptions,
): { config: Config | null; findings: Finding[] } {
  const required = (options.references ?? 'require') === 'require';
  const severity = required ? 'error' : 'warning';
  const references = new References({
    env: options.env,
    folder: dirname(path),
    commands: commandsOf(written),
    runCommands: required,
  });
  const resolved = resolveTree(written ?? {}, references);
  const unresolved = new Set(resolved.faults.map((f) => formatPath(f.path)));
  const schema = options.tables === 'optional' ? rootWithoutTables : rootSchema;
  const parsed = parse(schema, resolved.tree, resolved.written, required ? new Set() : unresolved);
  const findings: Finding[] = [
    ...resolved.faults.filter((f) => f.reported).map((f) => referenceFinding(f.path, f.fault, severity)),
    ...parsed.findings
      .filter((f) => f.code === 'CFG_UNKNOWN_KEY' || !unresolved.has(formatPath(f.path)))
      .map((f) => asWritten(hideValue(f, resolved.written), plain)),
    ...scalars,
    ...strayFindings(written),
    ...crossChecks(resolved.tree),
    ...secretFindings(resolved.tree, references, options.references),
    ...(options.references === 'tolerate' ? [] : pemChecks(resolved.tree, dirname(path), severity)),
  ];
  if (!parsed.value) return { config: null, findings: distinct(findings) };
  const { value } = parsed;
  const raw = bindSecrets(value, references, (at) => secretForm(value, at));
  const config = freeze(normalise(raw, path, dirname(path)));
  const paths = tablePaths(resolved.tree);
  for (const [i, table] of config.tables.entries()) {
    for (const fault of options.checkMapping?.(table) ?? []) findings.push(ruleFinding(fault, paths[i]!));
  }
  return { config, findings: distinct([...findings, ...lint(config, paths)]) };
}

/** Asked before the rest of the configuration can be checked: what a program prints may be part of it. */
function commandsOf(written: unknown): CommandOptions {
  const parsed = commandsSchema.safeParse(valueAt(written, ['commands']) ?? {});
  return parsed.success ? parsed.data : COMMAND_DEFAULTS;
}

/** On the configuration as written: a secret is reported whatever else is wrong. */
function secretFindings(tree: unknown, references: References, mode: LoadOptions['references']): Finding[] {
  const severity = (mode ?? 'require') === 'require' ? 'error' : 'warning';
  return writtenSecrets(tree, references, (at) => secretForm(tree, at)).flatMap(({ secret, path }) => {
    const fault = secret.known ? secret.fault() : null;
    const wrong = fault ? referenceFinding(path, fault, severity) : keyFinding(path, secret);
    if (wrong === null) return [];
    return [mode === 'tolerate' ? { ...wrong, severity: 'warning' } : wrong];
  });
}

/** A reference yields text; where the schema wants a number or a truth value, the text is read as one and parsed again. */
function parse(
  schema: typeof rootSchema | typeof rootWithoutTables,
  tree: unknown,
  written: ReadonlyMap<string, string>,
  unknown: ReadonlySet<string>,
): { value: z.output<typeof rootSchema> | null; findings: Finding[] } {
  const attempt = (input: unknown) => {
    const known: KnownKeys = new WeakMap();
    const result = schema.safeParse(input, { error: noteKnownKeys(known) });
    return result.success
      ? { value: result.data, findings: [] }
      : { value: null, findings: findingsOf(result.error.issues, input, known) };
  };
  const first = attempt(tree);
  // what is wrong with a key is wrong whatever its value
  const again = first.findings.filter((f) => f.code !== 'CFG_UNKNOWN_KEY' && written.has(formatPath(f.path)));
  if (again.length === 0) return first;
  const copy = structuredClone(tree);
  for (const f of again) replaceAt(copy, f.path, scalarOf(valueAt(tree, f.path)));
  let last = attempt(copy);
  for (const standIn of unknown.size > 0 ? STAND_INS : []) {
    const open = last.findings.filter((f) => f.code !== 'CFG_UNKNOWN_KEY' && unknown.has(formatPath(f.path)));
    if (open.length === 0) break;
    for (const f of open) replaceAt(copy, f.path, standIn);
    last = attempt(copy);
  }
  return last;
}

/** For values that are not known where a configuration is only looked at: the first that will do, so that the rest is checked. */
const STAND_INS = [undefined, 1, true, 'https://unknown.invalid/', 'unknown', '1s', '1MB', 'unknown:1', '0 0 * * *'];

function scalarOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return value === 'true' ? true : value === 'false' ? false : value;
}

function replaceAt(tree: unknown, path: Path, value: unknown): void {
  const parent = valueAt(tree, path.slice(0, -1));
  if (typeof parent === 'object' && parent !== null) (parent as Record<string | number, unknown>)[path.at(-1)!] = value;
}

/** A value out of a reference is shown as it was written, a secret not at all. */
function hideValue(f: Finding, written: ReadonlyMap<string, string>): Finding {
  if (f.at !== 'value' || f.seen === null) return f;
  if (isSecretPath(f.path)) return { ...f, seen: '[secret]' };
  const reference = written.get(formatPath(f.path));
  return reference === undefined ? f : { ...f, seen: `the value of ${reference}` };
}

/** What YAML takes for a number or nothing is shown as it stands there. */
function asWritten(f: Finding, plain: ReadonlyMap<string, string>): Finding {
  const text = plain.get(formatPath(f.path));
  return f.at !== 'value' || f.seen === null || text === undefined || isSecretPath(f.path) ? f : { ...f, seen: text };
}

function tablePaths(tree: unknown): TablePaths[] {
  const tables = valueAt(tree, ['tables']);
  return Object.entries((tables ?? {}) as Record<string, { rules?: unknown[] } | null>).map(([name, t]) => ({
    table: ['tables', name],
    rules: Array.isArray(t?.rules) ? t.rules.map((_, i) => ['tables', name, 'rules', i]) : [['tables', name]],
  }));
}

function ruleFinding(fault: RuleFault, paths: TablePaths): Finding {
  const base = fault.rule === null ? paths.table : paths.rules[fault.rule]!;
  return {
    severity: fault.severity ?? 'error',
    code: 'CFG_MAPPING',
    path: [...base, ...fault.path],
    at: 'value',
    seen: fault.seen,
    expected: fault.expected,
    suggestion: null,
  };
}

function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((f) => {
    const id = `${f.code}|${formatPath(f.path)}|${f.expected}`;
    return !seen.has(id) && seen.add(id);
  });
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Secret || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) freeze(child);
  return Object.freeze(value);
}
