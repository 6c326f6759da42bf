/**
 * Mutated requests against a running server: it may answer, refuse or hang up, but never throws anything it does not know,
 * never stops serving others, never grows. FUZZ_FRAMES lengthens the run, FUZZ_SEED repeats one (scripts/fuzz-server.mjs).
 */
import { connect, type Socket } from 'node:net';
import { extendedField, extendedFormatOf } from '../../../src/hostserver/formats/extended-format';
import { commit } from '../../../src/hostserver/messages/database/commit';
import { changeDescriptor } from '../../../src/hostserver/messages/database/descriptor';
import { execute, executeImmediate } from '../../../src/hostserver/messages/database/execute';
import { retrieveLob, writeLob } from '../../../src/hostserver/messages/database/lob';
import { closeCursor, fetchRows, openDescribeFetch } from '../../../src/hostserver/messages/database/open-fetch';
import { prepareDescribe } from '../../../src/hostserver/messages/database/prepare-describe';
import { sendResultsSet } from '../../../src/hostserver/messages/database/results-set';
import { createRpb } from '../../../src/hostserver/messages/database/rpb';
import { setServerAttributes } from '../../../src/hostserver/messages/database/server-attributes';
import { compressRequest } from '../../../src/hostserver/rle';
import { wireText } from '../../../src/hostserver/wire-text';
import { SimulatedPartition } from '../../../src/simulator/simulated-partition';
import { Dice, seedOf } from '../../support/dice';
import { RawClient } from '../../support/raw-client';
import { column, TinyEngine } from '../../support/tiny-engine';

const SEED = seedOf('FUZZ_SEED');
const FRAMES = Number(process.env['FUZZ_FRAMES'] ?? 10_000);
/** Mutants sent down one connection before it is given up. */
const PER_CONNECTION = 40;
const ALL = 0xffffffff;

const sql = (text: string) => ({ ccsid: 13488, bytes: wireText(text, 13488).bytes });
const of = (statement = 1) => ({ correlation: 9, ors: (ALL & ~0x00080000) >>> 0, statement });

/** Requests a well-behaved client sends, in an order that gives each something to work on. */
function requests(): Buffer[] {
  const format = extendedFormatOf([
    extendedField({ type: 497, length: 4 }),
    extendedField({ type: 449, length: 22, ccsid: 37 }),
    extendedField({ type: 485, length: 5, precision: 9, scale: 2 }),
  ]);
  const parameterData = {
    consistencyToken: 1,
    rows: 2,
    columns: 3,
    indicatorSize: 2,
    flags: 0,
    rowSize: 31,
    data: Buffer.alloc(2 * 3 * 2 + 2 * 31, 0x0f),
  };
  return [
    setServerAttributes.request(of(0), {
      clientCcsid: 13488,
      lobThreshold: 1000,
      autocommit: 0xe8,
      naming: 0,
      commitmentLevel: 0,
    }),
    createRpb.request(of(), { statementName: wireText('STMT0001'), cursorName: wireText('CRSR0001') }),
    prepareDescribe.request(of(), { text: sql('SELECT * FROM T'), statementType: 2 }),
    openDescribeFetch.request(of(), { openAttributes: 0x80, bufferSize: 2000, variableFields: 0xe8 }),
    fetchRows.request(of(), { fetchOption: { option: 0, row: undefined }, blockingFactor: 3 }),
    retrieveLob.request(of(), { handle: 0x100, size: 10, offset: 0, compression: 0xf0, returnLength: 0xf1 }),
    writeLob.request(of(), { handle: 0x100, size: 4, offset: 2, data: { ccsid: 0xffff, bytes: Buffer.from('abcd') } }),
    closeCursor.request(of(), { reuse: 0xf0 }),
    prepareDescribe.request(of(2), { text: sql('INSERT INTO P VALUES(?, ?, ?)') }),
    changeDescriptor.request({ ...of(2), descriptor: 2 }, { format }),
    execute.request({ ...of(2), descriptor: 2 }, { parameterData }),
    executeImmediate.request(of(3), { text: sql('CALL DOUBLED(1)') }),
    compressRequest(executeImmediate.request(of(3), { text: sql(`DELETE FROM P${' '.repeat(900)}`) })),
    sendResultsSet.request(of(3), {}),
    commit.request(of(0), { hold: 1 }),
  ];
}

