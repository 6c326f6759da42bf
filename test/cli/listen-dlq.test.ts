/** `listen`, `send-test` and `dlq` as a person types them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { CliIo } from '../../src/cli/io';
import { runCli } from '../../src/cli/program';
import { StandingTable } from '../../src/deliver/standing/standing-table';
import { LEDGER_SCHEMA, LedgerTable } from '../../src/journal/ledger/table';
import { CHECKPOINT_SCHEMA, CheckpointTable } from '../../src/journal/position/checkpoint-table';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { Bench, hook, until } from '../deliver/support/bench';
import { drafts, idOf } from '../deliver/support/drafts';
import { Receiver } from '../deliver/support/receiver';

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  config = join(folder, 'ibmi-cdc.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly done: Promise<number>;
  out(): string;
  err(): string;
  lines(): Record<string, unknown>[];
}

function run(...args: string[]): Run {
  const streams = { out: '', err: '' };
  const collect = (name: 'out' | 'err') => {
    const stream = new PassThrough();
    stream.on('data', (chunk) => {
      streams[name] += chunk;
    });
    return stream;
  };
  let code = 0;
  const io: CliIo = {
    stdin: new PassThrough(),
    stdout: collect('out'),
    stderr: collect('err'),
    env: { CRM: 'geheim' },
    exit: (n) => {
      code = n;
    },
  };
  return {
    done: runCli([...args, '-c', config], io).then(() => code),
    out: () => streams.out,
    err: () => streams.err,
    lines: () =>
      streams.out
        .trim()
        .split('\n')
        .filter((l) => l !== '')
        .map((l) => JSON.parse(l)),
  };
}

function writeConfig(url: string, signing: string): void {
  writeFileSync(
    config,
    `version: 1
partition: { name: PROD1, host: ibmi.example.com, user: U, password: "\${env:CRM}", tls: { ca: ca.pem } }
state: state.sqlite
destinations: { crm: { webhook: { url: "${url}", signing: ${signing} } } }
tables: { ORDLIB/ORDHDR: { event: order, key: [ORDNO], columns: { ORDNO: orderNumber }, to: [crm] } }
`,
  );
}

test.each([
  ['github', '{ github: { secret: "${env:CRM}" } }'],
  ['stripe', '{ stripe: { secret: "${env:CRM}" } }'],
  ['slack', '{ slack: { secret: "${env:CRM}" } }'],
  [
    'hmac',
    '{ hmac: { secret: "${env:CRM}", algorithm: sha512, encoding: base64, header: X-Sig, prefix: "v=", content: "{{id}}:{{body}}" } }',
  ],
])('send-test to a listener that takes %s from the same configuration', async (_preset, signing) => {
  writeConfig('http://127.0.0.1:1/', signing);
  const listening = run('listen', '--from', 'crm', '--json', '--count', '1');
  await until(() => listening.out().includes('\n'), 'the listener', 10_000);
  const { ready, url } = listening.lines()[0]! as { ready: boolean; url: string };
  expect(ready).toBe(true);
  writeConfig(`${url}hook`, signing);
  const sent = run('send-test', '--event', 'order.updated', '--json');
  expect(await sent.done).toBe(0);
  expect(sent.lines()[0]).toMatchObject({ delivered: true, destination: 'crm', status: 204, sample: 'synthetic' });
  expect(await listening.done).toBe(0);
  const heard = listening.lines()[1]!;
  expect(heard).toMatchObject({ verified: true, why: null, type: 'order.updated', repeat: false, path: '/hook' });
  expect(heard['id']).toBe(sent.lines()[0]!['id']);
  expect(sent.out() + sent.err() + listening.out()).not.toContain('geheim');
});

test('a signature that does not hold is answered 401, printed with the reason, and send-test ends with 3', async () => {
  writeConfig('http://127.0.0.1:1/', '{ github: { secret: "${env:CRM}" } }');
  const listening = run(
    'listen',
    '--preset',
    'github',
    '--secret',
    'other',
    '--json',
    '--count',
    '1',
    '--seconds',
    '3',
  );
  await until(() => listening.out().includes('\n'), 'the listener', 10_000);
  writeConfig((listening.lines()[0]! as { url: string }).url, '{ github: { secret: "${env:CRM}" } }');
  const sent = run('send-test', '--event', 'order.updated', '--json');
  expect(await sent.done).toBe(3);
  expect(sent.lines()[0]).toMatchObject({ delivered: false, status: 401 });
  expect(await listening.done).toBe(5);
  expect(listening.lines()[1]).toMatchObject({ verified: false, why: 'x-hub-signature-256 does not fit the body' });
});

test.each([
  [['listen'], 2, /no secret was given/],
  [['listen', '--secret-env', 'NOT_SET'], 2, /NOT_SET is not set/],
  [['listen', '--preset', 'none', '--port', '99999'], 2, /cannot listen/],
  [['send-test', '--event', 'nothing.here'], 2, /no table of .* makes events of type nothing.here/],
  [['send-test', '--event', 'order.updated', '--to', 'nope'], 2, /no destination nope; .* has crm/],
  [['dlq', 'list'], 2, /there is no state file/],
  [['dlq', 'retry'], 2, /nothing was chosen to retry/],
  [['dlq', 'drop', '--destination', 'nope'], 2, /no destination nope/],
] as [string[], number, RegExp][])('%j ends with %i', async (args, code, message) => {
  writeConfig('http://127.0.0.1:1/', 'none');
  const command = run(...args);
  expect(await command.done).toBe(code);
  expect(command.err()).toMatch(message);
  expect(command.err()).not.toMatch(/bug:|at .*\.ts/);
});

describe('dlq', () => {
  beforeEach(() => {
    writeConfig('http://127.0.0.1:1/', 'none');
    using store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
    const outbox = new Outbox(store, { destinations: { crm: {} } });
    const { deliveries } = outbox.append(drafts(0, 4));
    const record = {
      attempt: 1,
      at: Date.now(),
      ms: 3,
      status: 422,
      signature: 's',
      response: 'bad field',
      error: null,
      batch: 1,
    };
    outbox.settle(
      deliveries.map((delivery) => ({
        is: 'dead',
        delivery,
        record,
        reason: delivery.pos < 4 ? 'http-422' : 'exhausted',
        message: 'refused',
      })),
    );
  });

  const list = async (...args: string[]) => {
    const command = run('dlq', 'list', '--json', ...args);
    expect(await command.done).toBe(0);
    return command.lines();
  };

  test('list, with filters, as lines for people and for scripts', async () => {
    expect(await list()).toHaveLength(4);
    expect(await list('--reason', 'exhausted')).toMatchObject([
      { no: 4, id: idOf(3), status: 422, destination: 'crm' },
    ]);
    expect(await list('--key', '100001')).toHaveLength(1);
    expect(await list('--since', '2099-01-01T00:00:00Z')).toHaveLength(0);
    const people = run('dlq', 'list');
    await people.done;
    expect(people.out()).toMatch(/http-422 +0 +order.updated 100000/);
  });

  test('show has event, attempts and response', async () => {
    const command = run('dlq', 'show', '2', '--json');
    expect(await command.done).toBe(0);
    expect(command.lines()[0]).toMatchObject({
      no: 2,
      response: 'bad field',
      attemptsLog: [{ status: 422 }],
      body: { data: { n: 1 } },
    });
    expect(await run('dlq', 'show', '77').done).toBe(5);
  });

  test('retry queues in order, drop forgets', async () => {
    const drop = run('dlq', 'drop', '--letter', '1', '4', '--json');
    expect(await drop.done).toBe(0);
    expect(drop.lines()).toEqual([{ dropped: 2 }]);
    const retry = run('dlq', 'retry', '--all', '--json');
    expect(await retry.done).toBe(0);
    expect(retry.lines()).toEqual([{ queued: 2 }]);
    expect(await list()).toHaveLength(0);
    using store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
    const outbox = new Outbox(store, { destinations: { crm: {} } });
    expect(outbox.fresh('crm', 1, 0, 10, 1e9).map((d) => d.event.id)).toEqual([idOf(1), idOf(2)]);
    expect(await run('dlq', 'retry', '--all').done).toBe(5);
  });
});

test('trace tells why an entry left no event', async () => {
  writeConfig('https://crm.example.com/x', '{ github: { secret: "${env:CRM}" } }');
  const store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA, CHECKPOINT_SCHEMA, LEDGER_SCHEMA]);
  const journal = { library: 'ORDLIB', name: 'ORDJRN' };
  const receiver = { library: 'ORDLIB', name: 'ORDRCV0001' };
  const at = { receiver, sequence: 20n };
  store.transaction(() => {
    new CheckpointTable(store).write(journal, { read: at, resume: at, openCycles: [] }, 0);
    const ledger = new LedgerTable(store);
    const fate = ledger.fateOf('filtered', 'order:whenChanged');
    ledger.writeRuns(journal, receiver, [{ fate, from: 11n, to: 14n }]);
  });
  store.close();
  const trace = run('trace', '--receiver', 'ORDLIB/ORDRCV0001', '--from-sequence', '12', '--to-sequence', '17');
  expect(await trace.done).toBe(0);
  expect(trace.out()).toBe('ORDLIB/ORDJRN ORDLIB/ORDRCV0001:12 to 14  filtered: order:whenChanged\n');
  const one = run('trace', '--receiver', 'ORDLIB/ORDRCV0001', '--from-sequence', '14', '--json');
  await one.done;
  expect(one.lines()).toEqual([
    {
      journal: 'ORDLIB/ORDJRN',
      receiver: 'ORDLIB/ORDRCV0001',
      fromSequence: '14',
      toSequence: '14',
      fate: 'filtered: order:whenChanged',
    },
  ]);
  const unread = run('trace', '--receiver', 'ORDLIB/ORDRCV0001', '--from-sequence', '21');
  expect(await unread.done).toBe(5);
});

test('status says who refuses, until when a destination is paced, and how fast it answers', async () => {
  writeConfig('http://127.0.0.1:1/', 'none');
  const file = join(folder, 'state.sqlite');
  await using receiver = await Receiver.start((_got, response, n) =>
    response.writeHead(n === 1 ? 401 : 429, { 'retry-after': '40' }).end(),
  );
  const circuitBreaker = { failures: 10, probeEvery: 50 };
  await using bench = await Bench.start({ file, webhooks: { crm: hook(receiver.url, { circuitBreaker }) } });
  bench.publish(drafts(1, 2));
  await until(
    () => new StandingTable(bench.store).list().some((s) => s.paced !== null),
    'it to be written down',
    5_000,
  );
  const told = run('status', '--json');
  expect(await told.done).toBe(0);
  const [crm] = told.lines()[0]!['destinations'] as Record<string, unknown>[];
  expect(crm).toMatchObject({
    denied: { why: expect.stringMatching(/answered 401/), since: expect.any(String), nextAttempt: expect.any(String) },
    pacedUntil: expect.stringMatching(/^\d{4}-/),
    pacedBecause: expect.stringMatching(/Retry-After/),
    answerMs: { p50: expect.any(Number), p95: expect.any(Number), requests: 2 },
  });
  const text = run('status');
  await text.done;
  expect(text.out()).toMatch(/destination crm {2}REFUSES OUR CREDENTIALS since .*answered 401/);
  expect(text.out()).toMatch(/destination crm {2}paced until \d{4}-/);
  expect(text.out()).toMatch(/destination crm {2}answers within [\d.]+ ms \(p50\)/);
});
