/** What each answer, and each lack of one, means for the events of a request. */

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { BATCH_DEFAULTS, RETRY_DEFAULTS, type WebhookOptions } from '../../../../src/deliver/options';
import { contentOf, jsonOf, textOf } from '../../../../src/deliver/sinks/webhook/answer/content';
import { rateOf, retryAfter } from '../../../../src/deliver/sinks/webhook/answer/hints';
import { judgeItems } from '../../../../src/deliver/sinks/webhook/answer/items';
import { at, namesOf } from '../../../../src/deliver/sinks/webhook/answer/json-path';
import {
  describe as inWords,
  judgeError,
  judgeReply,
  UnsendableEvent,
} from '../../../../src/deliver/sinks/webhook/answer/judge';
import { type Ending, Reply } from '../../../../src/deliver/sinks/webhook/answer/reply';
import { ReplyTimeout } from '../../../../src/deliver/sinks/webhook/answer/requests';
import { hook } from '../../support/bench';

const NOW = Date.UTC(2026, 10, 21, 12);
const LIMIT = 65_536;

type Headers = readonly (readonly [string, string])[];

function replyOf(status: number, body: string | Buffer = '', headers: Headers = [], ending: Ending = 'whole'): Reply {
  return new Reply(
    status,
    headers.flatMap((pair) => pair.map((text) => Buffer.from(text))),
    Buffer.from(body),
    ending,
  );
}

const optionsWith = (given: Partial<WebhookOptions> = {}): WebhookOptions =>
  hook('http://127.0.0.1:9/', { retry: RETRY_DEFAULTS, ...given });

const events = (...ids: string[]) => ids.map((id) => ({ event: { id } }));

function judge(reply: Reply, given: Partial<WebhookOptions> = {}) {
  return judgeReply(reply, events('e1'), optionsWith(given), { now: NOW, limit: LIMIT })[0]!;
}

describe('a status', () => {
  test.each<readonly [number, object]>([
    ...[200, 201, 202, 204, 299].map((status) => [status, { is: 'delivered' }] as const),
    [410, { is: 'gone', why: 'the receiver answered 410 Gone: it wants no more events' }],
    [301, { is: 'rejected', reason: 'http-301', why: 'the receiver answered 301, and redirects are never followed' }],
    [399, { is: 'rejected', reason: 'http-399', why: 'the receiver answered 399, and redirects are never followed' }],
    ...[400, 402, 404, 409, 413, 422, 499].map((status) => {
      return [status, { is: 'rejected', reason: `http-${status}`, why: `the receiver answered ${status}` }] as const;
    }),
    ...[401, 403].map((status) => {
      const why = `the receiver answered ${status}: it refuses our credentials`;
      return [status, { is: 'retry', denied: true, why }] as const;
    }),
    ...[408, 425].map((status) => [status, { is: 'retry', why: `the receiver answered ${status}` }] as const),
    [429, { is: 'retry', throttled: true, why: 'the receiver answered 429' }],
    ...[500, 502, 503, 504, 599].map((status) => {
      return [status, { is: 'retry', endpoint: true, why: `the receiver answered ${status}` }] as const;
    }),
    // what no server should say
    [300, { is: 'rejected', reason: 'http-300', why: 'the receiver answered 300, and redirects are never followed' }],
  ])('%i', (status, outcome) => {
    expect(judge(replyOf(status))).toEqual(outcome);
  });

  test('503 that says when is no failure of the endpoint', () => {
    expect(judge(replyOf(503, '', [['Retry-After', '7']]))).toEqual({
      ...{ is: 'retry', why: 'the receiver answered 503', afterMs: 7000, throttled: true },
    });
    expect(judge(replyOf(500, '', [['Retry-After', '7']]))).toMatchObject({ endpoint: true, afterMs: 7000 });
    expect(judge(replyOf(429, '', [['Retry-After', 'x']]))).not.toHaveProperty('afterMs');
  });

  test('which statuses are tried again is configured', () => {
    const retry = (transient: typeof RETRY_DEFAULTS.transient) => ({ retry: { ...RETRY_DEFAULTS, transient } });
    expect(judge(replyOf(404), retry([404]))).toMatchObject({ is: 'retry' });
    expect(judge(replyOf(404), retry(['4xx']))).toMatchObject({ is: 'retry' });
    expect(judge(replyOf(401), retry(['4xx']))).not.toHaveProperty('denied');
    expect(judge(replyOf(500), retry(['4xx']))).toMatchObject({ is: 'rejected', reason: 'http-500' });
    expect(judge(replyOf(429), retry(['5xx']))).toMatchObject({ is: 'rejected', reason: 'http-429' });
    expect(judge(replyOf(302), retry(['4xx', '5xx']))).toMatchObject({ is: 'rejected' });
    // 410 says it of itself
    expect(judge(replyOf(410), retry(['4xx']))).toMatchObject({ is: 'gone' });
  });

  test('which statuses are success is configured, among those of 200 to 299', () => {
    const success = (status: readonly (number | '2xx')[]) => ({ success: { status, body: null } });
    expect(judge(replyOf(202), success([202]))).toEqual({ is: 'delivered' });
    expect(judge(replyOf(200), success([202]))).toMatchObject({ is: 'rejected', reason: 'http-200' });
    expect(judge(replyOf(302), success([302, '2xx']))).toMatchObject({ is: 'rejected' });
  });

  test('all events of a request share what its head says', () => {
    const outcomes = judgeReply(replyOf(500), events('a', 'b', 'c'), optionsWith(), { now: NOW, limit: LIMIT });
    expect(outcomes).toEqual(Array(3).fill({ is: 'retry', why: 'the receiver answered 500', endpoint: true }));
  });
});

