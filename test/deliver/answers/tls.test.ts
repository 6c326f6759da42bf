/** Pins over many handshakes, certificates that change on disk, and what is wrong in words. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { type ClientTls, NO_AUTH, NO_TLS } from '../../../src/deliver/options';
import { serveWebhook } from '../../../src/deliver/queue/queue-policy';
import { tlsFailure } from '../../../src/deliver/sinks/webhook/dial/tls-words';
import { WebhookSink } from '../../../src/deliver/sinks/webhook/webhook';
import { Bench, hook, QUICK, secret } from '../support/bench';
import { Certificates } from '../support/certificates';
import { draft } from '../support/drafts';
import { answer, rawReceiver } from '../support/raw-receiver';
import { Receiver } from '../support/receiver';

let certs: Certificates;
beforeAll(() => {
  certs = new Certificates();
});
afterAll(() => certs[Symbol.dispose]());

const server = (more = {}) => ({ key: certs.read('server.key'), cert: certs.read('server.pem'), ...more });
const bye = answer(204, { connection: 'close' });

/** One event after the other, each over a connection of its own. */
async function oneByOne(url: string, tls: ClientTls, events: number, between?: (n: number) => void): Promise<number> {
  await using bench = await Bench.start({
    webhooks: { crm: hook(url, { tls, concurrency: 1, retry: { ...QUICK, schedule: [0] } }) },
  });
  for (let n = 1; n <= events; n++) {
    bench.publish([draft(n)]);
    await bench.settled();
    between?.(n);
  }
  return events - bench.outbox.deadLetters.count();
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  const only = { minVersion: version, maxVersion: version };

  test('the pinned certificate is accepted at each of many handshakes, with an authority or without', async () => {
    await using receiver = await rawReceiver((socket) => socket.end(bye), server(only));
    const fingerprint = certs.fingerprint('server');
    expect(await oneByOne(receiver.url, { ...NO_TLS, fingerprint }, 8)).toBe(8);
    expect(await oneByOne(receiver.url, { ...NO_TLS, fingerprint, ca: certs.file('ca.pem') }, 8)).toBe(8);
    expect(receiver.connections()).toBe(16);
  });

  test('without a pin sessions are resumed, and another certificate on the way is noticed', async () => {
    const resumed: boolean[] = [];
    await using receiver = await rawReceiver((socket) => {
      resumed.push((socket as TLSSocket).isSessionReused());
      socket.end(bye);
    }, server(only));
    expect(await oneByOne(receiver.url, { ...NO_TLS, ca: certs.file('ca.pem') }, 6)).toBe(6);
    expect(resumed.filter(Boolean).length).toBeGreaterThanOrEqual(4);
  });

  test('a name that is refused once is refused each time: its session is not resumed', async () => {
    await using receiver = await rawReceiver((socket) => socket.end(bye), server(only));
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    expect(await oneByOne(url, { ...NO_TLS, ca: certs.file('ca.pem') }, 4)).toBe(0);
    expect(receiver.requests).toHaveLength(0);
  });
});

test('the pin of the token URL holds over many tokens', async () => {
  await using tokens = await rawReceiver(
    (socket) => socket.end(answer(200, { connection: 'close' }, '{"access_token":"t","expires_in":0.02}')),
    server(),
  );
  await using receiver = await Receiver.start();
  const oauth2 = {
    tokenUrl: tokens.url,
    clientId: 'c',
    clientSecret: secret('s'),
    scope: null,
    audience: null,
    authentication: 'header' as const,
    tls: { ...NO_TLS, fingerprint: certs.fingerprint('server') },
  };
  const options = hook(receiver.url, { auth: { ...NO_AUTH, oauth2 }, retry: { ...QUICK, schedule: [0] } });
  await using bench = await Bench.start({ webhooks: { crm: options } });
  for (let n = 1; n <= 6; n++) {
    bench.publish([draft(n)]);
    await bench.settled();
    const from = performance.now();
    while (performance.now() - from < 30) await new Promise((done) => setImmediate(done));
  }
  expect(bench.outbox.deadLetters.count()).toBe(0);
  expect(tokens.connections()).toBeGreaterThan(3);
});

