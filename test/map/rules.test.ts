/** Which changes become which events: filters, types, transitions, deletes, several rules, identity, fan-out. */
import { createHash } from 'node:crypto';
import { fixedClock } from '../../src/map/event/clock';
import { Mapper } from '../../src/map/mapper';
import { parseName } from '../../src/model/position';
import { at, bodyOf, deleted, eventsOf, inserted, mapperFor, ORDER, ORDHDR, tables, updated } from './support';

const rule = (...lines: string[]): string =>
  ['  ORDLIB/ORDHDR:', '    event: order', '    key: [ORDNO]', ...lines.map((l) => `    ${l}`)].join('\n');

const step = updated(ORDER, { ...ORDER, STS: '20' });
const touch = updated(ORDER, { ...ORDER, CHGTIM: '204501' });

describe('filters, each named in the ledger', () => {
  test.each([
    ['deletes are off by default', '', deleted(), 'order:onDelete'],
    ['actions', 'actions: [insert]', step, 'order:actions'],
    ['when', 'when: "STS = \'20\'"', inserted(), 'order:when'],
    ['when, over both images', 'when: "before.STS != after.STS"', touch, 'order:when'],
    ['when, over who did it', 'when: "meta.user != \'ANNA\'"', inserted(), 'order:when'],
    [
      'when, over where it came from',
      'when: "not startsWith(meta.remoteAddress, \'10.1.\')"',
      inserted(ORDER, { remoteAddress: '10.1.1.9' }),
      'order:when',
    ],
    ['when, over the record number', 'when: "meta.rrn > 77"', inserted(), 'order:when'],
    ['when, over changed()', 'when: "changed(STS)"', touch, 'order:when'],
    ['whenChanged', 'whenChanged: [STS, TOTAMT]', touch, 'order:whenChanged'],
    ['ignored user', 'ignore: { users: [ANNA] }', inserted(), 'order:ignore.users'],
    ['ignored user, wildcard', 'ignore: { users: [A*A] }', inserted(), 'order:ignore.users'],
    ['ignored job by its name', 'ignore: { jobs: [ORDENTRY] }', inserted(), 'order:ignore.jobs'],
    ['ignored job, whole', 'ignore: { jobs: ["123456/ANNA/ORDENTRY"] }', inserted(), 'order:ignore.jobs'],
    ['ignored program', 'ignore: { programs: [ord*] }', inserted(), 'order:ignore.programs'],
  ])('%s', (_, line, c, by) => {
    expect(mapperFor(rule(line)).map(c)).toEqual({ is: 'filtered', rule: by });
  });

  test.each([
    ['when', "when: \"STS in ('10', '20') and TOTAMT >= 1234.5\"", inserted()],
    ['whenChanged, one of them', 'whenChanged: [STS, TOTAMT]', step],
    ['whenChanged says nothing of inserts', 'whenChanged: [STS]', inserted()],
    ['another user', 'ignore: { users: [BERND, "B*", "*NA*X"], jobs: [NIGHTLY], programs: [X] }', inserted()],
    ['no before image: nothing can be compared', 'whenChanged: [STS]', updated(ORDER, ORDER, { before: null })],
  ])('passes: %s', (_, line, c) => {
    expect(mapperFor(rule(line)).map(c)).toMatchObject({ is: 'mapped' });
  });
});

test('an image of another layout is never filtered by a comparison that means nothing', () => {
  const short = (c: ReturnType<typeof updated>['after']) =>
    c?.is === 'image' ? ({ is: 'image', image: { ...c.image, length: c.image.length - 1 } } as const) : c;
  const c = updated(ORDER, ORDER);
  for (const spoiled of [
    { ...c, before: short(c.before) },
    { ...c, after: short(c.after) },
  ]) {
    expect(mapperFor(rule('whenChanged: [STS]')).map(spoiled)).toMatchObject({
      is: 'quarantined',
      code: 'LAYOUT_IMAGE',
    });
  }
});

