// @ts-check
// A partition whose journal is as long as wanted and costs next to nothing to read, so that a benchmark measures the
// daemon: a simulated partition answers everything but DISPLAY_JOURNAL and QjoRetrieveJournalEntries; those are answered in front
// of it with rows and entries encoded beforehand, the pattern of _mixed-journal.mjs repeated, only the sequence and commit cycle
// numbers written anew.
// A child process: node _journal-server.mjs ENTRIES [ROWS]; ROWS entries a block, or 0 for what the client asks for.
// Messages: {rows} changes the block, 'counts' is answered with the data calls and blocks since the last time.
import { connect, createServer } from 'node:net';
import { dist, mixedJournal, writePattern } from './_mixed-journal.mjs';
import { preparedEntries, serveRetrieve } from './_retrieve-server.mjs';

const { SimulatedPartition } = dist('simulator/simulated-partition.js');
const { hostServerTransport } = dist('transport/hostserver.js');
const { windowSql, windowParams, COLUMN } = dist('journal/entry/display-journal.js');
const { Framer } = dist('hostserver/framer.js');
const { prepareDescribe } = dist('hostserver/messages/database/prepare-describe.js');
const { openDescribeFetch, fetchRows } = dist('hostserver/messages/database/open-fetch.js');
const { dbReply } = dist('hostserver/messages/database/db-reply.js');
const { ORS } = dist('hostserver/ors.js');
const { rowDecoder } = dist('hostserver/rows/decode.js');
const { rowLayout } = dist('hostserver/rows/layout.js');
const { wireText, textOf } = dist('hostserver/wire-text.js');
const { packTokens } = dist('hostserver/formats/sqlca.js');

const WANTED = Number(process.argv[2]);
let rowsABlock = Number(process.argv[3] ?? 0);
const counts = { opens: 0, fetches: 0, blocks: 0, entries: 0, largest: 0 };

const partition = await SimulatedPartition.start();
const { inside } = partition;
const changes = writePattern(inside);
const pattern = await readPattern();
const times = Math.ceil(WANTED / pattern.rows);
const last = times * pattern.period;
const receiver = mixedJournal(inside).attachedReceiver;
const prepared = await preparedEntries(partition, receiver);
Object.assign(receiver, { firstSeq: 1, lastSeq: last, count: times * pattern.rows });

/** Every R and C entry as the wire carries it: one buffer of rows, where each begins, and its numbers. */
async function readPattern() {
  const { host, ports, user, password } = partition;
  const transport = hostServerTransport({
    ...{ host, user, password, tls: 'off' },
    ...{ databasePort: ports.database, signonPort: ports.signon },
  });
  const connection = await transport.connect();
  const sql = windowSql({ dataBytes: 32_000, from: 'first', to: 'last', filter: null });
  const statement = await connection.prepare(sql);
  const { name, library } = mixedJournal(inside).attachedReceiver;
  const params = windowParams({ library: 'ORDLIB', name: 'ORDJRN' }, { library, name }, null, null);
  const result = await statement.queryRaw(params, { blockBytes: 1 << 20 });
  const found = { parts: [], sequences: [], cycles: [], cycleAt: [], nulls: [] };
  const columns = statement.columns.length;
  for await (const block of result.blocks()) {
    for (let r = 0; r < block.rowCount; r++) {
      const { buffer } = block;
      const code = buffer[block.offset(r, COLUMN.code)];
      if (code !== 0xd9 && code !== 0xc3) continue; // R, C
      const at = block.offset(r, 0);
      const end = r + 1 < block.rowCount ? block.offset(r + 1, 0) : buffer.length;
      found.parts.push(Buffer.from(buffer.subarray(at, end)));
      found.sequences.push(packed(buffer, at));
      const cycleAt = block.offset(r, COLUMN.commitCycle);
      found.cycles.push(packed(buffer, cycleAt));
      found.cycleAt.push(cycleAt - at);
      found.nulls.push(Buffer.from(buffer.subarray(r * columns * 2, (r + 1) * columns * 2)));
    }
  }
  await connection.close();
  const first = found.sequences[0];
  const offsets = new Uint32Array(found.parts.length + 1);
  found.parts.forEach((part, i) => {
    offsets[i + 1] = offsets[i] + part.length;
  });
  return {
    rows: found.parts.length,
    period: found.sequences.at(-1) - first + 1,
    sequences: Float64Array.from(found.sequences, (s) => s - first + 1),
    cycles: Float64Array.from(found.cycles, (c) => (c === 0 ? 0 : c - first + 1)),
    cycleAt: found.cycleAt,
    offsets,
    bytes: Buffer.concat(found.parts),
    nulls: Buffer.concat(found.nulls),
    columns,
  };
}