describe('success.body', () => {
  const success = (path: string, equals: string | number | boolean) => ({
    success: { status: ['2xx'] as const, body: { path, equals } },
  });
  const asked = success('result.ok', true);

  test.each([
    ['true', '{"result":{"ok":true}}', true],
    ['true as a text', '{"result":{"ok":"true"}}', true],
    ['false', '{"result":{"ok":false}}', false],
    ['nothing there', '{"result":{}}', false],
    ['null', '{"result":{"ok":null}}', false],
    ['an object', '{"result":{"ok":{}}}', false],
    ['no object on the way', '{"result":7}', false],
  ])('%s', (_name, body, holds) => {
    const outcome = judge(replyOf(200, body), asked);
    if (holds) expect(outcome).toEqual({ is: 'delivered' });
    else
      expect(outcome).toEqual({
        is: 'retry',
        why: 'the receiver answered 200, but result.ok in its reply is not as success.body expects',
      });
  });

  test('numbers and texts alike', () => {
    expect(judge(replyOf(200, '{"code":0}'), success('code', '0'))).toEqual({ is: 'delivered' });
    expect(judge(replyOf(200, '{"code":"0"}'), success('code', 0))).toEqual({ is: 'delivered' });
    expect(judge(replyOf(200, '["x"]'), success('0', 'x'))).toEqual({ is: 'delivered' });
    expect(judge(replyOf(200, '{}'), success('code', 'undefined'))).toMatchObject({ is: 'retry' });
  });

  test.each<[string, Reply, string]>([
    ['no JSON', replyOf(200, 'OK'), 'its reply is no JSON'],
    ['nothing', replyOf(200), 'its reply is empty'],
    ['blanks', replyOf(200, ' \r\n'), 'its reply is empty'],
    [
      'one that was cut',
      replyOf(200, '{"result"', [], 'limit'),
      `its reply is longer than the ${LIMIT} bytes of maxResponseBytes`,
    ],
    [
      'one that broke off',
      replyOf(200, '{"result":{"ok":true}}', [], 'broken'),
      'its reply broke off before it was complete',
    ],
  ])('%s is no refusal', (_name, reply, problem) => {
    expect(judge(reply, asked)).toEqual({
      is: 'retry',
      why: `the receiver answered 200, but what it says of the event cannot be read: ${problem}`,
    });
  });

  test('is not asked where the status says no', () => {
    expect(judge(replyOf(422, 'no JSON'), asked)).toMatchObject({ is: 'rejected', reason: 'http-422' });
  });
});