describe('types', () => {
  test('names of their own', () => {
    const yaml = rule('onDelete: delete').replace(
      'event: order',
      'event: { entity: order, created: order.new, read: order.seen }',
    );
    const mapper = mapperFor(yaml);
    const types = [inserted(), step, deleted(), inserted(ORDER, { op: 'read' })].map(
      (c) => eventsOf(mapper, c)[0]!.type,
    );
    expect(types).toEqual(['order.new', 'order.updated', 'order.deleted', 'order.seen']);
  });

  test('chosen by the value of a column', () => {
    const types = '{ by: CURR, types: { EUR: order, CHF: swissOrder } }';
    const yaml = rule().replace('event: order', `name: orders\n    event: ${types}`);
    const mapper = mapperFor(yaml);
    expect(eventsOf(mapper, inserted())[0]!.type).toBe('order.created');
    expect(eventsOf(mapper, inserted({ ...ORDER, CURR: 'CHF' }))[0]!.type).toBe('swissOrder.created');
    expect(mapper.map(inserted({ ...ORDER, CURR: 'USD' }))).toEqual({ is: 'filtered', rule: 'orders:event.by' });
    const other = mapperFor(yaml.replace('swissOrder }', 'swissOrder }, otherwise: foreignOrder'));
    expect(eventsOf(other, inserted({ ...ORDER, CURR: 'USD' }))[0]!.type).toBe('foreignOrder.created');
  });

  test('an event version in draft and body', () => {
    const [draft] = eventsOf(mapperFor(rule('version: 2')), inserted());
    expect(draft!.version).toBe('2');
    expect(bodyOf(draft!).eventversion).toBe('2');
  });
});

describe('transitions', () => {
  const approved = "transitions: [{ event: order.approved, column: STS, from: ['10'], to: ['20', '25'] }]";
  const types = (yaml: string, c: Parameters<typeof eventsOf>[1]): string[] =>
    eventsOf(mapperFor(yaml), c).map((e) => e.type);

  test.each([
    ['A to B', step, ['order.updated', 'order.approved']],
    ['A to another', updated(ORDER, { ...ORDER, STS: '30' }), ['order.updated']],
    ['from another', updated({ ...ORDER, STS: '15' }, { ...ORDER, STS: '20' }), ['order.updated']],
    ['no step', updated({ ...ORDER, STS: '20' }, { ...ORDER, STS: '20', CURR: 'CHF' }), ['order.updated']],
    ['insert at B is no step', inserted({ ...ORDER, STS: '20' }), ['order.created']],
    [
      'without before image nothing is known',
      updated(ORDER, { ...ORDER, STS: '20' }, { before: null }),
      ['order.updated'],
    ],
  ])('%s', (_, c, expected) => {
    expect(types(rule(approved), c)).toEqual(expected);
  });

  test('instead of the ordinary event, and from anywhere', () => {
    expect(
      types(rule("transitions: [{ event: order.approved, column: STS, to: ['20'], instead: true }]"), step),
    ).toEqual(['order.approved']);
  });

  test('one entry, two events, two ids, the same data', () => {
    const [a, b] = eventsOf(mapperFor(rule(approved)), step);
    expect(a!.id).not.toBe(b!.id);
    expect(a!.id.split('-')[1]).toBe(b!.id.split('-')[1]);
    expect(bodyOf(a!).data).toEqual(bodyOf(b!).data);
  });
});

