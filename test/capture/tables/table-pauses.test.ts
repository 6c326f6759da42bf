/** Paused tables through the whole daemon, over the wire: what is held, what flows, what the operator sees and says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCli } from '../../../src/cli/program';
import { loadConfig } from '../../../src/config/load';
import { Daemon } from '../../../src/daemon/daemon';
import { checkMapping } from '../../../src/map/plan/check';
import { SimulatedPartition } from '../../../src/simulator/simulated-partition';
import { openSqlite } from '../../../src/sqlite';
import { createLogger } from '../../../src/telemetry/logger';
import { hostServerTransport } from '../../../src/transport/hostserver';
import type { SqlConnection } from '../../../src/transport/transport';

jest.setTimeout(60_000);

let partition: SimulatedPartition;
let folder: string;
let config: string;
let desk: SqlConnection;
let sent: { type: string; subject: string }[];
let daemons: Daemon[];

beforeEach(async () => {
  partition = await SimulatedPartition.start();
  desk = await hostServerTransport({
    host: partition.host,
    user: partition.user,
    password: () => partition.password,
    databasePort: partition.ports.database,
    signonPort: partition.ports.signon,
    tls: 'off',
  }).connect();
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-pauses-'));
  config = join(folder, 'ibmi-cdc.yaml');
  sent = [];
  daemons = [];
  for (const t of ['BURST', 'CALM']) {
    await desk.execute(`CREATE TABLE ORDLIB.${t} (ID INTEGER NOT NULL PRIMARY KEY)`);
    const file = `FILE(ORDLIB/${t}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`;
    await desk.execute(`CALL QSYS2.QCMDEXC('STRJRNPF ${file}')`);
  }
});
afterEach(async () => {
  for (const daemon of daemons) await daemon.stop();
  await desk.close();
  await partition.stop();
  rmSync(folder, { recursive: true, force: true });
});

function write(schemaDrift = 'warn'): void {
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
destinations:
  out: { stdout: {} }
policies: { start: earliest, schemaDrift: ${schemaDrift} }
journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 20ms }
http: { port: 0 }
tables:
  ORDLIB/BURST: { event: burst, onDelete: delete, deleteGuard: { deletes: 3, within: 1h } }
  ORDLIB/CALM: { event: calm }
`,
  );
}

async function start(): Promise<Daemon> {
  const stdout = new PassThrough();
  let rest = '';
  stdout.on('data', (d: Buffer) => {
    const lines = `${rest}${d}`.split('\n');
    rest = lines.pop()!;
    sent.push(...lines.map((line) => JSON.parse(line) as { type: string; subject: string }));
  });
  const daemon = await Daemon.start({
    config: loadConfig(config, { env: { SIM_PASSWORD: partition.password }, references: 'require', checkMapping }),
    log: createLogger('silent', new PassThrough()),
    stdout,
  });
  daemons.push(daemon);
  return daemon;
}

async function cli(...args: string[]): Promise<{ code: number; out: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let out = '';
  for (const stream of [stdout, stderr])
    stream.on('data', (d: Buffer) => {
      out += d.toString();
    });
  let code = 0;
  const env = { SIM_PASSWORD: partition.password };
  const exit = (c: number): void => {
    code = c;
  };
  await runCli([...args, '-c', config], { stdin: new PassThrough(), stdout, stderr, env, exit });
  await new Promise((resolve) => setImmediate(resolve));
  return { code, out };
}

async function until(what: string, enough: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!enough()) {
    if (Date.now() > end) throw new Error(`never: ${what}; sent ${JSON.stringify(sent.map((e) => e.type))}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function count(table: string): number {
  const db = openSqlite(join(folder, 'state.sqlite'), { readonly: true });
  try {
    return db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  } finally {
    db.close();
  }
}

const insert = async (...ids: number[]): Promise<void> => {
  for (const id of ids) await desk.execute('INSERT INTO ORDLIB.BURST VALUES (?)', [id]);
};
const remove = async (...ids: number[]): Promise<void> => {
  for (const id of ids) await desk.execute('DELETE FROM ORDLIB.BURST WHERE ID = ?', [id]);
};
/** Row events of the table, e.g. `created 1`. */
const bursts = (): string[] =>
  sent.filter((e) => e.type.startsWith('burst.')).map((e) => `${e.type.slice(6)} ${e.subject}`);
const calm = (id: number) => (): boolean => sent.some((e) => e.type === 'calm.created' && e.subject === String(id));

