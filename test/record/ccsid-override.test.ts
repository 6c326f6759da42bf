import type { ColumnFormat, RecordFormat } from '../../src/model/record-format';
import { withCcsids } from '../../src/record/layout/ccsid-override';
import { PlanCache } from '../../src/record/plan/plan-cache';

const column = (name: string, type: ColumnFormat['type'], ccsid: number | null): ColumnFormat => ({
  name,
  type,
  length: 5,
  scale: 0,
  ccsid,
  nullable: false,
});
const format: RecordFormat = {
  table: 'LIB/FILE',
  columns: [
    column('TAGGED', 'CHAR', 37),
    column('UNTAGGED', 'CHAR', 65535),
    column('NONE', 'VARCHAR', null),
    column('UTF8', 'VARCHAR', 1208),
    column('WIDE', 'GRAPHIC', 13488),
    column('BYTES', 'BINARY', null),
    column('NUMBER', 'DECIMAL', null),
  ],
};
const ccsids = (f: RecordFormat): (number | null)[] => f.columns.map((c) => c.ccsid);

describe('CCSID overrides', () => {
  test.each([
    ['none', {}, [37, 65535, null, 1208, 13488, null, null]],
    ['connection: only what is untagged', { connection: 273 }, [37, 273, 273, 1208, 13488, null, null]],
    ['table: every character column but Unicode', { table: 277 }, [277, 277, 277, 1208, 13488, null, null]],
    [
      'column wins over table over connection',
      { columns: { TAGGED: 500, UTF8: 37 }, table: 277, connection: 273 },
      [500, 277, 277, 37, 13488, null, null],
    ],
  ])('%s', (_, overrides, expected) => {
    expect(ccsids(withCcsids(format, overrides))).toEqual(expected);
  });

  test('nothing to change is the same format', () => {
    expect(withCcsids(format, { columns: { TAGGED: 37 } })).toBe(format);
  });
});

describe('the plan cache', () => {
  test('keeps the most recently used, compiles once, forgets failures', () => {
    const cache = new PlanCache<string>(2);
    const compiled: string[] = [];
    const get = (key: string): string =>
      cache.get(key, () => {
        compiled.push(key);
        if (key === 'bad') throw new Error('no');
        return key;
      });
    get('a');
    get('b');
    get('a');
    get('c');
    get('a');
    expect(compiled).toEqual(['a', 'b', 'c']);
    get('b');
    expect(compiled).toEqual(['a', 'b', 'c', 'b']);
    expect(cache.size).toBe(2);
    expect(() => get('bad')).toThrow('no');
    expect(() => get('bad')).toThrow('no');
    expect(compiled.filter((k) => k === 'bad').length).toBe(2);
  });
});
