// @ts-check
// QjoRetrieveJournalEntries answered with entries encoded beforehand, in front of a simulated partition's remote command server:
// the pattern of a journal repeated as often as wanted, only sequence and commit cycle numbers written anew. Before it serves,
// its replies are compared byte for byte with those of the partition for the same calls over the pattern itself.
import { connect, createServer } from 'node:net';
import { dist } from './_mixed-journal.mjs';

const { hostServerTransport } = dist('transport/hostserver.js');
const { Framer } = dist('hostserver/framer.js');
const { textCodec } = dist('bytes/ccsid/registry.js');

const PROCEDURE = 'QjoRetrieveJournalEntries';
const HEAD = 64;
const AT = { next: 0, receiver: 20, sequence: 24, cycle: 64, code: 98 };
const RECEIVER_SECTION = 32;
const KEY = { range: 1, from: 2, to: 4, most: 6 };
/** What does not change the entries of the pattern: null indicators as they are, and the form of minimised data. */
const WITHOUT_EFFECT = new Set([15, 22]);
const OUTPUT = 12;
const ebcdic = (text) => textCodec(37).encode(text);

/** The fields of a frame that calls a program. */
function callOf(frame) {
  if (frame.readUInt16BE(18) !== 0x1003) return null;
  const parameters = [];
  for (let at = 43; at < frame.length; at += frame.readUInt32BE(at))
    parameters.push({
      length: frame.readUInt32BE(at + 6),
      usage: frame.readUInt16BE(at + 10),
      data: frame.subarray(at + 12, at + frame.readUInt32BE(at)),
    });
  return parameters;
}

/** What one retrieve call asks for; null for anything else. @throws when the entries here cannot answer it */
function wantedOf(frame, receiver) {
  const parameters = callOf(frame);
  if (!parameters?.[1]?.data.equals(ebcdic(PROCEDURE))) return null;
  const selection = parameters[11].data;
  const wanted = { parameters, room: parameters[7].length, from: null, to: null, most: Number.POSITIVE_INFINITY };
  const own = (text) => text === receiver || text.startsWith('*CURRENT');
  for (let at = 4, left = selection.readUInt32BE(0); left > 0; left--) {
    const key = selection.readUInt32BE(at + 4);
    const data = selection.subarray(at + 12, at + 12 + selection.readUInt32BE(at + 8));
    const text = textCodec(37).decode(data).trim();
    if (key === KEY.range && !own(textCodec(37).decode(data.subarray(0, 20)))) throw new Error(`receiver ${text}`);
    else if (key === KEY.from) wanted.from = text === '*FIRST' ? null : Number(text);
    else if (key === KEY.to) wanted.to = text === '*LAST' ? null : Number(text);
    else if (key === KEY.most) wanted.most = data.readUInt32BE(0);
    else if (key !== KEY.range && !WITHOUT_EFFECT.has(key)) throw new Error(`key ${key} is not served here`);
    at += selection.readUInt32BE(at);
  }
  return wanted;
}

/** Entries of codes R and C in `reply`, as they lie there, without the receiver that the first one names. */
function patternOf(reply) {
  const parts = [];
  let section = null;
  for (let at = HEAD, left = reply.readUInt32BE(8); left > 0; left--) {
    const next = reply.readUInt32BE(at) || reply.readUInt32BE(0) - at;
    let part = Buffer.from(reply.subarray(at, at + next));
    const receiver = part.readUInt32BE(AT.receiver);
    if (receiver > 0) {
      section = part.subarray(receiver, receiver + RECEIVER_SECTION);
      part = Buffer.from(part.subarray(0, receiver));
    }
    part.writeUInt32BE(part.length, AT.next);
    part.writeUInt32BE(0, AT.receiver);
    const code = part[AT.code];
    if (code === 0xd9 || code === 0xc3) parts.push(part); // R, C
    at += next;
  }
  return { parts, section };
}

const number = (part, at) => Number(part.readBigUInt64BE(at));

/** @typedef {ReturnType<typeof linear>} Pattern */
function linear({ parts, section }) {
  const first = number(parts[0], AT.sequence);
  const offsets = new Uint32Array(parts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i] + part.length;
  const cycle = (part) => number(part, AT.cycle);
  return {
    ...{ rows: parts.length, offsets, section, first, bytes: Buffer.concat(parts) },
    period: number(parts.at(-1), AT.sequence) - first + 1,
    sequences: Float64Array.from(parts, (p) => number(p, AT.sequence) - first + 1),
    cycles: Float64Array.from(parts, (p) => (cycle(p) === 0 ? 0 : cycle(p) - first + 1)),
  };
}

/** The row, counted from 0, with number `sequence` or the first above it; numbers of the pattern begin at 1. */
function rowAt({ rows, period, sequences }, sequence) {
  const whole = Math.floor((sequence - 1) / period);
  const rest = sequence - whole * period;
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sequences[middle] < rest) low = middle + 1;
    else high = middle;
  }
  return whole * rows + low;
}

