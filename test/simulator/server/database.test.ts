/** The database server by bare frames: what the reference says of replies, blocks, ends and handles. */

import { cancel, endJob, testConnection } from '../../../src/hostserver/messages/connection';
import { commit } from '../../../src/hostserver/messages/database/commit';
import { executeImmediate } from '../../../src/hostserver/messages/database/execute';
import { retrieveLob } from '../../../src/hostserver/messages/database/lob';
import { closeCursor, fetchRows, openDescribeFetch } from '../../../src/hostserver/messages/database/open-fetch';
import { prepareDescribe } from '../../../src/hostserver/messages/database/prepare-describe';
import { sendResultsSet } from '../../../src/hostserver/messages/database/results-set';
import { createRpb, deleteRpb } from '../../../src/hostserver/messages/database/rpb';
import { setServerAttributes, YES } from '../../../src/hostserver/messages/database/server-attributes';
import { ORS, ors } from '../../../src/hostserver/ors';
import { compressRequest } from '../../../src/hostserver/rle';
import { textOf, wireText } from '../../../src/hostserver/wire-text';
import { SimulatedPartition } from '../../../src/simulator/simulated-partition';
import { RawClient } from '../../support/raw-client';
import { column, TinyEngine } from '../../support/tiny-engine';

const ROWS = 25;
let engine: TinyEngine;
let partition: SimulatedPartition;
let client: RawClient;
let correlation = 0;

const REPLY = ORS.reply;
const text = (sql: string) => ({ ccsid: 13488, bytes: wireText(sql, 13488).bytes });
const fields = (bits: number, statement = 1) => ({ correlation: ++correlation, ors: bits, statement });

beforeAll(async () => {
  engine = new TinyEngine()
    .table(
      'T',
      [column('N', 'INTEGER'), column('V', 'VARCHAR', 100, { ccsid: 37 })],
      Array.from({ length: ROWS }, (_, i) => [i, `v${i}`]),
    )
    .table('B', [column('B', 'BLOB', 1_000_000)], [[Buffer.from('0123456789')]])
    .table('EMPTY', [column('N', 'INTEGER')])
    .table(
      'BLANK',
      [column('C', 'CHAR', 2000, { ccsid: 37 })],
      Array.from({ length: 20 }, () => [' ']),
    );
  partition = await SimulatedPartition.start({ engine });
});
afterAll(() => partition.stop());

beforeEach(async () => {
  client = await RawClient.connect(partition.ports.database);
  expect(await client.start(partition.user, partition.password)).toBe(0);
});
afterEach(() => client.close());

async function prepared(sql: string, statement = 1) {
  client.send(
    createRpb.request(fields(0, statement), { statementName: wireText('STMT0001'), cursorName: wireText('CRSR0001') }),
  );
  return client.request(
    prepareDescribe.request(fields(ors(REPLY, ORS.dataFormat, ORS.sqlca), statement), {
      text: text(sql),
      statementType: 2,
    }),
  );
}
const openFetch = (more: Parameters<typeof openDescribeFetch.request>[1], statement = 1) =>
  client.request(openDescribeFetch.request(fields(ors(REPLY, ORS.resultData, ORS.sqlca), statement), more));
const fetch = (more: Parameters<typeof fetchRows.request>[1]) =>
  client.request(fetchRows.request(fields(ors(REPLY, ORS.resultData)), more));

test('no reply while bit 1 is 0, whatever other bits say; correlation is echoed', async () => {
  client.send(createRpb.request(fields(ORS.replyMayBeCompressed), { statementName: wireText('S') }));
  client.send(deleteRpb.request(fields(0)));
  const alive = await client.request(testConnection.request(fields(REPLY, 0)));
  expect(alive.correlation).toBe(correlation);
  expect(alive.template).toMatchObject({ returnClass: 7, returnCode: -201, function: 0 });
});

