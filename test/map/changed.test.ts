/** `changed` names what the event's members say differently, computed ones among them, on either way of writing it. */

import { parseName } from '../../src/model/position';
import { at, change, dataOf, image, inserted, LINE, ORDER, ORDLIN, updated } from './support';

const head = (more: string): string => `
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    columns: { ORDNO: number, STS: status }
    to: [crm]
    ${more}
`;
const changed = (yaml: string, before = {}, after = {}): string[] =>
  dataOf(yaml, updated({ ...ORDER, ...before }, { ...ORDER, ...after })).changed;

// a trace key of its own is told by the longer way
const WAYS = [
  ['directly', ''],
  ['by the longer way', 'traceKey: "T{{ORDNO}}"\n    '],
] as const;

describe.each(WAYS)('%s', (_name, way) => {
  test('a computed member whose value differs', () => {
    const yaml = head(`${way}expressions: { gross: "TOTAMT * 1.19", big: "TOTAMT > 1000", fixed: "1 + 1" }`);
    expect(changed(yaml, {}, { TOTAMT: '1300.00' })).toEqual(['gross']);
    expect(changed(yaml, {}, { TOTAMT: '900.00', STS: '20' })).toEqual(['status', 'gross', 'big']);
    expect(changed(yaml, {}, { CURR: 'CHF' })).toEqual([]);
  });

  test('a lookup by rule and a group', () => {
    const yaml = head(
      `${way}expressions: { word: "lookup('words', STS)" }\n    group: { money: [CURR, TOTAMT] }\n    lookups: { words: { values: { "10": open, "11": open, "20": done } } }`,
    );
    expect(changed(yaml, {}, { STS: '11' })).toEqual(['status']);
    expect(changed(yaml, {}, { STS: '20', CURR: 'CHF' })).toEqual(['status', 'money', 'word']);
  });

  test('payload: changed tells the key and what changed, and nothing else', () => {
    const yaml = head(
      `${way}payload: changed\n    constants: { system: ERP1 }\n    group: { money: [CURR, TOTAMT] }\n    expressions: { gross: "TOTAMT * 2", big: "TOTAMT > 1000", fixed: "1 + 1" }`,
    );
    const rows = (after: object): unknown => {
      const { changed, before, after: now } = dataOf(yaml, updated(ORDER, { ...ORDER, ...after }));
      return { changed, before, after: now };
    };
    expect(rows({ STS: '20' })).toEqual({
      changed: ['status'],
      before: { number: '100245', status: ORDER['STS'] },
      after: { number: '100245', status: '20' },
    });
    expect(rows({ TOTAMT: '1300.00' })).toEqual({
      changed: ['money', 'gross'],
      before: { number: '100245', money: ['EUR', '1234.50'], gross: '2469.00' },
      after: { number: '100245', money: ['EUR', '1300.00'], gross: '2600.00' },
    });
    expect(rows({ CUSREF: 'PO 1' })).toEqual({
      changed: [],
      before: { number: '100245' },
      after: { number: '100245' },
    });
    const whole = dataOf(yaml, inserted(ORDER)).after;
    expect(Object.keys(whole)).toEqual(['number', 'status', 'money', 'gross', 'big', 'fixed', 'system']);
  });

  test('payload: changed tells what is computed from the change itself', () => {
    const yaml = head(
      `${way}payload: changed\n    expressions: { was: "before.STS", dear: "changed(TOTAMT)", by: "upper(meta.user)" }`,
    );
    const { changed, after } = dataOf(yaml, updated(ORDER, { ...ORDER, STS: '20' }));
    expect(changed).toEqual(['status']);
    expect(after).toMatchObject({ number: '100245', status: '20', was: ORDER['STS'], dear: false });
    expect(after).toHaveProperty('by');
  });

  test('thin events and events of what changed', () => {
    const yaml = (payload: string): string =>
      head(`${way}expressions: { gross: "TOTAMT * 2" }\n    payload: ${payload}`);
    expect(changed(yaml('thin'), {}, { TOTAMT: '1.00' })).toEqual(['gross']);
    const data = dataOf(yaml('changed'), updated(ORDER, { ...ORDER, TOTAMT: '1.00' }));
    expect(data).toMatchObject({
      changed: ['gross'],
      after: { number: '100245', gross: '2.00' },
      before: { gross: '2469.00' },
    });
  });
});

test('columns of a masked expression are compared as they are told', () => {
  const yaml = head('mask: { CUSREF: redact }\n    expressions: { ref: "concat(CUSREF, CURR)" }');
  expect(changed(yaml, {}, { CUSREF: 'PO 4712' })).toEqual([]);
});

test('no image before, nothing to compare with', () => {
  const yaml = '  ORDLIB/ORDLIN: { event: line, expressions: { total: "QTY * PRICE" }, to: [crm] }';
  const table = parseName('ORDLIB/ORDLIN')!;
  const data = dataOf(yaml, change({ op: 'update', table, after: image(ORDLIN, LINE), ...at(1n) }));
  expect(data.changed).toEqual([]);
});