describe('results of a batch', () => {
  const transient = (status: number): boolean => status >= 500 || status === 429;
  const judged = (answer: unknown, path = '', ids = ['a', 'b']) =>
    judgeItems(answer, path, events(...ids), transient).map((outcome) =>
      outcome.is === 'rejected' ? outcome.reason : outcome.is,
    );

  test.each<[string, unknown, string[]]>([
    ['numbers', [200, 201], ['delivered', 'delivered']],
    ['numbers as text', ['200', '422'], ['retry', 'retry']],
    ['booleans', [true, false], ['delivered', 'http-422']],
    ['status', [{ status: 200 }, { status: 404 }], ['delivered', 'http-404']],
    ['status as text', [{ status: '200' }, { status: '503' }], ['delivered', 'retry']],
    [
      'statusCode before status',
      [
        { statusCode: 500, status: 200 },
        { status: 'ok', code: 204 },
      ],
      ['retry', 'delivered'],
    ],
    ['success', [{ success: true }, { success: false }], ['delivered', 'http-422']],
    ['errors', [{ errors: [] }, { errors: ['x'] }], ['delivered', 'http-422']],
    [
      'yes and no in one breath',
      [
        { status: 200, success: false },
        { status: 200, errors: [1] },
      ],
      ['retry', 'retry'],
    ],
    [
      'no and an error list',
      [
        { status: 422, errors: [1] },
        { status: 422, success: false },
      ],
      ['http-422', 'http-422'],
    ],
    ['nothing that can be read', [{}, null], ['retry', 'retry']],
    ['numbers that are no status', [0, 1.5], ['retry', 'retry']],
    ['statuses out of range', [199, 600], ['retry', 'retry']],
    ['one that is tried again', [429, 299], ['retry', 'delivered']],
    ['a redirect', [302, 200], ['http-302', 'delivered']],
    ['too few', [200], ['retry', 'retry']],
    ['too many', [200, 200, 200], ['retry', 'retry']],
    ['no array', { ok: true }, ['retry', 'retry']],
    [
      'by id, in another order',
      [
        { id: 'b', status: 422 },
        { id: 'a', status: 200 },
      ],
      ['delivered', 'http-422'],
    ],
    ['by id, one left out', [{ id: 'b', status: 200 }], ['retry', 'delivered']],
    ['by id, and two that have none', [{ id: 'a', status: 200 }, 422, 422], ['delivered', 'retry']],
    [
      'by id, two things of one',
      [
        { id: 'a', status: 200 },
        { id: 'a', status: 422 },
      ],
      ['retry', 'retry'],
    ],
    [
      'by id, one thing twice',
      [
        { id: 'a', status: 200 },
        { id: 'a', success: true },
      ],
      ['delivered', 'retry'],
    ],
    [
      'by id, said again after a contradiction',
      [200, 422, 422].map((status) => ({ id: 'a', status })),
      ['retry', 'retry'],
    ],
  ])('%s', (_name, answer, expected) => {
    expect(judged(answer)).toEqual(expected);
  });

  test('ids that are numbers, and a path to the array', () => {
    expect(judged({ d: { r: [{ id: 7, status: 200 }] } }, 'd.r', ['7'])).toEqual(['delivered']);
    expect(judgeItems({ d: 1 }, 'd.r', events('a'), transient)).toEqual([
      { is: 'retry', why: 'the reply has no array at d.r' },
    ]);
    expect(judgeItems({}, '', events('a'), transient)).toEqual([
      { is: 'retry', why: 'the reply has no array at its root' },
    ]);
  });

  test('an event is delivered only where the reply says so of it, whatever else it holds', () => {
    const item = fc.oneof(
      fc.constantFrom<unknown>(200, 204, 422, 503, true, false, null, 'x', 7),
      fc.record(
        {
          id: fc.constantFrom('a', 'b', 'c', 'z'),
          status: fc.constantFrom(200, 422, 500),
          success: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), (items) => {
        const found = judged(items, '', ['a', 'b', 'c']);
        for (const [i, id] of ['a', 'b', 'c'].entries()) {
          if (found[i] !== 'delivered') continue;
          const mine = items.filter((one) => (one as { id?: string } | null)?.id === id);
          const anyId = items.some((one) => (one as { id?: string } | null)?.id !== undefined);
          const said = anyId ? mine : items.length === 3 ? [items[i]] : [];
          expect(said.length).toBeGreaterThan(0);
          for (const one of said) {
            const { status, success } = Object(one) as { status?: number; success?: boolean };
            const yes =
              one === 200 ||
              one === 204 ||
              one === true ||
              status === 200 ||
              (status === undefined && success === true);
            expect(yes && success !== false).toBe(true);
          }
        }
      }),
    );
  });

  test('in a reply: read only after a yes, and what cannot be read is asked again for all', () => {
    const batch = { batch: { ...BATCH_DEFAULTS, mode: 'micro' as const, itemResults: 'r' } };
    const two = (reply: Reply) => judgeReply(reply, events('a', 'b'), optionsWith(batch), { now: NOW, limit: LIMIT });
    expect(two(replyOf(200, '{"r":[200,422]}')).map((o) => o.is)).toEqual(['delivered', 'rejected']);
    expect(two(replyOf(207, '{"r":[429,404]}')).map((o) => o.is)).toEqual(['retry', 'rejected']);
    expect(two(replyOf(500, '{"r":[200,200]}')).map((o) => o.is)).toEqual(['retry', 'retry']);
    expect(two(replyOf(200, '{"r":[200,2')).map((o) => o.is)).toEqual(['retry', 'retry']);
  });
});

