/**
 * One random history, three readers: ours by the journal's API, ours by DISPLAY_JOURNAL, and Debezium's connector. Ours tell what
 * was committed, of each key in the order of the commits; Debezium what was written, in the order of the journal.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { Desk, type SentEvent } from '../support/desk';
import { seedOf } from '../support/dice';
import { describeWithJudge } from '../support/judges';
import { ChangeHistory, type HistoryEvent, LIBRARY, TABLES } from './change-history';
import { DEBEZIUM_NEEDS, Debezium } from './debezium';

const SEED = seedOf('DEBEZIUM_SEED');
const STEPS = Number(process.env['DEBEZIUM_CHANGES'] ?? 400);
/** For scripts/debezium.mjs: one line of counts. */
const REPORT = process.env['DEBEZIUM_REPORT'];
const OPS: Readonly<Record<string, HistoryEvent['op']>> = { created: 'c', updated: 'u', deleted: 'd' };

describeWithJudge('three readers of one history', DEBEZIUM_NEEDS, () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.[Symbol.asyncDispose]());

  /** What our daemon sends of the whole journal, read in one way. */
  async function ours(reader: 'api' | 'sql', count: number): Promise<HistoryEvent[]> {
    desk.sent.length = 0;
    const tables = TABLES.map((table) => `${LIBRARY}/${table}: { event: ${table}, onDelete: delete }`);
    desk.write(`policies: { start: earliest }
tables: { ${tables.join(', ')} }
journal: { reader: ${reader}, pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 20ms }
`);
    // each reader begins with a state of its own
    const config = readFileSync(desk.config, 'utf8');
    writeFileSync(desk.config, config.replace('state: state.sqlite', `state: ${reader}.sqlite`));
    const daemon = await desk.start();
    // notices of tables and journaling are no changes
    const changes = (): SentEvent[] => desk.sent.filter((e) => TABLES.some((table) => e.type.startsWith(`${table}.`)));
    await desk.until(`${count} events by ${reader}`, () => changes().length >= count);
    await daemon.stop();
    return changes().map(historyEvent);
  }

  test('events equal what was committed, and what was written', async () => {
    const { partition } = desk;
    const history = new ChangeHistory(partition, SEED);
    history.run(30);
    const first = [...history.committed];
    history.forget();
    await using debezium = await Debezium.start(partition, { library: LIBRARY, tables: TABLES });
    await debezium.until(() => debezium.events.length >= history.present.length, 'the snapshot');
    debezium.events.length = 0;
    history.run(STEPS);
    const committed = [...first, ...history.committed].map(plain);
    expect(byKey(await ours('api', committed.length))).toEqual(byKey(committed));
    expect(byKey(await ours('sql', committed.length))).toEqual(byKey(committed));
    await debezium.until(() => debezium.events.length >= history.written.length, 'the changes');
    expect(debezium.events).toEqual(history.written);
    const { rolledBack, receivers } = history.counts;
    const counts = { 'of three readers': committed.length, 'rolled back': rolledBack, receivers };
    if (REPORT) appendFileSync(REPORT, `${JSON.stringify(counts)}\n`);
    expect(partition.errors).toEqual([]);
  });
});

function historyEvent({ type, data }: SentEvent): HistoryEvent {
  const [table, verb] = type.split('.');
  const { before = null, after = null } = data;
  return plain({ table: table!, op: OPS[verb!]!, before, after: after ?? null });
}

/** What is promised is the order of each key: other keys may overtake it on their way. */
function byKey(events: readonly HistoryEvent[]): HistoryEvent[] {
  const key = ({ table, before, after }: HistoryEvent): string => `${table} ${(after ?? before)!['ID']}`;
  return [...events].sort((a, b) => key(a).localeCompare(key(b)));
}

/** Numbers by what they say, days as dates, names in one order. */
function plain({ table, op, before, after }: HistoryEvent): HistoryEvent {
  const row = (values: Readonly<Record<string, unknown>> | null) =>
    values &&
    Object.fromEntries(
      Object.keys(values)
        .sort()
        .map((name) => [name, text(name, values[name])]),
    );
  return { table, op, before: row(before), after: row(after) };
}

function text(name: string, value: unknown): string | null {
  if (value === null) return null;
  if (name === 'DAY' && typeof value === 'number') return new Date(value * 86_400_000).toISOString().slice(0, 10);
  return String(value);
}
