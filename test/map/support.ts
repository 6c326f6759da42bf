/** Record images of the order desk, built with the byte codecs, and changes over them. */
import { textCodec } from '../../src/bytes/ccsid/registry';
import { dateSpec, encodeDate, encodeTime, encodeTimestamp, timeSpec } from '../../src/bytes/date-time';
import { encodePacked } from '../../src/bytes/packed';
import { encodeZoned } from '../../src/bytes/zoned';
import type { TableConfig } from '../../src/config/config';
import { formatIssue } from '../../src/config/issue';
import { checkText } from '../../src/config/load';
import { fixedClock, type PartitionClock } from '../../src/map/event/clock';
import { Mapper } from '../../src/map/mapper';
import { checkMapping } from '../../src/map/plan/check';
import type { Change, RowSource } from '../../src/model/change';
import type { EventDraft } from '../../src/model/event';
import { parseName } from '../../src/model/position';
import type { ColumnFormat, RecordFormat, SqlTypeName } from '../../src/model/record-format';

export function column(
  name: string,
  type: SqlTypeName,
  length: number,
  more: Partial<ColumnFormat> = {},
): ColumnFormat {
  const text = type === 'CHAR' || type === 'VARCHAR';
  return { name, type, length, scale: 0, ccsid: text ? 37 : null, nullable: false, ...more };
}

export const ORDHDR: RecordFormat = {
  table: 'ORDLIB/ORDHDR',
  columns: [
    column('ORDNO', 'DECIMAL', 7),
    column('CUSNO', 'DECIMAL', 6),
    column('STS', 'CHAR', 2),
    column('ORDDAT', 'DECIMAL', 7),
    column('DLVDAT', 'DECIMAL', 7),
    column('CURR', 'CHAR', 3),
    column('TOTAMT', 'DECIMAL', 11, { scale: 2 }),
    column('CUSREF', 'CHAR', 20),
    column('REMARK', 'VARCHAR', 80, { nullable: true }),
    column('CRTTS', 'TIMESTAMP', 26, { scale: 6 }),
    column('CHGUSR', 'CHAR', 10),
    column('CHGDAT', 'DECIMAL', 7),
    column('CHGTIM', 'NUMERIC', 6),
  ],
};

export const ORDLIN: RecordFormat = {
  table: 'ORDLIB/ORDLIN',
  columns: [
    column('ORDNO', 'DECIMAL', 7),
    column('LINNO', 'DECIMAL', 3),
    column('ITMNO', 'CHAR', 15),
    column('QTY', 'DECIMAL', 7),
    column('PRICE', 'DECIMAL', 9, { scale: 2 }),
    column('DISC', 'DECIMAL', 5, { scale: 2 }),
  ],
};

export type Row = Readonly<Record<string, string | number | null>>;

export const ORDER: Row = {
  ORDNO: '100245',
  CUSNO: '10007',
  STS: '10',
  ORDDAT: '1261121',
  DLVDAT: '0',
  CURR: 'EUR',
  TOTAMT: '1234.50',
  CUSREF: 'PO "4711"',
  REMARK: null,
  CRTTS: '2026-11-21T20:40:00.000001',
  CHGUSR: 'ANNA',
  CHGDAT: '1261121',
  CHGTIM: '204400',
};

export const LINE: Row = { ORDNO: '100245', LINNO: '1', ITMNO: 'IT-004001', QTY: '3', PRICE: '19.90', DISC: '10.00' };

/** `blank` columns are left at X'40', as programs that never set them leave them. */
export function image(format: RecordFormat, row: Row, blank: readonly string[] = []): RowSource {
  const parts = format.columns.map((c) => {
    const bytes = field(c, row[c.name] ?? null);
    return blank.includes(c.name) ? bytes.fill(0x40) : bytes;
  });
  const nullable = format.columns.some((c) => c.nullable);
  const nulls = Buffer.from(
    format.columns.map((c) => (row[c.name] == null && c.nullable ? '1' : '0')).join(''),
    'latin1',
  );
  // images never start at 0 of their block
  const bytes = Buffer.concat([Buffer.alloc(7, 0xee), ...parts, Buffer.alloc(5, 0xee)]);
  const length = bytes.length - 12;
  return { is: 'image', image: { bytes, offset: 7, length, nulls: nullable ? nulls : null } };
}

function field(c: ColumnFormat, value: string | number | null): Buffer {
  const text = value === null ? '' : String(value);
  switch (c.type) {
    case 'CHAR':
      return padded(textCodec(c.ccsid === 65535 ? 37 : c.ccsid!).encode(text), c.length);
    case 'VARCHAR': {
      const bytes = textCodec(c.ccsid!).encode(text);
      const out = Buffer.alloc(2 + c.length);
      out.writeUInt16BE(bytes.length);
      bytes.copy(out, 2);
      return out;
    }
    case 'DECIMAL':
      return encodePacked(value === null ? '0' : text, c.length, c.scale);
    case 'NUMERIC':
      return encodeZoned(value === null ? '0' : text, c.length, c.scale);
    case 'INTEGER': {
      const out = Buffer.alloc(4);
      out.writeInt32BE(Number(text));
      return out;
    }
    case 'DATE':
      return encodeDate(text, dateSpec('ISO'));
    case 'TIME':
      return encodeTime(text, timeSpec('ISO'));
    case 'TIMESTAMP':
      return encodeTimestamp(text, c.scale);
    default:
      throw new Error(`no encoder for ${c.type} in these tests`);
  }
}