test('the server attributes describe the job in full', async () => {
  const { parts } = await client.request(setServerAttributes.request(fields(ors(REPLY, ORS.serverAttributes), 0), {}));
  const a = parts.serverAttributes!;
  const ebcdic = (bytes: Buffer): string => textOf({ ccsid: 37, bytes });
  expect(ebcdic(a.functionalLevel)).toBe('V7R4M00016');
  expect([ebcdic(a.jobNumber), ebcdic(a.jobUser).trim(), ebcdic(a.jobName)].join('/')).toBe(partition.jobs()[0]);
  expect([a.ccsid, a.dateFormat, a.timeFormat]).toEqual([37, 5, 2]);
});

test.each([
  { wish: { blockingFactor: 10 }, blocks: [10, 10, 5] },
  { wish: { blockingFactor: 25 }, blocks: [25] },
  { wish: { bufferSize: 0, variableFields: 0xd5 }, blocks: Array(25).fill(1) },
  { wish: { bufferSize: 1100, variableFields: 0xd5 }, blocks: [10, 10, 5] },
])('blocks of $wish', async ({ wish, blocks }) => {
  await prepared('SELECT * FROM T');
  const seen: number[] = [];
  let reply = await openFetch(wish);
  for (;;) {
    seen.push(reply.parts.resultData!.rows);
    if (reply.template.returnClass !== 0) break;
    reply = await fetch(wish);
  }
  expect(seen).toEqual(blocks);
  expect(reply.template).toMatchObject({ returnClass: 2, returnCode: 701 });
  expect((await fetch(wish)).template).toMatchObject({ returnClass: 1, returnCode: 100 });
});

test('varying fields are cut only when asked for by a client that named its level, and blocks keep their size', async () => {
  await prepared('SELECT * FROM T');
  // what jtopenlite does: it asks, never said its level, and reads whole fields
  const whole = await openFetch({ bufferSize: 1100, variableFields: YES });
  expect(whole.template.ors & ORS.variableFieldsCompressed).toBe(0);
  expect(whole.parts.resultData!.rows).toBe(10);
  const level = { ccsid: 37, bytes: wireText('V7R2M01   ').bytes };
  await client.request(setServerAttributes.request(fields(REPLY, 0), { clientFunctionalLevel: level }));
  const reply = await openFetch({ bufferSize: 400, variableFields: YES });
  expect(reply.template.ors & ORS.variableFieldsCompressed).not.toBe(0);
  expect(reply.parts.resultData!.data.length).toBeLessThanOrEqual(400);
});

test('(2,700) and a closed cursor only for a client that sent 383F', async () => {
  await client.request(setServerAttributes.request(fields(REPLY, 0), { closeAtEof: YES }));
  await prepared('SELECT * FROM T');
  expect((await openFetch({ blockingFactor: 100 })).template).toMatchObject({ returnClass: 2, returnCode: 700 });
  expect(engine.openCursors).toBe(0);
  expect((await fetch({ blockingFactor: 1 })).template).toMatchObject({ returnClass: 1, returnCode: -501 });
});

test('the text of an error can be fetched twice, and stays with its handle', async () => {
  const failed = await prepared('SELECT * FROM NOPE', 7);
  expect(failed.template).toMatchObject({ returnClass: 1, returnCode: -204 });
  expect(textOf({ ccsid: 37, bytes: failed.parts.sqlca!.sqlState })).toBe('42704');
  await prepared('SELECT * FROM T', 8);
  for (let i = 0; i < 2; i++) {
    const told = await client.request(
      sendResultsSet.request(fields(ors(REPLY, ORS.messageId, ORS.firstLevelText, ORS.sqlca), 7)),
    );
    expect(told.template.returnClass).toBe(0);
    expect(textOf(told.parts.messageId!)).toBe('SQL0204');
    expect(textOf(told.parts.firstLevelText!)).toBe('NOPE in TINY type *FILE not found.');
  }
});

