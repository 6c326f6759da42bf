/** What /metrics tells of deliveries and of events that were written. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Health } from '../../src/daemon/health';
import { Metrics } from '../../src/telemetry/metrics';
import { Bench, hook } from '../deliver/support/bench';
import { drafts } from '../deliver/support/drafts';

const lines = async (metrics: Metrics, name: string): Promise<string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name));

test('backlog, breaker and disabled destination', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(410).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await using bench = await Bench.start({ webhooks: { crm: hook(url) } });
    const metrics = new Metrics();
    const { dispatcher, outbox } = bench;
    const health = new Health({ captures: [], dispatcher, outbox, metrics, stalledAfterMs: 1000 });
    bench.publish(drafts(0, 5));
    while (dispatcher.status().crm!.state !== 'disabled') await new Promise(setImmediate);
    health.refreshGauges();
    expect(await lines(metrics, 'ibmi_cdc_backlog_events')).toEqual(['ibmi_cdc_backlog_events{destination="crm"} 5']);
    expect(await lines(metrics, 'ibmi_cdc_destination_disabled')).toEqual([
      'ibmi_cdc_destination_disabled{destination="crm"} 1',
    ]);
    expect(await lines(metrics, 'ibmi_cdc_circuit_breaker_state')).toEqual([
      'ibmi_cdc_circuit_breaker_state{destination="crm"} 0',
    ]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('events are counted under the table they are about', async () => {
  const metrics = new Metrics();
  metrics.eventsWritten.inc({ table: 'ORDLIB/ORDHDR' }, 2);
  expect(await lines(metrics, 'ibmi_cdc_events_written_total')).toEqual([
    'ibmi_cdc_events_written_total{table="ORDLIB/ORDHDR"} 2',
  ]);
});

test('a destination that refuses our credentials, how long it asked to wait, and how fast it answers', async () => {
  let status = 401;
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, status === 429 ? { 'retry-after': '30' } : {}).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const circuitBreaker = { failures: 10, probeEvery: 20 };
    await using bench = await Bench.start({ webhooks: { crm: hook(url, { circuitBreaker, concurrency: 1 }) } });
    const metrics = new Metrics();
    const { dispatcher, outbox } = bench;
    const health = new Health({ captures: [], dispatcher, outbox, metrics, stalledAfterMs: 1000 });
    const gauge = async (name: string): Promise<number> => {
      health.refreshGauges();
      return Number((await lines(metrics, `${name}{`))[0]?.split(' ')[1]);
    };
    bench.publish(drafts(0, 1));
    while (!dispatcher.standing().crm!.denied) await new Promise(setImmediate);
    expect(await gauge('ibmi_cdc_destination_denied')).toBe(1);
    expect(health.warnings()).toMatchObject([
      {
        name: 'destination crm',
        detail: expect.stringMatching(/refuses our credentials since .*: the receiver answered 401.*; next attempt /),
      },
    ]);
    status = 429;
    while (!dispatcher.standing().crm!.paced) await new Promise(setImmediate);
    expect(await gauge('ibmi_cdc_destination_paced_seconds')).toBeGreaterThan(28);
    expect(
      health
        .warnings()
        .map((w) => w.detail)
        .join(),
    ).toMatch(/paced until \d{4}-.*Retry-After/);
    expect(await gauge('ibmi_cdc_answer_p95_seconds')).toBeGreaterThan(0);
    expect(await gauge('ibmi_cdc_answer_p50_seconds')).toBeGreaterThan(0);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
