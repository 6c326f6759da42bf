/** Checks of a table's rules that need no record format: expressions, templates, lookups. `plan` checks columns. */

import { sameIdentifier } from '../../model/identifiers';
import type { Expression } from '../expression/parse';
import { parseExpression, partsOf } from '../expression/parse';
import { ExpressionFault } from '../expression/tokens';
import type { RuleOptions, TableRules } from '../options';
import { parseTemplate, templatePaths } from './template';

/** Where a rule is wrong, or worth a word (`severity: warning`); `path` is below the rule in the YAML. */
interface MappingFault {
  readonly rule: number;
  readonly path: readonly (string | number)[];
  readonly seen: string;
  readonly expected: string;
  readonly severity?: 'warning';
}

export function checkMapping(table: TableRules): MappingFault[] {
  return table.rules.flatMap((rule, i) => checkRule(table, rule).map((fault) => ({ ...fault, rule: i })));
}

type Fault = Omit<MappingFault, 'rule'>;

function checkRule(table: TableRules, rule: RuleOptions): Fault[] {
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

function checkExpression(table: TableRules, text: string, path: readonly string[]): Fault[] {
  try {
    const expression = parseExpression(text);
    const unknown = [...new Set(lookupsIn(expression))]
      .filter((name) => !Object.hasOwn(table.lookups, name))
      .map((name) => ({
        path,
        seen: `lookup "${name}"`,
        expected: `expected one of the table's lookups: ${Object.keys(table.lookups).join(', ') || 'there are none'}`,
      }));
    return [...unknown, ...hiddenColumns(table, expression).map((fault) => ({ path, ...fault }))];
  } catch (error) {
    if (!(error instanceof ExpressionFault)) throw error;
    return [{ path, seen: `${error.seen} at character ${error.at}`, expected: `expected ${error.expected}` }];
  }
}

/** Words that stand for something else than a column of that name. */
const OWN_WORDS = { op: 'the operation', true: 'a truth value', false: 'a truth value', null: 'no value' };

/** What an expression does not say when a column is called like one of its words; offline, the rules say which columns there are. */
function hiddenColumns(table: TableRules, expression: Expression): Omit<Fault, 'path'>[] {
  const mentioned = table.rules.flatMap(columnsMentioned).concat(table.key ?? []);
  return [...new Set(wordsIn(expression))].flatMap((word) => {
    const shouted = word !== 'op' && word.toLowerCase() === 'op';
    if (!shouted && !mentioned.some((c) => sameIdentifier(c, word))) return [];
    return [hiddenColumn(word)];
  });
}

/** The same once the columns are known: one sentence for each word that hides a column in an expression of the table. */
export function columnsHidden(table: TableRules, columns: readonly string[]): string[] {
  const found = table.rules.flatMap((rule) => {
    const texts = [
      ['when', rule.when] as const,
      ...Object.entries(rule.expressions).map(([n, e]) => [n, e.value] as const),
    ];
    return texts.flatMap(([place, text]) =>
      text === null
        ? []
        : wordsIn(parseExpression(text))
            .filter((word) => columns.some((c) => c.toLowerCase() === word.toLowerCase()))
            .map((word) => `${rule.name}: ${place}: saw ${word}, ${hiddenColumn(word).expected}`),
    );
  });
  return [...new Set(found)];
}

/** @param word as written */
function hiddenColumn(word: string): Omit<Fault, 'path'> {
  const lower = word.toLowerCase() as keyof typeof OWN_WORDS;
  const column = word.toUpperCase();
  return {
    seen: word,
    expected: `expected ${lower} in small letters for ${OWN_WORDS[lower]}; a column of that name is written after.${column}, before.${column} or "${column}"`,
    severity: 'warning',
  };
}

/** Names the language itself defines, in an expression, as written, that could have been meant as columns. */
function wordsIn(e: Expression): string[] {
  const own = e.is === 'op' || e.is === 'value' ? e.word : undefined;
  return [...(own === undefined ? [] : [own]), ...partsOf(e).flatMap(wordsIn)];
}

function columnsMentioned(rule: RuleOptions): string[] {
  const { include, exclude, whenChanged, group } = rule;
  return [
    ...Object.keys(rule.columns),
    ...Object.keys(rule.mask),
    ...(include === '*' ? [] : include),
    ...exclude,
    ...(whenChanged ?? []),
    ...rule.transitions.map((t) => t.column),
    ...Object.values(group).flatMap((g) => (g.is === 'array' ? g.columns : Object.values(g.members))),
  ];
}

function lookupsIn(e: Expression): string[] {
  const within = partsOf(e).flatMap(lookupsIn);
  return e.is === 'lookup' ? [e.name, ...within] : within;
}

function checkColumnTemplate(text: string, member: string): Fault[] {
  const names = [...parseTemplate(text).names];
  const bad = names.filter((n) => !/^(?:[^{}."']+|"(?:[^"{}]|"")+")$/.test(n));
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
