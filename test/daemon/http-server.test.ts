import { type HealthCheck, HttpServer } from '../../src/daemon/http-server';
import { Metrics } from '../../src/telemetry/metrics';

async function withServer(
  parts: { health?: HealthCheck[]; ready?: HealthCheck[]; token?: string; metrics?: boolean },
  work: (get: (path: string, authorization?: string) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const metrics = new Metrics();
  metrics.entriesRead.inc({ journal: 'ORDLIB/ORDJRN' }, 7);
  const token = parts.token;
  const server = new HttpServer({
    metrics,
    source: { health: () => parts.health ?? [], ready: () => parts.ready ?? [] },
    beforeScrape: () => metrics.positionLag.set({ journal: 'ORDLIB/ORDJRN' }, 3),
    serveMetrics: parts.metrics ?? true,
    token: token === undefined ? null : { reveal: () => token },
  });
  const port = await server.start('127.0.0.1', 0);
  try {
    await work((path, authorization) =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: authorization ? { authorization } : {} }),
    );
  } finally {
    await server.stop();
  }
}

const check = (ok: boolean): HealthCheck => ({ name: 'journal ORDLIB/ORDJRN', ok, detail: 'seen' });

test('health is red until something proved itself, and while anything is red', async () => {
  await withServer({}, async (get) => {
    expect((await get('/healthz')).status).toBe(503);
    expect((await get('/readyz')).status).toBe(503);
  });
  await withServer({ health: [check(true), check(false)], ready: [check(true)] }, async (get) => {
    const health = await get('/healthz');
    expect(health.status).toBe(503);
    expect(await health.json()).toEqual({ ok: false, checks: [check(true), check(false)] });
    expect((await get('/readyz')).status).toBe(200);
  });
});

test('metrics are computed at the scrape', async () => {
  await withServer({}, async (get) => {
    const text = await (await get('/metrics')).text();
    expect(text).toContain('ibmi_cdc_journal_entries_read_total{journal="ORDLIB/ORDJRN"} 7');
    expect(text).toContain('ibmi_cdc_position_lag_entries{journal="ORDLIB/ORDJRN"} 3');
  });
});

test('a token guards everything but the health checks', async () => {
  await withServer({ token: 'sesame', health: [check(true)] }, async (get) => {
    expect((await get('/metrics')).status).toBe(401);
    expect((await get('/metrics', 'Bearer sesam')).status).toBe(401);
    expect((await get('/metrics', 'Bearer sesame')).status).toBe(200);
    expect((await get('/healthz')).status).toBe(200);
  });
});

test('metrics can be switched off; other paths say what there is', async () => {
  await withServer({ metrics: false }, async (get) => {
    expect((await get('/metrics')).status).toBe(404);
    expect(await (await get('/')).text()).toContain('/healthz');
  });
});
