/** One test after the other, each with a mapper of its own: nothing waits from one to the next. */
import { CodedError } from '../errors/coded-error';
import type { PartitionClock } from '../map/event/clock';
import type { TableShape } from '../map/event-types/event-types';
import { Mapper } from '../map/mapper';
import type { TableRules } from '../map/options';
import type { Change } from '../model/change';
import type { EventDraft, MapOutcome } from '../model/event';
import { formatName, ordinaryTable, parseWritten, type QualifiedName } from '../model/position';
import { compareEvents } from './compare';
import type { CaseDifference, MappingTest, TestResult } from './model';
import { imagesOf } from './row';

export interface TestBench {
  readonly partition: string;
  readonly product: string;
  readonly clock: PartitionClock;
  readonly ccsid: number | null;
  readonly tables: readonly TableRules[];
  /** The record format of a test's table; null: it is not known. */
  readonly shapeOf: (test: MappingTest, table: QualifiedName) => TableShape | null;
}

/** @throws CodedError `TEST_TABLE`, `TEST_FORMAT`, `TEST_ROW`, family config: the test itself is wrong */
export async function runTest(test: MappingTest, bench: TestBench): Promise<TestResult> {
  const differences = judge(test, await mapped(test, bench));
  const { name, file, line } = test;
  return { name, file, line, ok: differences.length === 0, differences };
}

/** Bodies of the events the mapping makes of a test's row. @throws CodedError as {@link runTest} */
export async function eventsOf(
  test: MappingTest,
  bench: TestBench,
): Promise<{ readonly type: string; readonly data: Readonly<Record<string, unknown>> }[]> {
  const { events } = await mapped(test, bench);
  return events.map(({ type, body }) => {
    const { data } = JSON.parse(body.toString('utf8')) as { data: Record<string, unknown> };
    return { type, data };
  });
}

async function mapped(test: MappingTest, bench: TestBench): Promise<Mapped> {
  const { mapping, shape } = subjectOf(test, bench);
  const key = mapping.key ?? shape.key;
  const mapper = new Mapper({ ...bench, now: () => 0 });
  mapper.setTable({ ...mapping, table: ordinaryTable(mapping.table) }, shape.format, key, shape.aliases);
  const change = changeOf(test, ordinaryTable(mapping.table), imagesOf(test, shape, key));
  let result = mapOnce(mapper, change);
  if (mapper.missingLookups().length > 0) {
    await mapper.loadLookups(
      async (questions) => new Map(questions.map((q) => [q.key, test.lookups[q.lookup]?.[q.key] ?? null])),
    );
    result = mapOnce(mapper, change);
  }
  return result;
}

function subjectOf(test: MappingTest, bench: TestBench): { mapping: TableRules; shape: TableShape } {
  const { file, line, name } = test;
  const asked = parseWritten(test.table);
  const wanted = asked && formatName(ordinaryTable(asked));
  const mapping = bench.tables.find((t) => formatName(ordinaryTable(t.table)) === wanted);
  if (!mapping)
    throw new CodedError({
      code: 'TEST_TABLE',
      message: `${file}:${line}: ${name}: the configuration has no table ${test.table}`,
      next: `it has ${bench.tables.map((t) => formatName(t.table)).join(', ')}`,
      facts: { file, line },
    });
  const shape = bench.shapeOf(test, mapping.table);
  if (shape) return { mapping, shape };
  throw new CodedError({
    code: 'TEST_FORMAT',
    message: `${file}:${line}: ${name}: the record format of ${test.table} is not known`,
    next: 'write the formats once with: ibmi-cdc plan --formats formats; or name one with `format:` in the test, or --format FILE',
    facts: { file, line },
  });
}

interface Mapped {
  readonly outcome: MapOutcome;
  readonly events: readonly EventDraft[];
}

function mapOnce(mapper: Mapper, change: Change): Mapped {
  mapper.beginUnit();
  const outcome = mapper.map(change);
  const events = outcome.is === 'mapped' ? outcome.events : [];
  return { outcome, events: [...events, ...mapper.endUnit(), ...mapper.releaseTable(change.table)] };
}

function judge(test: MappingTest, { outcome, events }: Mapped): CaseDifference[] {
  if (outcome.is === 'quarantined' || outcome.is === 'stopped') {
    if (test.quarantine === outcome.code) return [];
    return [
      { at: 'row', expected: test.quarantine ?? 'events', saw: `${outcome.is}: ${outcome.code}, ${outcome.message}` },
    ];
  }
  if (test.quarantine !== null)
    return [{ at: 'row', expected: `quarantined: ${test.quarantine}`, saw: `${events.length} events` }];
  const differences = compareEvents(test.expect, events);
  if (outcome.is !== 'filtered' || differences.length === 0) return differences;
  return differences.map((d) =>
    d.saw === 'no such event' ? { ...d, saw: `no event: filtered by ${outcome.rule}` } : d,
  );
}

function changeOf(test: MappingTest, table: QualifiedName, images: ReturnType<typeof imagesOf>): Change {
  const { timestamp = '2000-01-01T00:00:00.000000', user = '', job = '', program = '' } = test.entry;
  const side = (image: (typeof images)['after']): Change['after'] => image && { is: 'image', image };
  const stream = test.op !== 'read';
  return {
    op: test.op,
    mode: stream ? 'stream' : 'backfill',
    table,
    member: table.name,
    before: side(images.before),
    after: side(images.after),
    journal: stream ? { library: 'TEST', name: 'JOURNAL' } : null,
    position: stream ? { receiver: { library: 'TEST', name: 'RECEIVER' }, sequence: 1n } : null,
    occasion: stream ? '' : 'test',
    timestamp,
    commitCycle: 0n,
    rrn: 1n,
    user,
    job,
    program,
    remoteAddress: '',
  };
}
