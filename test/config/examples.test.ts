/** The examples people copy from are valid, complete, and valid under the published JSON Schema; that schema is up to date. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';
import { configJsonSchema, configJsonSchemaText } from '../../src/config/json-schema';
import { checkConfig, checkText } from '../../src/config/load';
import { rootSchema } from '../../src/config/schema/root';
import { starterConfig } from '../../src/config/starter';
import { fixedClock } from '../../src/map/event/clock';
import { typesOf } from '../../src/map/event-types/event-types';
import { sampleEvents } from '../../src/map/event-types/sample';
import { checkMapping } from '../../src/map/plan/check';

const FOLDER = join(__dirname, '..', '..', 'config');
const EXAMPLES = readdirSync(FOLDER).filter((f) => f.endsWith('.yaml'));
/** References lead nowhere in a test; everything else must be in order. */
const OPTIONS = { env: {}, references: 'tolerate', checkMapping } as const;

const schema = configJsonSchema();
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

test('there are four', () => {
  expect(EXAMPLES.sort()).toEqual(['all-features.yaml', 'erp-tables.yaml', 'minimal.yaml', 'order-desk.yaml']);
});

describe.each(EXAMPLES)('%s', (name) => {
  const file = join(FOLDER, name);
  test('is valid, with no finding but references', () => {
    const { config, issues } = checkConfig(file, OPTIONS);
    expect(issues.filter((i) => i.code !== 'CFG_REFERENCE')).toEqual([]);
    expect(config).not.toBeNull();
  });

  test('is valid under the JSON Schema', () => {
    expect({ errors: validate(parse(readFileSync(file, 'utf8'))) ? [] : validate.errors }).toEqual({ errors: [] });
  });

  test('every event type has a sample', () => {
    const { config } = checkConfig(file, OPTIONS);
    const types = new Set(config!.tables.flatMap((t) => t.rules.flatMap((r) => typesOf(r).map((x) => x.type))));
    const options = { partition: 'P', product: '0', clock: fixedClock(0), shapeOf: () => null };
    for (const type of types) expect(sampleEvents(config!.tables, type, options).length).toBeGreaterThan(0);
  });
});

test('all-features.yaml has all features: every key of the schema but alternatives of others', () => {
  const text = readFileSync(join(FOLDER, 'all-features.yaml'), 'utf8');
  const keys = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: Record<string, unknown> };
    if (properties) for (const key of Object.keys(properties)) keys.add(key);
    for (const child of Object.values(node)) visit(child);
  };
  visit(schema);
  const missing = [...keys].filter((key) => !new RegExp(`\\b${key.replace('$', '\\$')}\\b`).test(text));
  // alternatives a page cannot show beside the one it shows, and tuning nobody starts with
  const known = [
    '$schema',
    'fingerprint',
    'ciphers',
    'connectionString',
    'metrics',
    'privateKey',
    'previousPrivateKey',
    'stripe',
    'shopify',
    'slack',
    'passphrase',
    'idHeader',
    'secretEncoding',
    'bearer',
    'bodyToken',
    'query',
    'audience',
    'authentication',
    'gzip',
    'maxResponseBytes',
    'positionTopic',
    'format',
    'last',
    'array',
    'skipEmpty',
    'updated',
    'deleted',
    'timestamp',
    'HEX',
    'request',
    'endpoint',
    'otherwise',
    'version',
    'idleConnection',
  ];
  expect(missing.filter((key) => !known.includes(key))).toEqual([]);
});

test('config/ibmi-cdc.schema.json is up to date (node scripts/config-schema.mjs)', () => {
  expect(readFileSync(join(FOLDER, 'ibmi-cdc.schema.json'), 'utf8')).toBe(configJsonSchemaText());
});

test.each([
  ['unknown key', 'version: 1\npartiton: {}'],
  [
    'wrong type',
    'version: 1\npartition: { name: P, host: h, user: u, password: p, port: [] }\ndestinations: { c: { stdout: {} } }\ntables: { L/T: {} }',
  ],
])('the JSON Schema refuses what the loader refuses: %s', (_, yaml) => {
  expect(validate(parse(yaml))).toBe(false);
  expect(rootSchema.safeParse(parse(yaml)).success).toBe(false);
});

test('references may stand for numbers and truth values in the JSON Schema too', () => {
  const yaml =
    'version: 1\npartition: { name: P, host: h, user: u, password: p, port: "${env:PORT}" }\ndestinations: { c: { stdout: {} } }\ntables: { L/T: { event: o } }';
  expect(validate(parse(yaml))).toBe(true);
});

test('what init writes is valid, thin, and has no findings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
  const path = join(folder, 'c.yaml');
  const { config, issues } = checkText(starterConfig(), 'c.yaml', path, OPTIONS);
  expect(issues.filter((i) => i.code !== 'CFG_REFERENCE')).toEqual([]);
  expect(config!.tables[0]!.rules[0]!.payload).toEqual({ is: 'thin', columns: ['STS'] });
  rmSync(folder, { recursive: true });
});