test('a mass delete holds its table through a restart; release delivers all of it, once, in order; the next burst trips again', async () => {
  write();
  await insert(1, 2, 3, 4, 5, 6);
  await remove(1, 2, 3, 4, 5);
  let daemon = await start();
  await until('held', () => count('outbox_held') === 2);
  await until('alert', () => sent.some((e) => e.type === 'table.mass-delete'));
  await daemon.stop();

  daemon = await start();
  await insert(1);
  await desk.execute('INSERT INTO ORDLIB.CALM VALUES (7)');
  await until('calm', () => calm(7)() && count('outbox_ready') === 0);
  const before = ['1', '2', '3', '4', '5', '6'].map((id) => `created ${id}`);
  expect(bursts()).toEqual([...before, 'deleted 1', 'deleted 2', 'deleted 3']);
  expect(count('outbox_held')).toBe(3);

  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  expect(metrics).toContain('ibmi_cdc_table_held{table="ORDLIB/BURST"} 1');
  const status = JSON.parse((await cli('status', '--json')).out) as Record<string, unknown>;
  expect(status['pausedTables']).toEqual([
    expect.objectContaining({ table: 'ORDLIB/BURST', reason: 'table.mass-delete', deliveries: 3 }),
  ]);
  expect(status['destinations']).toEqual([expect.objectContaining({ destination: 'out', pending: 0, held: 3 })]);
  expect((await cli('status')).out).toMatch(/ORDLIB\/BURST {2}PAUSED by table.mass-delete at ORDLIB\/\w+:\d+, 3 /);
  expect((await cli('trace', '--table', 'ORDLIB/BURST', '--key', '4')).out).toContain(
    'out: held, 0 attempts: the table is paused by table.mass-delete; next: ibmi-cdc resume --table ORDLIB/BURST',
  );
  expect((await cli('resume', '--table', 'ORDLIB/CALM')).code).toBe(2);

  expect((await cli('resume', '--table', 'ordlib/burst')).out).toBe('ORDLIB/BURST goes on, 3 deliveries queued\n');
  await insert(2);
  const after = [...before, 'deleted 1', 'deleted 2', 'deleted 3', 'deleted 4', 'deleted 5', 'created 1', 'created 2'];
  await until('released', () => bursts().length >= after.length);
  expect(bursts()).toEqual(after);

  // judged afresh: three more pass, the fourth does not
  await remove(1, 2, 6);
  await insert(8);
  await remove(8);
  await until('tripped again', () => count('outbox_held') === 1);
  await daemon.stop();
  expect(bursts()).toEqual([...after, 'deleted 1', 'deleted 2', 'deleted 6', 'created 8']);
  expect((await cli('audit')).code).toBe(0);
});

test('schemaDrift: pause holds a table whose format changed; --drop makes dead letters of what was held', async () => {
  write('pause');
  await start();
  await insert(1);
  await until('first', () => bursts().length === 1);
  await desk.execute('ALTER TABLE ORDLIB.BURST ADD COLUMN NAME CHAR(10) NOT NULL DEFAULT');
  await desk.execute("INSERT INTO ORDLIB.BURST VALUES (2, 'TWO')");
  await desk.execute('INSERT INTO ORDLIB.CALM VALUES (7)');
  await until('calm', calm(7));
  await until('held', () => count('outbox_held') > 0);
  expect(sent.map((e) => e.type)).toContain('schema.changed');
  expect(bursts()).toEqual(['created 1']);

  expect((await cli('resume', '--table', 'ORDLIB/BURST', '--drop')).out).toMatch(/goes on, \d+ dead letters? made\n/);
  const { out } = await cli('dlq', 'list', '--reason', 'held', '--json');
  expect(out).toContain('dropped by the operator: ORDLIB/BURST was paused by schema.changed');
  await desk.execute("INSERT INTO ORDLIB.BURST VALUES (3, 'THREE')");
  await until('goes on', () => bursts().includes('created 3'));
  expect(bursts()).toEqual(['created 1', 'created 3']);
  expect((await cli('dlq', 'retry', '--reason', 'held')).code).toBe(0);
  await until('retried', () => bursts().includes('created 2'));
});

test('schemaDrift: warn lets the table go on', async () => {
  write();
  await desk.execute('ALTER TABLE ORDLIB.BURST ADD COLUMN NAME CHAR(10) NOT NULL DEFAULT');
  await desk.execute("INSERT INTO ORDLIB.BURST VALUES (2, 'TWO')");
  await start();
  await until('goes on', () => bursts().includes('created 2'));
  expect((await cli('resume')).out).toBe('no table is paused\n');
});
