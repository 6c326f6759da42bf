/** The event catalogue: what rules produce validates against the schemas it prints; samples of every type can be made. */
import Ajv2020 from 'ajv/dist/2020';
import { CloudEvent } from 'cloudevents';
import { fixedClock } from '../../src/map/event/clock';
import { buildCatalogue, typesOf } from '../../src/map/event-types/event-types';
import { sampleEvents } from '../../src/map/event-types/sample';
import type { Change } from '../../src/model/change';
import { formatName, parseName } from '../../src/model/position';
import {
  bodyOf,
  change,
  deleted,
  image,
  inserted,
  LINE,
  mapperFor,
  ORDER,
  ORDHDR,
  ORDLIN,
  tables,
  updated,
} from './support';

const CONFIG = `
  ORDLIB/ORDHDR:
    key: [ORDNO]
    owner: Order desk
    rules:
      - name: full
        event: { entity: order, title: Order, description: One order, aliases: [bestellung] }
        onDelete: delete
        group: { refs: [CUSREF, REMARK] }
        constants: { system: ERP1 }
        expressions: { gross: { value: TOTAMT * 1.19, scale: 2 } }
        include: "*"
        columns: { ORDDAT: { as: ordered, date: cyymmdd }, TOTAMT: { as: total, number: true } }
        mask: { CHGUSR: redact, CUSNO: drop }
        transitions: [{ event: order.approved, column: STS, from: ['10'], to: ['20'] }]
        recordUrl: "https://erp/{{ORDNO}}"
        traceKey: "c{{ORDNO}}"
      - { name: thin, event: orderThin, payload: { thin: [STS] }, onDelete: { update: { set: { status: gone } } }, columns: { STS: status, ORDNO: number } }
      - { name: changes, event: orderChange, payload: changed, rawImage: hex, columns: { STS: status, ORDNO: number, CURR: currency } }
      - { name: flat, event: orderPlain, envelope: plain }
      - { name: dbz, event: orderDbz, envelope: debezium, onDelete: delete }
      - { name: typed, event: { by: CURR, types: { EUR: euroOrder, CHF: swissOrder } }, when: "TOTAMT > 999999" }
      - { name: shaped, event: orderShaped, envelope: { template: { n: "{{key.ORDNO}}" } } }
  ORDLIB/ORDLIN:
    parent: { event: order, table: ORDLIB/ORDHDR, key: { orderNumber: ORDNO }, changed: lines }
`;

const shapes = new Map([
  ['ORDLIB/ORDHDR', { format: ORDHDR, key: ['ORDNO'] }],
  ['ORDLIB/ORDLIN', { format: ORDLIN, key: ['ORDNO', 'LINNO'] }],
]);
const shapeOf = (table: { library: string; name: string }) => shapes.get(formatName(table)) ?? null;

const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { 'date-time': true, date: /^\d{4}-\d\d-\d\d$/, 'uri-reference': true },
});

const validators = new Map<string, ReturnType<typeof ajv.compile>>();

/** Compiling costs more than validating. */
function validatorOf(schema: object): ReturnType<typeof ajv.compile> {
  const text = JSON.stringify(schema);
  const known = validators.get(text) ?? ajv.compile(schema);
  validators.set(text, known);
  return known;
}

function check(entries: ReturnType<typeof buildCatalogue>, rule: string, type: string, body: unknown): void {
  const entry = entries.find((e) => e.rule === rule && e.type === type);
  if (!entry) throw new Error(`${type} of rule ${rule} is not in the catalogue`);
  const validate = validatorOf(entry.schema);
  expect({ type, errors: validate(body) ? [] : validate.errors }).toEqual({ type, errors: [] });
}