test('a request compressed by RLE is expanded; a reply is compressed when allowed and worthwhile', async () => {
  const padded = `SELECT * FROM BLANK${' '.repeat(2000)}`;
  client.send(createRpb.request(fields(0), { statementName: wireText('S') }));
  const frame = compressRequest(
    prepareDescribe.request(fields(ors(REPLY, ORS.dataFormat, ORS.sqlca)), { text: text(padded) }),
  );
  expect(frame.length).toBeLessThan(1000);
  expect((await client.request(frame)).template.returnClass).toBe(0);
  const bits = ors(REPLY, ORS.resultData, ORS.replyMayBeCompressed);
  const rows = await client.request(openDescribeFetch.request(fields(bits), { blockingFactor: 100 }));
  expect(rows.compressed).toBe(true);
  expect(rows.parts.resultData!.rows).toBe(20);
  const plain = await openFetch({ blockingFactor: 100 });
  expect(plain.compressed).toBe(false);
});

test('a LOB by its locator: length alone, a piece, and -423 for a handle that is none', async () => {
  await prepared('SELECT * FROM B');
  const { parts } = await openFetch({ blockingFactor: 1 });
  const handle = parts.resultData!.data.readUInt32BE(2);
  const read = (size: number, offset: number, h = handle) =>
    client.request(
      retrieveLob.request(fields(ors(REPLY, ORS.resultData)), {
        handle: h,
        size,
        offset,
        compression: 0xf0,
        returnLength: 0xf1,
      }),
    );
  const length = await read(0, 0);
  expect(length.parts.lobData!.bytes).toHaveLength(0);
  expect(length.parts.lobLength!.number.readUInt32BE(0)).toBe(10);
  expect((await read(4, 3)).parts.lobData!.bytes.toString()).toBe('3456');
  expect((await read(1, 0, 99)).template).toMatchObject({ returnClass: 1, returnCode: -423 });
});

test('unknown handles are harmless to close, a SELECT is no immediate statement, an unknown request is an SQL error', async () => {
  client.send(closeCursor.request(fields(0, 4711), { reuse: 0xf0 }));
  const immediate = await client.request(
    executeImmediate.request(fields(ors(REPLY, ORS.sqlca)), { text: text('SELECT * FROM T') }),
  );
  expect(immediate.template).toMatchObject({ returnClass: 1, returnCode: -84 });
  const strange = deleteRpb.request(fields(ors(REPLY, ORS.sqlca)));
  strange.writeUInt16BE(0x1abc, 18);
  expect((await client.request(strange)).template).toMatchObject({ returnClass: 1, returnCode: -901 });
});

test('a commit without hold closes cursors, with hold it keeps them', async () => {
  await prepared('SELECT * FROM T');
  await openFetch({ blockingFactor: 1 });
  await client.request(commit.request(fields(REPLY, 0), { hold: 1 }));
  expect((await fetch({ blockingFactor: 1 })).template.returnClass).toBe(0);
  await client.request(commit.request(fields(REPLY, 0), { hold: 0 }));
  expect((await fetch({ blockingFactor: 1 })).template.returnCode).toBe(-501);
});

test('end of job and a plain close both end the job and its session', async () => {
  engine.log.length = 0;
  client.send(endJob.request({ correlation: 0, ors: 0 }));
  await client.ended();
  const other = await RawClient.connect(partition.ports.database);
  await other.start(partition.user, partition.password);
  other.close();
  while (partition.jobs().length > 0) await new Promise((done) => setImmediate(done));
  expect(engine.log).toEqual(['end', 'end']);
});

test('half a gigabyte announced, a frame shorter than its header, a request before the handshake: the connection ends', async () => {
  for (const bytes of ['2000000000000000', '0000000800000000', '000000140000e004000000000000000000001803']) {
    const raw = await RawClient.connect(partition.ports.database);
    raw.send(Buffer.from(bytes, 'hex'));
    await raw.ended();
  }
  expect(partition.jobs()).toHaveLength(1);
});

