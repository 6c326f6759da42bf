/** What a column can become: selection, names, meanings, groups, constants, expressions, masks, payload shapes, errors. */
import { createHmac } from 'node:crypto';
import { fixedClock } from '../../src/map/event/clock';
import { Mapper } from '../../src/map/mapper';
import {
  bodyOf,
  change,
  column,
  dataOf,
  deleted,
  eventsOf,
  image,
  inserted,
  mapperFor,
  ORDER,
  ORDHDR,
  plainDraft,
  tables,
  updated,
} from './support';

const rule = (...lines: string[]): string =>
  ['  ORDLIB/ORDHDR:', '    event: order', '    key: [ORDNO]', ...lines.map((l) => `    ${l}`)].join('\n');

describe('selection', () => {
  test('without columns every column, under its own name', () => {
    expect(dataOf(rule(), inserted()).after).toEqual({
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
    });
  });

  test.each([
    ['listed columns and no others', ['columns: { STS: status, ORDNO: true }'], { status: '10', ORDNO: '100245' }],
    ['include beside columns', ['columns: { STS: status }', 'include: [CURR]'], { status: '10', CURR: 'EUR' }],
    [
      'exclude',
      [
        'columns: { STS: status }',
        'exclude: [CUSNO, ORDDAT, DLVDAT, TOTAMT, CUSREF, REMARK, CRTTS, CHGUSR, CHGDAT, CHGTIM]',
      ],
      { ORDNO: '100245', status: '10', CURR: 'EUR' },
    ],
    ['names in any case', ['columns: { sts: status }'], { status: '10' }],
    [
      'a number on request, digits as they are',
      ['columns: { TOTAMT: { as: total, number: true }, STS: true }'],
      { total: 1234.5, STS: '10' },
    ],
  ])('%s', (_, lines, after) => {
    expect(dataOf(rule(...lines), inserted()).after).toEqual(after);
  });

  test('a number keeps its digits in the bytes', () => {
    const [draft] = eventsOf(mapperFor(rule('columns: { TOTAMT: { as: total, number: true } }')), inserted());
    expect(draft!.body.toString()).toContain('"total":1234.50');
  });

  test('a column that is not there names those that are', () => {
    expect(() => mapperFor(rule('columns: { STATUS: status }'))).toThrow(
      /columns\.STATUS: saw column "STATUS", expected one of ORDNO, CUSNO, STS/,
    );
  });
});

test('an SQL table may be spoken of by its system names or by its SQL names', () => {
  const format = {
    table: 'ORDLIB/ORDHDR',
    columns: [
      column('ORDER_NUMBER', 'DECIMAL', 7),
      column('STATUS_CODE', 'CHAR', 2),
      column('TXT', 'CHAR', 3, { ccsid: 65535 }),
    ],
  };
  const aliases = new Map([
    ['ORDNO', 'ORDER_NUMBER'],
    ['STS', 'STATUS_CODE'],
    ['TXT', 'TXT'],
  ]);
  const yaml = rule(
    'columns: { ORDNO: number, STATUS_CODE: status, TXT: { ccsid: 37 } }',
    'mask: { STS: redact }',
    'when: "STS = \'10\'"',
    'traceKey: "{{ORDNO}}"',
  );
  const mapper = new Mapper({ partition: 'P', clock: fixedClock(0), product: '0', now: () => 0 });
  mapper.setTable(tables(yaml)[0]!, format, [], aliases);
  const [draft] = eventsOf(
    mapper,
    change({ op: 'insert', after: image(format, { ORDER_NUMBER: '5', STATUS_CODE: '10', TXT: 'ABC' }) }),
  );
  expect(bodyOf(draft!).data).toMatchObject({
    key: { number: '5' },
    after: { number: '5', status: '***', TXT: 'ABC' },
  });
  expect(draft!.traceKey).toBe('5');
});