function mutate(dice: Dice, frame: Buffer): Buffer {
  let bytes = Buffer.from(frame);
  for (let n = 1 + dice.below(4); n > 0; n--) {
    const at = dice.below(bytes.length);
    const kind = dice.below(6);
    if (kind === 0) bytes[at] = dice.below(256);
    else if (kind === 1) bytes[at]! ^= 1 << dice.below(8);
    else if (kind === 2 && at + 4 <= bytes.length)
      bytes.writeUInt32BE(dice.one([0, 1, 5, 6, 0x7fffffff, 0xffffffff, dice.below(70000)]), at);
    else if (kind === 3)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + dice.below(8)))]);
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(dice.below(8), dice.below(256)), bytes.subarray(at)]);
    else bytes = bytes.subarray(0, Math.max(20, at));
  }
  // mostly a true length, so that the mutant reaches the handlers and not only the framer
  if (bytes.length >= 4 && dice.below(10) > 0) bytes.writeUInt32BE(bytes.length, 0);
  return bytes;
}

test(`${FRAMES} mutated requests, seed ${SEED}`, async () => {
  const dice = new Dice(SEED);
  const engine = new TinyEngine()
    .table(
      'T',
      [column('N', 'INTEGER'), column('V', 'VARCHAR', 50, { ccsid: 37 }), column('B', 'BLOB', 100_000)],
      Array.from({ length: 20 }, (_, i) => [i, `v${i}`, Buffer.from('blob')]),
    )
    .table('P', [
      column('N', 'INTEGER'),
      column('V', 'VARCHAR', 20, { ccsid: 37 }),
      column('D', 'DECIMAL', 9, { scale: 2 }),
    ]);
  await using partition = await SimulatedPartition.start({ engine });
  const before = process.memoryUsage().rss;
  const good = requests();
  for (let sent = 0; sent < FRAMES; sent += PER_CONNECTION) {
    const client = await RawClient.connect(partition.ports.database);
    await client.start(partition.user, partition.password);
    for (let i = 0; i < PER_CONNECTION && !client.closed; i++) {
      const frame = good[i % good.length]!;
      client.send(dice.below(3) === 0 ? frame : mutate(dice, frame));
    }
    // everything is taken, or the connection has ended: either way the server has seen it all
    await drained(client.socket);
    client.close();
  }
  const last = await RawClient.connect(partition.ports.database);
  expect(await last.start(partition.user, partition.password)).toBe(0);
  last.close();
  expect({ seed: SEED, errors: partition.errors.map(stackOf) }).toEqual({ seed: SEED, errors: [] });
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
});

test('garbage instead of a handshake, on every port', async () => {
  const dice = new Dice(SEED);
  await using partition = await SimulatedPartition.start({ engine: new TinyEngine() });
  for (const port of Object.values(partition.ports)) {
    for (let i = 0; i < 20; i++) {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => {});
      await new Promise((done) => socket.once('connect', done));
      socket.end(Buffer.from(Array.from({ length: 1 + dice.below(200) }, () => dice.below(256))));
      await new Promise((done) => socket.resume().once('close', done));
    }
  }
  expect({ seed: SEED, errors: partition.errors }).toEqual({ seed: SEED, errors: [] });
});

/** The server ends its side after ours: then nothing sent is unread. */
function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((done) => {
    socket.once('close', () => done());
    socket.resume();
    socket.end();
  });
}

/** Where an unexpected error came from: the message and its first three lines. */
function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join('\n') : String(error);
}
