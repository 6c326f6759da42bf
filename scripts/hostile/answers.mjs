// @ts-check
// What the hostile receiver answers, as bytes, and what each answer says of each event by construction: the oracle reads no answer.
//
// An answer is { head, body, ends, verdicts, rest, kind }: `verdicts` has for each event `yes` (accepted), `no` (refused for good),
// `denied` (credentials), `later` (everything else), or `either` where the answer is illegal and may be taken as none;
// `rest` is how many milliseconds it asks for (with 429 at least the floor), `ends` what happens to the connection, `after` and
// `between` how many milliseconds the answer, and the body of one that asks for a rest, let wait for themselves.
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

const STATUS_TEXTS = ['', ' OK', ' Whatever', ' \u00e4'];
const EXTRA = [
  ['Server', 'nginx'],
  ['x-request-id', '0123456789abcdef'],
  ['Set-Cookie', 'a=b; Path=/'],
  ['CACHE-CONTROL', 'no-store'],
  ['Link', '</a>; rel=preload'],
  ['X-Empty', ''],
  ['Connection', 'keep-alive'],
  ['Keep-Alive', 'timeout=5'],
];

/** @param asks what the endpoint asks of a body: `nothing`, `ok` or `items` */
export function answerFor(random, ids, asks, poisoned) {
  if (poisoned) return refusal(random, ids);
  const kind = random.weighted(KINDS);
  const after = random.chance(0.06) ? random.below(120) : 0;
  const between = random.chance(0.4) ? random.pick([30, 200, 600, 1_500]) : 0;
  return { kind, after, between, ...MAKERS[kind](random, ids, asks) };
}

const KINDS = [
  [60, 'yes'],
  [6, 'yes with a bad end'],
  [6, 'cut'],
  [3, 'body that cannot be read'],
  [4, 'partly'],
  [6, 'failure'],
  [0.4, 'throttle'],
  [0.6, 'denied'],
  [5, 'no answer'],
  [1.5, 'illegal'],
  [0.4, 'stall'],
  [0.3, 'budget'],
];

const MAKERS = {
  yes: (random, ids, asks) => accepted(random, ids, asks),
  'yes with a bad end': badEnd,
  cut: cutSomewhere,
  'body that cannot be read': unreadable,
  partly,
  failure: (random, ids) => plain(random, ids, random.pick([500, 502, 503, 504, 408, 425, 507, 599]), 'later'),
  throttle,
  denied: (random, ids) => plain(random, ids, random.pick([401, 403]), 'denied'),
  'no answer': noAnswer,
  illegal,
  stall: (_random, ids) => ({ head: '', body: '', ends: 'stall', verdicts: ids.map(() => 'later'), rest: 0 }),
  budget,
};

function refusal(random, ids) {
  return { kind: 'refusal', ...plain(random, ids, random.pick([400, 404, 409, 413, 422, 301, 307]), 'no') };
}

/** A legal answer of some status. */
function plain(random, ids, status, verdict, headers) {
  const body = random.chance(0.5) ? '' : random.pick(['{"error":"x"}', 'no', '<html></html>', 'x'.repeat(3000)]);
  const framed = frame(random, status, headers ?? [], Buffer.from(body), headers !== undefined);
  return { ...framed, verdicts: ids.map(() => verdict), rest: 0 };
}

function throttle(random, ids) {
  const { headers, ms } = hint(random);
  return { ...plain(random, ids, 429, 'later', headers), rest: Math.max(500, ms), throttle: true };
}

const HTTP_DATE = (ms) => new Date(ms).toUTCString();

/** Retry-After in every form, with what it asks for by construction. */
function hint(random) {
  const seconds = random.below(2);
  const clock = random.below(2_000_000_000) * 1000;
  return random.weighted([
    [3, { headers: [], ms: 0 }],
    [2, { headers: [['Retry-After', String(seconds)]], ms: seconds * 1000 }],
    [
      2,
      {
        headers: [['retry-after', random.pick(['2.5', '-3', '+5', '0', 'soon', '1e3', '5s', '9 9', '\u00fc'])]],
        ms: 0,
      },
    ],
    [
      2,
      {
        headers: [
          ['Date', HTTP_DATE(clock)],
          ['Retry-After', HTTP_DATE(clock + seconds * 1000)],
        ],
        ms: seconds * 1000,
      },
    ],
    [1, { headers: [['Retry-After', HTTP_DATE(0)]], ms: 0 }],
  ]);
}

