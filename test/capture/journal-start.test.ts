/** Whoever starts the daemon is told at once where reading begins, also while nothing happens in the journal. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { loadConfig } from '../../src/config/load';
import { Daemon } from '../../src/daemon/daemon';
import { checkMapping } from '../../src/map/plan/check';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { createLogger } from '../../src/telemetry/logger';

jest.setTimeout(60_000);

test('position in the log before anything is read, at the first start and at a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-start-'));
  const partition = await SimulatedPartition.start();
  const config = join(folder, 'ibmi-cdc.yaml');
  writeFileSync(
    config,
    `version: 1
partition:
  name: SIM
  host: ${partition.host}
  port: ${partition.ports.database}
  signonPort: ${partition.ports.signon}
  user: ${partition.user}
  password: \${env:SIM_PASSWORD}
  tls: off
state: state.sqlite
destinations: { out: { stdout: {} } }
journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 1h }
http: { port: 0 }
tables:
  ORDLIB/ORDHDR: { event: order }
`,
  );
  const env = { SIM_PASSWORD: partition.password };
  const lines: Record<string, unknown>[] = [];
  const run = async (): Promise<{ line: Record<string, unknown>; metrics: string }> => {
    lines.length = 0;
    const sink = new PassThrough();
    sink.on('data', (d: Buffer) => {
      for (const text of d.toString().split('\n').filter(Boolean)) lines.push(JSON.parse(text));
    });
    await using daemon = await Daemon.start({
      config: loadConfig(config, { env, references: 'require', checkMapping }),
      log: createLogger('info', sink),
      stdout: new PassThrough(),
    });
    const end = Date.now() + 20_000;
    for (;;) {
      const line = lines.find((l) => String(l['msg']).startsWith('reading journal'));
      if (line) {
        const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
        return { line, metrics };
      }
      if (Date.now() > end) throw new Error(`never said: ${JSON.stringify(lines)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  try {
    const first = await run();
    expect(first.line).toMatchObject({
      msg: 'reading journal for the first time',
      journal: 'ORDLIB/ORDJRN',
      tables: 1,
    });
    const { line, metrics } = await run();
    expect(line).toMatchObject({
      msg: 'reading journal from its checkpoint',
      position: expect.stringMatching(/^ORDLIB\/\w+:\d+$/),
      openCycles: 0,
    });
    expect(line['from']).toBe(line['position']);
    expect(metrics).toContain('ibmi_cdc_filter_at_server{journal="ORDLIB/ORDJRN"} 0');
  } finally {
    await partition.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