describe('meanings', () => {
  test.each([
    ['date', '{ as: d, date: cyymmdd }', '1261121', '2026-11-21'],
    ['date of the last century without its zero', '{ as: d, date: cyymmdd }', '991231', '1999-12-31'],
    ['sentinel', '{ as: d, date: cyymmdd, sentinels: [0] }', '0', null],
    ['date with a time', '{ as: d, date: cyymmdd, withTime: CHGTIM }', '1261121', '2026-11-21T20:44:00'],
    [
      'date with a time in a stated zone',
      '{ as: d, date: cyymmdd, withTime: CHGTIM, zone: Europe/Berlin }',
      '1261121',
      '2026-11-21T20:44:00+01:00',
    ],
  ])('%s', (_, options, value, expected) => {
    const yaml = rule(`columns: { ORDDAT: ${options} }`);
    expect(dataOf(yaml, inserted({ ...ORDER, ORDDAT: value })).after).toEqual({ d: expected });
  });

  test('an impossible date is null, an error with its bytes, and the row goes out', () => {
    const data = dataOf(
      rule('columns: { ORDDAT: { as: d, date: cyymmdd }, STS: true }'),
      inserted({ ...ORDER, ORDDAT: '1261332' }),
    );
    expect(data.after).toEqual({ d: null, STS: '10' });
    expect(data.meta.decodeErrors).toEqual([{ column: 'ORDDAT', code: 'DATE_IMPOSSIBLE', raw: '1261332f' }]);
  });

  test('a column tagged 65535 is bytes until somebody says what it is', () => {
    const format = {
      table: 'ORDLIB/ORDHDR',
      columns: [column('ORDNO', 'DECIMAL', 7), column('TXT', 'CHAR', 4, { ccsid: 65535 })],
    };
    const c = change({ op: 'insert', after: image(format, { ORDNO: '1', TXT: 'ABC' }) });
    const text = (lines: string): unknown => dataOf(rule(lines), c, { formats: [format] }).after.TXT;
    expect(text('columns: { TXT: true }')).toBe(Buffer.from('c1c2c340', 'hex').toString('base64'));
    expect(text('columns: { TXT: { ccsid: 37 } }')).toBe('ABC');
    expect(text('ccsid: 37')).toBe('ABC');
  });
});

describe('members made of values', () => {
  test.each([
    ['array', 'group: { refs: [CUSREF, REMARK, CURR] }', { refs: ['PO "4711"', 'EUR'] }],
    [
      'array with its holes',
      'group: { refs: { array: [CUSREF, REMARK], skipEmpty: false } }',
      { refs: ['PO "4711"', null] },
    ],
    [
      'object',
      'group: { money: { object: { currency: CURR, total: TOTAMT } } }',
      { money: { currency: 'EUR', total: '1234.50' } },
    ],
    [
      'constants',
      'constants: { system: ERP1, flags: { test: true }, n: 1.5 }',
      { system: 'ERP1', flags: { test: true }, n: 1.5 },
    ],
    ['expression keeps its scale', 'expressions: { t: TOTAMT * 2 }', { t: '2469.00' }],
    ['expression rounded half up', 'expressions: { t: { value: TOTAMT / 3, scale: 3 } }', { t: '411.500' }],
    ['expression as number', 'expressions: { t: { value: TOTAMT * 0.19, scale: 2, number: true } }', { t: 234.56 }],
    ['expression over a dated column', 'expressions: { y: "substr(ORDDAT, 1, 4)" }', { y: '1261' }],
    ['expression of truth', 'expressions: { big: TOTAMT > 1000 }', { big: true }],
    ['expression without an answer', 'expressions: { t: TOTAMT / DLVDAT }', { t: null }],
  ])('%s', (_, line, expected) => {
    expect(dataOf(rule('columns: { STS: status }', line), inserted()).after).toEqual({ status: '10', ...expected });
  });

  test('a grouped column is not repeated outside its group', () => {
    const { after } = dataOf(rule('include: "*"', 'group: { money: [CURR, TOTAMT] }'), inserted());
    expect(after.CURR).toBeUndefined();
    expect(after.money).toEqual(['EUR', '1234.50']);
  });

  test('nothing selected but members', () => {
    const yaml = rule('columns: { STS: true }', 'exclude: [STS]', 'include: [STS]', 'constants: { a: 1 }');
    expect(dataOf(yaml, inserted()).after).toEqual({ a: 1 });
  });

  test('expressions see before and after, and each image has its own result', () => {
    const yaml = rule(
      'columns: { STS: status }',
      'expressions: { step: "concat(before.STS, \'-\', STS)", twice: TOTAMT * 2 }',
    );
    const data = dataOf(yaml, updated(ORDER, { ...ORDER, STS: '20', TOTAMT: '10.00' }));
    expect(data.after).toEqual({ status: '20', step: '10-20', twice: '20.00' });
    expect(data.before).toEqual({ status: '10', step: '10-10', twice: '2469.00' });
  });
});