/** Accepted, and nothing is left of the budget for a moment. */
function budget(random, ids, asks) {
  const clock = (1_500_000_000 + random.below(500_000_000)) * 1000;
  const reset = random.pick([clock / 1000 + 1, clock + 1000, 1]);
  const headers = [
    ['Date', HTTP_DATE(clock)],
    ['X-RateLimit-Remaining', '0'],
    ['X-RateLimit-Reset', String(reset)],
  ];
  return { ...accepted(random, ids, asks, headers), rest: 1000, throttle: true };
}

/** Every event accepted, in one of the ways in which that may be said. */
function accepted(random, ids, asks, headers) {
  const body = Buffer.from(yesBody(random, ids, asks));
  const status = asks === 'nothing' ? random.pick([200, 201, 202, 204, 205, 207]) : random.pick([200, 201, 202]);
  const empty = status === 204 || status === 205;
  const coded = empty ? { headers: [], body: Buffer.alloc(0) } : code(random, body);
  const framed = frame(random, status, [...(headers ?? []), ...coded.headers], coded.body, headers !== undefined);
  return { ...framed, verdicts: ids.map(() => 'yes'), rest: 0 };
}

function yesBody(random, ids, asks) {
  const mark = random.chance(0.1) ? '\ufeff' : '';
  if (asks === 'nothing') return random.pick(['', '{}', 'ok', mark]);
  if (asks === 'ok') return `${mark}{"ok":true,"n":[1,{"ok":false}]}`;
  const results = ids.map((id) => yesItem(random, id));
  // by id in any order, or by place without ids
  if (random.chance(0.3)) return mark + JSON.stringify({ results: results.map(({ id: _id, ...rest }) => rest) });
  return mark + JSON.stringify({ results: random.shuffled(results) });
}

function yesItem(random, id) {
  return random.pick([
    { id, status: 200 },
    { id, statusCode: 201 },
    { id, code: '202' },
    { id, success: true },
    { id, errors: [] },
  ]);
}

/** The head says yes, and what comes behind it is wrong. */
function badEnd(random, ids, asks) {
  const says = asks === 'nothing' ? 'yes' : 'later';
  const [head, body, ends] = random.pick([
    ['HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n', '{}', 'keep'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n', '{"ok":true}', 'fin'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n', '{"ok":true}', 'reset'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '5\r\n{"ok"', 'fin'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'zz\r\n', 'keep'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n', '', 'stall'],
  ]);
  // 204 has no body, so nothing of it can be asked
  return { head, body, ends, verdicts: ids.map(() => says), rest: 0 };
}

/** A good answer that ends at some byte. */
function cutSomewhere(random, ids, asks) {
  const whole = accepted(random, ids, asks);
  const bytes = Buffer.concat([Buffer.from(whole.head, 'latin1'), Buffer.from(whole.body)]);
  const at = random.below(bytes.length + 1);
  const headed = at >= whole.head.length;
  const complete = at === bytes.length;
  const verdict = complete || (headed && asks === 'nothing') ? 'yes' : headed && whole.untilClose ? 'either' : 'later';
  const part = bytes.subarray(0, at);
  const head = part.subarray(0, whole.head.length).toString('latin1');
  const ends = random.pick(['fin', 'reset']);
  return { head, body: part.subarray(whole.head.length), ends, verdicts: ids.map(() => verdict), rest: 0 };
}

const BOMB = gzipSync(Buffer.alloc(20_000_000, 0x20));

/** 2xx whose body says nothing, where something is asked of it. */
function unreadable(random, ids, asks) {
  const body = random.pick([
    Buffer.from('<html>'),
    Buffer.from('{"ok":tru'),
    Buffer.from('null'),
    Buffer.from('{"ok":"maybe"}'),
    Buffer.alloc(80_000, 0x20),
    Buffer.alloc(0),
  ]);
  const coded = random.pick([
    { headers: [], body },
    { headers: [['Content-Encoding', 'gzip']], body: Buffer.from('{"ok":true}') },
    { headers: [['Content-Encoding', 'zstd']], body: Buffer.from('{"ok":true}') },
    { headers: [['Content-Encoding', 'gzip']], body: BOMB },
  ]);
  const framed = frame(random, 200, coded.headers, coded.body);
  return { ...framed, verdicts: ids.map(() => (asks === 'nothing' ? 'yes' : 'later')), rest: 0 };
}

/** Some of the events, where results of items are asked for; a plain no to the body's question otherwise. */
function partly(random, ids, asks) {
  if (asks === 'nothing') return accepted(random, ids, asks);
  if (asks === 'ok')
    return { ...frame(random, 200, [], Buffer.from('{"ok":false}')), verdicts: ids.map(() => 'later'), rest: 0 };
  const verdicts = ids.map(() =>
    random.weighted([
      [6, 'yes'],
      [2, 'left out'],
      [2, 'later'],
      [0.2, 'no'],
      [0.5, 'both'],
    ]),
  );
  const results = ids.flatMap((id, i) => itemsOf(random, id, verdicts[i]));
  const strangers = random.chance(0.3) ? [{ id: 'stranger', status: 200 }, { status: 200 }, 200] : [];
  const list = random.shuffled([...results, ...strangers]);
  // without any id left, places would speak
  if (!results.some((item) => 'id' in item)) list.push({ id: 'stranger', status: 200 });
  const body = Buffer.from(JSON.stringify({ results: list }));
  const said = verdicts.map((v) => (v === 'left out' || v === 'both' ? 'later' : v));
  return { ...frame(random, 200, [], body), verdicts: said, rest: 0 };
}

function itemsOf(random, id, verdict) {
  if (verdict === 'yes') return [yesItem(random, id)];
  if (verdict === 'later')
    return [random.pick([{ id, status: 500 }, { id, status: 'soon' }, { id }, { id, status: 200, success: false }])];
  if (verdict === 'no') return [{ id, status: 422 }];
  return verdict === 'both'
    ? [
        { id, status: 200 },
        { id, status: 503 },
      ]
    : [];
}

/** Nothing that could be taken for an answer. */
function noAnswer(random, ids) {
  const [head, ends] = random.pick([
    ['', 'fin'],
    ['', 'reset'],
    ['HTTP/1.1 100 Continue\r\n\r\n', 'fin'],
    ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 20', 'reset'],
    ['hello\r\n\r\n', 'fin'],
    ['\u0000\u0001\u0002', 'keep-stall'],
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', 'fin'],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`, 'fin'],
  ]);
  return { head, body: '', ends: ends === 'keep-stall' ? 'stall' : ends, verdicts: ids.map(() => 'later'), rest: 0 };
}

/** Says 200 in a way no standard allows: taking it for an answer or not are both right. */
function illegal(random, ids) {
  const head = random.pick([
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nBad Header : x\r\nContent-Length: 0\r\n\r\n',
    'HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
    'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX\u0000: a\r\nContent-Length: 0\r\n\r\n',
  ]);
  return { head, body: '', ends: 'fin', verdicts: ids.map(() => 'either'), rest: 0 };
}

const CODERS = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['Deflate', deflateRawSync],
  ['br', brotliCompressSync],
];