/** Where row `row` ends when all rows lie one after the other. */
const placeOf = ({ rows, offsets }, row) => Math.floor(row / rows) * offsets[rows] + offsets[row % rows];

/** First row behind `from` that ends beyond `room` bytes. */
function fitting(pattern, from, end, room) {
  const limit = placeOf(pattern, from) + room - HEAD - RECEIVER_SECTION;
  let low = from;
  let high = end;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (placeOf(pattern, middle) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}

function putU64(bytes, at, value) {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
}

/** @param shift what is added to the pattern's numbers, which begin at 1. @returns the frame, and how many entries are in it */
function replyFrame(request, wanted, pattern, { rows, shift, receiver }) {
  const from = wanted.from === null ? 0 : rowAt(pattern, Math.max(1, wanted.from - shift));
  const end = Math.min(rows, wanted.to === null ? rows : rowAt(pattern, wanted.to + 1 - shift), from + wanted.most);
  if (end <= from) throw new Error(`nothing from ${wanted.from} to ${wanted.to}`);
  const upTo = fitting(pattern, from, end, wanted.room);
  const structure = Buffer.allocUnsafe(HEAD + placeOf(pattern, upTo) - placeOf(pattern, from) + RECEIVER_SECTION);
  structure.fill(0, 0, HEAD);
  const used = upTo > from ? writeEntries(structure, from, upTo, pattern, shift) : HEAD;
  structure.writeUInt32BE(used, 0);
  structure.writeUInt32BE(upTo > from ? HEAD : 0, 4);
  structure.writeUInt32BE(upTo - from, 8);
  const more = upTo < end;
  const next = more ? numberOf(pattern, upTo) + shift : 0;
  const tail = more ? receiver + String(next).padStart(20, '0') : ' '.repeat(40);
  ebcdic((more ? '1' : '0') + tail).copy(structure, 12);
  return { frame: frameOf(request, wanted.parameters, structure.subarray(0, used)), count: upTo - from };
}

const numberOf = ({ rows, period, sequences }, row) => Math.floor(row / rows) * period + sequences[row % rows];

/** @returns where the last entry ends */
function writeEntries(structure, from, upTo, pattern, shift) {
  const { rows, offsets, bytes, section, period, sequences, cycles } = pattern;
  let at = HEAD;
  for (let row = from; row < upTo; ) {
    const start = row % rows;
    const n = Math.min(upTo - row, rows - start);
    const base = Math.floor(row / rows) * period + shift;
    const plain = row === from ? start + 1 : start;
    if (row === from) {
      const length = offsets[start + 1] - offsets[start];
      bytes.copy(structure, at, offsets[start], offsets[start + 1]);
      section.copy(structure, at + length);
      structure.writeUInt32BE(length, at + AT.receiver);
      structure.writeUInt32BE(length + RECEIVER_SECTION, at + AT.next);
      renumber(structure, at, base, start);
      at += length + RECEIVER_SECTION;
    }
    bytes.copy(structure, at, offsets[plain], offsets[start + n]);
    for (let i = plain; i < start + n; i++) renumber(structure, at + offsets[i] - offsets[plain], base, i);
    at += offsets[start + n] - offsets[plain];
    row += n;
  }
  const last = (upTo - 1) % rows;
  const lastAt = at - (offsets[last + 1] - offsets[last]) - (upTo - from === 1 ? RECEIVER_SECTION : 0);
  structure.writeUInt32BE(0, lastAt + AT.next);
  return at;

  function renumber(to, place, base, i) {
    putU64(to, place + AT.sequence, base + sequences[i]);
    if (cycles[i] > 0) putU64(to, place + AT.cycle, base + cycles[i]);
  }
}

/** Output parameters in their order; zeros at the end of each do not travel. */
function frameOf(request, parameters, structure) {
  const parts = [Buffer.alloc(24)];
  const outputs = parameters.filter(({ usage }) => usage !== 11 && usage !== 21);
  for (const [i, { length }] of outputs.entries()) {
    // the caller's error code and return value, the receiver, the procedure's error code
    const data = i === 2 ? withoutZeros(structure) : i === 3 ? withoutZeros(errorCode()) : Buffer.alloc(0);
    const head = Buffer.alloc(12);
    head.writeUInt32BE(12 + data.length, 0);
    head.writeUInt16BE(0x1103, 4);
    head.writeUInt32BE(length, 6);
    head.writeUInt16BE(OUTPUT, 10);
    parts.push(head, data);
  }
  const frame = Buffer.concat(parts);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt16BE(0xe008, 6);
  request.copy(frame, 12, 12, 16);
  frame.writeUInt16BE(4, 16);
  frame.writeUInt16BE(0x8003, 18);
  frame.writeUInt16BE(parameters.length, 22);
  return frame;
}

const errorCode = () => Buffer.alloc(16);

function withoutZeros(data) {
  let end = data.length;
  while (end > 0 && data[end - 1] === 0) end--;
  return data.subarray(0, end);
}

/** A front of the partition's remote command server: `answer(frame)` has a reply, or null to ask the partition. */
function front(partition, answer, seen = (/** @type {Buffer} */ _request, /** @type {Buffer} */ _reply) => undefined) {
  const server = createServer((client) => {
    const upstream = connect(partition.ports.remoteCommand, partition.host);
    for (const socket of [client, upstream])
      socket
        .setNoDelay(true)
        .on('error', () => client.destroy())
        .on('close', () => {
          client.destroy();
          upstream.destroy();
        });
    let asked = Buffer.alloc(0);
    const requests = new Framer();
    client.on('data', (chunk) =>
      requests.push(chunk, (frame) => {
        const reply = answer(frame);
        if (reply) return void client.write(reply);
        asked = Buffer.from(frame);
        upstream.write(frame);
      }),
    );
    const replies = new Framer();
    upstream.on('data', (chunk) =>
      replies.push(chunk, (frame) => {
        seen(asked, frame);
        client.write(frame);
      }),
    );
  });
  return new Promise((done) => server.listen(0, partition.host, () => done(server)));
}

const portOf = (server) => /** @type {import('node:net').AddressInfo} */ (server.address()).port;

/** What the partition itself answers to the product's calls, and the calls; `calls(journal)` makes them. */
async function recorded(partition, calls) {
  const frames = [];
  const server = await front(
    partition,
    () => null,
    (request, reply) => {
      if (callOf(request)?.[1]?.data.equals(ebcdic(PROCEDURE))) frames.push({ request, reply: Buffer.from(reply) });
    },
  );
  const { host, ports, user, password } = partition;
  const transport = hostServerTransport({
    ...{ host, user, password, tls: 'off' },
    ...{ databasePort: ports.database, signonPort: ports.signon, commandPort: portOf(server) },
  });
  const connection = await transport.connect();
  const programs = await connection.programs();
  const { JournalCalls } = dist('journal/source/journal-calls.js');
  const journal = new JournalCalls(programs, { library: 'ORDLIB', name: 'ORDJRN' });
  const made = await calls((range, room) => journal.found(range, room, new AbortController().signal));
  await programs.close();
  await connection.close();
  server.close();
  return { frames, made };
}

/**
 * The pattern of `receiver` as the partition answers it, and whether replies made here are the partition's own, byte for byte,
 * whatever the range, the buffer and the number of entries. @throws when one is not
 */
export async function preparedEntries(partition, { library, name }) {
  const receiver = { library, name };
  const whole = { receiver, from: null, to: null };
  const { made } = await recorded(partition, (found) => found(whole, 16 << 20));
  const pattern = linear(patternOf(Buffer.concat([made.bytes, Buffer.alloc(made.length - made.bytes.length)])));
  const shift = pattern.first - 1;
  const { frames } = await recorded(partition, async (found) => {
    for (let i = 0; i < 60; i++) {
      const row = (i * 97) % pattern.rows;
      const from = BigInt(pattern.sequences[row] + shift);
      const to = i % 3 === 0 ? null : BigInt(pattern.sequences[Math.min(pattern.rows - 1, row + i * 7)] + shift);
      await found({ receiver, from, to, ...(i % 5 === 4 ? { most: 1 + (i % 7) } : {}) }, 4096 + i * i * 300);
    }
  });
  const full = receiverText({ library, name });
  const end = { rows: pattern.rows, shift, receiver: full };
  for (const { request, reply } of frames)
    if (!replyFrame(request, wantedOf(request, full), pattern, end).frame.equals(reply))
      throw new Error('a reply encoded beforehand is not the one of the partition');
  return { pattern, compared: frames.length };
}

/** A buffer that holds `entries` entries from number `from` on and not one more. */
function roomFor(pattern, from, entries) {
  const row = rowAt(pattern, Math.max(1, from));
  return HEAD + RECEIVER_SECTION + placeOf(pattern, row + entries) - placeOf(pattern, row);
}

const receiverText = ({ library, name }) => name.padEnd(10) + library.padEnd(10);

/**
 * @param rows entries of the journal: `pattern` over and over, numbers from 1
 * @param most entries a call returns at most, or 0 for what fits the client's buffer
 * @returns port, and counts of the retrieve calls
 */
export async function serveRetrieve(partition, receiver, pattern, { rows, most }) {
  const counts = { calls: 0, entries: 0, largest: 0 };
  const name = receiverText(receiver);
  const server = await front(partition, (frame) => {
    const wanted = wantedOf(frame, name);
    if (!wanted) return null;
    if (most > 0) wanted.room = Math.min(wanted.room, roomFor(pattern, wanted.from ?? 1, most));
    const { frame: reply, count } = replyFrame(frame, wanted, pattern, { rows, shift: 0, receiver: name });
    counts.calls++;
    counts.entries += count;
    counts.largest = Math.max(counts.largest, count);
    return reply;
  });
  return { port: portOf(server), counts };
}
