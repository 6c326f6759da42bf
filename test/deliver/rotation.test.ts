/** Credentials in files: another file under the name is used by the next request, a broken one leaves the value before. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { References } from '../../src/config/lookup/references';
import { Secret } from '../../src/config/secret';
import { kafkaOptions, NO_AUTH } from '../../src/deliver/options';
import { kafkaClient } from '../../src/deliver/sinks/kafka/client';
import { Bench, hook } from './support/bench';
import { draft } from './support/drafts';
import { Receiver } from './support/receiver';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** As the configuration makes them; asked to look again instead of waiting for its second. */
function files() {
  const references = new References({ env: {}, folder });
  const made: Secret[] = [];
  const secret = (name: string): Secret => {
    const one = Secret.unbound(`\${file:${name}}`).bind({ references, path: name, form: () => null });
    made.push(one);
    return one;
  };
  const again = (): void => {
    for (const one of made) one.lookAgain();
  };
  return { secret, again };
}

test('bearer, API keys, headers and the token in the body', async () => {
  await using receiver = await Receiver.start();
  const { secret, again } = files();
  for (const name of ['bearer', 'key', 'query', 'header', 'body']) put(name, `${name}-1`);
  const auth = {
    ...NO_AUTH,
    bearer: { token: secret('bearer') },
    apiKey: { header: null, query: 'key', value: secret('query') },
    bodyToken: { path: 'token', value: secret('body') },
  };
  const headers = { 'X-Header': secret('header'), 'X-Key': secret('key') };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { auth, headers }) } });
  const seen = async (n: number) => {
    bench.publish([draft(n)]);
    await bench.settled();
    const { headers, path, json } = receiver.got.at(-1)!;
    return [
      headers['authorization'],
      headers['x-header'],
      headers['x-key'],
      path,
      (json as unknown as { token: string }).token,
    ];
  };
  const of = (n: number) => [`Bearer bearer-${n}`, `header-${n}`, `key-${n}`, `/hook?key=query-${n}`, `body-${n}`];
  expect(await seen(1)).toEqual(of(1));
  for (const name of ['bearer', 'key', 'query', 'header', 'body']) put(name, `${name}-2\n`);
  again();
  expect(await seen(2)).toEqual(of(2));
  rmSync(join(folder, 'bearer'));
  again();
  expect(await seen(3)).toEqual(of(2));
});

test('basic', async () => {
  await using receiver = await Receiver.start();
  const { secret, again } = files();
  put('password', 'one');
  const auth = { ...NO_AUTH, basic: { user: 'ibmi', password: secret('password') } };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { auth }) } });
  const seen = async (n: number) => {
    bench.publish([draft(n)]);
    await bench.settled();
    return Buffer.from(receiver.got.at(-1)!.headers['authorization']!.slice('Basic '.length), 'base64').toString();
  };
  expect(await seen(1)).toBe('ibmi:one');
  put('password', 'two');
  again();
  expect(await seen(2)).toBe('ibmi:two');
});

test('a Content-Type or User-Agent of the configuration is the only one that is sent', async () => {
  const raw: string[] = [];
  await using receiver = await Receiver.start();
  receiver.server.on('request', (request) => raw.push(...request.rawHeaders.map((h: string) => h.toLowerCase())));
  put('type', 'application/json');
  put('agent', 'acme/1');
  const { secret } = files();
  const headers = { 'content-TYPE': secret('type'), 'User-Agent': secret('agent') };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { headers }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(raw.filter((name) => name === 'content-type')).toHaveLength(1);
  expect(raw.filter((name) => name === 'user-agent')).toHaveLength(1);
  expect(receiver.got[0]!.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'acme/1' });
});

test('Kafka: a new connection signs on with the password of now', async () => {
  put('password', 'one');
  const { secret, again } = files();
  await using broker = await SaslListener.start();
  const sasl = { mechanism: 'plain', username: 'ibmi', password: secret('password') } as const;
  const client = kafkaClient(kafkaOptions({ brokers: [broker.address], topic: 't', sasl }), () => undefined);
  const signOn = () =>
    client
      .admin({ retry: { retries: 0 } })
      .connect()
      .catch(() => undefined);
  await signOn();
  put('password', 'two');
  again();
  await signOn();
  expect(broker.seen).toEqual(['\0ibmi\0one', '\0ibmi\0two']);
});

/** Enough of a broker to be told a user and password: ApiVersions, SaslHandshake, and then the connection ends. */
class SaslListener implements AsyncDisposable {
  readonly seen: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    this.sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const end = 4 + bytes.readInt32BE(0);
        this.answer(socket, bytes.subarray(4, end));
        bytes = bytes.subarray(end);
      }
    });
  });

  static async start(): Promise<SaslListener> {
    const listener = new SaslListener();
    await new Promise<void>((done) => listener.server.listen(0, '127.0.0.1', done));
    return listener;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Request header: api key, version, correlation id, client id. */
  private answer(socket: Socket, request: Buffer): void {
    const api = request.readInt16BE(0);
    const body = request.subarray(10 + request.readInt16BE(8));
    if (api === 36) {
      this.seen.push(body.toString('utf8', 4));
      socket.destroy();
      return;
    }
    const supported = [17, 0, 1, 18, 0, 0, 36, 0, 1];
    const answer =
      api === 18
        ? [int16(0), int32(supported.length / 3), ...supported.map(int16)]
        : [int16(0), int32(1), int16(5), Buffer.from('PLAIN')];
    const reply = Buffer.concat([request.subarray(4, 8), ...answer]);
    socket.write(Buffer.concat([int32(reply.length), reply]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}

function int16(n: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(n);
  return bytes;
}

function int32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(n);
  return bytes;
}
