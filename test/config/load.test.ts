/** What comes out of loading: complete, absolute, frozen, and silent about secrets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { checkConfig, loadConfig } from '../../src/config/load';
import { isSecretPath } from '../../src/config/references';
import { rootSchema } from '../../src/config/schema/root';
import { secret } from '../../src/config/schema/scalars';
import { Secret } from '../../src/config/secret';
import { CodedError, exitCodeOf } from '../../src/errors/coded-error';
import { checkMapping } from '../../src/map/plan/check';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SKETCH = `
version: 1
partition:
  name: PROD1
  host: ibmi.example.com
  user: \${env:IBMI_USER}
  password: \${file:ibmi-password}
  transport: hostserver
  tls: { ca: certs/ibmi-ca.pem }
state: state/ibmi-cdc.sqlite
destinations:
  crm:
    webhook:
      url: https://crm.example.com/hooks/ibmi
      signing: { standardWebhooks: { secret: "\${env:CRM_SECRET}" } }
  lake:
    kafka: { brokers: [kafka-1:9092], topic: "erp.\${table}" }
tables:
  ORDLIB/ORDHDR:
    event: order
    capture: journal
    key: [ORDNO]
    columns:
      ORDNO: orderNumber
      ORDDAT: { as: orderDate, date: cyymmdd }
    onDelete: ignore
    to: [crm, lake]
`;
const ENV = { IBMI_USER: 'CDCUSR', CRM_SECRET: 'whsec_c2VzYW1lc2VzYW1lc2VzYW1lc2VzYW1l' };

function load(yaml = SKETCH, env: Record<string, string> = ENV) {
  const file = join(folder, 'ibmi-cdc.yaml');
  writeFileSync(file, yaml);
  writeFileSync(join(folder, 'ibmi-password'), 'sesame\n');
  return loadConfig(file, { env, checkMapping });
}

test('the sketch of the product surface', () => {
  const config = load();
  expect(config.partition).toMatchObject({
    name: 'PROD1',
    user: 'CDCUSR',
    port: 9471,
    signonPort: 9476,
    transport: 'hostserver',
  });
  expect(config.partition.tls).toMatchObject({ ca: join(folder, 'certs/ibmi-ca.pem') });
  expect(config.state).toBe(join(folder, 'state/ibmi-cdc.sqlite'));
  expect(config.partition.password.reveal()).toBe('sesame');
  expect(config.destinations['lake']!.kafka!.topic).toBe('erp.${table}');
  const [table] = config.tables;
  expect(table).toMatchObject({ table: { library: 'ORDLIB', name: 'ORDHDR' }, capture: 'journal', key: ['ORDNO'] });
  expect(table!.rules[0]).toMatchObject({
    name: 'order',
    event: { is: 'entity', created: 'order.created', updated: 'order.updated', deleted: 'order.deleted' },
    include: ['ORDNO', 'ORDDAT'],
    columns: { ORDNO: { as: 'orderNumber' }, ORDDAT: { as: 'orderDate', meaning: { date: 'cyymmdd' } } },
    onDelete: { is: 'ignore' },
    to: ['crm', 'lake'],
  });
});

test('nothing optional survives and nothing can be changed', () => {
  const config = load();
  const visit = (value: unknown, path: string): void => {
    if (value === undefined) throw new Error(`${path} is undefined`);
    if (typeof value !== 'object' || value === null || value instanceof Secret) return;
    expect(Object.isFrozen(value)).toBe(true);
    for (const [k, v] of Object.entries(value)) visit(v, `${path}.${k}`);
  };
  visit(config, 'config');
});

test('TLS off must be spelled out, and moves the ports', () => {
  const off = SKETCH.replace('tls: { ca: certs/ibmi-ca.pem }', 'tls: off');
  expect(load(off).partition).toMatchObject({ tls: 'off', port: 8471, signonPort: 8476 });
  expect(load(SKETCH.replace('  tls: { ca: certs/ibmi-ca.pem }\n', '')).partition).toMatchObject({
    port: 9471,
    tls: { ca: null },
  });
});

test('references stand for numbers, parts of texts, defaults, and literal ${', () => {
  const yaml = SKETCH.replace(
    'host: ibmi.example.com',
    'host: "${env:HOST}.example.com"\n  port: ${env:PORT}\n  signonPort: ${env:NOPE:-9999}',
  ).replace('https://crm.example.com/hooks/ibmi', () => 'https://crm.example.com/$${env:X}');
  const config = load(yaml, { ...ENV, HOST: 'as400', PORT: '9473' });
  expect(config.partition).toMatchObject({ host: 'as400.example.com', port: 9473, signonPort: 9999 });
  expect(config.destinations['crm']!.webhook!.url).toBe('https://crm.example.com/${env:X}');
});

test.each([
  ['two columns are a date and its time', '{ by: [CHGDAT, CHGTIM] }', { kind: 'legacy', date: 'cyymmdd' }],
  ['the rule knows the form of the date', '{ by: [ORDDAT] }', { kind: 'legacy', date: 'cyymmdd' }],
  ['one column goes by its type', '{ by: [CHGTS] }', { kind: 'column-type' }],
  ['said', '{ by: [ID], kind: sequence, date: ccyymmdd }', { kind: 'sequence', date: 'ccyymmdd' }],
])('a window: %s', (_, window, expected) => {
  const { capture } = load(SKETCH.replace('capture: journal', `capture: { window: ${window} }`)).tables[0]!;
  expect(capture).toMatchObject({ window: { every: 30_000, overlap: 300_000, start: 'now', ...expected } });
});

describe('secrets', () => {
  test('print nothing, by any way of printing', () => {
    const config = load(SKETCH.replace('${file:ibmi-password}', 'literal-sesame'));
    const { password } = config.partition;
    expect(password.reveal()).toBe('literal-sesame');
    const printed = [
      String(password),
      `${password}`,
      JSON.stringify(config),
      inspect(config, { depth: 20, showHidden: true }),
      password.source,
    ];
    for (const text of printed) expect(text).not.toMatch(/sesame/);
  });

  test('are looked up again, so that a rotated file is seen; a missing one leaves the value before', () => {
    const { password } = load().partition;
    writeFileSync(join(folder, 'ibmi-password'), 'rotated\r\n');
    password.lookAgain();
    expect(password.reveal()).toBe('rotated');
    rmSync(join(folder, 'ibmi-password'));
    password.lookAgain();
    expect(password.reveal()).toBe('rotated');
    expect(password.fault()).toMatchObject({
      reference: '${file:ibmi-password}',
      problem: expect.stringMatching(/^file .* cannot be read \(ENOENT\)$/),
    });
  });

  test('every secret of the schema is known to the resolver by its path, and nothing else is', () => {
    const found = new Map<string, boolean>();
    const visit = (schema: unknown, path: string[]): void => {
      const def = (schema as { _zod?: { def: Record<string, unknown> } })._zod?.def;
      if (!def || path.length > 12) return;
      if (schema === secret || def['in'] === (secret as unknown as { _zod: { def: { in: unknown } } })._zod.def.in) {
        found.set(path.join('.'), isSecretPath(path));
        return;
      }
      if (def['shape']) for (const [k, v] of Object.entries(def['shape'] as object)) visit(v, [...path, k]);
      if (def['type'] === 'record') visit(def['valueType'], [...path, '*']);
      if (def['element']) visit(def['element'], [...path, '0']);
      for (const option of (def['options'] as unknown[] | undefined) ?? []) visit(option, path);
      for (const inner of ['innerType', 'in']) if (def[inner]) visit(def[inner], path);
    };
    visit(rootSchema, []);
    expect(found.size).toBeGreaterThan(15);
    expect([...found].filter(([, known]) => !known)).toEqual([]);
    for (const path of [
      'partition.host',
      'destinations.crm.kafka.headers.x',
      'tables.L/T.key',
      'destinations.crm.webhook.tls.key',
    ]) {
      expect([path, isSecretPath(path.split('.'))]).toEqual([path, false]);
    }
  });
});

describe('refusals', () => {
  test('one coded error lists everything, exit 2', () => {
    const broken = SKETCH.replace('host:', 'hots:').replace('cyymmdd', 'cyymmd');
    const error = catching(() => load(broken));
    expect(exitCodeOf(error)).toBe(2);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', family: 'config' });
    expect(error.message).toMatch(
      /has 3 errors:\n.*partition\.host.*\n.*partition\.hots.*did you mean "host".*\n.*ORDDAT\.date.*did you mean "cyymmdd"/s,
    );
    expect(error.next).toContain('ibmi-cdc validate -c');
  });

  test('a file that is not there', () => {
    const error = catching(() => loadConfig(join(folder, 'none.yaml'), { env: {} }));
    expect(error).toMatchObject({ code: 'CONFIG_READ', family: 'config' });
    expect(error.next).toContain('ibmi-cdc init');
  });

  test('a missing variable stops the daemon but not an offline command', () => {
    const file = join(folder, 'ibmi-cdc.yaml');
    writeFileSync(file, SKETCH);
    expect(checkConfig(file, { env: {}, references: 'require' }).config).toBeNull();
    const offline = checkConfig(file, { env: {}, references: 'tolerate' });
    expect(offline.config).not.toBeNull();
    expect(offline.issues.map((i) => [i.severity, i.path])).toEqual([
      ['warning', 'partition.user'],
      ['warning', 'partition.password'],
      ['warning', 'destinations.crm.webhook.signing.standardWebhooks.secret'],
    ]);
  });

  function catching(work: () => unknown): CodedError {
    try {
      work();
    } catch (error) {
      if (error instanceof CodedError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  }
});

test.each([
  ['TLS off', SKETCH.replace('tls: { ca: certs/ibmi-ca.pem }', 'tls: off'), ['CFG_LINT_CLEAR']],
  ['a secret in the YAML', SKETCH.replace('${file:ibmi-password}', 'x'), ['CFG_LINT_SECRET']],
  ['an unsigned webhook', SKETCH.replace(/signing: .*/, 'signing: none'), ['CFG_LINT_UNSIGNED']],
  ['http to another machine', SKETCH.replace('https://crm', 'http://crm'), ['CFG_LINT_CLEAR']],
  ['http to this machine', SKETCH.replace('https://crm.example.com', 'http://127.0.0.1:1'), []],
  [
    'a delete event that needs before images',
    SKETCH.replace('onDelete: ignore', 'onDelete: delete'),
    ['CFG_LINT_DELETE_IMAGE'],
  ],
  ['the same, images known', SKETCH.replace('onDelete: ignore', 'onDelete: delete\n    images: both'), []],
  ['a delete event of the key alone', SKETCH.replace('onDelete: ignore', 'onDelete: delete\n    payload: thin'), []],
  [
    'transitions without before images',
    SKETCH.replace('onDelete: ignore', 'transitions: [{ event: a, column: STS, to: ["2"] }]\n    images: after'),
    ['CFG_LINT_BEFORE_IMAGE'],
  ],
  [
    'deletes a window never sees',
    SKETCH.replace('capture: journal', 'capture: { window: { by: [CHGTS] } }').replace(
      'onDelete: ignore',
      'onDelete: delete',
    ),
    ['CFG_LINT_WINDOW_DELETE'],
  ],
])('findings: %s', (_, yaml, codes) => {
  const file = join(folder, 'ibmi-cdc.yaml');
  writeFileSync(file, yaml);
  writeFileSync(join(folder, 'ibmi-password'), 'x');
  const { config, issues } = checkConfig(file, { env: ENV, checkMapping });
  expect(config).not.toBeNull();
  expect(issues.map((i) => i.code)).toEqual(codes);
});
