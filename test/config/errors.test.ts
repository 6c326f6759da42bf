/** Tables of YAML -> exact messages. Every error of a file is told at once, with line and column. */
import { formatIssue } from '../../src/config/issue';
import { checkText, type LoadOptions } from '../../src/config/load';
import { checkMapping } from '../../src/map/plan/check';

const PARTITION = 'partition: { name: P, host: h, user: u, password: "${env:PW}" }';
const DESTINATION = 'destinations: { crm: { stdout: {} } }';
const TABLES = 'tables: { L/T: { event: order } }';
const WEBHOOK = (rest: string) => `destinations: { crm: { webhook: { url: "https://x/y", ${rest} } } }`;
const TABLE = (rest: string) => `tables: { L/T: { ${rest} } }`;

function issuesOf(yaml: string): string[] {
  const options = { env: { PW: 'sesame', PORT: '70000' }, checkMapping };
  return checkText(yaml, 'c.yaml', '/nowhere/c.yaml', options)
    .issues.filter((i) => i.severity === 'error')
    .map(formatIssue);
}

function config(...lines: string[]): string {
  const given = lines.join('\n');
  const rest = [PARTITION, DESTINATION, TABLES].filter((l) => !given.includes(`${l.split(':')[0]}:`));
  return ['version: 1', ...lines, ...rest].join('\n');
}

test('the frame of these tests is a valid configuration', () => {
  expect(issuesOf(config())).toEqual([]);
});

test.each<[name: string, yaml: string, expected: string]>([
  [
    'Standard Webhooks',
    WEBHOOK('signing: { standardWebhooks: { secret: "${env:BAD}" } }'),
    'destinations.crm.webhook.signing.standardWebhooks.secret: saw [secret], expected whsec_ followed by base64 of 24 to 64 bytes',
  ],
  [
    'Ed25519',
    WEBHOOK('signing: { standardWebhooks: { privateKey: "${env:BAD}" } }'),
    'destinations.crm.webhook.signing.standardWebhooks.privateKey: saw [secret], expected whsk_ followed by base64 of 32 or 64 bytes, or a PEM as `openssl genpkey -algorithm ed25519` writes it',
  ],
  [
    'hmac, hex',
    WEBHOOK('signing: { hmac: { secret: "${env:BAD}", header: x-s, secretEncoding: hex } }'),
    'destinations.crm.webhook.signing.hmac.secret: saw [secret], expected pairs of hex digits, or another secretEncoding',
  ],
  [
    'state file',
    'encryption: { key: "${env:BAD}" }',
    'encryption.key: saw [secret], expected 32 bytes: 64 hex digits, or base64',
  ],
])('a key that cannot be one is told offline: %s', (_, yaml, expected) => {
  const check = (text: string, references: NonNullable<LoadOptions['references']>) =>
    checkText(config(text), 'c.yaml', '/nowhere/c.yaml', { env: { PW: 'sesame', BAD: 'not a key, ah%' }, references });
  const { config: read, issues } = check(yaml, 'check');
  expect(issues).toMatchObject([{ code: 'CFG_KEY', severity: 'error' }]);
  expect(formatIssue(issues[0]!)).toContain(expected);
  expect(read).toBeNull();
  // a command that only looks into the state file may be run where the values are dummies
  expect(check(yaml, 'tolerate').config).not.toBeNull();
  const any = 'signing: { hmac: { secret: "${env:BAD} and more", header: x-s } }';
  expect(check(WEBHOOK(any), 'check').issues).toEqual([]);
});

