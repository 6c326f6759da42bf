/** Server-sent events over a real socket: what is stored comes once and in order, also to a client that was away. */
import { ApiSite } from './support/site';

interface Message {
  readonly event: string;
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape, looked at by tests
  readonly data: any;
}

class Client {
  readonly messages: Message[] = [];
  readonly ended: Promise<void>;
  private readonly stop = new AbortController();

  private constructor(response: Response) {
    this.ended = this.read(response).catch(() => undefined);
  }

  static async open(site: ApiSite, query = '', headers: Record<string, string> = {}, token = site.tokens.viewer) {
    const stop = new AbortController();
    const response = await fetch(`${site.url}/v1/stream${query}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: stop.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const client = new Client(response);
    client.stop.signal.addEventListener('abort', () => stop.abort());
    return client;
  }

  get subjects(): string[] {
    return this.messages.filter((m) => m.event === 'event').map((m) => m.data.key);
  }

  get lastId(): string {
    return this.messages.findLast((m) => m.id !== null)!.id!;
  }

  close(): void {
    this.stop.abort();
  }

  private async read(response: Response): Promise<void> {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const field = (name: string): string | null =>
          block
            .split('\n')
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2) ?? null;
        this.messages.push({ event: field('event')!, id: field('id'), data: JSON.parse(field('data')!) });
      }
    }
  }
}

let site: ApiSite;
beforeAll(async () => {
  site = await ApiSite.open();
});
afterAll(() => site?.[Symbol.asyncDispose]());

const until = (enough: () => boolean): Promise<unknown> => site.until(async () => enough());

test('events come as they are stored, filtered, without bodies; how things stand comes when it has changed', async () => {
  const all = await Client.open(site);
  const odd = await Client.open(site, '?table=ORDLIB/ODD');
  await site.order(710001);
  await site.desk.sql('INSERT INTO ORDLIB.ODD VALUES (11)');
  await until(() => all.subjects.length === 2 && odd.subjects.length === 1);
  expect(all.subjects).toEqual(['710001', '11']);
  expect(odd.subjects).toEqual(['11']);
  const first = all.messages.find((m) => m.event === 'event')!;
  expect(first.data).toMatchObject({ type: 'order.created', table: 'ORDLIB/ORDHDR', rule: 'order' });
  expect(JSON.stringify(all.messages)).not.toContain('<script>');
  await site.post('/v1/tables/ORDLIB/ODD/pause');
  await until(() => all.messages.some((m) => m.event === 'status' && m.data.pausedTables.includes('ORDLIB/ODD')));
  await site.post('/v1/tables/ORDLIB/ODD/resume', {});
  all.close();
  odd.close();
  await Promise.all([all.ended, odd.ended]);
});

test('a client that was away goes on behind the last message it had', async () => {
  const before = await Client.open(site);
  await site.order(710010);
  await until(() => before.subjects.length === 1);
  before.close();
  await before.ended;
  for (let n = 710011; n <= 710015; n++) await site.order(n);
  await site.event('710015', 'delivered');
  const after = await Client.open(site, '', { 'last-event-id': before.lastId });
  await until(() => after.subjects.length >= 5);
  await site.order(710016);
  await until(() => after.subjects.includes('710016'));
  expect(after.subjects).toEqual(['710011', '710012', '710013', '710014', '710015', '710016']);
  after.close();
});

test('an id that is none begins now; a filter that names no table is refused', async () => {
  const client = await Client.open(site, '', { 'last-event-id': 'nonsense' });
  await site.order(710020);
  await until(() => client.subjects.length > 0);
  expect(client.subjects).toEqual(['710020']);
  client.close();
  expect((await site.get('/v1/stream?table=NO/SUCH')).json.code).toBe('TABLE_UNKNOWN');
  expect((await site.get('/v1/stream?limit=1')).json.code).toBe('API_REQUEST');
});

test('a revoked token sees nothing more', async () => {
  const { token } = await site.desk.json<{ token: string }>('token', 'create', '--name', 'tail', '--role', 'viewer');
  const client = await Client.open(site, '', {}, token);
  await site.order(710030);
  await until(() => client.subjects.length === 1);
  await site.desk.cli('token', 'revoke', 'tail');
  await site.order(710031);
  await client.ended;
  expect(client.subjects).toEqual(['710030']);
});

test('fifty streams are open at most, and their end makes room', async () => {
  const clients = await Promise.all(Array.from({ length: 50 }, () => Client.open(site)));
  expect((await site.get('/v1/stream')).json).toMatchObject({ status: 503, code: 'API_BUSY' });
  for (const client of clients) client.close();
  await site.until(async () => {
    const response = await fetch(`${site.url}/v1/stream`, {
      headers: { authorization: `Bearer ${site.tokens.viewer}` },
    });
    await response.body?.cancel();
    return response.status === 200;
  });
});

test('a daemon that stops ends its streams', async () => {
  const client = await Client.open(site);
  await site.daemon.stop();
  await client.ended;
});