describe('masks', () => {
  const hash = (v: string): string => createHmac('sha256', 'pepper').update(v).digest('hex');
  test.each([
    ['drop', 'drop', undefined],
    ['redact', 'redact', '***'],
    ['last4', 'last4', '****711"'],
    ['last, longer than the value', '{ last: 20 }', '*********'],
    ['truncate', '{ truncate: 2 }', 'PO'],
    ['keyed hash', '{ hash: sha256, key: "${env:K}" }', hash('PO "4711"')],
    ['keyed hash, shortened', '{ hash: sha256, key: "${env:K}", length: 12 }', hash('PO "4711"').slice(0, 12)],
  ])('%s', (_, mask, expected) => {
    const yaml = rule('columns: { CUSREF: ref, STS: true }', `mask: { CUSREF: ${mask} }`);
    const [draft] = eventsOf(mapperFor(yaml, { env: { K: 'pepper' } }), updated(ORDER, { ...ORDER, STS: '20' }));
    const { after, before } = bodyOf(draft!).data;
    expect(after).toEqual({ STS: '20', ...(expected === undefined ? {} : { ref: expected }) });
    expect(before.ref).toBe(expected);
  });

  test('a masked value leaves by no door: key, subject, trace key, link, expression, group, error bytes', () => {
    const yaml = rule(
      'columns: { ORDNO: number, CUSREF: ref }',
      'mask: { ORDNO: { hash: sha256, key: "${env:K}" }, CUSREF: redact, TOTAMT: redact, ORDDAT: redact }',
      'group: { all: [CUSREF, TOTAMT, ORDDAT] }',
      'expressions: { joined: "concat(ORDNO, CUSREF, TOTAMT)" }',
      'traceKey: "{{ORDNO}}_{{CUSREF}}"',
      'recordUrl: "https://erp/{{ORDNO}}?r={{CUSREF}}"',
    );
    const c = change({ op: 'insert', after: image(ORDHDR, ORDER, ['TOTAMT']) });
    const [draft] = eventsOf(mapperFor(yaml, { env: { K: 'pepper' } }), c);
    const everything = JSON.stringify({ ...plainDraft(draft!), body: draft!.body.toString(), position: null });
    for (const secret of ['100245', '4711', '1261121', '4040']) expect(everything).not.toContain(secret);
    expect(draft!.key).toBe(hash('100245'));
    expect(bodyOf(draft!).data.meta.decodeErrors).toEqual([{ column: 'TOTAMT', code: expect.any(String), raw: '' }]);
  });

  test('null stays null', () => {
    expect(dataOf(rule('columns: { REMARK: note, STS: true }', 'mask: { REMARK: redact }'), inserted()).after).toEqual({
      note: null,
      STS: '10',
    });
  });

  test('filters see the true value', () => {
    const yaml = rule('columns: { CUSREF: ref }', 'mask: { CUSREF: redact }', 'when: "contains(CUSREF, \'4711\')"');
    expect(dataOf(yaml, inserted()).after).toEqual({ ref: '***' });
  });
});