test('every event a configuration produces validates against its schema', () => {
  const mapper = mapperFor(CONFIG);
  const entries = buildCatalogue(tables(CONFIG), shapeOf);
  const line = { table: parseName('ORDLIB/ORDLIN')!, after: image(ORDLIN, LINE) };
  const changes: Change[] = [
    inserted(),
    updated(ORDER, { ...ORDER, STS: '20', REMARK: 'x' }),
    updated(ORDER, { ...ORDER, STS: '30' }, { before: null }),
    deleted(),
    inserted(ORDER, { op: 'read', mode: 'backfill', journal: null, position: null }),
    change({ op: 'insert', after: image(ORDHDR, ORDER, ['TOTAMT', 'ORDDAT']) }),
    change({ op: 'insert', ...line }),
  ];
  const seen = new Set<string>();
  const drafts = changes.flatMap((c) => {
    const outcome = mapper.map(c);
    return outcome.is === 'mapped' ? outcome.events : [];
  });
  for (const draft of [...drafts, ...mapper.endUnit()]) {
    check(entries, draft.rule, draft.type, bodyOf(draft));
    seen.add(`${draft.rule}:${draft.type}`);
  }
  expect([...seen].sort()).toEqual([
    'changes:orderChange.created',
    'changes:orderChange.read',
    'changes:orderChange.updated',
    'dbz:orderDbz.created',
    'dbz:orderDbz.deleted',
    'dbz:orderDbz.read',
    'dbz:orderDbz.updated',
    'flat:orderPlain.created',
    'flat:orderPlain.read',
    'flat:orderPlain.updated',
    'full:order.approved',
    'full:order.created',
    'full:order.deleted',
    'full:order.read',
    'full:order.updated',
    'order-child:order.updated',
    'shaped:orderShaped.created',
    'shaped:orderShaped.read',
    'shaped:orderShaped.updated',
    'thin:orderThin.created',
    'thin:orderThin.read',
    'thin:orderThin.updated',
  ]);
});

test('a schema refuses what the rule would never send', () => {
  const entries = buildCatalogue(tables(CONFIG), shapeOf);
  const entry = entries.find((e) => e.rule === 'full' && e.type === 'order.created')!;
  const [draft] = sampleEvents(tables(CONFIG), 'order.created', OPTIONS);
  const body = bodyOf(draft!);
  const validate = ajv.compile(entry.schema);
  expect(validate(body)).toBe(true);
  for (const spoil of [
    { ...body, type: 'order.updated' },
    { ...body, more: 1 },
    { ...body, data: { ...body.data, op: 'update' } },
    { ...body, data: { ...body.data, after: { ...body.data.after, total: 'x' } } },
    { ...body, data: { ...body.data, after: { ...body.data.after, CUSNO: '1' } } },
    { ...body, data: { ...body.data, meta: { ...body.data.meta, sequence: 1 } } },
  ]) {
    expect(validate(spoil)).toBe(false);
  }
});

const OPTIONS = { partition: 'PROD1', product: '0', clock: fixedClock(0), shapeOf };

describe.each([
  ['with record formats', shapeOf],
  ['without', () => null],
])('a sample of every type, %s', (_, of) => {
  test.each([...new Set(tables(CONFIG).flatMap((t) => t.rules.flatMap((r) => typesOf(r).map((x) => x.type))))])(
    '%s',
    (type) => {
      const drafts = sampleEvents(tables(CONFIG), type, { ...OPTIONS, shapeOf: of });
      expect(drafts.length).toBeGreaterThan(0);
      const entries = buildCatalogue(tables(CONFIG), of);
      for (const draft of drafts) {
        expect(draft.type).toBe(type);
        check(entries, draft.rule, type, bodyOf(draft));
        if (draft.contentType.includes('cloudevents')) expect(() => new CloudEvent(bodyOf(draft), true)).not.toThrow();
      }
    },
  );
});

test('the catalogue tells people what schemas cannot', () => {
  const entry = buildCatalogue(tables(CONFIG), shapeOf).find((e) => e.type === 'order.created')!;
  expect(entry).toMatchObject({
    table: 'ORDLIB/ORDHDR',
    rule: 'full',
    op: 'insert',
    title: 'Order',
    description: 'One order',
    owner: 'Order desk',
    aliases: ['bestellung'],
    destinations: ['crm', 'lake'],
    typed: true,
  });
});
