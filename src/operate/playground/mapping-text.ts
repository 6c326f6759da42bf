/** The mapping of one table as YAML: as the configuration file has it, and back again as it was edited. */
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Config, TableConfig } from '../../config/config';
import { checkText } from '../../config/load';
import { isSecretPath } from '../../config/references';
import { CodedError } from '../../errors/coded-error';
import { checkMapping } from '../../map/plan/check';
import { formatName, parseWritten } from '../../model/position';

const MOST_BYTES = 64 * 1024;
/** Stands for a key of a mask: nothing edited here is ever sent. */
const KEY = 'a key for the playground alone';

/** As written, without secrets; null where the file no longer has the table. */
export function mappingText({ file }: Pick<Config, 'file'>, table: TableConfig): string | null {
  const { tables } = parse(readFileSync(file, 'utf8'), { merge: true }) as { tables?: Record<string, unknown> };
  const found = Object.entries(tables ?? {}).find(([name]) => {
    const written = parseWritten(name);
    return written !== null && formatName(written) === formatName(table.table);
  });
  return found === undefined ? null : stringify(walked(found[1], ['tables', found[0]], shown));
}

/**
 * The mapping of the table as edited. References are not followed: whoever edits must not read files of the daemon by them.
 * @throws CodedError `API_MAPPING`, which lists every mistake
 */
export function editedTable(config: Config, table: TableConfig, text: string): TableConfig {
  const name = formatName(table.table);
  const tree = walked(parsed(text), ['tables', name], inert);
  const whole = stringify({
    version: 1,
    partition: { name: 'PLAYGROUND', host: 'localhost', user: 'NOBODY', password: 'nothing', tls: 'off' },
    state: 'nowhere.sqlite',
    destinations: Object.fromEntries(
      Object.keys(config.destinations).map((d) => [d, { webhook: { url: 'http://localhost/', signing: 'none' } }]),
    ),
    tables: { [name]: tree },
  });
  const { config: made, issues } = checkText(whole, 'mapping', config.file, {
    env: {},
    references: 'check',
    checkMapping,
  });
  if (made) return withMasks(made.tables[0]!, table);
  throw mistaken(
    issues
      .filter((i) => i.severity === 'error')
      .map((i) => `${i.path.replace(`tables.${name}`, '').replace(/^\./, '')}: ${i.seen}; ${i.expected}`),
  );
}

/** What the configuration masks stays masked, whatever the edited text says. */
function withMasks(edited: TableConfig, { rules }: TableConfig): TableConfig {
  const masks = Object.fromEntries(
    rules.flatMap(({ mask }) => Object.keys(mask).map((column) => [column, { is: 'redact' } as const])),
  );
  return { ...edited, rules: edited.rules.map((rule) => ({ ...rule, mask: { ...rule.mask, ...masks } })) };
}

function parsed(text: string): unknown {
  if (Buffer.byteLength(text) > MOST_BYTES) throw mistaken([`more than ${MOST_BYTES} bytes`]);
  try {
    return parse(text, { merge: true });
  } catch (error) {
    throw mistaken([String((error as Error).message).slice(0, 1_000)]);
  }
}

type Path = readonly (string | number)[];

function walked(value: unknown, path: Path, change: (text: unknown, path: Path) => unknown): unknown {
  if (Array.isArray(value)) return value.map((v, i) => walked(v, [...path, i], change));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [String(change(k, path)), walked(v, [...path, k], change)]),
    );
  return change(value, path);
}

function shown(value: unknown, path: Path): unknown {
  return isSecretPath(path) && !isReference(value) ? '***' : value;
}

function inert(value: unknown, path: Path): unknown {
  if (isSecretPath(path)) return KEY;
  if (!isReference(value)) return value;
  throw mistaken([`${path.slice(2).join('.')}: ${String(value)}: references are not followed here; write a value`]);
}

function isReference(value: unknown): boolean {
  return typeof value === 'string' && /\$\{\s*(env|file|command)\s*:/i.test(value);
}

function mistaken(mistakes: readonly string[]): CodedError {
  return new CodedError({
    code: 'API_MAPPING',
    message: mistakes.slice(0, 20).join('\n') || 'the mapping cannot be used',
    next: 'docs/mapping.md has every member of a mapping',
  });
}
