/** plan, doctor, audit and backfill as a person runs them, against the simulated partition over the wire. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCli } from '../../src/cli/program';
import { loadConfig } from '../../src/config/load';
import { Daemon } from '../../src/daemon/daemon';
import { checkMapping } from '../../src/map/plan/check';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { openSqlite } from '../../src/sqlite';
import { Store } from '../../src/store/store';
import { createLogger } from '../../src/telemetry/logger';
import type { SqlConnection } from '../../src/transport/transport';
import { connected } from '../support/connected';
import { partitionYaml } from '../support/partition-yaml';

let partition: SimulatedPartition;
let folder: string;
let config: string;
let desk: SqlConnection;

beforeAll(async () => {
  partition = await SimulatedPartition.start();
  desk = await connected(partition);
});
afterAll(async () => {
  await desk?.close();
  await partition?.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-commands-'));
  config = join(folder, 'ibmi-cdc.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(tables: string, more = ''): void {
  writeFileSync(
    config,
    `version: 1
${partitionYaml(partition)}
state: state.sqlite
destinations:
  out: { stdout: {} }
policies: { start: earliest }
journal: { pollInterval: 20ms, checkpointInterval: 20ms }
http: off
tables:
${tables}${more}`,
  );
}

const ORDERS = `  ORDLIB/ORDHDR:
    event: order
    columns: { ORDNO: orderNumber, ORDDAT: { as: orderDate, date: cyymmdd }, STS: status }
`;

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const text = { out: '', err: '' };
  stdout.on('data', (d: Buffer) => {
    text.out += d.toString();
  });
  stderr.on('data', (d: Buffer) => {
    text.err += d.toString();
  });
  let code = 0;
  await runCli([...args, '-c', config], {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: { SIM_PASSWORD: partition.password },
    exit: (c) => {
      code = c;
    },
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...text };
}

describe('plan', () => {
  test('resolves each table, and one bad table does not hide the others', async () => {
    write(`${ORDERS}  ORDLIB/NOWHERE: { event: nothing }\n  ORDLIB/PRICES: { event: price }\n`);
    const { code, out } = await cli('plan', '--json');
    expect(code).toBe(0);
    const { tables } = JSON.parse(out) as { tables: Record<string, unknown>[] };
    expect(tables.map((t) => [t['table'], t['state'], t['journal'], t['images'], t['key']])).toEqual([
      ['ORDLIB/ORDHDR', 'ok', 'ORDLIB/ORDJRN', 'BOTH', ['ORDNO']],
      ['ORDLIB/NOWHERE', 'missing', null, null, []],
      ['ORDLIB/PRICES', 'not journaled', null, null, expect.anything()],
    ]);
    expect((await cli('plan')).out).toContain('1 of 3 tables can be captured');
  });
});

describe('doctor', () => {
  test('each finding carries the CL, SQL or YAML that mends it', async () => {
    await desk.execute("CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN) DLTRCV(*YES) MNGRCV(*SYSTEM)')");
    write(`${ORDERS}  ORDLIB/PRICES: { event: price }\n  ORDLIB/NOWHERE: { event: nothing }\n`);
    const { code, out } = await cli('doctor', '--json');
    expect(code).toBe(5);
    const { findings } = JSON.parse(out) as {
      findings: { area: string; subject: string; level: string; fix: string | null }[];
    };
    const of = (area: string, subject: string) =>
      findings.filter((f) => f.area === area && f.subject.startsWith(subject));
    expect(of('journal', 'ORDLIB/ORDJRN').map((f) => f.fix)).toContain('CHGJRN JRN(ORDLIB/ORDJRN) DLTRCV(*NO)');
    expect(of('table', 'ORDLIB/PRICES')[0]!.fix).toContain(
      'STRJRNPF FILE(ORDLIB/PRICES) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)',
    );
    expect(of('table', 'ORDLIB/NOWHERE')[0]).toMatchObject({ level: 'error' });
    expect(of('table', 'ORDLIB/ORDHDR')[0]).toMatchObject({ level: 'ok' });
    expect(findings.filter((f) => f.level !== 'ok').every((f) => f.fix !== '')).toBe(true);
    await desk.execute("CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) DLTRCV(*NO)')");
  });

  test('a port nobody listens on ends it, with what to start', async () => {
    write(ORDERS);
    const text = await import('node:fs').then((fs) => fs.readFileSync(config, 'utf8'));
    writeFileSync(config, text.replace(`port: ${partition.ports.database}`, 'port: 1'));
    const { code, out } = await cli('doctor');
    expect(code).toBe(5);
    expect(out).toMatch(/ERROR {4}network .*:1: refused/);
    expect(out).toContain('STRHOSTSVR SERVER(');
  });

  test('a window column without an index is told with the index it needs', async () => {
    write(
      `  ORDLIB/PRICES: { event: price, capture: { window: { kind: legacy, by: [CHGDAT, CHGTIM], date: cyymmdd } } }\n`,
    );
    const { out } = await cli('doctor', '--json');
    const { findings } = JSON.parse(out) as { findings: { area: string; text: string; fix: string | null }[] };
    expect(findings.filter((f) => f.area === 'window').map((f) => f.fix ?? f.text)[0]).toBe(
      'CREATE INDEX ORDLIB.PRICES_CDC ON ORDLIB.PRICES (CHGDAT, CHGTIM)',
    );
  });
});

async function daemon(work: () => Promise<void>): Promise<string> {
  const stdout = new PassThrough();
  let out = '';
  stdout.on('data', (d: Buffer) => {
    out += d.toString();
  });
  const running = await Daemon.start({
    config: loadConfig(config, { env: { SIM_PASSWORD: partition.password }, references: 'require', checkMapping }),
    log: createLogger('silent', new PassThrough()),
    stdout,
  });
  await work();
  await running.stop();
  return out;
}

/** Rows of the state file; waits until `enough` says so. */
async function until(enough: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !enough(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
}

function query(sql: string): unknown {
  const db = openSqlite(join(folder, 'state.sqlite'), { readonly: true });
  try {
    return db.prepare(sql).pluck().get();
  } finally {
    db.close();
  }
}

/** Where the deliveries of a type stand, as the running daemon's file says. */
function statesOf(type: string): string[] {
  using store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
  const { history } = new Outbox(store, { destinations: {} });
  return history.events({ type }).flatMap(({ seq }) => history.states(seq).map(({ state }) => state));
}

describe('audit', () => {
  test('complete after a run; a number without fate is found and exits with 5', async () => {
    write(ORDERS);
    await daemon(async () => {
      await desk.execute('UPDATE ORDLIB.ORDHDR SET STS = 30 WHERE ORDNO = (SELECT MIN(ORDNO) FROM ORDLIB.ORDHDR)');
      await desk.execute("CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)')");
      await until(() => (query('SELECT ifnull(sum(last - first + 1), 0) FROM outbox_page') as number) > 0);
      await until(() => (query('SELECT count(DISTINCT receiver) FROM ledger_stretch') as number) > 1);
    });
    const clean = await cli('audit', '--json');
    expect(clean.err + clean.code).toBe('0');
    expect(JSON.parse(clean.out)).toMatchObject({ journal: 'ORDLIB/ORDJRN', complete: true, holes: [], pending: 0 });
    const db = openSqlite(join(folder, 'state.sqlite'));
    db.prepare('DELETE FROM ledger_stretch WHERE id = (SELECT max(id) FROM ledger_stretch)').run();
    db.close();
    const holed = await cli('audit');
    expect(holed.code).toBe(5);
    expect(holed.out).toContain('HOLE');
  });
});

describe('mass delete', () => {
  test('a burst pauses the table, others go on; the operator’s word delivers what was held, in order', async () => {
    await desk.execute('CREATE TABLE ORDLIB.BURST (ID INTEGER NOT NULL PRIMARY KEY)');
    await desk.execute('CREATE TABLE ORDLIB.CALM (ID INTEGER NOT NULL PRIMARY KEY)');
    for (const t of ['BURST', 'CALM'])
      await desk.execute(
        `CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/${t}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')`,
      );
    write(
      `  ORDLIB/BURST: { event: burst, onDelete: delete, deleteGuard: { deletes: 3, within: 1h } }\n  ORDLIB/CALM: { event: calm }\n`,
    );
    const out = await daemon(async () => {
      for (let i = 1; i <= 6; i++) await desk.execute('INSERT INTO ORDLIB.BURST VALUES (?)', [i]);
      for (let i = 1; i <= 6; i++) await desk.execute('DELETE FROM ORDLIB.BURST WHERE ID = ?', [i]);
      await desk.execute('INSERT INTO ORDLIB.CALM VALUES (7)');
      await until(() => (query('SELECT count(*) FROM outbox_held') as number) === 3);
      await until(() => statesOf('calm.created').includes('delivered'));
      expect((await cli('resume')).out).toMatch(
        /ORDLIB\/BURST {2}paused since .* by table.mass-delete at .* 3 deliveries held/,
      );
      expect((await cli('resume', '--table', 'ORDLIB/CALM')).code).toBe(2);
      expect((await cli('resume', '--table', 'ORDLIB/BURST')).code).toBe(0);
      await until(() => (query('SELECT count(*) FROM outbox_hold') as number) === 0);
      await until(() => (query('SELECT count(*) FROM outbox_ready') as number) === 0);
    });
    const events = out
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as { type: string; subject?: string });
    const deletes = events.filter((e) => e.type === 'burst.deleted').map((e) => e.subject);
    expect(deletes).toEqual(['1', '2', '3', '4', '5', '6']);
    const types = events.map((e) => e.type);
    expect(types).toContain('table.mass-delete');
    // the calm table was not held up by the other one
    expect(types.indexOf('calm.created')).toBeLessThan(types.lastIndexOf('burst.deleted'));
  });
});

