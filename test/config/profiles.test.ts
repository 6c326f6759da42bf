/** Environments: a file with a profile laid over it is the file a person would have written for that environment alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { checkConfig, loadConfig } from '../../src/config/load';

const BASE = `version: 1
partition: { name: PROD1, host: prod.example.com, user: U, password: "\${env:PW}" }
state: prod.sqlite
destinations:
  crm: { stdout: {} }
  lake: { kafka: { brokers: [k1:9092, k2:9092], topic: erp } }
tables:
  LIB/ORD:
    event: { by: TYP, types: { "01": order, "02": offer } }
    columns: { NO: number, DAT: { as: date, date: cyymmdd, sentinels: [0] } }
    key: [NO]
`;

const PROFILES = `profiles:
  test:
    partition: { name: TEST1, host: test.example.com }
    state: test.sqlite
    destinations:
      lake: { kafka: { brokers: [t1:9092] } }
    tables:
      LIB/ORD: { event: { types: { 007: special } }, columns: { DAT: { sentinels: } } }
  wrong:
    destinations:
      crm:
        stdot: {}
`;

const TEST_ALONE = `version: 1
partition: { name: TEST1, host: test.example.com, user: U, password: "\${env:PW}" }
state: test.sqlite
destinations:
  crm: { stdout: {} }
  lake: { kafka: { brokers: [t1:9092], topic: erp } }
tables:
  LIB/ORD:
    event: { by: TYP, types: { "01": order, "02": offer, "007": special } }
    columns: { NO: number, DAT: { as: date, date: cyymmdd } }
    key: [NO]
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-profiles-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = { env: { PW: 'x' }, references: 'require' } as const;

function file(text: string): string {
  const path = join(folder, 'ibmi-cdc.yaml');
  writeFileSync(path, text);
  return path;
}

/** Without secrets, which are looked up and never compared. */
const plain = (text: string, profile?: string): unknown =>
  JSON.parse(JSON.stringify(loadConfig(file(text), { ...options, ...(profile ? { profile } : {}) })));

test('with the profile it is the file of that environment', () => {
  expect(plain(BASE + PROFILES, 'test')).toEqual(plain(TEST_ALONE));
});

test('without one, profiles do not count', () => {
  expect(plain(BASE + PROFILES)).toEqual(plain(BASE));
});

test('an error in a profile has its line there', () => {
  const { issues } = checkConfig(file(BASE + PROFILES), { ...options, profile: 'wrong' });
  const line = `${BASE}${PROFILES}`.split('\n').findIndex((l) => l.includes('stdot')) + 1;
  expect(issues.filter((i) => i.severity === 'error')).toMatchObject([
    { line, path: 'destinations.crm.stdot', suggestion: 'stdout' },
  ]);
});

test('an error below a profile keeps the line of the file', () => {
  const { issues } = checkConfig(file(BASE.replace('key: [NO]', 'key: NO') + PROFILES), {
    ...options,
    profile: 'test',
  });
  const line = BASE.split('\n').findIndex((l) => l.includes('key: [NO]')) + 1;
  expect(issues.filter((i) => i.severity === 'error')).toMatchObject([{ line, path: 'tables.LIB/ORD.key' }]);
});

test.each([
  [BASE + PROFILES, 'expected one of test, wrong', 12],
  [BASE, 'expected profiles: { NAME: ... } in it', 1],
])('a profile that is not there', (text, expected, line) => {
  const { issues } = checkConfig(file(text), { ...options, profile: 'nope' });
  expect(issues).toMatchObject([{ code: 'CFG_PROFILE', expected, line }]);
});

test('a key that stands twice in a profile is an error', () => {
  const { issues } = checkConfig(file(`${BASE}profiles:\n  p:\n    state: a\n    state: b\n`), {
    ...options,
    profile: 'p',
  });
  expect(issues).toMatchObject([{ code: 'CFG_YAML', line: 15 }]);
});

/** Joined by the words of the docs alone. */
function joined(below: unknown, over: unknown): unknown {
  const isMap = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
  if (!isMap(below) || !isMap(over)) return over;
  const keys = [...new Set([...Object.keys(below), ...Object.keys(over)])];
  return Object.fromEntries(
    keys.map((k) => [k, k in over ? (k in below ? joined(below[k], over[k]) : over[k]) : below[k]]),
  );
}

test('property: any profile over the file is the two joined by the words of the docs', () => {
  const pieces: readonly object[] = [
    { partition: { host: 'other.example.com' } },
    { state: 'x.sqlite' },
    { destinations: { crm: null, more: { stdout: {} } } },
    { destinations: { lake: { kafka: { topic: 'other' } } } },
    { tables: { 'LIB/ORD': { key: ['NO', 'LINE'] }, 'LIB/NEW': { event: 'fresh' } } },
    { tables: { 'LIB/ORD': { columns: { NO: { as: 'no' }, DAT: null } } } },
    { journal: { pollInterval: '5s' } },
  ];
  fc.assert(
    fc.property(fc.subarray([...pieces], { minLength: 1 }), (chosen) => {
      const profile = chosen.reduce((all: unknown, one) => joined(all, one), {});
      const whole = stringify(joined(parse(BASE), profile));
      const result = (text: string, name?: string): unknown => {
        const { config, issues } = checkConfig(file(text), { ...options, ...(name ? { profile: name } : {}) });
        return { config: JSON.stringify(config), issues: issues.map((i) => `${i.code} ${i.path}`).sort() };
      };
      expect(result(`${BASE}${stringify({ profiles: { p: profile } })}`, 'p')).toEqual(result(whole));
    }),
    { numRuns: 60 },
  );
});
