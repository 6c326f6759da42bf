/** With `storePayload: false` nothing of a row rests on our disk; a retry reads the journal again. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Webhook } from 'standardwebhooks';
import { loadConfig } from '../../src/config/load';
import { Daemon } from '../../src/daemon/daemon';
import { checkMapping } from '../../src/map/plan/check';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { openSqlite } from '../../src/sqlite';
import { createLogger } from '../../src/telemetry/logger';
import { hostServerTransport } from '../../src/transport/hostserver';

const SECRET = `whsec_${Buffer.from('a secret for the rebuilding').toString('base64')}`;

interface Event {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly op: string;
    readonly before: Record<string, unknown> | null;
    readonly after: Record<string, unknown> | null;
    readonly meta: { readonly attempt: number };
  };
}

async function until(what: string, enough: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!enough()) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('payloads are not stored, and after a restart they come from the journal under the same ids', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-rebuild-'));
  await using partition = await SimulatedPartition.start();
  let healthy = false;
  const refused: Event[] = [];
  const accepted: Event[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (d: Buffer) => {
      body += d.toString();
    });
    request.on('end', () => {
      const event = new Webhook(SECRET).verify(body, request.headers as Record<string, string>) as Event;
      (healthy ? accepted : refused).push(event);
      response.writeHead(healthy ? 204 : 500).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const file = join(folder, 'ibmi-cdc.yaml');
  writeFileSync(
    file,
    `version: 1
partition:
  name: REBUILD
  host: ${partition.host}
  port: ${partition.ports.databaseTls}
  signonPort: ${partition.ports.signonTls}
  user: ${partition.user}
  password: \${env:PW}
  tls: { ca: ${JSON.stringify(partition.caFile)} }
state: state/state.sqlite
http: off
journal: { pollInterval: 100ms, maxPollInterval: 100ms }
destinations:
  crm:
    storePayload: false
    webhook:
      url: http://127.0.0.1:${(receiver.address() as AddressInfo).port}/
      signing: { standardWebhooks: { secret: ${SECRET} } }
      retry: { schedule: [0s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s], jitter: 0 }
tables:
  ORDLIB/ITMMAS:
    event: item
    key: [ITMNO]
    columns: { ITMNO: item, ITMDSC: description, PRICE: price }
    lookups: { unit: { table: ORDLIB/UNITS, key: UOM, value: TXT } }
    expressions: { unit: "lookup('unit', UOM)" }
    onDelete: delete
    to: [crm]
`,
  );
  const log = new PassThrough();
  let told = '';
  log.on('data', (d: Buffer) => {
    told += d.toString();
  });
  const start = (): Promise<Daemon> =>
    Daemon.start({
      config: loadConfig(file, { env: { PW: partition.password }, checkMapping }),
      log: createLogger('info', log),
      stdout: new PassThrough(),
    });
  const written = (): unknown => {
    const db = openSqlite(join(folder, 'state', 'state.sqlite'), { readonly: true });
    const count = db.prepare('SELECT ifnull(sum(last - first + 1), 0) FROM outbox_page').pluck().get();
    db.close();
    return count;
  };
  const { host, user, password, caFile, ports } = partition;
  await using desk = await hostServerTransport({
    host,
    user,
    password,
    tls: { ca: caFile },
    databasePort: ports.databaseTls,
    signonPort: ports.signonTls,
  }).connect();
  try {
    await desk.execute('CREATE TABLE ORDLIB.UNITS (UOM CHAR(2) NOT NULL PRIMARY KEY, TXT VARCHAR(20) NOT NULL)');
    await desk.execute("INSERT INTO ORDLIB.UNITS VALUES ('PC', 'piece')");
    const first = await start();
    await until('a position to start from', () => told.includes('reading journal'));
    await desk.execute(
      "INSERT INTO ORDLIB.ITMMAS (ITMNO, ITMDSC, UOM, PRICE, COST, WEIGHT, STOCK, STS, CHGDAT, CHGTIM) VALUES ('IT-REBUILD', 'NEVER ON OUR DISK', 'PC', 1.10, 1, 1, 1, 'A', 0, 0)",
    );
    await desk.execute("UPDATE ORDLIB.ITMMAS SET PRICE = 2.20 WHERE ITMNO = 'IT-REBUILD'");
    await desk.execute("DELETE FROM ORDLIB.ITMMAS WHERE ITMNO = 'IT-REBUILD'");
    await until('the first attempt', () => refused.length > 0);
    await until('all three written down', () => written() === 3);
    // their entries are older than the format the second daemon finds: met by random histories
    await desk.execute('ALTER TABLE ORDLIB.ITMMAS ADD COLUMN NEWER CHAR(3) BEFORE ITMDSC');
    await until('the new format is known', () => told.includes('record format read again'));
    await first.stop();
    const state = join(folder, 'state');
    for (const name of readdirSync(state)) {
      expect(readFileSync(join(state, name)).includes('NEVER ON OUR DISK')).toBe(false);
    }

    healthy = true;
    const second = await start();
    const rows = (): Event[] => accepted.filter((e) => e.data.op);
    await until('three rows', () => rows().length >= 3);
    await second.stop();
    expect(rows().map((e) => [e.type, e.data.before?.['price'] ?? null, e.data.after?.['price'] ?? null])).toEqual([
      ['item.created', null, '1.10'],
      ['item.updated', '1.10', '2.20'],
      ['item.deleted', '2.20', null],
    ]);
    expect(rows()[0]!.id).toBe(refused[0]!.id);
    expect(rows()[0]!.data.after).toMatchObject({ unit: 'piece' });
    expect({ ...rows()[0]!.data, meta: null }).toEqual({ ...refused[0]!.data, meta: null });
    expect(rows()[0]!.data.meta.attempt).toBeGreaterThan(1);
  } finally {
    receiver.closeAllConnections();
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);