function code(random, body) {
  if (body.length === 0 || random.chance(0.7)) return { headers: [], body };
  const [name, coder] = random.pick(CODERS);
  return { headers: [['Content-Encoding', name]], body: coder(body) };
}

/** A head of that status, and the body in one of the ways HTTP/1.1 delimits it. @param kept the connection stays open */
function frame(random, status, headers, body, kept = false) {
  const lines = [...headers, ...EXTRA.filter(() => random.chance(0.15))];
  const interim = random.chance(0.1) ? random.pick(INTERIM) : '';
  const version = !kept && random.chance(0.05) ? 'HTTP/1.0' : 'HTTP/1.1';
  if (random.chance(0.02)) lines.push(['Content-Security-Policy', 'p'.repeat(random.pick([10_000, 30_000, 60_000]))]);
  let bytes = body;
  let ends = 'keep';
  let untilClose = false;
  const way =
    status === 204
      ? 'none'
      : random.weighted([
          [6, 'length'],
          [2, version === 'HTTP/1.1' ? 'chunked' : 'length'],
          [kept ? 0 : 1, 'close'],
        ]);
  if (way === 'length') lines.push([random.pick(['Content-Length', 'content-length']), String(body.length)]);
  else if (way === 'chunked') {
    lines.push(['Transfer-Encoding', 'chunked']);
    bytes = chunked(random, body);
  } else if (way === 'close') {
    lines.push(['Connection', 'close']);
    ends = 'fin';
    untilClose = true;
  }
  const text = random.shuffled(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${interim}${version} ${status}${random.pick(STATUS_TEXTS)}\r\n${text.join('')}\r\n`;
  return { head, body: bytes, ends, untilClose };
}

const INTERIM = [
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 102 Processing\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n',
  'HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
];

function chunked(random, body) {
  const parts = [];
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + random.below(body.length));
    parts.push(Buffer.from(`${size.toString(16)}\r\n`), body.subarray(at, at + size), Buffer.from('\r\n'));
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