describe('faults', () => {
  afterEach(() => partition.faults.clear());
  const alive = () => client.request(testConnection.request(fields(REPLY, 0)));

  test('cut after n bytes: exactly so many leave', async () => {
    partition.faults.cutAfter(15);
    let bytes = 0;
    client.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await expect(alive()).rejects.toThrow('connection closed');
    expect(bytes).toBe(15);
  });

  test('a wrong correlation id, a lying length, each once', async () => {
    partition.faults.wrongCorrelation();
    expect((await alive()).correlation).not.toBe(correlation);
    expect((await alive()).correlation).toBe(correlation);
    partition.faults.lyingLength();
    await expect(alive()).rejects.toThrow('connection closed');
    expect(client.problem).toMatchObject({ code: 'FRAME_LENGTH' });
  });

  test('a stall swallows replies until it is cleared', async () => {
    partition.faults.stall();
    client.send(testConnection.request(fields(REPLY, 0)));
    const swallowed = correlation;
    const other = await RawClient.connect(partition.ports.signon); // any round trip of the event loop
    other.close();
    partition.faults.clear();
    const after = await alive();
    expect([swallowed, swallowed + 1]).toContain(after.correlation);
  });

  test.each([1, 7, 39])('replies in segments of %d bytes are whole in the end', async (bytes) => {
    partition.faults.splitFrames(bytes);
    expect((await alive()).template.returnCode).toBe(-201);
  });

  test('a client that floods a waiting connection is held back, then served in order', async () => {
    partition.faults.holdStatements();
    client.send(executeImmediate.request(fields(ors(REPLY, ORS.sqlca)), { text: text('DELETE FROM EMPTY') }));
    const flood = Array.from({ length: 500 }, () => testConnection.request(fields(REPLY, 0)));
    const first = correlation - 499;
    client.send(Buffer.concat(flood));
    while (partition.waiting === 0 && client.pending === 0) await new Promise((done) => setImmediate(done));
    const job = partition.jobs().at(-1)!.split('/');
    const other = await RawClient.connect(partition.ports.database);
    await other.start(partition.user, partition.password);
    const identifier = wireText(`${job[2]!.padEnd(10)}${job[1]!.padEnd(10)}${job[0]}`);
    await other.request(cancel.request({ correlation: 1, ors: REPLY }, { job: identifier }));
    other.close();
    expect((await client.reply()).template.returnCode).toBe(-952);
    for (let i = 0; i < flood.length; i++) expect((await client.reply()).correlation).toBe(first + i);
  });

  test('a server that is busy refuses to start the job', async () => {
    partition.faults.serverBusy();
    const other = await RawClient.connect(partition.ports.database);
    expect(await other.start(partition.user, partition.password)).toBe(0x00040003);
    other.close();
  });

  test('latency is added to every reply', async () => {
    partition.faults.latencyMs = 30;
    const start = process.hrtime.bigint();
    await alive();
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeGreaterThanOrEqual(29);
  });

  test('a restart called through SQL ends every job, and the same ports answer again', async () => {
    const ports = { ...partition.ports };
    await client.request(
      executeImmediate.request(fields(ors(REPLY, ORS.sqlca)), { text: text("CALL SIMULATOR.FAULT('restart')") }),
    );
    await client.ended();
    let again: RawClient | null = null;
    while (!again) again = await RawClient.connect(ports.database).catch(() => null);
    expect(await again.start(partition.user, partition.password)).toBe(0);
    expect(partition.ports).toEqual(ports);
    again.close();
  });

  test('a fault called through SQL: an unknown one is an SQL error', async () => {
    const call = (sql: string) =>
      client.request(executeImmediate.request(fields(ors(REPLY, ORS.sqlca)), { text: text(sql) }));
    expect((await call("CALL SIMULATOR.FAULT('latency-ms', '0')")).template.returnClass).toBe(0);
    expect((await call("CALL SIMULATOR.NOPE('x')")).template.returnCode).toBe(-440);
    expect((await call("CALL SIMULATOR.FAULT('nope')")).template.returnCode).toBe(-440);
  });
});