describe('onDelete', () => {
  test('update: an updated event made of the before image', () => {
    const yaml = rule('columns: { ORDNO: number, STS: status }', 'onDelete: { update: { set: { status: inactive } } }');
    const [draft] = eventsOf(mapperFor(yaml), deleted());
    expect(draft).toMatchObject({ type: 'order.updated', tombstone: false });
    expect(bodyOf(draft!).data).toMatchObject({
      op: 'update',
      key: { number: '100245' },
      after: { number: '100245', status: 'inactive' },
      before: { number: '100245', status: '10' },
      changed: ['status'],
    });
  });

  test('update without set', () => {
    const [draft] = eventsOf(mapperFor(rule('columns: { STS: status }', 'onDelete: update')), deleted());
    expect(bodyOf(draft!).data).toMatchObject({ op: 'update', after: { status: '10' }, changed: [] });
  });

  test('a delete without image still has its record number', () => {
    const [draft] = eventsOf(mapperFor(rule('onDelete: delete')), deleted(ORDER, { before: null }));
    expect([draft!.key, bodyOf(draft!).subject]).toEqual(['rrn:77', 'rrn:77']);
    expect(bodyOf(draft!).data).toMatchObject({
      op: 'delete',
      before: null,
      after: null,
      key: { rrn: '77' },
      meta: { rrn: '77' },
    });
  });
});

describe('several rules', () => {
  const yaml = `
  ORDLIB/ORDHDR:
    key: [ORDNO]
    rules:
      - { name: raw, event: orderRow, to: [lake] }
      - { name: paid, event: payment, when: "STS = '20'", columns: { ORDNO: number }, to: [crm], priority: high }
`;
  test('each makes its own event, with its own id, columns and destinations', () => {
    const events = eventsOf(mapperFor(yaml), step);
    expect(events.map((e) => [e.rule, e.type, e.destinations, e.priority])).toEqual([
      ['raw', 'orderRow.updated', ['lake'], 'normal'],
      ['paid', 'payment.updated', ['crm'], 'high'],
    ]);
    expect(new Set(events.map((e) => e.id)).size).toBe(2);
    expect(bodyOf(events[1]!).data.after).toEqual({ number: '100245' });
  });

  test('a change is filtered only if no rule wants it; the first refusal is named', () => {
    expect(eventsOf(mapperFor(yaml), touch).map((e) => e.rule)).toEqual(['raw']);
    expect(mapperFor(yaml).map(deleted())).toEqual({ is: 'filtered', rule: 'raw:onDelete' });
  });
});

describe('identity', () => {
  const id = (c: Parameters<typeof eventsOf>[1], yaml = rule(), partition = 'PROD1'): string =>
    eventsOf(mapperFor(yaml, { partition }), c)[0]!.id;

  test('is what docs/events.md says', () => {
    const parts = ['ibmi-cdc/1', 'PROD1', 'ORDLIB/ORDJRN', 'ORDLIB', 'ORDRCV0001', 'ORDLIB/ORDHDR', 'order', ''];
    const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
    expect(id(inserted())).toBe(`${digest}-184467`);
  });

  test('the same entry has the same id for ever: later, elsewhere, in any mode of reading it', () => {
    expect(id(inserted(ORDER, { mode: 'replay', timestamp: '2027-01-01T00:00:00.000000' }))).toBe(id(inserted()));
  });

  test.each([
    ['sequence', inserted(ORDER, at(184468n))],
    [
      'receiver: numbers start again',
      inserted(ORDER, { position: { receiver: parseName('ORDLIB/ORDRCV0002')!, sequence: 184467n } }),
    ],
    ['journal', inserted(ORDER, { journal: parseName('ORDLIB/OTHER')! })],
  ])('differs by %s', (_, c) => {
    expect(id(c)).not.toBe(id(inserted()));
  });

  test('differs by partition and rule', () => {
    expect(id(inserted(), rule(), 'TEST1')).not.toBe(id(inserted()));
    expect(id(inserted(), rule('name: other'))).not.toBe(id(inserted()));
  });

  test('numbers beyond 2^53 stay exact', () => {
    expect(id(inserted(ORDER, at(18446744073709551600n)))).toMatch(/-18446744073709551600$/);
  });

  test('a row read by SQL: by key and content', () => {
    const read = { op: 'read', mode: 'window', journal: null, position: null } as const;
    const one = id(inserted(ORDER, read));
    expect(id(inserted(ORDER, { ...read, timestamp: '2027-01-01T00:00:00.000000' }))).toBe(one);
    expect(id(inserted({ ...ORDER, CHGTIM: '204401' }, read))).not.toBe(one);
    expect(id(inserted({ ...ORDER, ORDNO: '1' }, read))).not.toBe(one);
    expect(one).toMatch(/^[0-9a-f]{20}-[0-9a-f]{24}$/);
  });
});

