/** Each kind of sink against a real receiver: HTTP, an SMTP server with TLS and sign-on, a program. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import type { AlertMessage } from '../../src/alerts/message';
import type { SinkOptions } from '../../src/alerts/options';
import { sinkOf } from '../../src/alerts/sinks/create';
import { Certificates } from '../deliver/support/certificates';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const MESSAGE: AlertMessage = {
  key: 'ibmi-cdc/PROD/table-gap/ORDLIB/ORDHDR/7',
  kind: 'raised',
  partition: 'PROD',
  rule: 'table-gap',
  subject: 'ORDLIB/ORDHDR',
  severity: 'critical',
  summary: 'Table ORDLIB/ORDHDR: <b>journaling ended</b> & nobody said so',
  next: 'ibmi-cdc backfill --table ORDLIB/ORDHDR',
  since: '2026-11-01T00:00:00.000Z',
  endedAt: null,
  link: 'https://cdc.example.com/tables/ORDLIB/ORDHDR',
};
const OVER: AlertMessage = { ...MESSAGE, kind: 'ended', endedAt: '2026-11-01T01:00:00.000Z' };
const NONE: Omit<SinkOptions, 'name'> = {
  ...{ atLeast: 'warning', slack: null, teams: null, email: null, pagerduty: null, webhook: null, command: null },
};
const secret = (text: string) => ({ reveal: () => text });
const send = (options: Partial<SinkOptions>, message = MESSAGE): Promise<void> =>
  sinkOf({ name: 'ops', ...NONE, ...options }).send(message, new AbortController().signal);

class HttpReceiver implements AsyncDisposable {
  readonly got: { headers: IncomingMessage['headers']; body: string; path: string }[] = [];
  status = 200;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<HttpReceiver> {
    const server = createServer();
    const receiver = new HttpReceiver(server);
    server.on('request', async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      receiver.got.push({ headers: request.headers, body, path: request.url! });
      response.writeHead(receiver.status).end('a body nobody needs');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook/T0P53CR3T`;
  }

  get json(): Record<string, unknown>[] {
    return this.got.map(({ body }) => JSON.parse(body));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
  }
}

test('Slack: text in which nothing of the message is markup', async () => {
  await using receiver = await HttpReceiver.start();
  await send({ slack: { url: secret(receiver.url) } });
  const [{ text }] = receiver.json as [{ text: string }];
  expect(text.split('\n')).toEqual([
    '*[critical] PROD Table ORDLIB/ORDHDR: &lt;b&gt;journaling ended&lt;/b&gt; &amp; nobody said so*',
    'since 2026-11-01T00:00:00.000Z',
    'next: ibmi-cdc backfill --table ORDLIB/ORDHDR',
    'https://cdc.example.com/tables/ORDLIB/ORDHDR',
    'rule table-gap',
  ]);
});

test('Teams: an adaptive card, red, and green when it is over', async () => {
  await using receiver = await HttpReceiver.start();
  await send({ teams: { url: secret(receiver.url) } });
  await send({ teams: { url: secret(receiver.url) } }, OVER);
  const cards = receiver.json.map((m) => (m['attachments'] as { contentType: string; content: Card }[])[0]!);
  expect(cards.map((c) => c.contentType)).toEqual(Array(2).fill('application/vnd.microsoft.card.adaptive'));
  expect(cards.map((c) => c.content.body[0])).toEqual([
    expect.objectContaining({ color: 'Attention', text: expect.stringContaining('[critical] PROD Table') }),
    expect.objectContaining({ color: 'Good', text: expect.stringContaining('PROD over: Table') }),
  ]);
  expect(cards[0]!.content.actions).toEqual([{ type: 'Action.OpenUrl', title: 'Console', url: MESSAGE.link }]);
});

interface Card {
  readonly body: readonly unknown[];
  readonly actions: readonly unknown[];
}

test('PagerDuty: triggers and resolves one incident', async () => {
  await using receiver = await HttpReceiver.start();
  const pagerduty = { routingKey: secret('R0UTE'), url: receiver.url };
  await send({ pagerduty });
  await send({ pagerduty }, OVER);
  expect(receiver.json).toEqual([
    {
      routing_key: 'R0UTE',
      dedup_key: MESSAGE.key,
      event_action: 'trigger',
      payload: {
        ...{ summary: expect.stringContaining('[critical] PROD Table'), source: 'PROD', severity: 'critical' },
        ...{ timestamp: MESSAGE.since, component: 'ORDLIB/ORDHDR', class: 'table-gap' },
        custom_details: { next: MESSAGE.next },
      },
      links: [{ href: MESSAGE.link, text: 'Console' }],
    },
    { routing_key: 'R0UTE', dedup_key: MESSAGE.key, event_action: 'resolve' },
  ]);
});

test('webhook: a signature that the library of Standard Webhooks accepts, the same id for the same message', async () => {
  await using receiver = await HttpReceiver.start();
  const webhook = { url: receiver.url, secret: secret(SECRET) };
  await send({ webhook });
  await send({ webhook });
  await send({ webhook }, OVER);
  const verifier = new Webhook(SECRET);
  for (const { headers, body } of receiver.got)
    expect(verifier.verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
  expect(receiver.json).toEqual([MESSAGE, MESSAGE, OVER]);
  const [first, again, over] = receiver.got.map(({ headers }) => headers['webhook-id']);
  expect(first).toBe(again);
  expect(over).not.toBe(first);
});

test.each([
  ['slack', 404, 'Slack answered 404'],
  ['slack', 302, 'Slack: cannot be reached'],
  ['teams', 500, 'Teams answered 500'],
] as const)('%s that answers %i: in words, without its address', async (kind, status, words) => {
  await using receiver = await HttpReceiver.start();
  receiver.status = status;
  const sent = send({ [kind]: { url: secret(receiver.url) } });
  await expect(sent).rejects.toThrow(words);
  await expect(sent).rejects.not.toThrow('T0P53CR3T');
});

test('nobody listens: in words, without the address', async () => {
  const receiver = await HttpReceiver.start();
  const { url } = receiver;
  await receiver[Symbol.asyncDispose]();
  await expect(send({ slack: { url: secret(url) } })).rejects.toThrow('Slack: ECONNREFUSED');
});

interface Mailbox extends AsyncDisposable {
  readonly port: number;
  readonly mails: { from: string; to: string[]; text: string; user: string | null; secure: boolean }[];
}

async function mailbox(options: SMTPServerOptions): Promise<Mailbox> {
  const mails: Mailbox['mails'] = [];
  const server = new SMTPServer({
    ...options,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'p@ss' ? done(null, { user: username! }) : done(new Error('no')),
    onData: (stream, session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo.map(({ address }) => address);
        const user = (session.user as string | undefined) ?? null;
        mails.push({ from: mailFrom ? mailFrom.address : '', to, text, user, secure: session.secure });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())) };
}

const EMAIL = {
  ...{ host: '127.0.0.1', ca: null, user: null, password: null },
  ...{ from: 'cdc@example.com', to: ['a@example.com', 'b@example.com'] },
};

test('mail in the clear, where that is what was asked for', async () => {
  await using box = await mailbox({ authOptional: true, disabledCommands: ['STARTTLS'] });
  await send({ email: { ...EMAIL, port: box.port, tls: 'off' } });
  expect(box.mails).toEqual([
    expect.objectContaining({ from: 'cdc@example.com', to: ['a@example.com', 'b@example.com'], secure: false }),
  ]);
  expect(box.mails[0]!.text).toContain('next: ibmi-cdc backfill --table ORDLIB/ORDHDR');
});

test('mail over STARTTLS and over TLS from the first byte, signed on, to a server of a private authority', async () => {
  using made = new Certificates();
  const email = { ...EMAIL, ca: made.file('ca.pem'), user: 'cdc', password: secret('p@ss') };
  for (const tls of ['starttls', 'implicit'] as const) {
    const [key, cert] = [made.read('server.key'), made.read('server.pem')];
    await using box = await mailbox({ secure: tls === 'implicit', key, cert });
    await send({ email: { ...email, port: box.port, tls } });
    expect(box.mails).toEqual([expect.objectContaining({ user: 'cdc', secure: true })]);
    await expect(send({ email: { ...email, port: box.port, tls, ca: null } })).rejects.toThrow('SMTP server');
    const wrong = send({ email: { ...email, port: box.port, tls, password: secret('wr0ng') } });
    await expect(wrong).rejects.toThrow(`SMTP server 127.0.0.1:${box.port}: 535`);
    expect(box.mails).toHaveLength(1);
  }
});

test('STARTTLS that a server does not offer sends nothing in the clear', async () => {
  await using box = await mailbox({ authOptional: true, disabledCommands: ['STARTTLS'] });
  await expect(send({ email: { ...EMAIL, port: box.port, tls: 'starttls' } })).rejects.toThrow('SMTP server');
  expect(box.mails).toEqual([]);
});

test('a program: the message on its input, its exit code decides, its time is bounded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'command-'));
  try {
    const file = join(folder, 'message.json');
    const shell = (script: string, timeout = 10_000): Partial<SinkOptions> => ({
      command: { run: ['/bin/sh', '-c', script], timeout },
    });
    await send(shell(`cat > ${file}`));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(MESSAGE);
    await expect(send(shell('exit 3'))).rejects.toThrow('/bin/sh ended with 3');
    await expect(send(shell('exec sleep 60', 100))).rejects.toThrow('/bin/sh: ended after its time');
    await expect(send({ command: { run: ['/no/such'], timeout: 1000 } })).rejects.toThrow('/no/such: ENOENT');
    // one that never reads what it is given
    await send(shell('exec <&-; exit 0'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
