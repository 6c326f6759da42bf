/** A row value fills a place in the URL and never chooses another path. */
import fc from 'fast-check';
import { BATCH_DEFAULTS, NO_AUTH } from '../../../src/deliver/options';
import { urlTemplate } from '../../../src/deliver/sinks/webhook/url-template';
import { Bench, hook } from '../support/bench';
import { draft, drafts, idOf } from '../support/drafts';
import { answer, rawReceiver } from '../support/raw-receiver';

const ELSEWHERE = [
  '.',
  '..',
  '',
  ' ',
  '%2e%2e',
  '%2E.',
  '..%2f..',
  '../x',
  'a/../b',
  '..\\x',
  '%252e%252e',
  '..;a=b',
  'x/..;/y',
  '/',
  '\ud800',
];
const HERE = ['a', 'a.b', '...', 'KÄSE', 'a/b', '100%', '%zz', 'a..b', '..a', 'a?b#c', 'ORD 1', '1.2.3', '-', '%'];

test.each(ELSEWHERE)('%j is a dead letter, and nothing is sent', async (key) => {
  await using receiver = await rawReceiver((socket) => socket.write(answer(204)));
  await using bench = await Bench.start({ webhooks: { crm: hook(`${receiver.url}tenant/7/in/{{key}}`) } });
  bench.publish([draft(1, { traceKey: key }), draft(2)]);
  await bench.settled();
  expect(receiver.requests.map((r) => r.path)).toEqual(['/tenant/7/in/100002']);
  expect(bench.outbox.deadLetters.list({})).toMatchObject([
    {
      reason: 'url-path',
      attempts: 1,
      message: expect.stringMatching(/another path of the url than the template says/),
    },
  ]);
});

test.each(HERE)('%j is sent as one segment', async (key) => {
  await using receiver = await rawReceiver((socket) => socket.write(answer(204)));
  await using bench = await Bench.start({ webhooks: { crm: hook(`${receiver.url}in/{{key}}/x?k={{key}}`) } });
  bench.publish([draft(1, { traceKey: key })]);
  await bench.settled();
  const { pathname, searchParams } = new URL(receiver.requests[0]!.path, receiver.url);
  expect(pathname.split('/')).toEqual(['', 'in', encodeURIComponent(key), 'x']);
  expect(searchParams.get('k')).toBe(key);
});

test('a dot of the template and one of the row make two', () => {
  const template = urlTemplate('https://h/a/.{{key}}/{{key}}x', NO_AUTH.apiKey);
  const event = (traceKey: string) => draft(1, { traceKey }) as never;
  expect(() => template.pathOf(event('.'))).toThrow(/another path/);
  expect(template.pathOf(event('b'))).toBe('/a/.b/bx');
  // in the query nothing is taken out of a path
  expect(urlTemplate('https://h/a?k={{key}}', null).pathOf(event('..'))).toBe('/a?k=..');
});

test('whatever a row holds, the path has as many segments as the template, and none is taken out', () => {
  const template = urlTemplate('https://h/t/{{key}}/in/x{{key}}', NO_AUTH.apiKey);
  const nasty = fc.array(
    fc.constantFrom('.', '..', '/', '\\', '%2e', '%2F', '%25', ';', 'a', ' ', '\t', '?', '#', '\r\n', 'ä'),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(nasty, (pieces) => {
      let path: string;
      try {
        path = template.pathOf(draft(1, { traceKey: pieces.join('') }) as never);
      } catch {
        return;
      }
      expect(path).toMatch(/^[\x21-\x7e]+$/);
      expect(new URL(path, 'https://h').pathname.split('/')).toHaveLength(5);
      // a proxy that decodes once, or twice, before it normalises
      for (const once of [path, decodeURIComponent(path)]) {
        const at = new URL(once.replace(/[?#]/g, '_'), 'https://h').pathname;
        expect(at.startsWith('/t/') && at.includes('/in/x')).toBe(true);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('batches are cut by URL: no key is posted to the URL of another', async () => {
  await using receiver = await rawReceiver((socket) => socket.write(answer(204)));
  const batch = { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 50, maxRecords: 50 } as const;
  await using bench = await Bench.start({
    webhooks: { crm: hook(`${receiver.url}items/{{type}}/{{key}}`, { batch, concurrency: 2 }) },
    outbox: { destinations: { crm: { lanes: 'table' } } },
  });
  const of = (n: number) => ({
    traceKey: `k${n % 3}`,
    type: ['tc.created', 'tc.updated'][n % 2]!,
    table: `L/T${n % 5}`,
  });
  bench.publish(drafts(0, 120, of));
  await bench.settled();
  expect(bench.outbox.deadLetters.count()).toBe(0);
  const seen: string[] = [];
  for (const { path, body } of receiver.requests) {
    const items = JSON.parse(Buffer.from(body, 'latin1').toString()) as {
      id: string;
      type: string;
      data: { n: number };
    }[];
    for (const { id, type, data } of items) {
      expect(path).toBe(`/items/${type}/${of(data.n).traceKey}`);
      seen.push(id);
    }
  }
  expect(seen.sort()).toEqual(Array.from({ length: 120 }, (_, n) => idOf(n)).sort());
});

test('an event that has no URL takes no other of its batch with it', async () => {
  await using receiver = await rawReceiver((socket) => socket.write(answer(204)));
  const batch = { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 30, maxRecords: 50 } as const;
  await using bench = await Bench.start({ webhooks: { crm: hook(`${receiver.url}in/{{key}}`, { batch }) } });
  bench.publish([draft(1, { traceKey: '..' }), draft(2, { traceKey: 'a' }), draft(3, { traceKey: '.' })]);
  await bench.settled();
  expect(bench.outbox.deadLetters.list({}).map(({ event }) => event.id)).toEqual([idOf(1), idOf(3)]);
  expect(receiver.requests.map((r) => r.path)).toEqual(['/in/a']);
});

test('a type with a line end in it adds no header line', async () => {
  await using receiver = await rawReceiver((socket) => socket.write(answer(204)));
  const signing = { github: { secret: { reveal: () => 'geheim' }, previousSecret: null } };
  await using bench = await Bench.start({ webhooks: { crm: { ...hook(receiver.url), signing } } });
  bench.publish([draft(1, { type: 'a\r\nX-Admin: 1' }), draft(2)]);
  await bench.settled();
  expect(receiver.requests).toHaveLength(1);
  expect(bench.outbox.deadLetters.list({})[0]).toMatchObject({ reason: 'bad-request', event: { id: idOf(1) } });
});
