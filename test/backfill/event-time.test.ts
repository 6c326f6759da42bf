/** The time of a backfilled event: when its row was read, by the partition's clock, in UTC; the same in body, header and record. */
import { BACKFILL_SCHEMA, BackfillJobs } from '../../src/backfill/backfill-jobs';
import { BackfillRun } from '../../src/backfill/backfill-run';
import { recordMaker } from '../../src/deliver/sinks/kafka/records';
import { fixedClock } from '../../src/map/event/clock';
import type { Change } from '../../src/model/change';
import type { StoredEvent } from '../../src/model/delivery';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { JournalWorld, LIB } from '../journal/world';
import { bodyOf, column, eventsOf, mapperFor } from '../map/support';

const STOCK = { table: `${LIB}/STOCK`, columns: [column('ID', 'INTEGER', 4), column('VAL', 'CHAR', 8)] };
const NAME = { library: LIB, name: 'STOCK' };

test('ce_time of a backfilled event', async () => {
  using world = await JournalWorld.open();
  for (const id of [1, 2, 3]) await world.insert('STOCK', id, `v${id}`);
  using store = Store.open(':memory:', [BACKFILL_SCHEMA, OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: { lake: {} } });
  const yaml = `  ${LIB}/STOCK: { event: stock, key: [ID], to: [lake] }`;
  // one hour east of Greenwich
  const mapper = mapperFor(yaml, { formats: [STOCK], clock: fixedClock(60) });
  const jobs = new BackfillJobs(store);
  const { id: jobId } = jobs.add(
    { table: STOCK.table, range: null, where: null, chunkRows: 2, rowsPerSecond: null },
    0,
  );
  const request = {
    table: NAME,
    sqlName: NAME,
    columns: STOCK.columns,
    journaled: true,
    key: ['ID'],
    range: null,
    where: null,
    chunkRows: 2,
    rowsPerSecond: null,
  };
  const connection = world.connect('READER');
  const events: StoredEvent[] = [];
  const moments = ['2026-11-21T12:00:00.000001', '2026-11-22T00:30:00.500000'];
  world.clock.set(moments[0]!);
  for await (const unit of new BackfillRun({ connection, request, jobs, jobId, stream: null }).units(
    new AbortController().signal,
  )) {
    if ('gone' in unit) throw new Error('nothing is remembered here');
    store.transaction(() => {
      const drafts = [...unit.items()].flatMap((change) => eventsOf(mapper, change as Change));
      for (const { event } of outbox.append(drafts).deliveries) events.push(event);
      unit.commit({ rowsSent: drafts.length, filtered: 0, quarantined: 0, published: drafts.length, known: 0 });
    });
    world.clock.set(moments[1]!);
  }
  const [made] = recordMaker({ topic: 't', headers: {}, tombstones: false, partition: 'PROD1' })(
    events.map((event) => ({ event, body: event.body!, attempt: 1, pos: event.seq })),
  );
  // this clock goes on by a millisecond with every look
  const times = ['2026-11-21T11:00:00.001001Z', '2026-11-21T11:00:00.001001Z', '2026-11-21T23:30:00.501000Z'];
  expect(made!.messages.map((m) => m.headers!['ce_time'])).toEqual(times);
  expect(made!.messages.map((m) => bodyOf({ body: m.value } as never).time)).toEqual(times);
  expect(made!.messages.map((m) => m.timestamp)).toEqual(times.map((time) => String(Date.parse(time))));
});