describe('no answer', () => {
  const error = (message: string, code?: string): Error => Object.assign(new Error(message), code ? { code } : {});
  const without = (...gone: string[]) =>
    optionsWith({
      retry: { ...RETRY_DEFAULTS, transient: RETRY_DEFAULTS.transient.filter((t) => !gone.includes(String(t))) },
    });

  test.each<[string, Error, string]>([
    ['refused', error('connect ECONNREFUSED 127.0.0.1:9', 'ECONNREFUSED'), 'connect ECONNREFUSED 127.0.0.1:9'],
    [
      'a code that its text does not name',
      error('other side closed', 'UND_ERR_SOCKET'),
      'other side closed (UND_ERR_SOCKET)',
    ],
    ['several tries', new AggregateError([error('connect E1', 'E1'), error('connect E2')], ''), 'connect E1'],
    ['a deadline', new ReplyTimeout('no complete reply within 5 ms'), 'no complete reply within 5 ms (TIMEOUT)'],
  ])('%s: tried again, and it counts against the endpoint', (_name, failure, why) => {
    expect(inWords(failure)).toBe(why);
    expect(judgeError(failure, optionsWith())).toEqual({ is: 'retry', why, endpoint: true });
  });

  test('what is not to be tried again is buried under its kind', () => {
    const refused = error('connect ECONNREFUSED', 'ECONNREFUSED');
    expect(judgeError(refused, without('network'))).toMatchObject({ is: 'rejected', reason: 'network' });
    expect(judgeError(refused, without('timeout'))).toMatchObject({ is: 'retry' });
    for (const late of [new ReplyTimeout('late'), error('x', 'UND_ERR_HEADERS_TIMEOUT'), error('x', 'ETIMEDOUT')]) {
      expect(judgeError(late, without('timeout'))).toMatchObject({ is: 'rejected', reason: 'timeout' });
      expect(judgeError(late, without('network'))).toMatchObject({ is: 'retry' });
    }
  });

  test('a request that cannot be made is nothing that waiting mends', () => {
    expect(judgeError(error('invalid header', 'UND_ERR_INVALID_ARG'), optionsWith())).toEqual({
      ...{ is: 'rejected', reason: 'bad-request', why: 'the request cannot be sent: invalid header' },
    });
    expect(judgeError(new UnsendableEvent('url-path', 'elsewhere'), optionsWith())).toEqual({
      ...{ is: 'rejected', reason: 'url-path', why: 'elsewhere' },
    });
  });
});