describe('files that change on disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rotate-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string) => join(folder, name);
  const use = (name: string): void => {
    copyFileSync(certs.file(`${name}.pem`), file('client.pem'));
    copyFileSync(certs.file(`${name}.key`), file('client.key'));
  };

  async function told(steps: readonly (() => void)[], receiverUrl: string, tls: ClientTls) {
    const notes: string[] = [];
    const options = hook(receiverUrl, { tls, concurrency: 1, retry: { ...QUICK, schedule: [0] } });
    const sink = new WebhookSink(options, {
      agent: 't',
      onFiles: (message, facts) => notes.push(`${message} ${facts['why'] ?? ''}`),
    });
    await using bench = await Bench.start({ sinks: { crm: { sink, options: serveWebhook(options, sink.host) } } });
    for (const [n, step] of steps.entries()) {
      step();
      bench.publish([draft(n)]);
      await bench.settled();
    }
    return { notes, dead: bench.outbox.deadLetters.count() };
  }

  test('a client certificate is used by the next connection; broken or mixed files leave the former one and are told', async () => {
    const seen: string[] = [];
    await using receiver = await rawReceiver(
      (socket) => {
        seen.push(String((socket as TLSSocket).getPeerCertificate().subject?.CN));
        socket.end(bye);
      },
      server({ requestCert: true, rejectUnauthorized: false, ca: certs.read('ca.pem') }),
    );
    use('client');
    const tls = { ...NO_TLS, ca: certs.file('ca.pem'), cert: file('client.pem'), key: file('client.key') };
    const steps = [
      () => undefined,
      () => use('strange-client'),
      () => writeFileSync(file('client.pem'), 'half a file'),
      () => rmSync(file('client.key')),
      () => {
        use('client');
        copyFileSync(certs.file('server.key'), file('client.key'));
      },
      () => use('client'),
    ];
    const { notes, dead } = await told(steps, receiver.url, tls);
    expect(dead).toBe(0);
    expect(seen).toEqual(['client', 'strange-client', 'strange-client', 'strange-client', 'strange-client', 'client']);
    expect(notes.filter((n) => /new connections use them/.test(n))).toHaveLength(2);
    expect(notes.some((n) => /former ones stay.*no PEM block/.test(n))).toBe(true);
    expect(notes.some((n) => /former ones stay.*ENOENT/.test(n))).toBe(true);
    expect(notes.some((n) => /former ones stay.*not that of the certificate/.test(n))).toBe(true);
  });

  test('an authority is trusted from the next connection on', async () => {
    await using receiver = await rawReceiver((socket) => socket.end(bye), server());
    copyFileSync(certs.file('stranger.pem'), file('ca.pem'));
    const steps = [() => undefined, () => copyFileSync(certs.file('ca.pem'), file('ca.pem'))];
    expect((await told(steps, receiver.url, { ...NO_TLS, ca: file('ca.pem') })).dead).toBe(1);
    expect(receiver.requests).toHaveLength(1);
  });

  test('files that do not belong together are refused at start', () => {
    copyFileSync(certs.file('client.pem'), file('client.pem'));
    copyFileSync(certs.file('server.key'), file('client.key'));
    const tls = { ...NO_TLS, cert: file('client.pem'), key: file('client.key') };
    expect(() => new WebhookSink(hook('https://example.com/', { tls }), { agent: 't' })).toThrow(
      /the key is not that of the certificate/,
    );
  });
});

