/** What YAML makes of a configuration: texts stay as they stand in the file, and no file is too much for us. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Config } from '../../src/config/config';
import { formatIssue } from '../../src/config/issue';
import { checkConfig, checkText, type LoadResult } from '../../src/config/load';

const HEAD = `version: 1
partition: { name: P, host: h, user: u, password: "\${env:PW}" }
`;
const ENV = { PW: 'p' };
const SIGNED = 'signing: none, privateNetworks: allow';

function check(yaml: string): LoadResult {
  return checkText(yaml, 'c.yaml', '/nowhere/c.yaml', { env: ENV });
}

function errors(yaml: string): string[] {
  return check(yaml)
    .issues.filter((i) => i.severity === 'error')
    .map(formatIssue);
}

/** Line 4 holds the table. */
function table(rest: string): string {
  return `${HEAD}destinations: { crm: { stdout: true } }\ntables: { L/T: { event: order, ${rest} } }\n`;
}

/** Line 3 holds the destination. */
function webhook(rest: string): string {
  return `${HEAD}destinations: { crm: { webhook: { url: "https://x/y", ${SIGNED}, ${rest} } } }\ntables: { L/T: { event: order } }\n`;
}

type Place = [name: string, yaml: (scalar: string) => string, seen: (config: Config) => unknown];

const rule = (c: Config) => c.tables[0]!.rules[0]!;
const crm = (c: Config) => c.destinations['crm']!;

/** Places where text is meant, and nothing else. */
const TEXTS: Place[] = [
  [
    'a key of types',
    (s) => table(`x: 1`).replace('event: order, x: 1', `event: { by: RC, types: { ${s}: order } }`),
    (c) => keysOf((rule(c).event as { types: object }).types),
  ],
  [
    'a key of lookups.values',
    (s) => table(`lookups: { l: { values: { ${s}: x } } }`),
    (c) => keysOf((c.tables[0]!.lookups['l'] as { values: object }).values),
  ],
  ['a key of constants', (s) => table(`constants: { ${s}: x }`), (c) => keysOf(rule(c).constants)],
  [
    'a key inside a constant',
    (s) => table(`constants: { x: { ${s}: x } }`),
    (c) => keysOf(rule(c).constants['x'] as object),
  ],
  [
    'transitions.from',
    (s) => table(`transitions: [{ event: a, column: C, from: [ ${s} ], to: [x] }]`),
    (c) => rule(c).transitions[0]!.from![0],
  ],
  [
    'transitions.to',
    (s) => table(`transitions: [{ event: a, column: C, to: [ ${s} ] }]`),
    (c) => rule(c).transitions[0]!.to[0],
  ],
  [
    'a webhook header',
    (s) => webhook(`headers: { X-Plant: ${s} }`),
    (c) => crm(c).webhook!.headers['X-Plant']!.reveal(),
  ],
  [
    'a Kafka header',
    (s) =>
      `${HEAD}destinations: { crm: { kafka: { brokers: ["k:1"], topic: t, headers: { plant: ${s} } } } }\ntables: { L/T: { event: order } }\n`,
    (c) => crm(c).kafka!.headers['plant'],
  ],
  ['a password', (s) => webhook('gzip: true').replace('"${env:PW}"', s), (c) => c.partition.password.reveal()],
  ['a user', (s) => webhook('gzip: true').replace('user: u', `user: ${s}`), (c) => c.partition.user],
  [
    'an API key',
    (s) => webhook(`auth: { apiKey: { header: X-Key, value: ${s} } }`),
    (c) => crm(c).webhook!.auth.apiKey!.value.reveal(),
  ],
  ['a user to ignore', (s) => table(`ignore: { users: [ ${s} ] }`), (c) => rule(c).ignore.users[0]],
  ['a trace key', (s) => table(`traceKey: ${s}`), (c) => rule(c).traceKey],
];