describe('hints', () => {
  const date = (ms: number): string => new Date(NOW + ms).toUTCString();

  test.each<[string, Headers, number | undefined]>([
    ['none', [], undefined],
    ['seconds', [['Retry-After', '120']], 120_000],
    ['zero', [['retry-after', '0']], 0],
    ['a date', [['Retry-After', date(90_000)]], 90_000],
    [
      'a date by the clock of the receiver',
      [
        ['Date', date(60_000)],
        ['Retry-After', date(90_000)],
      ],
      30_000,
    ],
    ['a date that is past', [['Retry-After', date(-1000)]], undefined],
    ['the very moment', [['Retry-After', date(0)]], undefined],
    [
      'two that agree',
      [
        ['Retry-After', '5'],
        ['Retry-After', '5'],
      ],
      5000,
    ],
    [
      'two that do not',
      [
        ['Retry-After', '5'],
        ['Retry-After', '6'],
      ],
      undefined,
    ],
    ['a date with a day that is none', [['Retry-After', 'Sun, 31 Nov 2026 12:00:00 GMT']], undefined],
    ['an hour that is none', [['Retry-After', 'Sun, 22 Nov 2026 24:00:00 GMT']], undefined],
    ['a leap second', [['Retry-After', 'Sat, 21 Nov 2026 12:00:60 GMT']], 59_000],
    ['the form of RFC 850', [['Retry-After', 'Saturday, 21-Nov-26 12:00:05 GMT']], 5000],
    ['the form of asctime', [['Retry-After', 'Sat Nov 21 12:00:05 2026']], 5000],
    ['asctime with a day of one digit', [['Retry-After', 'Tue Dec  1 12:00:00 2026']], 864_000_000],
  ])('Retry-After: %s', (_name, headers, ms) => {
    expect(retryAfter(replyOf(429, '', headers), NOW)).toBe(ms);
  });

  const seconds = String(NOW / 1000 + 30);
  test.each<[string, Headers, { remaining: number; resetMs: number } | null]>([
    ['none', [], null],
    [
      'seconds from now',
      [
        ['X-RateLimit-Remaining', '0'],
        ['X-RateLimit-Reset', '30'],
      ],
      { remaining: 0, resetMs: 30_000 },
    ],
    [
      'without X',
      [
        ['RateLimit-Remaining', '4'],
        ['RateLimit-Reset', '30'],
      ],
      { remaining: 4, resetMs: 30_000 },
    ],
    [
      'Unix seconds',
      [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', seconds],
      ],
      { remaining: 0, resetMs: 30_000 },
    ],
    [
      'Unix milliseconds',
      [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', `${seconds}000`],
      ],
      { remaining: 0, resetMs: 30_000 },
    ],
    [
      'by the clock of the receiver',
      [
        ['Date', date(10_000)],
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', seconds],
      ],
      { remaining: 0, resetMs: 20_000 },
    ],
    [
      'a reset that is past',
      [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', '1000000000'],
      ],
      { remaining: 0, resetMs: 1000 },
    ],
    ['no reset', [['x-ratelimit-remaining', '0']], { remaining: 0, resetMs: 1000 }],
    [
      'a reset of zero',
      [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', '0'],
      ],
      { remaining: 0, resetMs: 1000 },
    ],
    [
      'a reset of microseconds',
      [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', `${seconds}000000`],
      ],
      { remaining: 0, resetMs: 1000 },
    ],
    [
      'a reset in words',
      [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-reset', 'soon'],
      ],
      { remaining: 0, resetMs: 1000 },
    ],
    ['a rest in words', [['x-ratelimit-remaining', 'none']], null],
    [
      'two rests',
      [
        ['x-ratelimit-remaining', '0'],
        ['x-ratelimit-remaining', '9'],
      ],
      null,
    ],
    ['a header that only ends so', [['x-foo-ratelimit-remaining', '0']], null],
  ])('rate: %s', (_name, headers, rate) => {
    expect(rateOf(replyOf(200, '', headers), NOW)).toEqual(rate);
  });
});

