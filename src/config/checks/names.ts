/**
 * What a schema cannot say: names that must meet. Runs on the tree as written, beside the schema, so that one look at
 * the output shows every error at once; parts of the wrong shape are passed over, the schema speaks of those.
 */

import { ordinaryName } from '../../model/identifiers';
import { parseWritten } from '../../model/position';
import { show } from '../findings';
import type { Finding } from '../issue';
import { suggest } from '../suggest';
import { type ConfigTree, error, missing, objectOf, type Path } from './tree';

const RULE_MEMBERS = [
  'event',
  'include',
  'exclude',
  'columns',
  'group',
  'constants',
  'expressions',
  'mask',
  'when',
  'whenChanged',
  'transitions',
  'actions',
  'ignore',
  'onDelete',
  'keyChange',
  'payload',
  'rawImage',
  'envelope',
  'traceKey',
  'recordUrl',
  'version',
  'priority',
  'parent',
  'coalesce',
  'to',
  'name',
];

export function nameChecks(tree: ConfigTree): Finding[] {
  const findings: Finding[] = [];
  const destinations = Object.keys(objectOf(tree['destinations']));
  const seen = new Map<string, string>();
  for (const [name, value] of Object.entries(objectOf(tree['tables']))) {
    const path = ['tables', name];
    const known = ordinaryTableText(name);
    const twin = seen.get(known);
    const expected = `expected each table once; "${twin}" is the same file`;
    if (twin) findings.push(error('CFG_NAMES', path, 'key', `"${name}"`, expected));
    seen.set(known, name);
    checkTable(objectOf(value), path, destinations, findings);
  }
  return findings;
}

function checkTable(table: ConfigTree, path: Path, destinations: readonly string[], findings: Finding[]): void {
  const key = namesIn(table['key']);
  checkDestinations(table['notices'], [...path, 'notices'], destinations, findings);
  if (!Array.isArray(table['rules'])) {
    checkRule(table, path, key, destinations, findings);
    return;
  }
  for (const member of RULE_MEMBERS) {
    if (table[member] === undefined) continue;
    const expected = 'expected it inside the rules: a table with `rules` has no rule members of its own';
    findings.push(error('CFG_NAMES', [...path, member], 'key', `"${member}" beside rules`, expected));
  }
  const names = new Set<unknown>();
  for (const [i, rule] of table['rules'].entries()) {
    const at = [...path, 'rules', i];
    const name = objectOf(rule)['name'];
    if (name !== undefined && names.has(name)) {
      findings.push(
        error('CFG_NAMES', [...at, 'name'], 'value', show(name), 'expected a name no other rule of this table has'),
      );
    }
    names.add(name);
    checkRule(objectOf(rule), at, key, destinations, findings);
  }
}

function checkRule(
  rule: ConfigTree,
  path: Path,
  key: readonly string[],
  destinations: readonly string[],
  findings: Finding[],
): void {
  if (rule['event'] == null && rule['parent'] == null) {
    findings.push(missing([...path, 'event'], 'expected event (such as order) or parent'));
  } else if (rule['event'] != null && rule['parent'] != null) {
    const expected =
      'expected event or parent: a rule sends events of its rows or of their parent; give each a rule under rules:';
    findings.push(error('CFG_NAMES', [...path, 'event'], 'key', '"event" beside parent', expected));
  }
  checkDestinations(rule['to'], [...path, 'to'], destinations, findings);
  checkNames(rule, path, findings);
  checkMasks(rule, path, key, findings);
}

function checkDestinations(list: unknown, path: Path, destinations: readonly string[], findings: Finding[]): void {
  if (!Array.isArray(list)) return;
  for (const [i, name] of list.entries()) {
    if (typeof name !== 'string' || destinations.includes(name)) continue;
    const expected = `expected one of ${destinations.join(', ') || 'the destinations'}`;
    findings.push({
      ...error('CFG_NAMES', [...path, i], 'value', show(name), expected),
      suggestion: suggest(name, destinations),
    });
  }
}

/** Two members of one name would overwrite each other. */
function checkNames(rule: ConfigTree, path: Path, findings: Finding[]): void {
  const grouped = new Map<string, string>();
  for (const [name, group] of Object.entries(objectOf(rule['group']))) {
    for (const column of groupColumns(group)) {
      const other = grouped.get(column);
      if (other) {
        findings.push(
          error(
            'CFG_NAMES',
            [...path, 'group', name],
            'value',
            `column ${column}`,
            `expected it in one group; ${other} has it too`,
          ),
        );
      }
      grouped.set(column, name);
    }
  }
  const taken = new Map<string, string>();
  const claim = (name: unknown, place: Path, at: 'key' | 'value', by: string): void => {
    if (typeof name !== 'string') return;
    const other = taken.get(name);
    if (other)
      findings.push(error('CFG_NAMES', place, at, `"${name}"`, `expected a name of its own; ${other} has it already`));
    else taken.set(name, by);
  };
  for (const [column, value] of Object.entries(objectOf(rule['columns']))) {
    if (grouped.has(ordinaryName(column))) continue;
    const options = objectOf(value);
    const written = typeof value === 'string' || typeof options['as'] === 'string';
    const name = typeof value === 'string' ? value : (options['as'] ?? ordinaryName(column));
    const place =
      typeof value === 'string' || !written ? [...path, 'columns', column] : [...path, 'columns', column, 'as'];
    claim(name, place, written ? 'value' : 'key', `columns.${column}`);
  }
  for (const member of ['group', 'constants', 'expressions']) {
    for (const name of Object.keys(objectOf(rule[member])))
      claim(name, [...path, member, name], 'key', `${member}.${name}`);
  }
}

function checkMasks(rule: ConfigTree, path: Path, key: readonly string[], findings: Finding[]): void {
  const masks = objectOf(rule['mask']);
  for (const [column, mask] of Object.entries(masks)) {
    if (mask === 'drop' && key.includes(ordinaryName(column))) {
      const expected = 'expected a mask that keeps keys apart (hash): a key column cannot be dropped';
      findings.push(error('CFG_NAMES', [...path, 'mask', column], 'value', '"drop"', expected));
    }
  }
  const raw = rule['rawImage'];
  if (Object.keys(masks).length > 0 && (raw === 'hex' || raw === 'base64')) {
    const expected = 'expected off: the raw image would show what the masks hide';
    findings.push(error('CFG_NAMES', [...path, 'rawImage'], 'value', show(raw), expected));
  }
}

function groupColumns(group: unknown): string[] {
  if (Array.isArray(group)) return namesIn(group);
  const o = objectOf(group);
  return namesIn(o['array'] ?? Object.values(objectOf(o['object'])));
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v) => typeof v === 'string').map(ordinaryName) : [];
}

/** Two spellings of one ordinary name are one table; what a quoted name and an ordinary one have in common the catalog says. */
function ordinaryTableText(text: string): string {
  const table = parseWritten(text);
  if (table === null) return text;
  const part = (written: string): string => (written.startsWith('"') ? written : ordinaryName(written));
  return `${part(table.library)}/${part(table.name)}`;
}