/** Places that take numbers as well, where the writer alone knows what is meant. */
const EITHER: Place[] = [
  ['a constant', (s) => table(`constants: { plant: ${s} }`), (c) => rule(c).constants['plant']],
  [
    'inside a constant',
    (s) => table(`constants: { x: [{ y: ${s} }] }`),
    (c) => (rule(c).constants['x'] as { y: unknown }[])[0]!.y,
  ],
  [
    'a meaning',
    (s) => table(`lookups: { l: { values: { a: ${s} } } }`),
    (c) => (c.tables[0]!.lookups['l'] as { values: Record<string, unknown> }).values['a'],
  ],
  [
    'success.body.equals',
    (s) => webhook(`success: { body: { path: p, equals: ${s} } }`),
    (c) => crm(c).webhook!.success.body!.equals,
  ],
  [
    'onDelete.update.set',
    (s) => table(`onDelete: { update: { set: { sts: ${s} } } }`),
    (c) => (rule(c).onDelete as { set: Record<string, unknown> }).set['sts'],
  ],
  [
    'a sentinel',
    (s) => table(`columns: { D: { date: cyymmdd, sentinels: [ ${s} ] } }`),
    (c) => rule(c).columns['D']!.meaning!.sentinels![0],
  ],
  [
    'an envelope',
    (s) => table(`envelope: { template: { x: ${s} } }`),
    (c) => (rule(c).envelope as unknown as { template: { x: unknown } }).template.x,
  ],
  ['a version', (s) => table(`version: ${s}`), (c) => rule(c).version],
];

const keysOf = (o: object): unknown => (Object.keys(o).length === 1 ? Object.keys(o)[0] : Object.keys(o));

const ODD = [
  '05',
  '010',
  '0o17',
  '0x1F',
  '0xff',
  '12345678901234567890',
  '7.50',
  '1e5',
  '1E5',
  '.5',
  '5.',
  '+5',
  '-0',
  '00',
  '0',
  '1.0',
  '1_000',
  'NO',
  'no',
  'yes',
  'on',
  'off',
  'y',
  'True',
  'TRUE',
  'true',
  'false',
  'null',
  'Null',
  'NULL',
  '~',
  '.inf',
  '-.INF',
  '.nan',
  '2024-01-02',
  '2024-01-02T03:04:05Z',
  '1:30',
  '190:20:30',
  '0.1',
  '1.10',
  '9007199254740993',
  '5',
  '-12',
  '12.5',
];

/** Scalars without quotes that YAML itself is content with in a flow map. */
const scalar = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD) },
  fc.integer({ min: 0, max: 10 ** 9 }).map((n) => `${n}`.padStart(10, '0')),
  fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map(String),
  fc.tuple(fc.integer({ min: 0, max: 9999 }), fc.stringMatching(/^[0-9]{1,6}$/)).map(([a, b]) => `${a}.${b}`),
  fc
    .tuple(
      fc.stringMatching(/^[0-9]{1,4}$/),
      fc.constantFrom('e', 'E'),
      fc.constantFrom('', '+', '-'),
      fc.stringMatching(/^[0-9]{1,3}$/),
    )
    .map((p) => p.join('')),
  fc.stringMatching(/^0x[0-9a-fA-F]{1,18}$/),
  fc.stringMatching(/^0o[0-7]{1,24}$/),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_./+]{0,12}$/),
);

const RUNS = { numRuns: 150 };

test.each(TEXTS)('text stays as it is written: %s', (_, yaml, seen) => {
  fc.assert(
    fc.property(scalar, (s) => {
      const { config, issues } = check(yaml(s));
      // a member that may be left out is left out by what YAML calls nothing
      if (config) expect(seen(config) ?? '~').toBe(s === 'null' && seen(config) === null ? '~' : s);
      else expect(issues.every((i) => i.line > 1)).toBe(true);
    }),
    RUNS,
  );
});

test.each(TEXTS)('nothing but nothing is refused: %s', (name, yaml) => {
  const bad = ODD.filter((s) => check(yaml(s)).config === null);
  // names of users and members have a form of their own
  const nothing = ['null', 'Null', 'NULL', '~'];
  const dotted = ['7.50', '.5', '5.', '1.0', '.inf', '-.INF', '.nan', '0.1', '1.10', '12.5'];
  expect(bad.filter((s) => !nothing.includes(s) && !(name.includes('key of constants') && dotted.includes(s)))).toEqual(
    [],
  );
});

