/** Events of unusual configurations against the schemas their own catalogue publishes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { runCli } from '../../src/cli/program';
import { HAPPENING_KINDS, happeningOf } from '../../src/journal/cycle/table-events';
import { fixedClock } from '../../src/map/event/clock';
import { buildCatalogue, type CatalogueEntry } from '../../src/map/event-types/event-types';
import { Mapper } from '../../src/map/mapper';
import type { Change, TableNotice } from '../../src/model/change';
import { JOURNAL_NOTICES } from '../../src/model/notice-kinds';
import type { RecordFormat } from '../../src/model/record-format';
import { bodyOf, change, column, deleted, image, inserted, mapperFor, ORDER, ORDHDR, tables, updated } from './support';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);

const shape = { format: ORDHDR, key: ['ORDNO'] };

function faults(entries: readonly CatalogueEntry[], draft: { type: string; body: Buffer }, op: string | null): unknown {
  const entry = entries.find((e) => e.type === draft.type && e.op === op);
  if (!entry) return `${draft.type} on ${op} is not in the catalogue`;
  const validate = ajv.compile(entry.schema as object);
  return validate(bodyOf(draft as never)) ? [] : validate.errors;
}

/** Maps the change and validates every event of it. */
function judged(yaml: string, c: Change, limit?: string): { faults: unknown[]; bodies: unknown[] } {
  const mapper = mapperFor(yaml, limit ? { payloadLimit: limit } : {});
  const outcome = mapper.map(c);
  if (outcome.is !== 'mapped') throw new Error(JSON.stringify(outcome));
  const entries = buildCatalogue(tables(yaml, {}, limit ?? '1MB'), () => shape);
  const told = c.op === 'delete' && outcome.events[0]!.type.endsWith('updated') ? 'update' : c.op;
  return {
    faults: outcome.events.flatMap((e) => faults(entries, e, told)),
    bodies: outcome.events.map((e) => bodyOf(e)),
  };
}

const TABLE = (more: string): string => `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    onDelete: delete
${more}
`;

test('a key written as number in the row is an exact text in the key', () => {
  const yaml = TABLE('    columns: { ORDNO: { as: no, number: true }, STS: true }');
  for (const c of [inserted(), updated(ORDER, { ...ORDER, STS: '20' }), deleted()]) {
    const { faults: found, bodies } = judged(yaml, c);
    expect(found).toEqual([]);
    expect(bodies[0]).toMatchObject({ data: { key: { no: '100245' } } });
  }
});

test('a date of blanks under zero-if-blank is "0"', () => {
  const yaml = TABLE('    columns: { ORDNO: true, ORDDAT: { as: d, date: cyymmdd, onError: zero-if-blank } }');
  const { faults: found, bodies } = judged(yaml, change({ op: 'insert', after: image(ORDHDR, ORDER, ['ORDDAT']) }));
  expect(found).toEqual([]);
  expect(bodies[0]).toMatchObject({ data: { after: { d: '0' } } });
});

test.each([
  ['delete', ''],
  ['update', ''],
])('onDelete: %s without an image is known by its record number', (onDelete) => {
  const yaml = `
  ORDLIB/ORDHDR: { event: order, key: [ORDNO], onDelete: ${onDelete}, columns: { ORDNO: true, STS: true } }`;
  const { faults: found, bodies } = judged(yaml, change({ op: 'delete', before: null, after: null }));
  expect(found).toEqual([]);
  expect(bodies[0]).toMatchObject({ data: { key: { rrn: '77' } } });
});

test('an event thinned to its key', () => {
  const yaml = TABLE('    to: [tiny]\n    include: "*"');
  const { faults: found, bodies } = judged(yaml, inserted({ ...ORDER, REMARK: 'x'.repeat(80) }), '700B');
  expect(found).toEqual([]);
  expect(bodies[0]).toMatchObject({ thinned: true, data: { after: { ORDNO: '100245' } } });
});

