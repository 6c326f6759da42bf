/** Servers that describe a statement in an older form than asked for; JTOpen reads them all, so must we. */
import { isCoded } from '../../src/errors/coded-error';
import { allRows } from '../../src/transport/transport';
import { connectTo } from './support/connect';
import { FakeServer, idOf } from './support/fake-server';
import { loadTrace } from './support/traces';

const SELECT = 'SELECT ID, NAME FROM CDC.CUST WHERE ID > ? AND NAME LIKE ?';
const PARAMS = [26, 'NAME%'];

type Form = 'extended' | 'original';

/** One parameter 3812 or 3813 written anew in an older form, from the offsets of the protocol description alone. */
function older(parameter: Buffer, form: Form): Buffer {
  const u32 = (n: number): Buffer => {
    const b = Buffer.alloc(4);
    b.writeUInt32BE(n);
    return b;
  };
  const cp = parameter.readUInt16BE(4);
  const data = parameter.subarray(6);
  const count = data.readUInt32BE(4);
  const fields = Array.from({ length: count }, (_, i) => {
    const block = data.subarray(16 + i * 48);
    const information = block.subarray(block.readUInt32BE(32));
    const nameLength = block.readUInt32BE(36) === 0 ? 0 : information.readUInt32BE(0) - 8;
    const name = information.subarray(8, 8 + nameLength);
    const nameCcsid = nameLength === 0 ? 37 : information.readUInt16BE(6);
    const extended = form === 'extended';
    const field = Buffer.alloc(extended ? 64 : 54);
    field.writeUInt16BE(field.length, 0);
    block.copy(field, 2, 2, 4); // type
    if (extended) block.copy(field, 4, 4, 8);
    else field.writeUInt16BE(block.readUInt32BE(4), 4);
    block.copy(field, extended ? 8 : 6, 8, 15); // scale, precision, ccsid, parameter type
    const at = extended ? 30 : 20;
    field.writeUInt16BE(nameLength, at);
    field.writeUInt16BE(nameCcsid, at + 2);
    name.copy(field, at + 4);
    return field;
  });
  const size = data.readUInt32BE(12);
  const short = Buffer.alloc(4);
  short.writeUInt16BE(count, 0);
  short.writeUInt16BE(size, 2);
  const head =
    form === 'extended'
      ? Buffer.concat([data.subarray(0, 4), u32(count), u32(0), u32(size)])
      : Buffer.concat([data.subarray(0, 4), short]);
  const body = Buffer.concat([head, ...fields]);
  const code = { extended: [0x380c, 0x380d], original: [0x3805, 0x3808] }[form][cp === 0x3812 ? 0 : 1]!;
  const start = Buffer.alloc(6);
  start.writeUInt32BE(body.length + 6, 0);
  start.writeUInt16BE(code, 4);
  return Buffer.concat([start, body]);
}

/** The reply with each parameter of `codes` replaced; null takes it out. */
function rewritten(reply: Buffer, codes: readonly number[], by: (parameter: Buffer) => Buffer | null): Buffer {
  const parts: Buffer[] = [reply.subarray(0, 40)];
  for (let at = 40; at < reply.length; ) {
    const parameter = reply.subarray(at, at + reply.readUInt32BE(at));
    at += parameter.length;
    const changed = codes.includes(parameter.readUInt16BE(4)) && parameter.length > 6 ? by(parameter) : parameter;
    if (changed) parts.push(changed);
  }
  const whole = Buffer.concat(parts);
  whole.writeUInt32BE(whole.length, 0);
  return whole;
}

async function rowsFrom(tamper: (reply: Buffer) => Buffer): Promise<unknown> {
  const fake = await FakeServer.start(loadTrace('09'), {
    tamper: (reply, request) => (idOf(request) === '1803' ? tamper(reply) : reply),
  });
  const connection = await connectTo(fake);
  try {
    const statement = await connection.prepare(SELECT);
    const names = statement.columns?.map((c) => c.name);
    return { names, rows: await allRows(await statement.query(PARAMS)) };
  } finally {
    await connection.close();
    await fake.stop();
  }
}

test.each(['extended', 'original'] as const)('columns and markers in the %s form give the same rows', async (form) => {
  const untouched = await rowsFrom((reply) => reply);
  expect(untouched).toMatchObject({ names: ['ID', 'NAME'], rows: { length: 4 } });
  const seen: number[] = [];
  const asked = await rowsFrom((reply) =>
    rewritten(reply, [0x3812, 0x3813], (parameter) => {
      seen.push(parameter.readUInt16BE(4));
      return older(parameter, form);
    }),
  );
  expect(asked).toEqual(untouched);
  expect(seen).toEqual([0x3812, 0x3813]);
});

test('a query without any description is the fault of the server, not of the statement', async () => {
  const failure = await rowsFrom((reply) => rewritten(reply, [0x3812], () => null)).catch((error: unknown) => error);
  if (!isCoded(failure)) throw failure;
  expect([failure.code, failure.family]).toEqual(['FORMAT_MISSING', 'protocol']);
});
