/** Each route of the API, asked over a real socket of a real daemon, answers held against the document by another's validator. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES } from '../../src/api/routes';
import { ApiSite, BEARER } from './support/site';

let site: ApiSite;
beforeAll(async () => {
  site = await ApiSite.open();
});
afterAll(() => site?.[Symbol.asyncDispose]());

test('status: how everything stands, as the command has it', async () => {
  await site.order(700001);
  await site.event('700001', 'delivered');
  const { json } = await site.get('/v1/status');
  expect(json).toMatchObject({
    partition: 'SIM',
    role: 'active',
    leader: null,
    daemon: { running: true },
    health: { ok: true, ready: true },
    journals: [{ journal: 'ORDLIB/ORDJRN' }],
  });
  const { version: _v, partition: _p, role: _r, leader: _l, health: _h, ...model } = json;
  const told = await site.desk.json('status');
  expect(Object.keys(model).sort()).toEqual(Object.keys(told).sort());
  expect(json.destinations.map((d: { destination: string }) => d.destination)).toEqual(['out', 'crm', 'bare']);
});

test('journals, tables and destinations, page by page', async () => {
  expect((await site.get('/v1/journals')).json).toMatchObject({ items: [{ journal: 'ORDLIB/ORDJRN' }], next: null });
  const first = (await site.get('/v1/tables?limit=1')).json;
  expect(first.items).toMatchObject([{ table: 'ORDLIB/ORDHDR', rules: [{ masked: ['CUSREF'], to: ['crm', 'out'] }] }]);
  const second = (await site.get(`/v1/tables?limit=1&after=${first.next}`)).json;
  expect(second).toMatchObject({ items: [{ table: 'ORDLIB/ODD' }], next: null });
  const whole = (await site.get('/v1/tables/ORDLIB/ORDHDR')).json;
  expect(whole.formats[0].columns.map((c: { name: string }) => c.name)).toContain('ORDNO');
  expect(whole.counted.eventsWritten).toBeGreaterThan(0);
  expect((await site.get('/v1/tables/NO/SUCH')).json.code).toBe('TABLE_UNKNOWN');
  const all = (await site.get('/v1/destinations')).json.items;
  expect(all.map((d: { name: string; kind: string }) => [d.name, d.kind])).toEqual([
    ['out', 'stdout'],
    ['crm', 'webhook'],
    ['bare', 'stdout'],
  ]);
  const one = (await site.get('/v1/destinations/crm')).json;
  expect(one.address).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(one.courier).toMatchObject({ state: 'running', breaker: 'closed' });
  expect((await site.get('/v1/destinations/nobody')).json.code).toBe('API_DESTINATION');
});

test('ages of secrets are for admins; the secret itself is for nobody', async () => {
  expect((await site.get('/v1/destinations/crm')).json.secrets).toBeUndefined();
  const { json } = await site.get('/v1/destinations/crm', { token: site.tokens.admin });
  expect(json.secrets).toEqual([
    {
      path: 'destinations.crm.webhook.auth.bearer.token',
      source: '${file:crm-token}',
      changedAt: expect.any(String),
      ageDays: 0,
    },
  ]);
});

test('events: newest first by the filters of trace, and one whole', async () => {
  for (const n of [700010, 700011, 700012]) await site.order(n);
  const last = await site.event('700012', 'delivered');
  const first = (await site.get('/v1/events?table=ORDLIB/ORDHDR&limit=2')).json;
  expect(first.items.map((e: { key: string }) => e.key)).toEqual(['700012', '700011']);
  const second = (await site.get(`/v1/events?table=ORDLIB/ORDHDR&limit=2&after=${first.next}`)).json;
  expect(second.items[0].key).toBe('700010');
  const withAttempts = (await site.get('/v1/events?key=700012&attempts=true')).json.items[0];
  expect(withAttempts.attempts.length).toBeGreaterThan(0);
  const whole = (await site.get(`/v1/events/${last.id}`)).json;
  expect(whole).toMatchObject({
    id: last.id,
    type: 'order.created',
    rule: 'order',
    receiver: 'ORDLIB/ORDRCV0001',
    body: { type: 'order.created', subject: '700012' },
    others: [],
  });
  expect(whole.attempts.map((a: { destination: string }) => a.destination).sort()).toEqual(['crm', 'out']);
  expect((await site.get(`/v1/events/${last.id}?body=false`)).json.body).toBeNull();
  expect((await site.get('/v1/events/no-such-event')).json.code).toBe('API_EVENT');
  const byId = (await site.get(`/v1/events?id=${last.id}&id=${first.items[1].id}`)).json;
  expect(byId.items.map((e: { key: string }) => e.key)).toEqual(['700012', '700011']);
});

test('a sequence of the journal, and a time, are filters', async () => {
  const { sequence, receiver, writtenAt } = (await site.get('/v1/events?key=700011')).json.items[0];
  const by = async (query: string): Promise<string[]> =>
    (await site.get(`/v1/events?${query}`)).json.items.map((e: { key: string }) => e.key);
  expect(await by(`receiver=${receiver}&fromSequence=${sequence}&toSequence=${sequence}`)).toEqual(['700011']);
  expect(await by(`until=${writtenAt}`)).not.toContain('700011');
  expect(await by(`since=${writtenAt}`)).toContain('700011');
});

test('no stored payload is no body to look at', async () => {
  await site.desk.sql('INSERT INTO ORDLIB.ODD VALUES (7)');
  const event = await site.event('7', 'delivered');
  const whole = (await site.get(`/v1/events/${event.id}`)).json;
  expect([whole.body, whole.bodyBytes]).toEqual([null, 0]);
  expect((await site.get('/v1/records/ORDLIB/ODD/7')).json).toMatchObject({ status: 404, code: 'API_RECORD' });
});

test('the row now, masked as its events are, whole though they are thin', async () => {
  const { json } = await site.get('/v1/records/ORDLIB/ORDHDR/700012');
  expect(json).toMatchObject({
    table: 'ORDLIB/ORDHDR',
    rule: 'order',
    key: { orderNumber: '700012' },
    row: { orderNumber: '700012', status: '10', remark: '<script>alert(1)</script>' },
    decodeErrors: [],
  });
  expect(JSON.stringify(json)).not.toContain('SECRETREF');
  expect((await site.get('/v1/records/ORDLIB/ORDHDR/999999')).json.code).toBe('API_RECORD');
  expect((await site.get('/v1/records/ORDLIB/ORDHDR/no-number')).json.code).toBe('API_RECORD');
  expect((await site.get('/v1/records/ORDLIB/ORDHDR/1%2F2')).json.code).toBe('API_RECORD');
  expect((await site.get('/v1/records/NO/SUCH/1')).json.code).toBe('TABLE_UNKNOWN');
});

test('dead letters: listed, shown, counted, queued again, dropped', async () => {
  site.receiver.answer = (_got, response) => response.writeHead(422).end('{"no":"thanks"}');
  for (const n of [700020, 700021, 700022]) await site.order(n);
  for (const n of [700020, 700021, 700022]) await site.event(String(n), 'dead');
  const page = (await site.get('/v1/dead-letters?destination=crm&limit=2')).json;
  expect(page.items.map((l: { key: string; reason: string }) => [l.key, l.reason])).toEqual([
    ['700020', 'http-422'],
    ['700021', 'http-422'],
  ]);
  const rest = (await site.get(`/v1/dead-letters?destination=crm&limit=2&after=${page.next}`)).json;
  expect(rest).toMatchObject({ items: [{ key: '700022' }], next: null });
  const { no } = page.items[0];
  const whole = (await site.get(`/v1/dead-letters/${no}`)).json;
  expect(whole).toMatchObject({ no, body: { subject: '700020' }, attemptsLog: [{ status: 422 }] });
  expect((await site.get('/v1/dead-letters/999')).json.code).toBe('DLQ_NUMBER');
  expect((await site.get('/v1/dead-letters?destination=nobody')).json.code).toBe('DLQ_DESTINATION');
  expect((await site.post('/v1/dead-letters/drop', {})).json.code).toBe('DLQ_WHAT');
  const counted = await site.post('/v1/dead-letters/drop', { destination: 'crm', dryRun: true });
  expect(counted.json).toEqual({ dropped: 3, dryRun: true });
  expect((await site.post('/v1/dead-letters/drop', { letter: [no] })).json).toEqual({ dropped: 1, dryRun: false });
  site.receiver.answer = (_got, response) => response.writeHead(204).end();
  expect((await site.post('/v1/dead-letters/retry', { key: '700021', dryRun: true })).json.queued).toBe(1);
  expect((await site.post('/v1/dead-letters/retry', { all: true })).json).toEqual({ queued: 2, dryRun: false });
  await site.event('700021', 'delivered');
  await site.until(async () => (await site.get('/v1/dead-letters')).json.items.length === 0);
});

test('a replay: counted first, then under the same ids', async () => {
  const before = site.receiver.got.length;
  expect((await site.post('/v1/replays', {})).json.code).toBe('REPLAY_WHAT');
  expect((await site.post('/v1/replays', { key: '700001', dryRun: true })).json).toEqual({ queued: 1, dryRun: true });
  expect((await site.post('/v1/replays', { key: '700001', to: ['nobody'] })).json.code).toBe('REPLAY_DESTINATION');
  const done = await site.post('/v1/replays', { key: '700001', to: ['crm'] });
  expect(done.json).toEqual({ queued: 1, dryRun: false });
  await site.until(async () => site.receiver.got.length > before);
  const again = site.receiver.got.at(-1)!.json as unknown as { subject: string; data: { meta: { mode: string } } };
  expect([again.subject, again.data.meta.mode]).toEqual(['700001', 'replay']);
});

test('a replay out of the journal: counted, worked on by the daemon, looked at, given up', async () => {
  const { receiver, sequence } = (await site.get('/v1/events?key=700001')).json.items[0];
  const range = { receiver, fromSequence: sequence, toSequence: sequence, to: ['crm'] };
  const dry = (await site.post('/v1/replays', { ...range, dryRun: true })).json;
  expect(dry).toMatchObject({
    queued: 0,
    dryRun: true,
    found: [{ state: 'dry run', events: 1, deliveries: 1, gone: [] }],
  });
  expect((await site.get('/v1/replays')).json.items).toEqual([]);
  const before = site.receiver.got.length;
  const [job] = (await site.post('/v1/replays', range)).json.jobs;
  expect(job).toMatchObject({ journal: 'ORDLIB/ORDJRN', to: ['crm'], gone: [] });
  await site.until(async () => (await site.get(`/v1/replays/${job.id}`)).json.state === 'done');
  await site.until(async () => site.receiver.got.length > before);
  expect((await site.get('/v1/replays')).json.items).toMatchObject([{ id: job.id, figures: { deliveries: 1 } }]);
  const cancelled = await site.ask('DELETE', `/v1/replays/${job.id}`, { token: site.tokens.operator });
  expect(cancelled.json.state).toBe('done');
  expect((await site.get('/v1/replays/99')).json.code).toBe('API_REPLAY');
  expect((await site.post('/v1/replays', { changedSince: '2026-01-01', key: 'x' })).json.code).toBe('REPLAY_OPTIONS');
});

test('a table is paused and goes on: what was written meanwhile is kept, then leaves in order', async () => {
  const paused = await site.post('/v1/tables/ORDLIB/ORDHDR/pause');
  expect(paused.json).toEqual({ table: 'ORDLIB/ORDHDR', reason: 'operator operator', already: false });
  expect((await site.post('/v1/tables/ORDLIB/ORDHDR/pause')).json.already).toBe(true);
  await site.order(700030);
  await site.event('700030', 'held');
  expect((await site.get('/v1/stopped')).json.tables).toMatchObject([{ table: 'ORDLIB/ORDHDR', deliveries: 2 }]);
  expect((await site.get('/v1/tables/ORDLIB/ORDHDR')).json.paused).toMatchObject({ deliveries: 2 });
  const alertOfPause = async () =>
    (await site.get('/v1/alerts?ended=5')).json.raised.find((a: { rule: string }) => a.rule === 'table-paused');
  while ((await alertOfPause()) === undefined) await sleep(50);
  expect(await alertOfPause()).toMatchObject({ subject: 'ORDLIB/ORDHDR', severity: 'critical', endedAt: null });
  const resumed = await site.post('/v1/tables/ORDLIB/ORDHDR/resume', {});
  expect(resumed.json).toEqual({ table: 'ORDLIB/ORDHDR', drop: false, deliveries: 2 });
  await site.event('700030', 'delivered');
  expect((await site.post('/v1/tables/ORDLIB/ORDHDR/resume', {})).json).toMatchObject({
    status: 409,
    code: 'TABLE_NOT_PAUSED',
  });
  expect((await site.post('/v1/tables/NO/SUCH/pause')).json.code).toBe('TABLE_UNKNOWN');
});

test('a destination is paused at once and goes on; others do not wait for it', async () => {
  const before = site.receiver.got.length;
  const paused = await site.post('/v1/destinations/crm/pause', { why: 'their release' });
  expect(paused.json).toEqual({ destination: 'crm', why: 'paused by operator: their release', already: false });
  await site.order(700040);
  await site.desk.until('the other destination has it', () => site.desk.sent.some((e) => e.subject === '700040'));
  expect(site.receiver.got.length).toBe(before);
  const stood = (await site.get('/v1/destinations/crm')).json;
  expect(stood).toMatchObject({ pending: 1, disabled: { why: 'paused by operator: their release' } });
  expect(stood.courier.state).toBe('disabled');
  expect((await site.post('/v1/destinations/crm/resume')).json).toEqual({ destination: 'crm', deliveries: 1 });
  await site.event('700040', 'delivered');
  expect((await site.post('/v1/destinations/crm/resume')).json.code).toBe('DESTINATION_NOT_DISABLED');
  expect((await site.post('/v1/destinations/nobody/pause', {})).json.code).toBe('API_DESTINATION');
  expect((await site.post('/v1/destinations/nobody/resume')).json.code).toBe('API_DESTINATION');
});

test('a pause by the command line reaches the running daemon, and so does its end', async () => {
  const paused = await site.desk.cli('pause', '--destination', 'crm', '--why', 'night');
  expect([paused.code, paused.out]).toEqual([0, expect.stringContaining('crm is paused')]);
  await site.until(async () => (await site.get('/v1/destinations/crm')).json.courier.state === 'disabled');
  expect((await site.desk.cli('resume', '--destination', 'crm')).code).toBe(0);
  await site.until(async () => (await site.get('/v1/destinations/crm')).json.courier.state === 'running');
  expect((await site.desk.cli('pause', '--table', 'ORDLIB/ODD')).out).toContain('ORDLIB/ODD is paused');
  expect((await site.desk.cli('resume', '--table', 'ORDLIB/ODD')).code).toBe(0);
  expect((await site.desk.cli('pause')).code).toBe(2);
});

test('a test event goes past the queue, and what came of it is shown', async () => {
  const { json } = await site.post('/v1/destinations/crm/test', {});
  expect(json).toMatchObject({
    delivered: true,
    destination: 'crm',
    type: 'order.created',
    sample: 'recent',
    status: 204,
  });
  const got = site.receiver.got.at(-1)!.json as unknown as { id: string; data: { meta: { test: boolean } } };
  expect([got.id, got.data.meta.test]).toEqual([json.id, true]);
  site.receiver.answer = (_got, response) => response.writeHead(500).end('out of order');
  const refused = await site.post('/v1/destinations/crm/test', { synthetic: true, event: 'order.updated' });
  expect(refused.json).toMatchObject({ delivered: false, sample: 'synthetic', status: 500 });
  site.receiver.answer = (_got, response) => response.writeHead(204).end();
  expect((await site.post('/v1/destinations/crm/test', { event: 'no.such' })).json.code).toBe('SEND_TEST_EVENT');
});

test('a backfill: counted, begun, looked at, given up', async () => {
  const dry = await site.post('/v1/backfills', { table: 'ORDLIB/ODD', dryRun: true });
  expect([dry.status, dry.json]).toEqual([202, { table: 'ORDLIB/ODD', rows: 1, dryRun: true }]);
  expect((await site.post('/v1/backfills', { table: 'NO/SUCH' })).json.code).toBe('TABLE_UNKNOWN');
  expect((await site.post('/v1/backfills', { table: 'ORDLIB/ODD', where: 'NOSUCH = 1' })).json.code).toBe(
    'BACKFILL_WHERE',
  );
  expect((await site.post('/v1/backfills', { table: 'ORDLIB/ODD', column: 'ID' })).json.code).toBe('API_REQUEST');
  expect((await site.get('/v1/backfills')).json.items).toEqual([]);
  const begun = (await site.post('/v1/backfills', { table: 'ORDLIB/ODD' })).json;
  expect(begun).toMatchObject({ table: 'ORDLIB/ODD', total: 1 });
  await site.until(async () => (await site.get(`/v1/backfills/${begun.id}`)).json.state === 'done');
  const gone = await site.ask('DELETE', `/v1/backfills/${begun.id}`, { token: site.tokens.operator });
  expect(gone.json.state).toBe('done');
  expect((await site.get('/v1/backfills')).json.items).toMatchObject([{ id: begun.id, figures: { published: 1 } }]);
  expect((await site.get('/v1/backfills/99')).json.code).toBe('API_BACKFILL');
});

test('trace: stored events, and what the journal says of a key that left none', async () => {
  const found = (await site.get('/v1/trace?key=700001')).json;
  expect(found.lives.map((l: { key: string }) => l.key)).toEqual(['700001']);
  expect(found.found.journals).toMatchObject([{ journal: 'ORDLIB/ORDJRN' }]);
  expect(found.searched).toMatchObject({ key: '700001', span: 'the last 24 hours' });
  const offline = (await site.get('/v1/trace?key=700001&offline=true')).json;
  expect([offline.found, offline.notAsked]).toEqual([null, null]);
  const { receiver, sequence } = found.lives[0];
  const fates = (await site.get(`/v1/trace?receiver=${receiver}&fromSequence=${sequence}`)).json.fates;
  expect(fates).toMatchObject([{ fromSequence: sequence, fate: 'published' }]);
});

test('series: a metric of the last minutes, as the daemon kept it', async () => {
  const { json } = await site.get('/v1/series?metric=events_written_total&minutes=10');
  expect(json).toMatchObject({ metric: 'ibmi_cdc_events_written_total', type: 'counter', stepSeconds: 60 });
  expect((await site.get('/v1/series?metric=ibmi_cdc_backlog_events&minutes=4320')).json.stepSeconds).toBe(720);
  expect((await site.get('/v1/series?metric=nothing')).json).toMatchObject({ status: 404, code: 'API_METRIC' });
  expect((await site.get('/v1/series?metric=answer_seconds')).json.code).toBe('API_METRIC');
});

test('a capture in full: begun, looked at, stopped', async () => {
  expect((await site.post('/v1/debug', {})).json.code).toBe('DEBUG_WHAT');
  const begun = await site.post('/v1/debug', { destination: 'crm', seconds: 600 });
  expect([begun.status, begun.json]).toMatchObject([201, { destination: 'crm', state: 'running', exchanges: 0 }]);
  const { debug } = begun.json;
  const caught = await site.until(async () => {
    await site.post('/v1/replays', { key: '700001', to: ['crm'] });
    const { json } = await site.get(`/v1/debug/${debug}`);
    return json.items.length > 0 && json;
  });
  expect(caught.capture.debug).toBe(debug);
  expect(caught.items[0]).toMatchObject({ destination: 'crm', outcome: 'delivered', status: 204 });
  expect(JSON.stringify(caught)).not.toContain(BEARER);
  expect((await site.get('/v1/debug')).json.items).toMatchObject([{ debug }]);
  const stopped = await site.ask('DELETE', `/v1/debug/${debug}`, { token: site.tokens.operator });
  expect(stopped.json.state).toBe('stopped');
  expect((await site.get('/v1/debug/99')).json.code).toBe('DEBUG_NONE');
});

test('tokens, and who the caller is', async () => {
  const admin = { token: site.tokens.admin };
  const made = await site.ask('POST', '/v1/tokens', { ...admin, body: { name: 'ci', role: 'viewer', days: 1 } });
  expect([made.status, made.json.name]).toEqual([201, 'ci']);
  expect((await site.get('/v1/session', { token: made.json.token })).json).toEqual({
    name: 'ci',
    role: 'viewer',
    via: 'api',
  });
  const again = await site.ask('POST', '/v1/tokens', { ...admin, body: { name: 'ci', role: 'admin' } });
  expect([again.status, again.json.code]).toEqual([409, 'TOKEN_EXISTS']);
  const list = await site.get('/v1/tokens', admin);
  expect(list.json.items.map((t: { name: string }) => t.name)).toEqual(['admin', 'ci', 'operator', 'viewer']);
  expect(list.text).not.toContain(made.json.token);
  expect((await site.ask('DELETE', '/v1/tokens/ci', admin)).json).toEqual({ revoked: 'ci' });
  expect((await site.get('/v1/session', { token: made.json.token })).status).toBe(401);
  expect((await site.ask('DELETE', '/v1/tokens/ci', admin)).json.code).toBe('TOKEN_UNKNOWN');
});

test('the record image of an event: bytes beside values, masked and left out as its rule says, for whoever may see it', async () => {
  await site.order(700100, '10');
  await site.event('700100', 'delivered');
  await site.desk.sql("UPDATE ORDLIB.ORDHDR SET STS = '20', TOTAMT = 12.30 WHERE ORDNO = 700100");
  const find = async () => (await site.get('/v1/events?key=700100&type=order.updated')).json.items[0];
  const { id } = await site.until(find);
  const fields = async (token: string) => {
    const { json } = await site.get(`/v1/events/${id}/image`, { token });
    expect(json).toMatchObject({ table: 'ORDLIB/ORDHDR', op: 'update', hasBefore: true, commitCycle: null });
    return new Map(json.fields.map((f: { column: string }) => [f.column, f]));
  };
  const seen = await fields(site.tokens.viewer);
  expect(seen.get('STS')).toEqual({
    ...{ column: 'STS', type: 'CHAR(2)', offset: 8, width: 2, concealed: null, changed: true },
    before: { hex: 'f1f0', value: '"10"', error: null },
    after: { hex: 'f2f0', value: '"20"', error: null },
  });
  expect(seen.get('ORDNO')).toMatchObject({ changed: false, after: { hex: '0700100f', value: '"700100"' } });
  expect(seen.get('TOTAMT')).toMatchObject({ concealed: 'not in the event', changed: true, before: null, after: null });
  expect(seen.get('CUSREF')).toMatchObject({ concealed: 'masked', before: null, after: null });
  const more = await fields(site.tokens.operator);
  expect(more.get('TOTAMT')).toMatchObject({ concealed: null, after: { value: '"12.30"' } });
  expect(more.get('CUSREF')).toMatchObject({ concealed: 'masked', before: null, after: null });
  await site.desk.sql('INSERT INTO ORDLIB.ODD VALUES (4711)');
  const bare = await site.event('4711', 'delivered');
  expect((await site.get(`/v1/events/${bare.id}/image`)).json).toMatchObject({ status: 404, code: 'API_IMAGE' });
  expect((await site.get('/v1/events/none/image')).json).toMatchObject({ status: 404, code: 'API_IMAGE' });
});

test('receivers: where we are, what must stay, what may be deleted', async () => {
  const path = '/v1/journals/ORDLIB/ORDJRN/receivers';
  const one = (await site.get(path)).json;
  expect(one.receivers.map((r: { neededFor: string; here: boolean }) => [r.neededFor, r.here])).toEqual([
    ['attached', true],
  ]);
  await site.desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)');
  await site.order(700101);
  await site.event('700101', 'delivered');
  const moved = async () => {
    const { json } = await site.get(path);
    const [before, after] = json.receivers;
    return before.neededFor === null && !before.here && after.here && after.neededFor === 'attached';
  };
  await site.until(moved);
  expect((await site.get('/v1/journals/NO/SUCH/receivers')).json).toMatchObject({ status: 404, code: 'API_JOURNAL' });
});

test('requests to a destination, newest first, page by page', async () => {
  const path = '/v1/destinations/crm/requests';
  const { items, next } = (await site.get(`${path}?limit=1`)).json;
  expect(items[0]).toMatchObject({ status: 204, events: 1, outcomes: { delivered: 1 }, error: null });
  expect(items[0].request).toContain('webhook-attempt: 1');
  expect((await site.get(`/v1/events/${items[0].ids[0]}?body=false`)).status).toBe(200);
  const older = (await site.get(`${path}?limit=1&after=${next}`)).json.items;
  expect(Date.parse(older[0].at)).toBeLessThanOrEqual(Date.parse(items[0].at));
  expect((await site.get('/v1/destinations/nobody/requests')).json).toMatchObject({ status: 404 });
});

test('the playground: a mapping as it is, edited, on an entry and on bytes; masks stay, references lead nowhere', async () => {
  const { tokens } = site;
  const asIs = (await site.get('/v1/tables/ORDLIB/ORDHDR/mapping', { token: tokens.operator })).json;
  expect(asIs.mapping).toContain('CUSREF: redact');
  expect((await site.get('/v1/tables/ORDLIB/ORDHDR/mapping')).status).toBe(403);
  const [{ receiver, sequence }] = (await site.get('/v1/events?key=700100&type=order.created')).json.items;
  const edited = 'event: sale\nkey: [ORDNO]\ncolumns: { CUSREF: reference, STS: state }\nto: [crm]\n';
  const wish = { table: 'ORDLIB/ORDHDR', mapping: edited, receiver, sequence };
  const { json } = await site.post('/v1/mappings/try', wish);
  const [rule] = json.rules;
  expect(rule).toMatchObject({ outcome: 'mapped', says: 'makes sale.created for crm' });
  expect(rule.events[0].body.data.after).toEqual({ state: '10', reference: expect.not.stringContaining('SECRET') });
  expect(JSON.stringify(json)).not.toContain('SECRETREF');
  expect((await site.post('/v1/mappings/try', wish, tokens.viewer)).status).toBe(403);
  const image = json.fields.length > 0 ? '0700200f0000001fc1c2' : '';
  const short = await site.post('/v1/mappings/try', { table: 'ORDLIB/ORDHDR', mapping: edited, image });
  expect(short.json).toMatchObject({ code: expect.stringMatching(/^LAYOUT_/) });
  const odd = 'event: odd\nkey: [ID]\nto: [bare]\n';
  const pasted = await site.post('/v1/mappings/try', { table: 'ORDLIB/ODD', mapping: odd, image: '0000002a' });
  expect(pasted.json.rules[0].events[0]).toMatchObject({ type: 'odd.created', key: '42' });
  for (const [mapping, why] of [
    ['event: ${file:/etc/passwd}\nto: [crm]', 'references are not followed'],
    ['event: "\\x24{env:HOME}"\nto: [crm]', 'references are not followed'],
    ['event: [', 'API_MAPPING'],
    ['event: a\nto: [nowhere]', 'nowhere'],
    ['event: a\nwhen: "STS = = 1"\nto: [crm]', 'when'],
  ] as const) {
    const { json, text } = await site.post('/v1/mappings/try', { ...wish, mapping });
    expect(json).toMatchObject({ status: 400, code: 'API_MAPPING' });
    expect(text).toContain(why);
    expect(text).not.toContain('root:');
  }
});

test('every change and every look at a payload is a line of the log, from the API as from the command line', async () => {
  const seen = new Set<string>();
  for (let after = ''; ; ) {
    const { items, next } = (await site.get(`/v1/audit-log?limit=20${after}`)).json;
    for (const { what, via } of items) seen.add(`${via} ${what}`);
    if (next === null) break;
    after = `&after=${next}`;
  }
  expect([...seen].sort()).toEqual(
    [
      'api backfill.cancel',
      'api backfill.start',
      'api dead-letters.drop',
      'api dead-letters.retry',
      'api debug.start',
      'api debug.stop',
      'api destination.pause',
      'api destination.resume',
      'api destination.test',
      'api payload.view',
      'api replay',
      'api replay.cancel',
      'api table.pause',
      'api table.resume',
      'api token.create',
      'api token.revoke',
      'cli destination.pause',
      'cli destination.resume',
      'cli table.pause',
      'cli table.resume',
      'cli token.create',
    ].sort(),
  );
  const refused = (await site.get('/v1/audit-log?what=destination.resume')).json.items.find(
    (l: { result: string }) => l.result === 'refused',
  );
  expect(refused).toMatchObject({
    who: 'operator',
    from: expect.stringContaining('127.0.0.1'),
    facts: { code: 'DESTINATION_NOT_DISABLED' },
  });
  const exported = (await site.desk.cli('audit-log', '--what', 'dead-letters')).out.trim().split('\n');
  expect(
    exported.map((line) => JSON.parse(line)).map(({ who, what, result, facts }) => [who, what, result, facts]),
  ).toEqual([
    ['operator', 'dead-letters.drop', 'done', { dropped: 1 }],
    ['operator', 'dead-letters.retry', 'done', { queued: 2 }],
  ]);
});

test('no answer and no line of the log holds a token or a secret', async () => {
  const pages = ['/v1/status', '/v1/destinations', '/v1/audit-log?limit=500', '/v1/tables', '/v1/tokens'];
  const texts = await Promise.all(pages.map(async (p) => (await site.get(p, { token: site.tokens.admin })).text));
  const all = `${texts.join('\n')}\n${JSON.stringify(site.desk.log)}`;
  for (const secret of [BEARER, ...Object.values(site.tokens), 'SECRETREF']) expect(all).not.toContain(secret);
});

test('every route of the document was asked and answered as it says', () => {
  const missing = ROUTES.map(({ id }) => id).filter((id) => !site.contract.seen.has(id));
  expect(missing).toEqual([]);
});
