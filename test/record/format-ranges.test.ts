/** Formats of a file over random ALTERs, notices and positions, against a list that remembers everything; also after restarts. */
import fc from 'fast-check';
import type { Position } from '../../src/model/position';
import { FORMAT_HISTORY_SCHEMA, FormatHistory } from '../../src/record/layout/format-history';
import { Store } from '../../src/store/store';
import { field, format } from './support/fields';

const FILE = 'LIB/FILE';
const at = (n: number): Position => ({ receiver: { library: 'L', name: 'R' }, sequence: BigInt(n) });
const compare = (a: Position, b: Position): number => Number(a.sequence - b.sequence);
const layout = (length: number) => format(field('CHAR', { length, ccsid: 37 }));

/** What is known of a file: from where on which format holds, and from where on none is known. */
interface Known {
  readonly from: number;
  readonly length: number | null;
}

class Model {
  private readonly known: Known[] = [];

  learn(length: number, seen: number): void {
    const last = this.known.at(-1);
    if (last?.length === length) return;
    // the first one is assumed for all that came before; one that follows a close begins where that was
    const from = last === undefined ? -1 : last.length === null ? last.from : seen;
    if (last?.length === null) this.known.pop();
    this.known.push({ from, length });
  }

  close(position: number): void {
    const last = this.known.at(-1);
    if (last && last.length !== null) this.known.push({ from: position, length: null });
  }

  at(position: number): number | null {
    return this.known.filter((k) => k.from <= position).at(-1)?.length ?? null;
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('learn' as const), length: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('close' as const), length: fc.constant(0) }),
  fc.record({ do: fc.constant('restart' as const), length: fc.constant(0) }),
);

test('the format of any position is the one that was valid there', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const store = Store.open(':memory:', [FORMAT_HISTORY_SCHEMA]);
      let history = new FormatHistory(store, compare);
      const model = new Model();
      steps.forEach((s, i) => {
        const position = (i + 1) * 10;
        if (s.do === 'learn') {
          history.learn(FILE, layout(s.length), at(position));
          model.learn(s.length, position);
        } else if (s.do === 'close') {
          history.close(FILE, at(position));
          model.close(position);
        } else history = new FormatHistory(store, compare);
      });
      for (let n = 1; n <= steps.length * 10 + 10; n += 3)
        expect(history.at(FILE, at(n))?.format.columns[0]?.length ?? null).toBe(model.at(n));
      store.close();
    }),
    { numRuns: 150 },
  );
});

describe('one by one', () => {
  let store: Store;
  let history: FormatHistory;
  beforeEach(() => {
    store = Store.open(':memory:', [FORMAT_HISTORY_SCHEMA]);
    history = new FormatHistory(store, compare);
  });
  afterEach(() => store.close());

  test('the format that was learned at exactly a position', () => {
    history.learn(FILE, layout(1), at(10));
    history.learn(FILE, layout(2), at(20));
    expect(history.startingAt(FILE, at(20))?.format).toEqual(layout(2));
    // of the first nobody knows where it began
    expect([history.startingAt(FILE, at(10)), history.startingAt(FILE, at(21))]).toEqual([null, null]);
  });

  test('a transaction that is rolled back is forgotten', () => {
    history.learn(FILE, layout(1), at(10));
    expect(() =>
      store.transaction(() => {
        history.learn(FILE, layout(2), at(20));
        throw new Error('no');
      }),
    ).toThrow('no');
    history.forget(FILE);
    expect(history.at(FILE, at(30))?.format).toEqual(layout(1));
    expect(history.ranges(FILE)).toHaveLength(1);
  });

  test('the chain that is given counts, not the own one', () => {
    history.learn(FILE, layout(1), at(10));
    history.learn(FILE, layout(2), at(20));
    const backwards = (a: Position, b: Position): number => -compare(a, b);
    expect(history.at(FILE, at(30), backwards)?.format).toEqual(layout(1));
  });

  test('files do not see each other, and closing what is closed or unknown changes nothing', () => {
    history.learn(FILE, layout(1), at(10));
    history.close('LIB/OTHER', at(15));
    history.close(FILE, at(20));
    history.close(FILE, at(30));
    expect(history.ranges(FILE)[0]!.until).toEqual(at(20));
    expect(history.ranges('LIB/OTHER')).toEqual([]);
    expect(history.at('LIB/OTHER', at(1))).toBeNull();
  });

  test('what is kept is whole: meanings, separators and CCSIDs come back', () => {
    const whole = format(
      field('DATE', { dateFormat: 'MDY', dateSeparator: '', nullable: true }),
      field('DECIMAL', { name: 'D', length: 7, as: { date: 'cyymmdd', sentinels: [0, '*HIVAL'] } }),
    );
    history.learn(FILE, whole, at(10));
    expect(new FormatHistory(store, compare).at(FILE, at(1))!.format).toEqual(whole);
  });
});
