/** Configurations that can never work, each an error of its line; and those that work and should be looked at. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatIssue } from '../../src/config/issue';
import { checkText } from '../../src/config/load';

const ENV = { PW: 'p', KEY: `whsec_${Buffer.alloc(32, 7).toString('base64')}`, TOKEN: 'a-token-of-some-length' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(yaml: string, env: Record<string, string> = {}): string[] {
  return checkText(yaml, 'c.yaml', join(folder, 'c.yaml'), { env: { ...ENV, ...env } }).issues.map(
    (i) => `${i.code} ${formatIssue(i)}`,
  );
}

function config(parts: { partition?: string; destinations?: string; tables?: string; rest?: string }): string {
  return `version: 1
partition: { name: P, host: h, user: u, password: "\${env:PW}"${parts.partition ? `, ${parts.partition}` : ''} }
destinations: { ${parts.destinations ?? 'crm: { stdout: true }'} }
tables: { ${parts.tables ?? 'L/T: { event: order }'} }
${parts.rest ?? ''}
`;
}

const SIGNED = 'signing: { standardWebhooks: { secret: "${env:KEY}" } }';
const webhook = (rest: string, url = 'https://x.example/y') =>
  config({ destinations: `crm: { webhook: { url: "${url}", ${/signing/.test(rest) ? '' : `${SIGNED}, `}${rest} } }` });
const kafka = (rest: string) => config({ destinations: `lake: { kafka: { brokers: ["k:9092"], topic: t, ${rest} } }` });

test('the frames of these tests are valid', () => {
  expect(check(config({}))).toEqual([]);
  expect(check(webhook('gzip: true'))).toEqual([]);
  expect(check(kafka('tombstones: true'))).toEqual([]);
});

describe('headers', () => {
  test.each([
    [
      'beyond Latin-1',
      '"東京"',
      {},
      'expected characters of Latin-1, which are all a header can carry: character 1 is another',
    ],
    ['beyond Latin-1, from the environment', '"x${env:BAD}"', { BAD: 'ab€' }, 'character 4 is another'],
    ['a line end', '"a\\nb: c"', {}, 'expected one line: character 2 is a line end'],
    [
      'a line end, from the environment',
      '"${env:BAD}"',
      { BAD: 'a\r\nX-Other: b' },
      'expected one line: character 2 is a line end',
    ],
    ['a control character', '"a\\eb"', {}, 'expected text without control characters: character 2 is one'],
    ['a NUL', '"a\\0"', {}, 'character 2 is one'],
  ])('a value %s', (_, value, env, expected) => {
    const told = check(webhook(`headers: { X-Tenant: ${value} }`), env);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^CFG_KEY c\.yaml:3:\d+: error: destinations\.crm\.webhook\.headers\.X-Tenant: saw \[secret\], /,
    );
    expect(told[0]).toContain(expected);
  });

  test.each([
    ['a bearer token', 'auth: { bearer: { token: "${env:BAD}" } }'],
    ['its short form', 'auth: { bearer: "${env:BAD}" }'],
    ['an API key', 'auth: { apiKey: { header: X-Key, value: "${env:BAD}" } }'],
  ])('%s that no header can carry', (_, rest) => {
    expect(check(webhook(rest), { BAD: 'tök\nen' })).toEqual([
      expect.stringMatching(/^CFG_KEY c\.yaml:3:\d+: error: .*auth\..*character 4 is a line end/),
    ]);
    expect(check(webhook(rest), { BAD: 'töken' })).toEqual([]);
  });

  test.each([
    'host',
    'Content-Length',
    'Transfer-Encoding',
    'connection',
    'Content-Encoding',
    'accept-encoding',
    'webhook-id',
    'Webhook-Signature',
    'webhook-anything',
    'Expect',
    'proxy-authorization',
  ])('%s is ours', (name) => {
    expect(check(webhook(`headers: { ${name}: x }`))).toEqual([
      expect.stringMatching(
        new RegExp(
          `^CFG_HEADER c\\.yaml:3:\\d+: error: destinations\\.crm\\.webhook\\.headers\\.${name}: saw "${name}", expected another name`,
        ),
      ),
    ]);
  });

  test.each(['Content-Type', 'User-Agent', 'Accept', 'Authorization', 'X-Anything', 'Date', 'Cookie'])(
    "%s is the user's",
    (name) => {
      expect(check(webhook(`headers: { ${name}: x }`))).toEqual([]);
    },
  );

  test.each([
    ['one name in two spellings', 'headers: { X-A: a, x-a: b }', 'headers.X-A is sent under this name'],
    [
      'Authorization beside bearer',
      'auth: { bearer: "${env:TOKEN}" }, headers: { authorization: x }',
      'auth.bearer is sent under this name',
    ],
    [
      'an API key in Authorization beside basic',
      'auth: { basic: { user: u, password: "${env:PW}" }, apiKey: { header: Authorization, value: "${env:TOKEN}" } }',
      'auth.basic is sent',
    ],
    [
      'an API key under a static header',
      'auth: { apiKey: { header: X-Key, value: "${env:TOKEN}" } }, headers: { x-key: x }',
      'auth.apiKey.header is sent',
    ],
    [
      'the header of the signature',
      'signing: { hmac: { secret: "${env:KEY}" } }, headers: { x-signature: x }',
      'signing.hmac.header is sent',
    ],
    [
      'two headers of one signature',
      'signing: { hmac: { secret: "${env:KEY}", header: X-S, idHeader: x-s } }',
      'signing.hmac.header is sent',
    ],
    [
      'that of a preset',
      'signing: { github: { secret: "${env:KEY}" } }, headers: { X-GitHub-Event: x }',
      'the signature of github is sent',
    ],
  ])('%s', (_, rest, expected) => {
    expect(check(webhook(rest))).toEqual([expect.stringMatching(/^CFG_HEADER c\.yaml:3:\d+: error: /)]);
    expect(check(webhook(rest))[0]).toContain(expected);
  });

  test('names that are none', () => {
    expect(check(webhook('signing: { hmac: { secret: "${env:KEY}", header: "X Sig" } }'))[0]).toContain(
      'expected a header name such as X-Signature',
    );
    expect(check(webhook('auth: { apiKey: { header: "X:Key", value: "${env:TOKEN}" } }'))[0]).toContain(
      'expected a header name',
    );
  });

  test('records of Kafka have headers of ours, too', () => {
    expect(check(kafka('headers: { ce_type: x, Content-Type: y, team: erp }'))).toEqual([
      expect.stringContaining('headers.ce_type: saw "ce_type", expected another name'),
      expect.stringContaining('headers.Content-Type: saw "Content-Type", expected another name'),
    ]);
  });

  test('a signature that proves nothing', () => {
    expect(check(webhook('signing: { hmac: { secret: "${env:KEY}", content: "{{id}}" } }'))).toEqual([
      expect.stringContaining('CFG_LINT_CONTENT'),
    ]);
    expect(check(webhook('signing: { hmac: { secret: "${env:KEY}", content: "{{timestamp}}.{{body}}" } }'))).toEqual([
      expect.stringContaining('expected timestampHeader beside it'),
    ]);
  });
});

describe('secrets', () => {
  const standard = (secret: string) =>
    check(webhook('signing: { standardWebhooks: { secret: "${env:S}" } }'), { S: secret });
  const base64 = (bytes: number) => Buffer.alloc(bytes, 5).toString('base64');

  test('Standard Webhooks: 24 to 64 bytes, with or without whsec_', () => {
    for (const bytes of [24, 32, 64]) {
      expect(standard(`whsec_${base64(bytes)}`)).toEqual([]);
      expect(standard(base64(bytes))).toEqual([]);
    }
    for (const bad of [`whsec_${base64(23)}`, `whsec_${base64(65)}`, 'whsec_abc', 'ghsecret', 'whsec_']) {
      expect(standard(bad)).toEqual([
        expect.stringMatching(
          /^CFG_KEY .*error: .*saw \[secret\], expected whsec_ followed by base64 of 24 to 64 bytes; make one with: echo "whsec_\$\(openssl rand -base64 32\)"$/,
        ),
      ]);
    }
  });

  test.each(['hmac', 'stripe', 'github', 'shopify', 'slack', 'celigo'])(
    '%s: one that can be guessed is told, one that is none is refused',
    (scheme) => {
      const of = (s: string) => check(webhook(`signing: { ${scheme}: { secret: "\${env:S}" } }`), { S: s });
      expect(of('0123456789abcdef')).toEqual([]);
      expect(of('0123456789abcde')).toEqual([
        expect.stringMatching(/^CFG_LINT_SHORT_SECRET .*warning: .*make one with: openssl rand -base64 32/),
      ]);
      expect(of('abc')).toEqual([expect.stringMatching(/^CFG_KEY .*error: .*make one with: openssl rand -base64 32/)]);
    },
  );

  test('bearer as text or as an object; the others say what they are made of', () => {
    expect(check(webhook('auth: { bearer: "${env:TOKEN}" }'))).toEqual([]);
    expect(check(webhook('auth: { bearer: { token: "${env:TOKEN}" } }'))).toEqual([]);
    expect(check(webhook('auth: { bearer: "a literal token" }'))).toEqual([expect.stringContaining('CFG_LINT_SECRET')]);
    expect(check(webhook('auth: { basic: "u:p" }'))[0]).toContain(
      'saw [secret], expected { user: ..., password: ... }',
    );
    expect(check(webhook('auth: { apiKey: "${env:TOKEN}" }'))[0]).toContain(
      'expected { header: X-Api-Key, value: ... } or { query: key, value: ... }',
    );
    expect(check(webhook('auth: { basic: { user: "a:b", password: "${env:PW}" } }'))[0]).toContain(
      'a user name without ":"',
    );
  });
});

describe('addresses', () => {
  test.each([
    [
      '8471 under TLS',
      'port: 8471',
      'partition.port: saw 8471, expected 9471, the database server with TLS: 8471 is the database server without TLS',
    ],
    [
      '9471 in the clear',
      'tls: off, port: 9471',
      'partition.port: saw 9471, expected 8471, the database server without TLS',
    ],
    ['8476 under TLS', 'signonPort: 8476', 'partition.signonPort: saw 8476, expected 9476'],
    ['9476 in the clear', 'tls: off, signonPort: 9476', 'expected 8476'],
    ['ports the other way round', 'port: 9476, signonPort: 9471', 'partition.port: saw 9476, expected 9471'],
    ['the port mapper', 'port: 449', '449 is the port mapper'],
  ])('%s', (_, partition, expected) => {
    const told = check(config({ partition })).filter((t) => !t.startsWith('CFG_LINT_CLEAR'));
    expect(told[0]).toMatch(/^CFG_PORT c\.yaml:2:\d+: error: /);
    expect(told[0]).toContain(expected);
  });

  test.each(['https://ibmi.example.com', 'ibmi.example.com:9471', 'ibmi.example.com/x', '[::1]', 'a b'])(
    'partition.host: "%s"',
    (host) => {
      expect(check(config({}).replace('host: h', `host: "${host}"`))[0]).toMatch(
        /^CFG_ADDRESS .*partition\.host: .*expected a host name or an address alone/,
      );
    },
  );

  test.each(['ibmi', 'ibmi.example.com', '10.0.0.1', 'fe80::1', '::1'])('partition.host: "%s" is one', (host) => {
    expect(check(config({}).replace('host: h', `host: "${host}"`))).toEqual([]);
  });

  test.each([
    ['user and password', 'https://u:p@x.example/y', 'expected no user and password in it'],
    ['a user', 'https://u@x.example/y', 'expected no user and password in it'],
    ['a template for a host', 'https://{{key}}.x.example/y', 'expected {{...}} in path or query only'],
    ['a port beyond all', 'https://x.example:70000/y', 'expected a URL with a host and a port up to 65535'],
    ['a fragment', 'https://x.example/y#z', 'expected no #'],
  ])('a webhook with %s', (_, url, expected) => {
    const told = check(webhook('gzip: true', url));
    expect(told).toEqual([
      expect.stringMatching(/^CFG_ADDRESS c\.yaml:3:\d+: error: destinations\.crm\.webhook\.url: saw \[url\], /),
    ]);
    expect(told[0]).toContain(expected);
    expect(told[0]).not.toMatch(/u:p|:\/\/u/);
  });

  test('an address its own privateNetworks refuse', () => {
    const of = (networks: string) => check(webhook(`privateNetworks: ${networks}`, 'https://10.1.2.3/y'));
    expect(of('deny')[0]).toContain('saw 10.1.2.3, expected an address that privateNetworks lets through');
    expect(of('[192.168.0.0/16, 10.2.0.0/16]')[0]).toContain('expected an address that privateNetworks lets through');
    for (const good of ['allow', 'as-written', '[10.1.0.0/16]', '[10.1.2.3]']) expect(of(good)).toEqual([]);
  });

  test.each(['k', 'k:0', 'k:65536', 'k:99999', 'http://k:1', '[::1]:9092', 'k:', ':9092'])('broker "%s"', (broker) => {
    expect(check(config({ destinations: `lake: { kafka: { brokers: ["${broker}"], topic: t } }` }))[0]).toContain(
      'expected host:port such as kafka-1:9092',
    );
  });

  test('http beyond this machine without a token', () => {
    for (const host of ['0.0.0.0', '"::"', '10.1.1.1', 'ibmi-cdc.example.com']) {
      expect(check(config({ rest: `http: { host: ${host} }` }))).toEqual([
        expect.stringMatching(/^CFG_LINT_HTTP c\.yaml:5:\d+: warning: http\.host: .*expected http\.token beside it/),
      ]);
      expect(check(config({ rest: `http: { host: ${host}, token: "\${env:TOKEN}" }` }))).toEqual([]);
    }
    for (const host of ['127.0.0.1', '127.1.2.3', '"::1"', 'localhost'])
      expect(check(config({ rest: `http: { host: ${host} }` }))).toEqual([]);
  });

  test('a pin nobody can check', () => {
    const pin = 'ab'.repeat(32);
    expect(check(config({ partition: `transport: jt400, tls: { fingerprint: ${pin} }` }))[0]).toContain(
      'jt400 cannot check a pin',
    );
    expect(check(webhook(`proxy: env, tls: { fingerprint: ${pin} }`))[0]).toContain(
      'behind a proxy a pin cannot be checked',
    );
    expect(check(webhook('tls: { fingerprint: abcd }'))[0]).toContain('expected a SHA-256 fingerprint: 64 hex digits');
    expect(check(webhook(`tls: { fingerprint: "sha256:${pin}" }`))).toEqual([]);
  });
});

describe('Kafka', () => {
  const tables = (...names: string[]) => names.map((name) => `"${name}": { event: order }`).join(', ');
  const lake = (topic: string, ...names: string[]) =>
    check(
      config({ destinations: `lake: { kafka: { brokers: ["k:9092"], topic: "${topic}" } }`, tables: tables(...names) }),
    );

  test('topics that become one', () => {
    expect(lake('erp.$' + '{library}.$' + '{file}', 'ORDLIB/IT#1', 'ORDLIB/IT@1')).toEqual([
      expect.stringMatching(
        /^CFG_LINT_TOPIC c\.yaml:3:\d+: warning: destinations\.lake\.kafka\.topic: saw "erp\.ORDLIB\.IT_1", expected a topic for each of ORDLIB\/IT#1 \(order\.created\) and ORDLIB\/IT@1 \(order\.\w+\)/,
      ),
    ]);
    expect(lake('$' + '{table}', 'A#/B', 'A$/B')).toHaveLength(1);
    expect(lake('$' + '{table}', 'ORDLIB/IT#1', 'ORDLIB/IT2')).toEqual([]);
    // one topic on purpose
    expect(lake('all', 'ORDLIB/IT#1', 'ORDLIB/IT@1')).toEqual([]);
    expect(lake('$' + '{type}', 'ORDLIB/IT#1', 'ORDLIB/IT@1')).toEqual([]);
  });

  test('names that no topic may have', () => {
    expect(lake('a b', 'L/T')[0]).toContain('expected letters, digits');
    expect(lake('..', 'L/T')[0]).toContain('Kafka has no topic of this one');
    expect(lake('x'.repeat(250), 'L/T')[0]).toContain('expected 249 characters at most');
    expect(check(kafka('exactlyOnce: { transactionalId: a, positionTopic: "a#b" }'))[0]).toContain('positionTopic');
  });

  test('two that end each other', () => {
    const one = (name: string) =>
      `${name}: { kafka: { brokers: ["k:9092"], topic: t, exactlyOnce: { transactionalId: same } } }`;
    expect(check(config({ destinations: `${one('a')}, ${one('b')}` }))).toEqual([
      expect.stringMatching(
        /^CFG_KAFKA c\.yaml:3:\d+: error: destinations\.b\..*: saw "same", expected an id of its own: a has it/,
      ),
    ]);
  });
});

describe('times and sizes', () => {
  test.each([
    ['timeouts: { response: 0s }'],
    ['timeouts: { connect: 0ms }'],
    ['circuitBreaker: { probeEvery: 0s }'],
    ['retry: { cap: 0s }'],
    ['maxResponseBytes: 0B'],
    ['batch: { mode: micro, maxBytes: 0KB }'],
    ['timeouts: { response: 25d }'],
  ])('no webhook can live with %s', (rest) => {
    expect(check(webhook(rest))).toEqual([
      expect.stringMatching(/^CFG_VALUE c\.yaml:3:\d+: error: .*expected a (duration|size) above 0/),
    ]);
  });

  test.each([
    ['journal: { pollInterval: 0s }'],
    ['journal: { maxPollInterval: 40d }'],
    ['http: { stalledAfter: 0s }'],
    ['commands: { timeout: 0s }'],
  ])('nor the daemon with %s', (rest) => {
    expect(check(config({ rest }))).toEqual([
      expect.stringMatching(/^CFG_VALUE c\.yaml:5:\d+: error: .*expected a duration above 0/),
    ]);
  });

  test('nor a window that never pauses', () => {
    expect(
      check(config({ tables: 'L/T: { event: order, capture: { window: { by: [C], every: 0s } } }' }))[0],
    ).toContain('expected a duration above 0');
  });
});

test('names without their library', () => {
  expect(check(config({ tables: 'L/T: { event: order, journal: ORDJRN }' }))[0]).toContain(
    'tables.L/T.journal: saw "ORDJRN", expected LIB/JOURNAL such as ORDLIB/ORDJRN',
  );
  expect(check(config({ tables: 'L/T: { parent: { event: order, table: ORDHDR, key: { a: A } } }' }))[0]).toContain(
    'expected LIB/TABLE such as ORDLIB/ORDHDR',
  );
});

test('certificates and keys that are none', () => {
  const file = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=x',
      '-keyout',
      join(folder, 'good.key'),
      '-out',
      join(folder, 'good.pem'),
    ],
    { stdio: 'ignore' },
  );
  execFileSync('openssl', [
    'x509',
    '-in',
    join(folder, 'good.pem'),
    '-outform',
    'der',
    '-out',
    join(folder, 'der.cer'),
  ]);
  execFileSync('openssl', [
    'pkey',
    '-in',
    join(folder, 'good.key'),
    '-aes256',
    '-passout',
    'pass:x',
    '-out',
    join(folder, 'sealed.key'),
  ]);
  file('text.pem', 'no certificate\n');
  file('cut.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
  const tls = (rest: string) => check(webhook(`tls: { ${rest} }`));
  expect(tls('ca: good.pem, cert: good.pem, key: good.key')).toEqual([]);
  expect(tls('ca: nope.pem')[0]).toMatch(
    /^CFG_FILE .*error: .*tls\.ca: saw "nope\.pem", expected a PEM file: .*nope\.pem cannot be read \(ENOENT\)/,
  );
  expect(tls('ca: der.cer')[0]).toContain('DER becomes PEM by: openssl x509 -inform der');
  expect(tls('ca: text.pem')[0]).toContain('expected a PEM file with a certificate in it');
  expect(tls('ca: cut.pem')[0]).toContain('number 1 in it cannot');
  expect(tls('ca: /dev/zero')[0]).toContain('is a device, expected a regular file');
  expect(tls('cert: good.pem, key: good.pem')[0]).toContain('expected a PEM file with a private key in it');
  expect(tls('cert: good.pem, key: sealed.key')[0]).toContain('expected passphrase beside it: the key is encrypted');
  expect(tls('cert: good.pem')[0]).toContain('expected key beside cert');
});

test('all of it is told at once', () => {
  const told = check(
    config({
      partition: 'port: 8471',
      destinations:
        'crm: { webhook: { url: "https://u:p@x.example/y", signing: none, headers: { host: x, X-T: "東" } } }, lake: { kafka: { brokers: ["k"], topic: "a b" } }',
      tables: 'L/T: { event: order, constants: { plant: 0100 }, journal: J }',
    }),
  ).filter((t) => / error: /.test(t));
  expect(told.map((t) => t.split(' ')[0])).toEqual([
    'CFG_PORT',
    'CFG_ADDRESS',
    'CFG_HEADER',
    'CFG_KEY',
    'CFG_VALUE',
    'CFG_KAFKA',
    'CFG_SCALAR',
    'CFG_VALUE',
  ]);
});

describe('references', () => {
  test.each([
    [
      'a secret without its kind',
      webhook('auth: { bearer: "${TOKEN}" }'),
      'auth.bearer: saw [secret], expected ${env:NAME}',
    ],
    [
      'a misspelt kind',
      config({}).replace('host: h', 'host: "${evn:HOST}"'),
      'partition.host: saw "${evn:HOST}", expected ${env:NAME}',
    ],
    [
      'one that is not closed',
      webhook('headers: { X-A: "${env:TOKEN" }'),
      'headers.X-A: saw [secret], expected ${env:NAME}',
    ],
    ['a quote that is not closed', webhook(`headers: { X-A: "\${command:echo 'a}" }`), 'expected ${env:NAME}'],
  ])('%s is refused', (_, yaml, expected) => {
    expect(check(yaml).filter((t) => t.startsWith('CFG_REFERENCE'))).toEqual([expect.stringContaining(expected)]);
  });

  test('a literal ${ is written $${', () => {
    expect(check(webhook('headers: { X-A: "$${TOKEN}" }'))).toEqual([]);
  });

  test('only looked at, what is not known here is no error, and programs are not run', () => {
    const ran = join(folder, 'ran');
    const yaml = config({
      partition: 'port: "${env:NOPE}"',
      destinations: `crm: { webhook: { url: "\${env:NOPE}", signing: { standardWebhooks: { secret: "\${command:touch ${ran}}" } }, concurrency: "\${command:touch ${ran}}", timeouts: { response: "\${env:NOPE}" } } }`,
    });
    const { config: read, issues } = checkText(yaml, 'c.yaml', join(folder, 'c.yaml'), {
      env: ENV,
      references: 'check',
    });
    expect(issues.map((i) => [i.severity, i.path])).toEqual([
      ['warning', 'partition.port'],
      ['warning', 'destinations.crm.webhook.url'],
      ['warning', 'destinations.crm.webhook.timeouts.response'],
    ]);
    expect(read).not.toBeNull();
    expect(existsSync(ran)).toBe(false);
  });
});