test('short names in every place where a column is named', () => {
  const format: RecordFormat = {
    table: 'ORDLIB/ORDHDR',
    columns: [
      column('ORDER_NUMBER', 'DECIMAL', 7),
      column('ORDER_STATUS', 'CHAR', 2),
      column('CUSTOMER_NAME', 'CHAR', 9),
    ],
  };
  const aliases = new Map([
    ['ORDNO', 'ORDER_NUMBER'],
    ['STS', 'ORDER_STATUS'],
    ['CUSNAM', 'CUSTOMER_NAME'],
  ]);
  const yaml = TABLE(`    include: "*"
    columns: { STS: { as: status }, CUSNAM: true }
    mask: { CUSNAM: redact }
    group: { g: [STS] }`);
  const [table] = tables(yaml);
  const mapper = new Mapper({ partition: 'P', clock: fixedClock(0), product: '0', now: () => 0 });
  mapper.setTable(table!, format, [], aliases);
  mapper.beginUnit();
  const outcome = mapper.map(
    change({ op: 'insert', after: image(format, { ORDER_NUMBER: '7', ORDER_STATUS: '10', CUSTOMER_NAME: 'x' }) }),
  );
  if (outcome.is !== 'mapped') throw new Error('not mapped');
  const entries = buildCatalogue([table!], () => ({ format, key: [], aliases }));
  expect(faults(entries, outcome.events[0]!, 'insert')).toEqual([]);
  expect(bodyOf(outcome.events[0]!).data.key).toEqual({ ORDER_NUMBER: '7' });
});

test('notices of every kind there is', () => {
  const kinds = new Set(HAPPENING_KINDS.map((k) => happeningOf(k)!.kind));
  for (const kind of kinds) expect(JOURNAL_NOTICES).toContain(kind);
  const yaml = TABLE('');
  const entries = buildCatalogue(tables(yaml), () => shape);
  const base = change({});
  for (const kind of JOURNAL_NOTICES) {
    const notice: TableNotice = {
      kind,
      table: base.table,
      member: 'ORDHDR',
      journal: base.journal!,
      position: base.position!,
      timestamp: base.timestamp,
      user: 'ANNA',
      job: '',
      program: '',
      facts: { action: 'none', alert: true, entry: 'F CR' },
    };
    const draft = mapperFor(yaml).notice(notice)!;
    expect({ kind, faults: faults(entries, draft, null) }).toEqual({ kind, faults: [] });
  }
});

describe('the commands', () => {
  let folder: string;
  let config: string;
  let format: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-fits-'));
    config = join(folder, 'c.yaml');
    format = join(folder, 'f.json');
    writeFileSync(
      config,
      `version: 1
partition: { name: P, host: h, user: u, password: p }
state: state.sqlite
destinations: { out: { stdout: { format: json } } }
tables:
  ORDLIB/ORDHDR: { event: order, key: [ORDNO], columns: { STS: { as: status } }, include: "*" }
`,
    );
    const columns = ORDHDR.columns.map((c) =>
      c.name === 'STS' ? { ...c, name: 'ORDER_STATUS', systemName: 'STS' } : c,
    );
    writeFileSync(format, JSON.stringify({ ...ORDHDR, columns }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function run(...args: string[]): Promise<string> {
    const stdout = new PassThrough();
    const parts: Buffer[] = [];
    stdout.on('data', (part: Buffer) => parts.push(part));
    const stderr = new PassThrough();
    stderr.on('data', (part: Buffer) => parts.push(part));
    await runCli([...args, '-c', config], { stdin: Readable.from([]), stdout, stderr, env: {}, exit: () => {} });
    return Buffer.concat(parts).toString('utf8');
  }

  test('a test event has its own id and mark, and types by --format', async () => {
    const entries = JSON.parse(await run('catalogue', '--format', format, '--json')) as CatalogueEntry[];
    const out = await run('send-test', '--event', 'order.created', '--synthetic', '--format', format);
    const body = JSON.parse(out.split('\n').find((line) => line.startsWith('{"specversion"'))!);
    expect(body).toMatchObject({ id: expect.stringMatching(/^test_/), data: { meta: { test: true } } });
    expect(body.data.after).toMatchObject({ status: expect.any(String), TOTAMT: expect.any(String) });
    const validate = ajv.compile(entries.find((e) => e.type === 'order.created')!.schema as object);
    expect(validate(body) ? [] : validate.errors).toEqual([]);
  });
});