describe('backfill', () => {
  test('counts, runs by itself, and through a running daemon', async () => {
    write(ORDERS);
    const [from, to] = ['2020-01-01', '2030-12-31'];
    const range = ['--table', 'ORDLIB/ORDHDR', '--column', 'ORDDAT', '--from', from, '--to', to];
    const dry = JSON.parse((await cli('backfill', ...range, '--dry-run', '--json')).out) as { rows: number };
    expect(dry.rows).toBeGreaterThan(0);
    const alone = await cli('backfill', ...range, '--json', '--chunk', '7');
    const last = alone.out.trim().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ state: 'done', rowsRead: dry.rows, rowsSent: dry.rows, pending: 0 });
    const reads = alone.out.split('\n').filter((l) => l.includes('"order.read"'));
    expect(reads).toHaveLength(dry.rows);
    expect(alone.err).toContain('"progress":"ORDLIB/ORDHDR"');
    let through = '';
    const out = await daemon(async () => {
      through = (await cli('backfill', ...range, '--json', '--chunk', '50')).out;
      await until(() => (query('SELECT count(*) FROM outbox_ready') as number) === 0);
    });
    expect(JSON.parse(through)).toMatchObject({ state: 'done', rowsRead: dry.rows });
    expect(out.split('\n').filter((l) => l.includes('"order.read"'))).toHaveLength(dry.rows);
  });

  test.each([
    [['--table', 'ORDLIB/NOWHERE'], 'BACKFILL_TABLE'],
    [['--table', 'ORDLIB/ORDHDR', '--column', 'ORDDAT'], 'USAGE'],
    [['--table', 'ORDLIB/ORDHDR', '--column', 'NOPE', '--from', '2026-01-01', '--to', '2026-01-02'], 'BACKFILL_COLUMN'],
    [['--table', 'ORDLIB/ORDHDR', '--column', 'STS', '--from', '2026-01-01', '--to', '2026-01-02'], 'BACKFILL_RANGE'],
  ])('%j is refused as %s', async (args, code) => {
    write(ORDERS);
    const run = await cli('backfill', ...args, '--dry-run');
    expect(run.code).toBe(2);
    expect(run.err).toContain(code);
  });
});