describe('payload', () => {
  const named = 'columns: { ORDNO: number, STS: status, CURR: currency, TOTAMT: total }';
  const step = updated(ORDER, { ...ORDER, STS: '20' });
  test('thin: key and named columns, nothing before', () => {
    const data = dataOf(rule(named, 'payload: { thin: [STS] }', 'constants: { a: 1 }'), step);
    expect(data).toMatchObject({ key: { number: '100245' }, changed: ['status'], before: null });
    expect(data.after).toEqual({ number: '100245', status: '20' });
    expect(dataOf(rule(named, 'payload: thin'), step).after).toEqual({ number: '100245' });
  });

  test('changed: key and what changed, on both sides', () => {
    const yaml = rule(named, 'payload: changed');
    expect(dataOf(yaml, step)).toMatchObject({
      after: { number: '100245', status: '20' },
      before: { number: '100245', status: '10' },
    });
    expect(dataOf(yaml, step).after).toEqual({ number: '100245', status: '20' });
    expect(dataOf(yaml, inserted()).after).toEqual({
      number: '100245',
      status: '10',
      currency: 'EUR',
      total: '1234.50',
    });
  });

  test('an event larger than its destination takes is told with the key alone, under the same id', () => {
    const yaml = rule('include: "*"', 'columns: { ORDNO: number }', 'recordUrl: "https://erp/{{ORDNO}}"', 'to: [tiny]');
    const [draft] = eventsOf(mapperFor(yaml, { payloadLimit: '1000B' }), step);
    const body = bodyOf(draft!);
    expect(draft!.body.length).toBeLessThan(1000);
    expect(body).toMatchObject({ id: draft!.id, thinned: true, recordurl: 'https://erp/100245' });
    expect(body.data).toMatchObject({ after: { number: '100245' }, before: null });
    const [whole] = eventsOf(mapperFor(yaml, { payloadLimit: '20KB' }), step);
    expect(whole!.body.length).toBeGreaterThan(1000);
    expect(whole!.id).toBe(draft!.id);
    expect(bodyOf(whole!).thinned).toBeUndefined();
  });

  test('raw image beside the data', () => {
    const c = inserted();
    const raw = (form: string) => dataOf(rule('columns: { STS: true }', `rawImage: ${form}`), c).raw;
    expect(raw('hex')).toMatch(/^0100245f/);
    expect(Buffer.from(raw('base64'), 'base64').toString('hex')).toBe(raw('hex'));
    expect(raw('off')).toBeUndefined();
  });

  test('changed names members, not columns, and groups as one', () => {
    const yaml = rule('columns: { STS: status }', 'include: [CURR, CHGTIM]', 'group: { money: [TOTAMT, DLVDAT] }');
    const data = dataOf(yaml, updated(ORDER, { ...ORDER, STS: '20', TOTAMT: '1.00', CHGUSR: 'BERND' }));
    expect(data.changed).toEqual(['status', 'money']);
  });

  test('filler behind a varying field is no change', () => {
    const before = image(ORDHDR, { ...ORDER, REMARK: 'AB' });
    const after = image(ORDHDR, { ...ORDER, REMARK: 'AB' });
    if (after.is === 'image')
      after.image.bytes.fill(0x99, 7 + 4 + 4 + 2 + 4 + 4 + 3 + 6 + 20 + 4, 7 + 4 + 4 + 2 + 4 + 4 + 3 + 6 + 20 + 20);
    const yaml = rule('columns: { REMARK: note, STS: true }');
    expect(dataOf(yaml, change({ op: 'update', before, after })).changed).toEqual([]);
    expect(dataOf(yaml, updated({ ...ORDER, REMARK: 'AB' }, ORDER)).changed).toEqual(['note']);
  });
});

describe('fields that cannot be decoded', () => {
  const blank = change({ op: 'insert', after: image(ORDHDR, ORDER, ['TOTAMT']) });
  const policy = (p: string) => rule(`columns: { ORDNO: true, TOTAMT: { as: total, onError: ${p} } }`);
  test.each([
    ['null', null],
    ['raw', '404040404040'],
    ['zero-if-blank', '0.00'],
  ])('%s', (p, expected) => {
    const data = dataOf(policy(p), blank);
    expect(data.after).toEqual({ ORDNO: '100245', total: expected });
    expect(data.meta.decodeErrors).toHaveLength(1);
    expect(data.meta.decodeErrors[0]).toMatchObject({ column: 'TOTAMT', raw: '404040404040' });
  });

  test.each([
    ['quarantine-row', 'quarantined'],
    ['stop', 'stopped'],
  ])('%s', (p, is) => {
    const mapper = mapperFor(policy(p));
    expect(mapper.map(blank)).toMatchObject({ is, column: 'TOTAMT' });
    // nothing of the refused row is left in the buffer of the next one
    expect(bodyOf(eventsOf(mapper, inserted())[0]!).data.after.ORDNO).toBe('100245');
  });

  test('the policy of the table holds for its columns', () => {
    expect(mapperFor(rule('onFieldError: quarantine-row')).map(blank)).toMatchObject({ is: 'quarantined' });
    expect(
      mapperFor(rule('onFieldError: quarantine-row', 'columns: { TOTAMT: { onError: "null" } }')).map(blank),
    ).toMatchObject({ is: 'mapped' });
  });

  test('an error in the key and in the row is told once', () => {
    const yaml = rule('columns: { ORDNO: number }');
    const data = dataOf(yaml, change({ op: 'insert', after: image(ORDHDR, ORDER, ['ORDNO']) }));
    expect(data.key).toEqual({ number: null });
    expect(data.meta.decodeErrors).toHaveLength(1);
  });

  test('an image that does not fit its format is quarantined under its layout code', () => {
    const short = image(ORDHDR, ORDER);
    if (short.is !== 'image') throw new Error('image');
    const after = { is: 'image', image: { ...short.image, length: short.image.length - 1 } } as const;
    expect(mapperFor(rule()).map(change({ op: 'insert', after }))).toMatchObject({
      is: 'quarantined',
      code: 'LAYOUT_IMAGE',
    });
  });
});

test('a delete tells the row that went, from its before image', () => {
  const data = dataOf(rule('columns: { ORDNO: number, STS: status }', 'onDelete: delete'), deleted());
  expect(data).toMatchObject({ op: 'delete', after: null, before: { number: '100245', status: '10' }, changed: [] });
});
