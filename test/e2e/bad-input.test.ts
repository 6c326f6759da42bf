/**
 * Whatever is wrong with the input, the user gets one error: what was seen, what was expected, what to do. No stack trace,
 * the promised exit code, nothing written. A wrong password is tried once.
 */
import { copyFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { cli, type Ended } from '../support/daemon-process';
import { type ConfigParts, ORDERS, Site } from './site';

interface Case {
  readonly config?: ConfigParts | ((site: Site) => ConfigParts | Promise<ConfigParts>);
  readonly env?: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly code: string;
  /** What the message must name: seen, expected, next step. */
  readonly says: readonly (string | RegExp)[];
}

const order = (changes: object): ConfigParts => ({
  tables: { 'ORDLIB/ORDHDR': { ...(ORDERS['ORDLIB/ORDHDR'] as object), ...changes } },
});

const CASES: Readonly<Record<string, Case>> = {
  'a host name nobody knows': {
    config: { partition: { host: 'as400.invalid' } },
    exit: 3,
    code: 'HOST_UNKNOWN',
    says: ['as400.invalid', 'partition.host'],
  },
  'a port where nothing listens': {
    config: async () => ({ partition: { signonPort: await closedPort(), port: await closedPort() } }),
    exit: 3,
    code: 'CONNECT_REFUSED',
    says: ['127.0.0.1', 'nothing listens', 'STRHOSTSVR'],
  },
  'a plain port where TLS is expected': {
    config: (site) => ({
      partition: { signonPort: site.partition.ports.signon, port: site.partition.ports.database },
    }),
    exit: 3,
    code: 'TLS_NOT_SPOKEN',
    says: ['TLS', '9471'],
  },
  'a certificate of a CA that is not trusted': {
    config: (site) => ({ partition: { tls: { ca: join(site.dir, 'other-ca.pem') } } }),
    exit: 3,
    code: 'TLS_UNTRUSTED',
    says: ['trusted CA', 'partition.tls.ca'],
  },
  'a certificate for another name': {
    config: (site) => ({ partition: { tls: { ca: site.partition.caFile, serverName: 'other.example.com' } } }),
    exit: 3,
    code: 'TLS_NAME',
    says: ['other.example.com', 'partition.tls.serverName'],
  },
  'another certificate than the pinned one': {
    config: { partition: { tls: { fingerprint: 'ab'.repeat(32) } } },
    exit: 3,
    code: 'TLS_FINGERPRINT',
    says: [/[0-9A-F:]{64}/i, 'partition.tls.fingerprint'],
  },
  'a CA file that is not there': {
    config: { partition: { tls: { ca: 'certs/none.pem' } } },
    exit: 2,
    code: 'TLS_CA_FILE',
    says: ['certs/none.pem', 'partition.tls.ca'],
  },
  'a wrong password': {
    env: { E2E_PASSWORD: 'not-the-password' },
    exit: 3,
    code: 'PASSWORD_INCORRECT',
    says: ['CDCUSR', 'tried once', 'partition.password'],
  },
  'an unknown user': {
    config: { partition: { user: 'NOBODY' } },
    exit: 3,
    code: 'USER_UNKNOWN',
    says: ['NOBODY', 'partition.user'],
  },
  'a disabled user': {
    config: { partition: { user: 'OFFUSR' } },
    exit: 3,
    code: 'USER_DISABLED',
    says: ['OFFUSR', 'CHGUSRPRF USRPRF(OFFUSR) STATUS(*ENABLED)'],
  },
  'an expired password': {
    config: { partition: { user: 'OLDUSR' } },
    exit: 3,
    code: 'PASSWORD_EXPIRED',
    says: ['OLDUSR', 'expired', 'CHGUSRPRF'],
  },
  'a table that is not there': {
    config: { tables: { 'ORDLIB/ORDHRD': { event: 'order', key: ['ORDNO'], to: ['out'] } } },
    exit: 2,
    code: 'TABLE_UNUSABLE',
    says: ['ORDLIB/ORDHRD', 'tables:', 'ibmi-cdc plan'],
  },
  'a library that is not there': {
    config: { tables: { 'NOLIB/ORDHDR': { event: 'order', key: ['ORDNO'], to: ['out'] } } },
    exit: 2,
    code: 'TABLE_UNUSABLE',
    says: ['NOLIB/ORDHDR'],
  },
  'a table without a journal': {
    config: { tables: { 'ORDLIB/PRICES': { event: 'price', key: ['ITMNO', 'CURR'], to: ['out'] } } },
    exit: 2,
    code: 'TABLE_UNUSABLE',
    says: ['ORDLIB/PRICES', 'not journaled', 'STRJRNPF FILE(ORDLIB/PRICES)'],
  },
  'a column that is not there': {
    config: order({ columns: { ORDNO: 'orderNumber', STATUS: 'status' } }),
    exit: 2,
    code: 'MAP_NO_COLUMN',
    says: ['columns.STATUS', 'ORDLIB/ORDHDR', 'ORDNO, CUSNO, STS', 'ibmi-cdc plan'],
  },
  'a key column that is not there': {
    config: order({ key: ['ORDNR'] }),
    exit: 2,
    code: 'MAP_NO_COLUMN',
    says: ['key: saw column "ORDNR"', 'expected one of ORDNO', 'ibmi-cdc plan'],
  },
  'a wrong key in the YAML': {
    config: { partition: { pasword: 'x' } },
    exit: 2,
    code: 'CONFIG_INVALID',
    says: [
      /ibmi-cdc\.yaml:\d+/,
      'partition.pasword',
      'unknown key "pasword"',
      'did you mean "password"?',
      'ibmi-cdc validate',
    ],
  },
  'a wrong value in the YAML': {
    config: order({ onDelete: 'maybe' }),
    exit: 2,
    code: 'CONFIG_INVALID',
    says: [/ibmi-cdc\.yaml:\d+/, 'onDelete', 'maybe', 'ignore, update, delete'],
  },
  'a destination nobody defined': {
    config: order({ to: ['crm'] }),
    exit: 2,
    code: 'CONFIG_INVALID',
    says: ['crm', 'out'],
  },
  'a secret that is not there': {
    config: { partition: { password: '${env:E2E_NO_SUCH_SECRET}' } },
    exit: 2,
    code: 'CONFIG_INVALID',
    says: ['E2E_NO_SUCH_SECRET', 'partition.password'],
  },
};

let site: Site;

beforeAll(async () => {
  site = await Site.open({
    maxSignOnAttempts: 1000,
    users: [
      { name: 'CDCUSR', password: 'cdcpwd01' },
      { name: 'OFFUSR', password: 'cdcpwd01', disabled: true },
      { name: 'OLDUSR', password: 'cdcpwd01', expired: true },
    ],
  });
  await using other = await SimulatedPartition.start({ seed: false });
  copyFileSync(other.caFile, join(site.dir, 'other-ca.pem'));
});
afterAll(() => site[Symbol.asyncDispose]());

describe.each(Object.entries(CASES))('%s', (_name, bad) => {
  beforeEach(async () => {
    site.config(typeof bad.config === 'function' ? await bad.config(site) : bad.config);
  });

  test('one error for a person, nothing written', async () => {
    const ended = await site.cli(['run', '--log-level', 'fatal'], bad.env);
    expectOneError(ended, bad);
    expect(ended.stderr).toMatch(new RegExp(`^error ${bad.code}: `));
    for (const part of bad.says) expect(ended.stderr).toMatch(matcher(part));
  });

  test('one error for a script', async () => {
    const ended = await site.cli(['run', '--json', '--log-level', 'fatal'], bad.env);
    expectOneError(ended, bad);
    const lines = ended.stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    const { error } = JSON.parse(lines[0]!) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: bad.code, family: expect.any(String), message: expect.any(String) });
    for (const part of bad.says) expect(`${error['message']}\n${error['next']}`).toMatch(matcher(part));
  });
});