describe('key, trace key, record URL', () => {
  test('key members are joined by / and escaped', () => {
    const yaml = rule('columns: { CUSREF: ref }').replace('[ORDNO]', '[ORDNO, CUSREF]');
    const [draft] = eventsOf(mapperFor(yaml), inserted({ ...ORDER, CUSREF: 'A/B 5%' }));
    expect(draft!.key).toBe('100245/A%2FB 5%25');
    expect(bodyOf(draft!).subject).toBe(draft!.key);
    expect(bodyOf(draft!).data.key).toEqual({ ORDNO: '100245', ref: 'A/B 5%' });
  });

  test('without any key the record number stands in', () => {
    const [table] = tables('  ORDLIB/ORDHDR: { event: order }');
    const mapper = new Mapper({ partition: 'P', clock: fixedClock(0), product: '0', now: () => 0 });
    mapper.setTable(table!, ORDHDR, []);
    const [draft] = eventsOf(mapper, inserted());
    expect(draft!.key).toBe('rrn:77');
    expect(bodyOf(draft!).data.key).toEqual({ rrn: '77' });
  });

  test('trace key template', () => {
    const [draft] = eventsOf(mapperFor(rule('traceKey: "{{CUSNO}}_{{ORDNO}}"')), inserted());
    expect(draft!.traceKey).toBe('10007_100245');
    expect(bodyOf(draft!).tracekey).toBe('10007_100245');
  });

  test('record URL template, values escaped', () => {
    const [draft] = eventsOf(mapperFor(rule('recordUrl: "https://erp/o/{{ORDNO}}?ref={{CUSREF}}"')), inserted());
    expect(draft!.recordUrl).toBe('https://erp/o/100245?ref=PO%20%224711%22');
    expect(bodyOf(draft!).recordurl).toBe(draft!.recordUrl);
  });
});

test('bodies stay valid for as long as they are held, over units and chunks', () => {
  const mapper = mapperFor(rule());
  const drafts = Array.from({ length: 2000 }, (_, i) => {
    if (i % 100 === 0) mapper.beginUnit();
    return eventsOf(mapper, inserted({ ...ORDER, ORDNO: String(i) }, at(BigInt(i + 1))))[0]!;
  });
  for (const [i, d] of drafts.entries()) expect(bodyOf(d).data.key.ORDNO).toBe(String(i));
});

test('a table notice becomes an event', () => {
  const mapper = mapperFor(rule());
  const draft = mapper.notice({
    kind: 'table.cleared',
    table: parseName('ORDLIB/ORDHDR')!,
    member: 'ORDHDR',
    journal: parseName('ORDLIB/ORDJRN')!,
    position: { receiver: parseName('ORDLIB/ORDRCV0001')!, sequence: 9n },
    timestamp: '2026-11-21T20:44:00.000000',
    user: 'QSECOFR',
    job: '1/QSECOFR/QPADEV',
    program: 'QCMD',
    facts: { action: 'none' },
  })!;
  const body = bodyOf(draft);
  expect(body).toMatchObject({
    type: 'table.cleared',
    source: 'ibmi://PROD1/ORDLIB/ORDHDR',
    data: { notice: { action: 'none' }, meta: { sequence: '9', attempt: 1 } },
  });
  expect(draft.body[draft.attemptOffset]).toBe(0x31);
  expect(draft.destinations).toEqual(['crm', 'lake']);
});
