/** A commit cycle that nobody ends is told of, once, with the job to look at; its changes leave when it commits. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { loadConfig } from '../../src/config/load';
import { Daemon } from '../../src/daemon/daemon';
import { checkMapping } from '../../src/map/plan/check';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { createLogger } from '../../src/telemetry/logger';
import { hostServerTransport } from '../../src/transport/hostserver';

jest.setTimeout(60_000);

test('reported by log and gauge', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-orphan-'));
  const partition = await SimulatedPartition.start();
  const desk = await hostServerTransport({
    host: partition.host,
    user: partition.user,
    password: () => partition.password,
    databasePort: partition.ports.database,
    signonPort: partition.ports.signon,
    tls: 'off',
  }).connect();
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
journal: { pollInterval: 20ms, maxPollInterval: 50ms, orphanCycle: 1s }
http: { port: 0 }
tables: { ORDLIB/ORDHDR: { event: order } }
`,
  );
  const [log, stdout] = [new PassThrough(), new PassThrough()];
  const text = { log: '', out: '' };
  log.on('data', (d: Buffer) => {
    text.log += d.toString();
  });
  stdout.on('data', (d: Buffer) => {
    text.out += d.toString();
  });
  const daemon = await Daemon.start({
    config: loadConfig(config, { env: { SIM_PASSWORD: partition.password }, references: 'require', checkMapping }),
    log: createLogger('info', log),
    stdout,
  });
  const until = async (what: string, enough: () => boolean): Promise<void> => {
    const end = Date.now() + 40_000;
    while (!enough()) {
      if (Date.now() > end) throw new Error(`never: ${what}\n${text.log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  try {
    await until('reading', () => text.log.includes('reading journal'));
    await desk.setAutocommit(false);
    await desk.execute('UPDATE ORDLIB.ORDHDR SET STS = 31 WHERE ORDNO = (SELECT MIN(ORDNO) FROM ORDLIB.ORDHDR)');
    await until('told', () => text.log.includes('commit cycle open without news'));
    const line = text.log.split('\n').find((l) => l.includes('commit cycle open'))!;
    expect(JSON.parse(line)).toMatchObject({
      commitCycle: expect.stringMatching(/^\d+$/),
      position: expect.stringMatching(/^ORDLIB\/ORDRCV\d+:\d+$/),
      job: expect.stringMatching(/^\d{6}\/\w+\/\w+$/),
    });
    const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
    expect(metrics).toMatch(/ibmi_cdc_quietest_open_cycle_seconds\{journal="ORDLIB\/ORDJRN"\} \d/);
    expect(text.out).toBe('');
    await desk.commit();
    await until('published', () => text.out.includes('order.updated'));
    expect(text.log.split('commit cycle open without news').length).toBe(2);
  } finally {
    await daemon.stop();
    await desk.close();
    await partition.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