function expectOneError(ended: Ended, bad: Case): void {
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: bad.exit, stdout: '' });
  expect(ended.stderr).not.toMatch(/^\s+at |node:internal|\.js:\d+/m);
  expect(ended.stderr).not.toContain('cdcpwd01');
  expect(site.stateWritten).toBe(false);
}

test.each([['run'], ['sql', 'VALUES 1'], ['doctor'], ['plan']])(
  '`%s` presents a wrong password exactly once',
  async (...args) => {
    site.config();
    const before = site.partition.users.attempts('CDCUSR');
    const ended = await site.cli(args, { E2E_PASSWORD: 'wrong' });
    expect([3, 5]).toContain(ended.code);
    expect(site.partition.users.attempts('CDCUSR')).toBe(before + 1);
  },
);

test.each([
  ['no such command', ['frobnicate']],
  ['no such option', ['run', '--fast']],
  ['an argument too few', ['sql']],
])('%s is a usage error', async (_name, args) => {
  const ended = await site.cli(args);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/error/i);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
});

test('an SQL error comes with SQLCODE, SQLSTATE and the text of the partition', async () => {
  site.config();
  const ended = await site.cli(['sql', 'SELECT * FROM ORDLIB.NOWHERE', '--json']);
  expect(ended.code).toBe(3);
  const { error } = JSON.parse(ended.stderr) as { error: { facts: object; message: string } };
  expect(error.facts).toMatchObject({ sqlCode: -204, sqlState: '42704' });
  expect(error.message).toContain('NOWHERE');
});

test('a port for /metrics that another program uses, and a state file that cannot be written', async () => {
  const other = createServer();
  await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready));
  const { port } = other.address() as { port: number };
  site.config({ rest: { http: { host: '127.0.0.1', port }, state: 'elsewhere/x.sqlite' } });
  const listening = await site.cli(['run', '--log-level', 'fatal']);
  other.close();
  expect(listening).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error HTTP_LISTEN: .*http\.port/s) });
  expect(listening.stderr).toContain(String(port));

  site.config({ rest: { state: 'ibmi-cdc.yaml/x.sqlite' } });
  const unwritable = await site.cli(['run', '--log-level', 'fatal']);
  expect(unwritable).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error STORE_OPEN: .*`state:`/s) });
});

test('a configuration file that is not there', async () => {
  const file = join(site.dir, 'none.yaml');
  const ended = await cli(['run', '-c', file]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(file);
  expect(ended.stderr).toContain('ibmi-cdc init');
});

function matcher(part: string | RegExp): RegExp {
  return typeof part === 'string' ? new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : part;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