/** DECIMAL(21,0) below 2^53. */
function packed(buffer, at) {
  let value = 0;
  for (let i = 0; i < 10; i++) value = value * 100 + (buffer[at + i] >> 4) * 10 + (buffer[at + i] & 15);
  return value * 10 + (buffer[at + 10] >> 4);
}

function putPacked(buffer, at, value) {
  let n = value;
  buffer[at + 10] = ((n % 10) << 4) | 0x0f;
  n = Math.floor(n / 10);
  for (let i = 9; i >= 0; i--) {
    const two = n % 100;
    buffer[at + i] = (Math.floor(two / 10) << 4) | (two % 10);
    n = Math.floor(n / 100);
  }
}

/** The row of the journal, counted from 0, whose sequence number is `sequence` or the first above it. */
function rowAt(sequence) {
  const whole = Math.floor((sequence - 1) / pattern.period);
  const rest = sequence - whole * pattern.period;
  let low = 0;
  let high = pattern.rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pattern.sequences[middle] < rest) low = middle + 1;
    else high = middle;
  }
  return whole * pattern.rows + low;
}

/** How many rows from `from` on fit into `bytes`. */
function fitting(from, bytes) {
  const { rows, bytes: all, columns } = pattern;
  const average = all.length / rows + columns * 2 + 4;
  return Math.max(1, Math.min(Math.floor(bytes / average), rows - (from % rows) + rows));
}

function blockData(from, count) {
  const { rows, period, sequences, cycles, cycleAt, offsets, bytes, nulls, columns } = pattern;
  const headAt = count * columns * 2;
  const rowsAt = headAt + 4 + count * 4;
  let size = 0;
  const runs = [];
  for (let at = from, left = count; left > 0; ) {
    const start = at % rows;
    const n = Math.min(left, rows - start);
    runs.push({ start, n, base: Math.floor(at / rows) * period });
    size += offsets[start + n] - offsets[start];
    at += n;
    left -= n;
  }
  const data = Buffer.allocUnsafe(rowsAt + size);
  data.writeUInt32BE(4, headAt);
  let row = 0;
  let at = rowsAt;
  for (const { start, n, base } of runs) {
    nulls.copy(data, row * columns * 2, start * columns * 2, (start + n) * columns * 2);
    bytes.copy(data, at, offsets[start], offsets[start + n]);
    for (let i = start; i < start + n; i++, row++) {
      const place = at + offsets[i] - offsets[start];
      data.writeUInt32BE(place - headAt, headAt + 4 + row * 4);
      putPacked(data, place, base + sequences[i]);
      if (cycles[i] > 0) putPacked(data, place + cycleAt[i], base + cycles[i]);
    }
    at += offsets[start + n] - offsets[start];
  }
  return data;
}

/** Values of the markers, as requests carry them: each may be null. */
function decoderOf(format) {
  return rowDecoder(rowLayout(format.fields.map((field) => ({ ...field, type: field.type | 1 }))));
}

const SQLCA = {
  eyecatcher: wireText('SQLCA   ').bytes,
  byteCount: 136,
  sqlCode: 0,
  ...packTokens([]),
  product: wireText('BENCH   ').bytes,
  errd: { d1: 0, d2: 0, d3: 0, d4: 0, d5: 0, d6: 0 },
  warnings: wireText('           ').bytes,
  sqlState: wireText('00000').bytes,
  extra: undefined,
};
const CURSOR = {
  ...{ holdable: 1, scrollable: 0, updatable: 0, insensitive: 0, isolation: 0 },
  reserved: Buffer.alloc(3),
};