test.each<[name: string, yaml: string, messages: string[]]>([
  [
    'wrong version',
    ['version: 2', PARTITION, DESTINATION, TABLES].join('\n'),
    ['c.yaml:1:10: error: version: saw 2, expected 1'],
  ],
  [
    'unknown key, near miss',
    config('partiton: {}'),
    [
      'c.yaml:2:1: error: partiton: saw unknown key "partiton", expected one of $schema, version, partition, state, encryption, destinations, tables, profiles, policies, journal, http, alerts, commands, log; did you mean "partition"?',
    ],
  ],
  [
    'missing and misspelt key',
    config('partition: { name: P, hots: h, user: u, password: p }'),
    [
      'c.yaml:2:1: error: partition.host: nothing here, expected text',
      'c.yaml:2:23: error: partition.hots: saw unknown key "hots", expected one of name, host, port, signonPort, commandPort, user, password, transport, tls, odbc, timeouts, timeZone, ccsid, budget, passwordWarnDays; did you mean "host"?',
    ],
  ],
  [
    'port out of range',
    config('partition: { name: P, host: h, user: u, password: p, port: 99999 }'),
    ['c.yaml:2:60: error: partition.port: saw 99999, expected a whole number from 1 to 65535'],
  ],
  [
    'value out of a reference is shown as written',
    config('partition: { name: P, host: h, user: u, password: p, port: "${env:PORT}" }'),
    ['c.yaml:2:60: error: partition.port: saw the value of ${env:PORT}, expected a whole number from 1 to 65535'],
  ],
  [
    'a secret is never shown',
    config('partition: { name: P, host: h, user: u, password: [123456] }'),
    ['c.yaml:2:51: error: partition.password: saw [secret], expected a secret: ${env:NAME}, ${file:path} or text'],
  ],
  [
    'reference to nothing',
    config('partition: { name: P, host: "${env:NOPE}", user: u, password: "${file:gone}" }'),
    [
      'c.yaml:2:29: error: partition.host: saw ${env:NOPE}: environment variable NOPE is not set, expected a reference that leads somewhere',
      'c.yaml:2:63: error: partition.password: saw ${file:gone}: file /nowhere/gone cannot be read (ENOENT), expected a reference that leads somewhere',
    ],
  ],
  [
    'tls that is neither off nor options',
    config('partition: { name: P, host: h, user: u, password: p, tls: none }'),
    [
      'c.yaml:2:59: error: partition.tls: saw "none", expected off, or { ca, fingerprint, serverName, minVersion, ciphers }',
    ],
  ],
  [
    'transport, did you mean',
    config('partition: { name: P, host: h, user: u, password: p, transport: hostsever }'),
    [
      'c.yaml:2:65: error: partition.transport: saw "hostsever", expected one of hostserver, jt400, odbc; did you mean "hostserver"?',
    ],
  ],
  [
    'a destination of two kinds',
    config('destinations: { crm: { stdout: {}, kafka: { brokers: ["k:9092"], topic: t } } }'),
    [
      'c.yaml:2:22: error: destinations.crm: saw an object with stdout, kafka, expected exactly one of webhook, kafka, stdout',
    ],
  ],
  [
    'no signing at all',
    config('destinations: { crm: { webhook: { url: "https://x/y" } } }'),
    [
      'c.yaml:2:24: error: destinations.crm.webhook.signing: nothing here, expected one of standardWebhooks, hmac, stripe, github, shopify, slack, celigo with its secret, or none to send unsigned',
    ],
  ],
  [
    'signing misspelt',
    config(WEBHOOK('signing: { standartWebhooks: { secret: hush } }')),
    [
      'c.yaml:2:64: error: destinations.crm.webhook.signing: saw an object with standartWebhooks, expected one of standardWebhooks, hmac, stripe, github, shopify, slack, celigo with its secret, or none to send unsigned; did you mean "standardWebhooks"?',
    ],
  ],
  [
    'inside one alternative of several',
    config(WEBHOOK('signing: { hmac: { secret: hush, algorithm: md5 } }')),
    [
      'c.yaml:2:99: error: destinations.crm.webhook.signing.hmac.algorithm: saw "md5", expected one of sha1, sha256, sha384, sha512',
    ],
  ],
  [
    'a member of one of two objects that could stand there',
    config(TABLE('event: { entity: order, title: { en: Order } }')),
    ['c.yaml:2:49: error: tables.L/T.event.title: saw an object with en, expected text'],
  ],
  [
    'a misspelt key whose value leads nowhere, too',
    config('partition: { name: P, hots: "${env:NOPE}", user: u, password: p, host: h }'),
    [
      'c.yaml:2:23: error: partition.hots: saw unknown key "hots", expected one of name, host, port, signonPort, commandPort, user, password, transport, tls, odbc, timeouts, timeZone, ccsid, budget, passwordWarnDays; did you mean "host"?',
      'c.yaml:2:29: error: partition.hots: saw ${env:NOPE}: environment variable NOPE is not set, expected a reference that leads somewhere',
    ],
  ],
  [
    'duration',
    config(WEBHOOK('signing: none, retry: { schedule: [0s, 5x] }')),
    [
      'c.yaml:2:94: error: destinations.crm.webhook.retry.schedule[1]: saw "5x", expected a duration such as 250ms, 30s, 5m, 2h or 1d',
    ],
  ],
  [
    'size',
    config(WEBHOOK('signing: none, maxResponseBytes: 64')),
    [
      'c.yaml:2:88: error: destinations.crm.webhook.maxResponseBytes: saw 64, expected a size such as 20KB, 5MB or 1GiB',
    ],
  ],
  [
    'scheduled batch without schedule',
    config(WEBHOOK('signing: none, batch: { mode: scheduled }')),
    ['c.yaml:2:70: error: destinations.crm.webhook.batch.schedule: nothing here, expected schedule, a cron expression'],
  ],
  [
    'broker without port',
    config('destinations: { lake: { kafka: { brokers: [kafka-1], topic: t } } }'),
    ['c.yaml:2:44: error: destinations.lake.kafka.brokers[0]: saw "kafka-1", expected host:port such as kafka-1:9092'],
  ],
  [
    'table without library',
    config('tables: { ORDHDR: { event: order } }'),
    ['c.yaml:2:11: error: tables.ORDHDR: saw "ORDHDR", expected LIB/TABLE such as ORDLIB/ORDHDR'],
  ],
  [
    'one file twice',
    config('tables: { L/T: { event: a }, l/t: { event: b } }'),
    ['c.yaml:2:30: error: tables.l/t: saw "l/t", expected each table once; "L/T" is the same file'],
  ],
  [
    'neither event nor parent',
    config(TABLE('key: [A]')),
    ['c.yaml:2:11: error: tables.L/T.event: nothing here, expected event (such as order) or parent'],
  ],
  [
    'event beside parent',
    config('tables: { L/T: { event: line, parent: { event: order, key: { no: ORDNO } } } }'),
    [
      'c.yaml:2:18: error: tables.L/T.event: saw "event" beside parent, expected event or parent: a rule sends events of its rows or of their parent; give each a rule under rules:',
    ],
  ],
  [
    'key that is no list',
    config(TABLE('event: o, key: ORDNO')),
    ['c.yaml:2:33: error: tables.L/T.key: saw "ORDNO", expected a list of column names'],
  ],
  [
    'capture misspelt',
    config(TABLE('event: o, capture: jornal')),
    [
      'c.yaml:2:37: error: tables.L/T.capture: saw "jornal", expected journal, or { window: { by: [...] } }; did you mean "journal"?',
    ],
  ],
  [
    'on_delete',
    config(TABLE('event: o, on_delete: ignore')),
    [
      expect.stringMatching(
        /^c\.yaml:2:28: error: tables\.L\/T\.on_delete: saw unknown key "on_delete", .*; did you mean "onDelete"\?$/,
      ),
    ],
  ],
  [
    'date form',
    config(TABLE('event: o, columns: { D: { date: cyymmd } }')),
    [
      'c.yaml:2:50: error: tables.L/T.columns.D.date: saw "cyymmd", expected one of cyymmdd, cmmddyy, cddmmyy, yymmdd, mmddyy, ddmmyy, ccyymmdd, mmddccyy, ddmmccyy, cyyddd, yyddd, ccyyddd; did you mean "cyymmdd"?',
    ],
  ],
  [
    'unknown destination',
    config('destinations: { crm: { stdout: {} }, lake: { stdout: {} } }', TABLE('event: o, to: [crn, lake]')),
    ['c.yaml:3:33: error: tables.L/T.to[0]: saw "crn", expected one of crm, lake; did you mean "crm"?'],
  ],
  [
    'two members of one name',
    config(TABLE('event: o, columns: { A: x, B: x }, constants: { x: 1 }')),
    [
      'c.yaml:2:48: error: tables.L/T.columns.B: saw "x", expected a name of its own; columns.A has it already',
      'c.yaml:2:66: error: tables.L/T.constants.x: saw "x", expected a name of its own; columns.A has it already',
    ],
  ],
  [
    'mask that is none',
    config(TABLE('event: o, mask: { A: lst4 }')),
    [
      'c.yaml:2:39: error: tables.L/T.mask.A: saw "lst4", expected drop, redact, last4, { last }, { truncate } or { hash: sha256, key }; did you mean "last4"?',
    ],
  ],
  [
    'raw image would show what is masked',
    config(TABLE('event: o, mask: { A: redact }, rawImage: hex')),
    ['c.yaml:2:59: error: tables.L/T.rawImage: saw "hex", expected off: the raw image would show what the masks hide'],
  ],
  [
    'key column dropped',
    config(TABLE('event: o, key: [A], mask: { A: drop }')),
    [
      'c.yaml:2:49: error: tables.L/T.mask.A: saw "drop", expected a mask that keeps keys apart (hash): a key column cannot be dropped',
    ],
  ],
  [
    'rule members beside rules',
    config(TABLE('columns: { A: a }, rules: [{ name: r, event: o }]')),
    [
      'c.yaml:2:18: error: tables.L/T.columns: saw "columns" beside rules, expected it inside the rules: a table with `rules` has no rule members of its own',
    ],
  ],
  [
    'two rules of one name',
    config(TABLE('rules: [{ name: r, event: o }, { name: r, event: p }]')),
    ['c.yaml:2:57: error: tables.L/T.rules[1].name: saw "r", expected a name no other rule of this table has'],
  ],
  [
    'expression cut short',
    config(TABLE('event: o, when: "STS = "')),
    ['c.yaml:2:34: error: tables.L/T.when: saw the end at character 7, expected a column, number, text in quotes or ('],
  ],
  [
    'expression, unknown function',
    config(TABLE('event: o, expressions: { t: { value: "rond(A, 2)" } }')),
    [
      expect.stringMatching(
        /expressions\.t: saw "rond\(\.\.\.\)|expressions\.t: saw rond\(\.\.\.\) at character 1, expected a function: abs, ceil, /,
      ),
    ],
  ],
  [
    'lookup that is not there',
    config(TABLE(`event: o, expressions: { t: "lookup('st', A)" }`)),
    [
      'c.yaml:2:46: error: tables.L/T.expressions.t: saw lookup "st", expected one of the table\'s lookups: there are none',
    ],
  ],
  [
    'template without column',
    config(TABLE('event: o, traceKey: "{{A_"')),
    ['c.yaml:2:38: error: tables.L/T.traceKey: saw "{{A_", expected text with {{COLUMN}} in it'],
  ],
  [
    'body template with a path that is none',
    config(TABLE('event: o, envelope: { template: { a: "{{aftr.x}}" } }')),
    [
      expect.stringMatching(
        /^c\.yaml:2:50: error: tables\.L\/T\.envelope\.template: saw \{\{aftr\.x\}\}, expected id, type, /,
      ),
    ],
  ],
  [
    'unknown zone',
    config(TABLE('event: o, columns: { D: { date: cyymmdd, withTime: T, zone: Mars/Base } }')),
    [
      'c.yaml:2:78: error: tables.L/T.columns.D.zone: saw "Mars/Base", expected a time zone such as Europe/Berlin or +01:00',
    ],
  ],
  [
    'clock zone',
    config('partition: { name: P, host: h, user: u, password: p, timeZone: Mars }'),
    ['c.yaml:2:64: error: partition.timeZone: saw "Mars", expected a time zone such as Europe/Berlin or +01:00'],
  ],
  [
    'cron',
    config(WEBHOOK('signing: none, batch: { mode: scheduled, schedule: hourly }')),
    [
      'c.yaml:2:106: error: destinations.crm.webhook.batch.schedule: saw "hourly", expected a cron expression such as "0 * * * *"',
    ],
  ],
  [
    'placeholder of a topic',
    config('destinations: { lake: { kafka: { brokers: ["k:1"], topic: "erp.${tabel}" } } }'),
    [
      'c.yaml:2:59: error: destinations.lake.kafka.topic: saw "erp.${tabel}", expected no other placeholders than ${table}, ${library}, ${file}, ${type}, ${entity}, ${partition}',
    ],
  ],
  [
    'range of private networks',
    config(WEBHOOK('signing: none, privateNetworks: [10.1.0.0/99]')),
    [
      'c.yaml:2:88: error: destinations.crm.webhook.privateNetworks[0]: saw "10.1.0.0/99", expected a range such as 10.1.0.0/16',
    ],
  ],
  [
    'broken YAML',
    'version: 1\npartition: { name: P',
    [expect.stringMatching(/^c\.yaml:2:\d+: error: \(document\): saw Flow map/)],
  ],
  [
    'a key twice',
    'version: 1\nversion: 1',
    ['c.yaml:2:1: error: (document): saw Map keys must be unique: "version" stands here twice, expected valid YAML'],
  ],
  [
    'an empty file',
    '',
    [
      'c.yaml:1:1: error: version: nothing here, expected 1',
      'c.yaml:1:1: error: partition: nothing here, expected an object',
      'c.yaml:1:1: error: destinations: nothing here, expected destinations by name',
      'c.yaml:1:1: error: tables: nothing here, expected tables by LIB/TABLE',
    ],
  ],
])('%s', (_, yaml, messages) => {
  expect(issuesOf(yaml)).toEqual(messages);
});