test.each(EITHER)('text or number: as it is written, or refused in its line with the way out: %s', (_, yaml, seen) => {
  fc.assert(
    fc.property(scalar, (s) => {
      const { config, issues } = check(yaml(s));
      if (config) {
        const value = seen(config);
        if (typeof value === 'string') expect(value).toBe(s);
        else expect([JSON.stringify(value), '~']).toContain(s);
      } else {
        const told = issues.filter((i) => i.severity === 'error').map(formatIssue);
        expect(told).not.toEqual([]);
        for (const text of told) expect(text).toMatch(/^c\.yaml:[34]:\d+: error: \S+: saw /);
      }
      // in quotes any of them is the text
      const quoted = check(yaml(`"${s}"`));
      if (quoted.config) expect(String(seen(quoted.config))).toBe(s);
    }),
    RUNS,
  );
});

test('the refusal says where, what, and what to write', () => {
  expect(
    errors(table('constants: { plant: 0100, price: 1.10, id: 12345678901234567890, name: Null, ok: 100 }')),
  ).toEqual([
    'c.yaml:4:52: error: tables.L/T.constants.plant: saw 0100, expected quotes, "0100", if this text is meant: without them YAML takes it for 100',
    'c.yaml:4:65: error: tables.L/T.constants.price: saw 1.10, expected quotes, "1.10", if this text is meant: without them YAML takes it for 1.1',
    'c.yaml:4:75: error: tables.L/T.constants.id: saw 12345678901234567890, expected quotes, "12345678901234567890", if this text is meant: without them YAML takes it for 12345678901234567000',
    'c.yaml:4:103: error: tables.L/T.constants.name: saw Null, expected quotes, "Null", if this text is meant: without them YAML takes it for no value',
  ]);
});

test('where a number is meant it is one, however it is written', () => {
  const { config } = check(
    webhook('concurrency: 0x10, batch: { mode: micro, maxRecords: 007 }, retry: { jitter: 0.50 }'),
  );
  expect(crm(config!).webhook).toMatchObject({ concurrency: 16, batch: { maxRecords: 7 }, retry: { jitter: 0.5 } });
});

test('the word null of a policy is the word', () => {
  const { config } = check(table('onFieldError: stop, columns: { A: { onError: null } }'));
  expect(rule(config!).columns['A']!.onError).toBe('null');
});

test('keys that YAML takes for one number are two, and one text is one', () => {
  const { config } = check(table('lookups: { l: { values: { 05: a, 5: b } } }'));
  expect((config!.tables[0]!.lookups['l'] as { values: object }).values).toEqual({ '05': 'a', '5': 'b' });
  expect(errors(table('lookups: { l: { values: { 05: a, "05": b } } }'))).toEqual([
    expect.stringContaining('c.yaml:4:65: error: (document): saw Map keys must be unique: "05" stands here twice'),
  ]);
});