/** One connection: frames pass through, except those of statements that read the journal. */
function serve(client) {
  const upstream = connect(partition.ports.database, partition.host);
  client.setNoDelay(true);
  upstream.setNoDelay(true);
  const statements = new Map();
  const prepares = new Map();
  const end = () => {
    client.destroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) socket.on('error', end).on('close', end);

  const next = (request, cursor, wish, opening) => {
    const count = Math.min(cursor.end - cursor.next, rowsABlock || fitting(cursor.next, wish));
    const data = blockData(cursor.next, count);
    cursor.next += count;
    counts.blocks++;
    counts.entries += count;
    counts.largest = Math.max(counts.largest, count);
    const lastBlock = cursor.next >= cursor.end;
    const rows = { consistencyToken: 1, rows: count, columns: pattern.columns, indicatorSize: 2, flags: 0, rowSize: 1 };
    client.write(
      dbReply.encode(
        { serverId: 0xe004, correlation: request.readUInt32BE(12) },
        {
          ors: (request.readUInt32BE(20) | ORS.variableFieldsCompressed) >>> 0,
          ...{ flags: 0, returnOrs: request.readUInt16BE(28) },
          ...{ function: request.readUInt16BE(18), dataFunction: request.readUInt16BE(18) },
          ...(lastBlock ? { returnClass: 2, returnCode: 701 } : { returnClass: 0, returnCode: 0 }),
        },
        { resultData: { ...rows, data }, ...(opening ? { sqlca: SQLCA, cursorAttributes: CURSOR } : {}) },
      ),
    );
  };

  const open = (request, statement) => {
    const { parameters } = openDescribeFetch.decode(request);
    const [values] = statement.decoder.decode(parameters.parameterData, false);
    const from = statement.from ? Number(values[4]) : 1;
    const to = statement.to ? Number(values.at(-1)) : last;
    statement.cursor = { next: rowAt(from), end: Math.min(times * pattern.rows, rowAt(to + 1)) };
    counts.opens++;
    next(request, statement.cursor, parameters.bufferSize, true);
  };

  const answered = (frame) => {
    const statement = frame.length < 40 ? undefined : statements.get(frame.readUInt16BE(34));
    switch (frame.readUInt16BE(18)) {
      case 0x1803: {
        const text = textOf(prepareDescribe.decode(frame).parameters.text, 37);
        if (text.includes('DISPLAY_JOURNAL') && text.includes('NULL_VALUE_INDICATORS'))
          prepares.set(frame.readUInt32BE(12), {
            rpb: frame.readUInt16BE(34),
            from: text.includes('STARTING_SEQUENCE =>'),
            to: text.includes('ENDING_SEQUENCE =>'),
          });
        return false;
      }
      case 0x180e:
        if (statement) open(frame, statement);
        return statement !== undefined;
      case 0x180b:
        if (!statement?.cursor) return false;
        counts.fetches++;
        next(frame, statement.cursor, fetchRows.decode(frame).parameters.bufferSize, false);
        return true;
      case 0x180a:
        if (statement) statement.cursor = null;
        return statement !== undefined;
      default:
        return false;
    }
  };

  const requests = new Framer();
  client.on('data', (chunk) =>
    requests.push(chunk, (frame) => {
      if (!answered(frame)) upstream.write(frame);
    }),
  );
  const replies = new Framer();
  upstream.on('data', (chunk) =>
    replies.push(chunk, (frame) => {
      const prepared = prepares.get(frame.readUInt32BE(12));
      if (prepared && frame.readUInt16BE(18) === 0x2800) {
        prepares.delete(frame.readUInt32BE(12));
        const format = dbReply.decode(frame).parameters.parameterFormat;
        statements.set(prepared.rpb, { ...prepared, decoder: decoderOf(format), cursor: null });
      }
      client.write(frame);
    }),
  );
}

const retrieve = await serveRetrieve(partition, receiver, prepared.pattern, {
  rows: times * pattern.rows,
  most: rowsABlock,
});
const front = createServer(serve);
front.listen(0, partition.host, () => {
  const { host, ports, user, password } = partition;
  process.send({
    ...{
      host,
      user,
      password,
      databasePort: /** @type {import('node:net').AddressInfo} */ (front.address()).port,
      signonPort: ports.signon,
      commandPort: retrieve.port,
    },
    ...{ compared: prepared.compared },
    ...{ entries: times * pattern.rows, changes: times * changes, lastSequence: last },
    rowBytes: Math.round(pattern.bytes.length / pattern.rows),
  });
});
process.on('message', (/** @type {'counts' | { rows: number }} */ message) => {
  if (message === 'counts') {
    const { user, system } = process.cpuUsage();
    process.send({ ...counts, cpu: (user + system) / 1e6, retrieve: { ...retrieve.counts } });
    Object.assign(counts, { opens: 0, fetches: 0, blocks: 0, entries: 0, largest: 0 });
    Object.assign(retrieve.counts, { calls: 0, entries: 0, largest: 0 });
  } else rowsABlock = message.rows;
});
process.on('disconnect', () => partition.stop().then(() => process.exit(0)));
