/**
 * Every value of the example that has all features, spoiled: what the published JSON Schema refuses, by a validator that knows nothing of
 * us, is an error of ours at the very place where the value stands in the file, with what was seen and what is expected. Every key,
 * misspelt: told, and the right one named.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { isAlias, isPair, isScalar, LineCounter, type Node, parse, parseDocument, visit } from 'yaml';
import { formatIssue } from '../../src/config/issue';
import { configJsonSchema } from '../../src/config/json-schema';
import { checkText } from '../../src/config/load';
import { checkMapping } from '../../src/map/plan/check';

const TEXT = readFileSync(join(__dirname, '..', '..', 'config', 'all-features.yaml'), 'utf8');
const OPTIONS = { env: {}, references: 'tolerate', checkMapping } as const;
const valid = new Ajv2020({ strict: false }).compile(configJsonSchema());

const SPOILED = ['{ wrong: 1 }', '[[]]', '"\u00bf?"'] as const;
const NUMBERS = ['-1', '0.5', '1e15'] as const;

interface Place {
  /** `tables.ORDLIB/ORDHDR.key[0]`. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly number: boolean;
}

/** By another reader's eyes: the library that reads YAML, not what we make of it. */
function places(): { values: Place[]; keys: Place[] } {
  const values: Place[] = [];
  const keys: Place[] = [];
  visit(parseDocument(TEXT), {
    Node(_, node, ancestors) {
      if (!isScalar(node) || isAlias(node) || !node.range) return;
      const [start, end] = node.range;
      const place = { start, end, number: typeof node.value === 'number' };
      const parent = ancestors.at(-1);
      if (isPair(parent) && parent.key === node)
        keys.push({ ...place, path: pathOf([...ancestors.slice(0, -1)], node) });
      else values.push({ ...place, path: pathOf(ancestors, node) });
    },
  });
  return { values, keys };
}

function pathOf(ancestors: readonly unknown[], _node: Node): string {
  const names = ancestors.flatMap((a) => (isPair(a) ? [String((a.key as { value: unknown }).value)] : []));
  return names.join('.');
}

const { values, keys } = places();
const splice = ({ start, end }: Place, text: string): string => TEXT.slice(0, start) + text + TEXT.slice(end);
const errorsOf = (text: string) => {
  const lines = new LineCounter();
  parseDocument(text, { lineCounter: lines });
  const offsetOf = (line: number, column: number): number => lines.lineStarts[line - 1]! + column - 1;
  const { issues, config } = checkText(text, 'c.yaml', '/nowhere/c.yaml', OPTIONS);
  const errors = issues.filter((i) => i.severity === 'error');
  expect(config === null).toBe(errors.length > 0);
  return errors.map((issue) => ({ ...issue, offset: offsetOf(issue.line, issue.column), said: formatIssue(issue) }));
};

test('the example is large, and has nothing to mend', () => {
  expect(values.length).toBeGreaterThan(250);
  expect(keys.length).toBeGreaterThan(250);
  expect(errorsOf(TEXT)).toEqual([]);
});

/** Shares of the example, so that each test is short. */
const SHARES = 8;
const share = (list: readonly Place[], n: number): readonly Place[] => list.filter((_, i) => i % SHARES === n);
const each = Array.from({ length: SHARES }, (_, n) => n);

describe.each(each)('share %i', (n) => {
  test('a value of the wrong kind is told where it stands', () => {
    let refused = 0;
    const missed: string[] = [];
    for (const place of share(values, n)) {
      for (const wrong of [...SPOILED, ...(place.number ? NUMBERS : [])]) {
        const text = splice(place, wrong);
        if (valid(parse(text))) continue;
        refused++;
        const errors = errorsOf(text);
        const here = errors.filter((e) => e.offset >= place.start && e.offset < place.start + wrong.length);
        if (here.length === 0) missed.push(`${place.path}: ${wrong}: ${errors.map((e) => e.said).join(' | ')}`);
        for (const { said, expected, seen, line } of here) {
          expect(said).toMatch(/^c\.yaml:\d+:\d+: error: \S.*: (saw \S|nothing here)/);
          expect(`${seen} ${expected}`).not.toMatch(/undefined|\[object|NaN/);
          expect(expected).toMatch(/\S/);
          expect(line).toBe(text.slice(0, place.start).split('\n').length);
        }
      }
    }
    expect(missed).toEqual([]);
    expect(refused).toBeGreaterThan(20);
  });

  test('a key that is misspelt is told where it stands, and the right one is named', () => {
    let named = 0;
    const missed: string[] = [];
    for (const place of share(keys, n)) {
      const key = TEXT.slice(place.start, place.end);
      if (!/^[a-z]{4,}$/i.test(key)) continue;
      const wrong = `${key}z`;
      const text = splice(place, wrong);
      if (valid(parse(text))) continue;
      const errors = errorsOf(text);
      // where it could be any of several alternatives, all of them are at fault, and what was probably meant is named
      const here = errors.filter((e) => e.offset === place.start || (e.offset < place.start && e.suggestion === key));
      if (here.length === 0) missed.push(`${place.path}: ${wrong}: ${errors.map((e) => e.said).join(' | ')}`);
      if (here.some((e) => e.suggestion === key)) named++;
    }
    expect(missed).toEqual([]);
    expect(named).toBeGreaterThan(8);
  });
});