describe('content', () => {
  const text = '{"ok":"Größe"}';
  const coded = (coding: string, body: Buffer) => replyOf(200, body, [['Content-Encoding', coding]]);

  test.each<[string, Buffer]>([
    ['gzip', gzipSync(text)],
    ['X-GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['', Buffer.from(text)],
    ['deflate, gzip', gzipSync(deflateSync(text))],
    ['gzip, identity , br', brotliCompressSync(gzipSync(text))],
  ])('%s', (coding, body) => {
    expect(jsonOf(coded(coding, body), LIMIT)).toEqual({ ok: true, value: { ok: 'Größe' } });
  });

  test.each<[string, string, Buffer, string]>([
    ['a coding we do not know', 'zstd', Buffer.from('x'), 'the content coding zstd, which was not asked for'],
    ['not what it says', 'gzip', Buffer.from('{}'), 'its reply is not the gzip it says it is'],
    ['more than three', 'gzip, gzip, gzip, gzip', Buffer.from('x'), 'coded more than three times'],
    ['a bomb', 'gzip', gzipSync(Buffer.alloc(10_000_000)), 'longer than 65536 bytes when decompressed'],
  ])('%s', (_name, coding, body, problem) => {
    expect(contentOf(coded(coding, body), LIMIT)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  test('a coded nothing is nothing', () => {
    expect(contentOf(coded('gzip', Buffer.alloc(0)), LIMIT)).toEqual({ ok: true, value: Buffer.alloc(0) });
  });

  test('texts with and without a byte order mark', () => {
    const wide = Buffer.from('ä{}', 'utf16le');
    expect(textOf(Buffer.from('ä{}'))).toBe('ä{}');
    expect(textOf(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from('ä{}')]))).toBe('ä{}');
    expect(textOf(Buffer.concat([Buffer.of(0xff, 0xfe), wide]))).toBe('ä{}');
    expect(textOf(Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(wide).swap16()]))).toBe('ä{}');
    // cut in the middle of a unit
    expect(textOf(Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(wide).swap16(), Buffer.of(1)]))).toBe('ä{}');
  });
});

describe('dotted paths', () => {
  const value = { a: { b: [{ c: 1 }, { c: 2 }], 'x y': null }, '': 3, toString: 'own' };

  test.each<[string, unknown]>([
    ['', value],
    ['$', value],
    ['$.a.b.1.c', 2],
    ['a.b.0.c', 1],
    ['a..b.0.c', 1],
    ['a.x y', null],
    ['a.b.2', undefined],
    ['a.b.length', 2],
    ['a.b.map', undefined],
    ['a.x y.z', undefined],
    ['constructor', undefined],
    ['toString', 'own'],
    ['a.b.0.c.toFixed', undefined],
  ])('%j', (path, found) => {
    expect(at(value, path)).toEqual(found);
  });

  test('names', () => {
    expect(namesOf('$.a.b')).toEqual(['a', 'b']);
    expect(namesOf('$a')).toEqual(['a']);
    expect(namesOf('.')).toEqual([]);
  });
});