describe('in words', () => {
  async function said(url: string, tls: Partial<ClientTls>): Promise<string> {
    const options = hook(url, { tls: { ...NO_TLS, ...tls }, retry: { ...QUICK, schedule: [0] } });
    await using bench = await Bench.start({ webhooks: { crm: options } });
    bench.publish([draft(1)]);
    await bench.settled();
    return bench.outbox.deadLetters.list({})[0]?.message ?? 'delivered';
  }
  const expectWords = (text: string, words: RegExp): void => {
    expect(text).toMatch(words);
    expect(text).not.toMatch(/openssl|:error:|ERR_|deps\/|0x|[0-9A-F]{12}:/);
  };

  /** A certificate of days that are over, or have not begun. */
  function dated(name: string, from: string, to: string): { key: Buffer; cert: Buffer } {
    const folder = mkdtempSync(join(tmpdir(), 'dated-'));
    const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
    try {
      run(
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        'k',
        '-out',
        'csr',
      );
      writeFileSync(join(folder, 'index'), '');
      writeFileSync(join(folder, 'serial'), '01');
      writeFileSync(
        join(folder, 'conf'),
        `[ca]\ndefault_ca=c\n[c]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\n`,
      );
      run(
        'ca',
        '-batch',
        '-config',
        'conf',
        '-in',
        'csr',
        '-out',
        'crt',
        '-cert',
        certs.file('ca.pem'),
        '-keyfile',
        certs.file('ca.key'),
        '-startdate',
        from,
        '-enddate',
        to,
        '-extensions',
        'e',
        '-notext',
      );
      return { key: execFileSync('cat', [join(folder, 'k')]), cert: execFileSync('cat', [join(folder, 'crt')]) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test('whose authority is not known', async () => {
    await using receiver = await Receiver.start(undefined, server());
    expectWords(
      await said(receiver.url, {}),
      /certificate of 127\.0\.0\.1 is of an authority that is not known here \(issued by ca\)/,
    );
  });

  test('which name', async () => {
    await using receiver = await Receiver.start(undefined, server());
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    expectWords(
      await said(url, { ca: certs.file('ca.pem') }),
      /certificate of localhost is for 127\.0\.0\.1, not for that name/,
    );
  });

  test('since when it has expired, from when it is valid', async () => {
    const ca = certs.file('ca.pem');
    await using old = await Receiver.start(undefined, dated('old', '20200101000000Z', '20200301000000Z'));
    expectWords(await said(old.url, { ca }), /has expired on 2020-03-01 \(issued by ca\)/);
    await using young = await Receiver.start(undefined, dated('young', '20400101000000Z', '20410101000000Z'));
    expectWords(await said(young.url, { ca }), /is not valid yet, only from 2040-01-01/);
  });

  test('signed by itself', async () => {
    const self = { key: certs.read('stranger.key'), cert: certs.read('stranger.pem') };
    await using receiver = await Receiver.start(undefined, self);
    expectWords(await said(receiver.url, {}), /certificate of 127\.0\.0\.1 \(stranger\) is signed by itself/);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('the receiver wants a certificate of ours, %s', async (version) => {
    const wants = {
      requestCert: true,
      rejectUnauthorized: true,
      ca: certs.read('ca.pem'),
      minVersion: version,
      maxVersion: version,
    };
    await using receiver = await Receiver.start(undefined, server(wants));
    const ca = certs.file('ca.pem');
    const none = await said(receiver.url, { ca });
    expect(none).toMatch(/client certificate|tls\.cert|reset|closed|before it was complete/);
    expect(none).not.toMatch(/openssl|:error:/);
    expect(receiver.got).toHaveLength(0);
  });

  test('an old version, and no TLS at all', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await using receiver = await Receiver.start(undefined, server(old));
    expectWords(await said(receiver.url, { ca: certs.file('ca.pem') }), /offers no TLS version from 1\.2 on/);
    await using plain = await Receiver.start();
    expectWords(await said(plain.url.replace('http:', 'https:'), {}), /does not speak TLS on this port/);
  });

  test.each([
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /wants a client certificate/],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', /does not know the authority of our client certificate/],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', /our client certificate \(tls\.cert\) has expired/],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', /does not accept our client certificate/],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', /ended TLS: internal error/],
    ['ERR_SSL_SOMETHING_NEW', /TLS failed/],
  ])('%s', (code, words) => {
    expect(tlsFailure(code, '803CABFA:error:0A000438:SSL routines:ssl3_read_bytes:x:../deps/openssl/x.c:1:')).toMatch(
      words,
    );
  });

  test('any other error is none of TLS', () => {
    expect(tlsFailure('ECONNREFUSED', 'connect')).toBeNull();
  });
});