describe('anchors', () => {
  test('hundreds of tables share their rules, and the blocks inside them', () => {
    const rules =
      '[{ name: main, event: order, ignore: { users: &who [QSECOFR], jobs: *who, programs: *who }, to: &to [crm] }, { name: raw, event: raw, ignore: { users: *who, jobs: *who }, to: *to }]';
    const tables = Array.from({ length: 2_000 }, (_, i) => `  L/T${i + 1}: { key: [ID], rules: *rules }\n`).join('');
    const { config, issues } = check(
      `${HEAD}destinations: { crm: { stdout: true } }\ntables:\n  L/T0: { key: [ID], rules: &rules ${rules} }\n${tables}`,
    );
    expect(issues).toEqual([]);
    expect(config!.tables).toHaveLength(2_001);
    expect(config!.tables[2_000]!.rules[1]).toMatchObject({ name: 'raw', ignore: { jobs: ['QSECOFR'] }, to: ['crm'] });
  });

  test('a merge: own members first, then the first of several, wherever it stands', () => {
    const { config } = check(`${HEAD}destinations: { crm: { stdout: true } }
tables:
  L/A: &a { event: a, owner: one, key: [X] }
  L/B: &b { event: b, owner: two, member: M }
  L/C: { event: c, <<: [*a, *b] }
  L/D: { <<: *b, event: d }
`);
    expect(config!.tables[2]).toMatchObject({ owner: 'one', key: ['X'], member: 'M', rules: [{ name: 'c' }] });
    expect(config!.tables[3]).toMatchObject({ owner: 'two', member: 'M', rules: [{ name: 'd' }] });
  });

  test('what an alias brings is told of where it stands', () => {
    expect(
      errors(`${HEAD}destinations: { crm: { stdout: true } }
tables:
  L/A: &a { event: a, ownr: one }
  L/B: { <<: *a, event: b }
`),
    ).toEqual([
      expect.stringContaining('c.yaml:5:23: error: tables.L/A.ownr'),
      expect.stringContaining('c.yaml:5:23: error: tables.L/B.ownr'),
    ]);
  });

  test.each([
    ['an alias in its own anchor', 'x: &x [1, *x]', 'c.yaml:1:11', 'stands inside its own anchor &x'],
    ['a merge of itself', 'x: &x { <<: *x }', 'c.yaml:1:13', 'stands inside its own anchor &x'],
    ['two that stand in each other', 'x: &x\n  y: &y { z: *x }\n', 'c.yaml:2:14', 'stands inside its own anchor &x'],
    ['an alias to nothing', 'x: *y', 'c.yaml:1:4', 'no anchor &y before it'],
    ['a merge of a text', 'x: { <<: text }', 'c.yaml:1:10', '<< takes a map'],
    ['a tag', 'x: !env PASSWORD', 'c.yaml:1:4', '!env'],
    ['a binary', 'x: !!binary aGk=', 'c.yaml:1:13', '!!binary'],
    ['a map as key', '? [1, 2]\n: x', 'c.yaml:1:3', 'a key must be text'],
  ])('%s is an error of its line', (_, yaml, place, what) => {
    const told = errors(yaml);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(new RegExp(`^${place}: error: \\(document\\): saw `));
    expect(told[0]).toContain(what);
  });

  test.each([
    [
      'lists',
      Array.from(
        { length: 30 },
        (_, i) =>
          `a${i}: &a${i} [${
            i === 0
              ? 'lol'
              : Array(9)
                  .fill(`*a${i - 1}`)
                  .join(', ')
          }]`,
      ).join('\n'),
    ],
    [
      'merges',
      Array.from(
        { length: 30 },
        (_, i) =>
          `a${i}: &a${i} { ${i === 0 ? 'x: lol' : Array.from({ length: 9 }, (_, k) => `k${k}: *a${i - 1}`).join(', ')} }`,
      ).join('\n'),
    ],
    ['one long text', `a: &a ${'x'.repeat(1 << 20)}\nb: [${Array(100).fill('*a').join(', ')}]`],
  ])('a bomb of %s is refused at once', (_, yaml) => {
    const started = performance.now();
    expect(errors(yaml)).toEqual([
      expect.stringMatching(/^c\.yaml:\d+:\d+: error: .* is larger than .* with its aliases put in/),
    ]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test.each([
    ['a hundred levels', 200],
    ['so many that the parser gives up', 200_000],
  ])('nesting of %s is refused', (_, depth) => {
    expect(errors(`x: ${'['.repeat(depth)}${']'.repeat(depth)}`)).toEqual([
      expect.stringMatching(/nested (deeper than|too deeply)/),
    ]);
  });
});

describe('encoding', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function told(bytes: Buffer): string[] {
    const file = join(folder, 'c.yaml');
    writeFileSync(file, bytes);
    return checkConfig(file, { env: ENV }).issues.map((i) => formatIssue(i).replace(`${folder}/`, ''));
  }

  test('Latin-1 is refused with line and column', () => {
    expect(told(Buffer.from(table('owner: Müller'), 'latin1'))).toEqual([
      'c.yaml:4:40: error: (document): saw a file that is not UTF-8, expected UTF-8: save it again as UTF-8',
    ]);
    expect(told(Buffer.from(table('owner: Müller')))).toEqual([]);
  });

  test('UTF-16 is refused, a byte order mark is not', () => {
    expect(told(Buffer.from(`\ufeff${table('owner: x')}`, 'utf16le'))).toEqual([
      'c.yaml:1:1: error: (document): saw a file that is UTF-16, expected UTF-8: save it again as UTF-8',
    ]);
    expect(told(Buffer.from(`\ufeff${table('owner: x')}`))).toEqual([]);
  });

  test('a directory or a device is no configuration', () => {
    expect(() => checkConfig(folder, { env: {} })).toThrow(/is a directory, expected a regular file/);
    expect(() => checkConfig('/dev/zero', { env: {} })).toThrow(/is a device, expected a regular file/);
  });
});