test('errors come in the order of the file, all of them', () => {
  const yaml = config(
    'partition: { name: P!, host: h, user: u, password: p, port: 0 }',
    WEBHOOK('signing: none, concurrency: 0'),
  );
  expect(issuesOf(yaml).map((m) => m.slice(0, 12))).toEqual(['c.yaml:2:20:', 'c.yaml:2:61:', 'c.yaml:3:83:']);
});

describe('a window that remembers keys alone', () => {
  const WINDOW = "capture: { window: { by: [TS], remember: key, deletes: { schedule: '0 3 * * *' } } }";
  const TIMESTAMPS = 'capture: { window: { by: [TS], remember: key } }';
  test.each<[rule: string, path: string]>([
    [`event: r, whenChanged: [A], ${WINDOW}`, 'whenChanged'],
    [`event: r, transitions: [{ event: r.x, column: S, to: [X] }], ${WINDOW}`, 'transitions'],
    [`event: r, payload: changed, ${WINDOW}`, 'payload'],
    [`event: r, when: "before.A = 1", ${WINDOW}`, 'when'],
    [`event: r, when: "changed(A)", ${WINDOW}`, 'when'],
    [`event: r, expressions: { was: "before.A" }, ${WINDOW}`, 'expressions.was'],
    [`event: r, onDelete: delete, when: "A = 1", ${WINDOW}`, 'when'],
    [`event: { by: A, types: { x: y } }, onDelete: update, key: [K], ${WINDOW}`, 'event.by'],
    [`event: r, onDelete: delete, key: [K], traceKey: "{{A}}-{{K}}", ${WINDOW}`, 'traceKey'],
    [`event: r, onDelete: delete, recordUrl: "https://x/{{K}}", ${WINDOW}`, 'recordUrl'],
    [`parent: { event: p, key: { id: A } }, key: [K], ${WINDOW}`, 'parent.key'],
  ])('refuses %s', (rule, path) => {
    const issues = issuesOf(config(TABLE(rule)));
    expect(issues).toEqual([expect.stringContaining(`tables.L/T.${path}: saw `)]);
    expect(issues[0]).toContain('expected capture.window.remember: row: with key a');
  });

  test.each([
    [`event: r, whenChanged: [A], onDelete: delete, when: "before.A = 1", ${WINDOW.replace('remember: key, ', '')}`],
    [`event: r, onDelete: delete, key: [K], traceKey: "x-{{K}}", ${WINDOW}`],
    [`event: r, when: "A = 'before.B'", ${TIMESTAMPS}`],
    [`parent: { event: p, key: { id: K } }, key: [K], ${WINDOW}`],
  ])('takes %s', (rule) => {
    expect(issuesOf(config(TABLE(rule)))).toEqual([]);
  });
});

test.each<[table: string, path: string | null]>([
  ['event: r, onDelete: delete, cleared: delete, remember: false', 'remember'],
  ['event: r, onDelete: delete, cleared: delete, key: [K], traceKey: "{{A}}-{{K}}"', 'traceKey'],
  ['event: r, onDelete: delete, cleared: delete, key: [K], traceKey: "x-{{K}}"', null],
  ['event: r, cleared: delete, key: [K], traceKey: "{{A}}"', null],
  ['event: r, onDelete: delete, cleared: pause, remember: false', null],
])('a table that tells deletes when it is cleared: %s', (table, path) => {
  const issues = issuesOf(config(TABLE(table)));
  expect(issues).toEqual(path === null ? [] : [expect.stringContaining(`tables.L/T.${path}: saw `)]);
});
