/** YAML file to Config: parse, resolve references, check everything, normalise, freeze. Reports every error at once. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { CodedError } from '../errors/coded-error';
import type { TableMapping } from '../map/options';
import { crossChecks } from './checks';
import type { Config } from './config';
import { findingsOf, type KnownKeys, noteKnownKeys, valueAt } from './findings';
import { type ConfigIssue, type Finding, formatIssue, formatPath } from './issue';
import { keyFinding, secretForm } from './key-forms';
import { lint, type TablePaths } from './lint';
import { COMMAND_DEFAULTS, type CommandOptions } from './lookup/command';
import { References } from './lookup/references';
import { normalise } from './normalise';
import { bindSecrets, eachSecret, isSecretPath, referenceFinding, resolveTree } from './references';
import { commandsSchema } from './schema/partition';
import { rootSchema } from './schema/root';
import { Secret } from './secret';
import { inFileOrder, YamlSource } from './source';

type Path = readonly (string | number)[];

/** Something wrong inside a rule that only the mapping compiler can see: an expression, a template. */
export interface RuleFault {
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
  /** Checks of the mapping stage, handed in by the command line so that config needs no stage. */
  readonly checkMapping?: (table: TableMapping) => readonly RuleFault[];
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
    family: 'config',
    message: `${file} has ${errors.length} error${errors.length === 1 ? '' : 's'}:\n${errors.map((e) => `  ${formatIssue(e)}`).join('\n')}`,
    next: `correct them and run: ibmi-cdc validate -c ${file}`,
    facts: { file, errors: errors.length },
  });
}

/** Like {@link loadConfig}, but hands back what it found. @throws CodedError `CONFIG_READ` when there is no such file */
export function checkConfig(file: string, options: LoadOptions): LoadResult {
  const path = resolve(file);
  return checkText(readText(file, path), file, path, options);
}

/** Checks YAML text that stands at `path`. */
export function checkText(text: string, file: string, path: string, options: LoadOptions): LoadResult {
  const source = new YamlSource(text);
  const syntax = source.syntaxErrors();
  if (syntax.length > 0) {
    return { config: null, issues: syntax.map((e) => ({ ...yamlIssue(e.message), file, ...e.place })) };
  }
  const { config, findings } = check(source.toJs(), path, options);
  const issues = inFileOrder(source, findings).map(({ place, path: p, at: _, ...rest }) => ({
    ...rest,
    file,
    ...place,
    path: formatPath(p),
  }));
  return { config: issues.some((i) => i.severity === 'error') ? null : config, issues };
}

function readText(file: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new CodedError({
      code: 'CONFIG_READ',
      family: 'config',
      message: `cannot read the configuration ${file} (${code}); expected a YAML file`,
      next: `name another with -c FILE, or write one: ibmi-cdc init -c ${file}`,
      facts: { file, code },
      cause,
    });
  }
}

function yamlIssue(message: string): Omit<ConfigIssue, 'file' | 'line' | 'column'> {
  return {
    severity: 'error',
    code: 'CFG_YAML',
    path: '',
    seen: message,
    expected: 'expected valid YAML',
    suggestion: null,
  };
}

function check(written: unknown, path: string, options: LoadOptions): { config: Config | null; findings: Finding[] } {
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
  const parsed = parse(resolved.tree, resolved.written);
  const findings: Finding[] = [
    ...resolved.faults.map((f) => referenceFinding(f.path, f.fault, severity)),
    ...parsed.findings.filter((f) => !unresolved.has(formatPath(f.path))).map((f) => hideValue(f, resolved.written)),
    ...crossChecks(resolved.tree),
  ];
  if (!parsed.value) return { config: null, findings: distinct(findings) };
  const { value } = parsed;
  const raw = bindSecrets(value, references, (at) => secretForm(value, at));
  eachSecret(raw, (secret, at) => {
    const fault = secret.known ? secret.fault() : null;
    const wrong = fault ? referenceFinding(at, fault, severity) : keyFinding(at, secret);
    if (wrong) findings.push(options.references === 'tolerate' ? { ...wrong, severity: 'warning' } : wrong);
  });
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

/** A reference yields text; where the schema wants a number or a truth value, the text is read as one and parsed again. */
function parse(
  tree: unknown,
  written: ReadonlyMap<string, string>,
): { value: z.output<typeof rootSchema> | null; findings: Finding[] } {
  const attempt = (input: unknown) => {
    const known: KnownKeys = new WeakMap();
    const result = rootSchema.safeParse(input, { error: noteKnownKeys(known) });
    return result.success
      ? { value: result.data, findings: [] }
      : { value: null, findings: findingsOf(result.error.issues, input, known) };
  };
  const first = attempt(tree);
  const again = first.findings.filter((f) => written.has(formatPath(f.path)));
  if (again.length === 0) return first;
  const copy = structuredClone(tree);
  for (const f of again) replaceAt(copy, f.path, scalarOf(valueAt(tree, f.path)));
  return attempt(copy);
}

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