function padded(bytes: Buffer, length: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length, 0x40)]);
}

const BASE: Change = {
  op: 'insert',
  mode: 'stream',
  table: parseName('ORDLIB/ORDHDR')!,
  member: 'ORDHDR',
  before: null,
  after: null,
  journal: parseName('ORDLIB/ORDJRN')!,
  position: { receiver: parseName('ORDLIB/ORDRCV0001')!, sequence: 184467n },
  occasion: '',
  timestamp: '2026-11-21T20:44:00.123456',
  commitCycle: 184460n,
  rrn: 77n,
  user: 'ANNA',
  job: '123456/ANNA/ORDENTRY',
  program: 'ORD001R',
  remoteAddress: '',
};

export function change(more: Partial<Change>): Change {
  return { ...BASE, ...more };
}

export function inserted(row: Row = ORDER, more: Partial<Change> = {}): Change {
  return change({ op: 'insert', after: image(ORDHDR, row), ...more });
}

export function updated(before: Row, after: Row, more: Partial<Change> = {}): Change {
  return change({ op: 'update', before: image(ORDHDR, before), after: image(ORDHDR, after), ...more });
}

export function deleted(row: Row = ORDER, more: Partial<Change> = {}): Change {
  return change({ op: 'delete', before: image(ORDHDR, row), ...more });
}

export function at(sequence: bigint, more: Partial<Change> = {}): Partial<Change> {
  return { position: { ...BASE.position!, sequence }, ...more };
}

/** The YAML of one table through the whole of config: the tests of mapping speak the language of its users. */
export function tables(
  yaml: string,
  env: Record<string, string> = {},
  limit = '1MB',
  crm = 'stdout: {}',
): readonly TableConfig[] {
  const head = [
    'version: 1',
    'partition: { name: PROD1, host: h, user: u, password: p }',
    `destinations: { crm: { ${crm} }, lake: { stdout: {} }${limit === '1MB' ? '' : `, tiny: { stdout: {}, payloadLimit: { max: ${limit} } }`} }`,
    'tables:',
  ].join('\n');
  const text = `${head}\n${yaml.replace(/^\n/, '').replace(/\s+$/, '')}\n`;
  const { config, issues } = checkText(text, 't.yaml', '/nowhere/t.yaml', { env, checkMapping });
  if (!config) throw new Error(issues.map(formatIssue).join('\n'));
  return config.tables;
}

const KAFKA = 'kafka: { brokers: ["127.0.0.1:9092"], topic: t, tls: off, tombstones: true }';

export interface MapperSetup {
  readonly clock?: PartitionClock;
  readonly formats?: readonly RecordFormat[];
  readonly env?: Record<string, string>;
  /** Of a third destination, `tiny`. */
  readonly payloadLimit?: string;
  /** Destination `crm` is a Kafka topic with tombstones. */
  readonly kafka?: boolean;
  readonly partition?: string;
  readonly now?: () => number;
}

export function mapperFor(yaml: string, setup: MapperSetup = {}): Mapper {
  const mapper = new Mapper({
    partition: setup.partition ?? 'PROD1',
    clock: setup.clock ?? fixedClock(0),
    product: '0.0.0',
    now: setup.now ?? (() => 0),
  });
  const formats = setup.formats ?? [ORDHDR, ORDLIN];
  for (const table of tables(yaml, setup.env, setup.payloadLimit, setup.kafka ? KAFKA : undefined)) {
    const name = `${table.table.library}/${table.table.name}`;
    const format = formats.find((f) => f.table === name);
    if (!format) throw new Error(`no format for ${name}`);
    mapper.setTable(table, format, name.endsWith('ORDLIN') ? ['ORDNO', 'LINNO'] : ['ORDNO']);
  }
  mapper.beginUnit();
  return mapper;
}

/** The events of one change; fails the test if there are none. */
export function eventsOf(mapper: Mapper, c: Change): readonly EventDraft[] {
  const outcome = mapper.map(c);
  if (outcome.is !== 'mapped') throw new Error(`not mapped: ${JSON.stringify(outcome)}`);
  return outcome.events;
}

// biome-ignore lint/suspicious/noExplicitAny: bodies are JSON of any shape, looked into by tests
export function bodyOf(draft: EventDraft): any {
  return JSON.parse(draft.body.toString('utf8'));
}

// biome-ignore lint/suspicious/noExplicitAny: as above
export function dataOf(yaml: string, c: Change, setup: MapperSetup = {}): any {
  return bodyOf(eventsOf(mapperFor(yaml, setup), c)[0]!).data;
}

/** A draft with every member of its own: some are read out of the body when asked for. */
export function plainDraft(e: EventDraft): EventDraft {
  return {
    id: e.id,
    type: e.type,
    version: e.version,
    table: e.table,
    rule: e.rule,
    key: e.key,
    traceKey: e.traceKey,
    destinations: e.destinations,
    priority: e.priority,
    body: e.body,
    attemptOffset: e.attemptOffset,
    contentType: e.contentType,
    time: e.time,
    journal: e.journal,
    position: e.position,
    tombstone: e.tombstone,
    recordUrl: e.recordUrl,
    decodeErrors: e.decodeErrors,
  };
}
