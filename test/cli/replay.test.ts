/** `replay` as an operator types it: to whom, as what, and onto a table that is paused. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Desk } from './support/desk';

jest.setTimeout(60_000);

interface Got {
  readonly path: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly mode: string;
}

class Receivers implements AsyncDisposable {
  readonly got: Got[] = [];
  private readonly server = createServer((request, response) => {
    let body = '';
    request.on('data', (d: Buffer) => {
      body += d.toString();
    });
    request.on('end', () => {
      const { id, type, subject, data } = JSON.parse(body);
      this.got.push({ path: request.url!.slice(1), id, type, subject, mode: data.meta.mode });
      response.writeHead(204).end();
    });
  });

  async open(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

async function site(receivers: Receivers): Promise<Desk> {
  const desk = await Desk.open();
  const url = await receivers.open();
  for (const t of ['ONE', 'TWO']) {
    await desk.sql.execute(`CREATE TABLE ORDLIB.${t} (ID INTEGER NOT NULL PRIMARY KEY)`);
    await desk.sql.execute(
      `CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/${t}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')`,
    );
  }
  desk.write(`policies: { start: earliest }
destinations:
  crm: { webhook: { url: "${url}/crm", signing: none } }
  lake: { webhook: { url: "${url}/lake", signing: none } }
tables:
  ORDLIB/ONE: { event: one, onDelete: delete, deleteGuard: { deletes: 2, within: 1h }, to: [crm] }
  ORDLIB/TWO: { event: two, to: [crm, lake] }
`);
  return desk;
}

test('--to reaches what was made for it; --also-unrouted reaches the rest; neither is silent', async () => {
  await using receivers = new Receivers();
  await using desk = await site(receivers);
  for (const id of [1, 2]) await desk.sql.execute(`INSERT INTO ORDLIB.ONE VALUES (${id})`);
  await desk.sql.execute('INSERT INTO ORDLIB.TWO VALUES (3)');
  await desk.start();
  const { got } = receivers;
  const rows = (): Got[] => got.filter((g) => /\.created$/.test(g.type));
  await desk.until('all sent', () => rows().length === 4);
  const first = new Map(rows().map((g) => [g.subject, g.id]));
  got.length = 0;

  const routed = await desk.cli('replay', '--type', 'one.created', '--to', 'lake');
  expect(routed).toMatchObject({ code: 5, out: '0 deliveries queued again\n' });
  expect(routed.err).toMatch(/do not lead to lake; --also-unrouted sends them all the same/);
  expect(await desk.cli('replay', '--table', 'ORDLIB/TWO', '--key', '3', '--to', 'lake')).toMatchObject({
    code: 0,
    out: '1 delivery queued again\n',
  });
  await desk.until('the routed one', () => rows().length === 1);
  expect(rows()).toEqual([{ path: 'lake', id: first.get('3'), type: 'two.created', subject: '3', mode: 'replay' }]);

  expect((await desk.cli('replay', '--type', 'one.created', '--to', 'lake', '--also-unrouted')).code).toBe(0);
  await desk.until('the others', () => rows().length === 3);
  expect(
    rows()
      .slice(1)
      .map((g) => [g.path, g.subject, g.id === first.get(g.subject), g.mode]),
  ).toEqual([
    ['lake', '1', true, 'replay'],
    ['lake', '2', true, 'replay'],
  ]);
  const nobody = await desk.cli('replay', '--type', 'nothing.here');
  expect([nobody.code, nobody.err]).toEqual([5, 'no stored event matches\n']);
  expect((await desk.cli('replay', '--all', '--also-unrouted')).err).toMatch(/REPLAY_UNROUTED.*\n {2}next: /);
});

test('what is replayed onto a paused table says replay when it is released, and what was held says stream', async () => {
  await using receivers = new Receivers();
  await using desk = await site(receivers);
  for (const id of [1, 2, 3, 4]) await desk.sql.execute(`INSERT INTO ORDLIB.ONE VALUES (${id})`);
  await desk.sql.execute('DELETE FROM ORDLIB.ONE');
  await desk.start();
  const rows = (): Got[] => receivers.got.filter((g) => /\.(created|deleted)$/.test(g.type));
  await desk.until('paused', () => desk.log.includes('table paused by table.mass-delete'));
  await desk.until('what came before', () => rows().length === 6);
  const sent = rows().length;
  expect(await desk.cli('replay', '--table', 'ORDLIB/ONE', '--type', 'one.created')).toMatchObject({ code: 0 });
  expect((await desk.cli('resume')).out).toMatch(/ORDLIB\/ONE {2}paused .*, 6 deliveries held/);
  expect(rows()).toHaveLength(sent);
  expect((await desk.cli('resume', '--table', 'ORDLIB/ONE')).code).toBe(0);
  await desk.until('released', () => rows().length === sent + 6);
  const released = rows().slice(sent);
  const modes = (type: string): string[] => released.filter((g) => g.type === type).map((g) => g.mode);
  expect(modes('one.created')).toEqual(Array(4).fill('replay'));
  expect(modes('one.deleted')).toEqual(Array(2).fill('stream'));
});
