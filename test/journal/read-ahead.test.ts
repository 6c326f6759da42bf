/** One data call for each block of the journal, and the next one on its way before the block at hand is worked on. */

import { fetchRows, openDescribeFetch } from '../../src/hostserver/messages/database/open-fetch';
import type { FrameTracer } from '../../src/hostserver/trace';
import { windowParams, windowSql } from '../../src/journal/entry/display-journal';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { hostServerTransport } from '../../src/transport/hostserver';

const ENTRIES = 3000;
const DATA_CALLS = [openDescribeFetch.id, fetchRows.id];

let partition: SimulatedPartition;
beforeAll(async () => {
  partition = await SimulatedPartition.start();
  const inside = partition.inside!;
  const member = inside.file('ORDLIB', 'ORDHDR')!.members[0]!;
  const entry = { code: 'R', type: 'PT', member, rrn: 1, nulls: '0'.repeat(13), data: Buffer.alloc(120, 0xf0) };
  inside.loadEntries(inside.journal('ORDLIB', 'ORDJRN')!, Array(ENTRIES).fill(entry));
});
afterAll(() => partition?.stop());

test('as many data calls as blocks, each sent before the block before it is worked on', async () => {
  const seen: ('call' | 'work')[] = [];
  const tracer: FrameTracer = {
    frame: (direction, _connection, frame) => {
      if (direction === 'sent' && DATA_CALLS.includes(frame.readUInt16BE(18))) seen.push('call');
    },
  };
  const connection = await hostServerTransport({
    host: partition.host,
    user: partition.user,
    password: partition.password,
    databasePort: partition.ports.database,
    signonPort: partition.ports.signon,
    tls: 'off',
    tracer,
  }).connect();
  try {
    const sql = windowSql({ dataBytes: 32_000, from: 'first', to: 'last', filter: null });
    const statement = await connection.prepare(sql);
    const { library, name } = partition.inside!.journal('ORDLIB', 'ORDJRN')!.attachedReceiver;
    const params = windowParams({ library: 'ORDLIB', name: 'ORDJRN' }, { library, name }, null, null);
    const result = await statement.queryRaw!(params, { blockBytes: 65_536 });
    let entries = 0;
    for await (const block of result.blocks()) {
      seen.push('work');
      entries += block.rowCount;
    }
    expect(entries).toBeGreaterThanOrEqual(ENTRIES);
    const blocks = seen.filter((s) => s === 'work').length;
    expect(blocks).toBeGreaterThan(5);
    // open, then: next block asked for, this one worked on; nothing is asked for beyond the last
    expect(seen).toEqual([
      'call',
      ...Array(blocks - 1)
        .fill(['call', 'work'])
        .flat(),
      'work',
    ]);
  } finally {
    await connection.close();
  }
});
