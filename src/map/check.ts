/** Checks of a table's rules that need no record format: expressions, templates, lookups. `plan` checks columns. */

import type { Expression } from './expression/parse';
import { parseExpression, partsOf } from './expression/parse';
import { ExpressionFault } from './expression/tokens';
import type { RuleOptions, TableMapping } from './options';
import { parseTemplate, templatePaths } from './template';

/** Where a rule is wrong; `path` is below the rule in the YAML. */
export interface MappingFault {
  readonly rule: number;
  readonly path: readonly (string | number)[];
  readonly seen: string;
  readonly expected: string;
}

export function checkMapping(table: TableMapping): MappingFault[] {
  return table.rules.flatMap((rule, i) => checkRule(table, rule).map((fault) => ({ ...fault, rule: i })));
}

type Fault = Omit<MappingFault, 'rule'>;

function checkRule(table: TableMapping, rule: RuleOptions): Fault[] {
  const faults: Fault[] = [];
  if (rule.when !== null) faults.push(...checkExpression(table, rule.when, ['when']));
  for (const [name, e] of Object.entries(rule.expressions)) {
    faults.push(...checkExpression(table, e.value, ['expressions', name]));
  }
  for (const member of ['traceKey', 'recordUrl'] as const) {
    const text = rule[member];
    if (text !== null) faults.push(...checkColumnTemplate(text, member));
  }
  if (rule.envelope.is === 'template') faults.push(...checkBody(rule));
  return faults;
}

function checkExpression(table: TableMapping, text: string, path: readonly string[]): Fault[] {
  try {
    return lookupsIn(parseExpression(text))
      .filter((name) => !Object.hasOwn(table.lookups, name))
      .map((name) => ({
        path,
        seen: `lookup "${name}"`,
        expected: `expected one of the table's lookups: ${Object.keys(table.lookups).join(', ') || 'there are none'}`,
      }));
  } catch (error) {
    if (!(error instanceof ExpressionFault)) throw error;
    return [{ path, seen: `${error.seen} at character ${error.at}`, expected: `expected ${error.expected}` }];
  }
}

function lookupsIn(e: Expression): string[] {
  const within = partsOf(e).flatMap(lookupsIn);
  return e.is === 'lookup' ? [e.name, ...within] : within;
}

function checkColumnTemplate(text: string, member: string): Fault[] {
  const names = [...parseTemplate(text).names];
  const bad = names.filter((n) => !/^[^\s{}."']+$/.test(n));
  if (names.length > 0 && bad.length === 0 && !/\{\{|\}\}/.test(text.replace(/\{\{[^{}]*\}\}/g, ''))) return [];
  return [{ path: [member], seen: JSON.stringify(text), expected: 'expected text with {{COLUMN}} in it' }];
}

const BODY_ROOTS = ['id', 'type', 'time', 'source', 'subject', 'version', 'rule', 'traceKey', 'recordUrl', 'partition'];
const DATA_ROOTS = ['op', 'key', 'after', 'before', 'changed', 'meta'];

function checkBody(rule: RuleOptions): Fault[] {
  if (rule.envelope.is !== 'template') return [];
  return templatePaths(rule.envelope.template)
    .filter((p) => !BODY_ROOTS.includes(p) && !(DATA_ROOTS.includes(p.split('.')[0]!) && p !== 'meta.attempt'))
    .map((p) => ({
      path: ['envelope', 'template'],
      seen: `{{${p}}}`,
      expected: `expected ${[...BODY_ROOTS, ...DATA_ROOTS.map((r) => `${r}...`)].join(', ')} (the attempt is in the headers)`,
    }));
}
