import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Position } from '../../src/model/position';
import type { RecordFormat } from '../../src/model/record-format';
import { FORMAT_HISTORY_SCHEMA, FormatHistory, formatId } from '../../src/record/layout/format-history';
import { Store } from '../../src/store/store';

const CHAIN = ['RCV1', 'RCV2', 'RCV3'];
const at = (receiver: string, sequence: bigint): Position => ({
  receiver: { library: 'LIB', name: receiver },
  sequence,
});
/** Sequence numbers restart in every receiver: only the chain orders them. */
const compare = (a: Position, b: Position): number => {
  const byReceiver = CHAIN.indexOf(a.receiver.name) - CHAIN.indexOf(b.receiver.name);
  return byReceiver !== 0 ? byReceiver : Number(a.sequence - b.sequence);
};
const format = (length: number): RecordFormat => ({
  table: 'LIB/FILE',
  columns: [{ name: 'A', type: 'CHAR', length, scale: 0, ccsid: 37, nullable: false }],
});

describe('format history', () => {
  let dir: string;
  let store: Store;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'formats-'));
    store = Store.open(join(dir, 's.sqlite'), [FORMAT_HISTORY_SCHEMA]);
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  test('entries before an ALTER decode with the format of their time, also after a restart', () => {
    const history = new FormatHistory(store, compare);
    expect(history.at('LIB/FILE', at('RCV1', 1n))).toBeNull();
    history.learn('LIB/FILE', format(1), at('RCV1', 100n));
    history.close('LIB/FILE', at('RCV2', 50n));
    expect(history.at('LIB/FILE', at('RCV2', 60n))).toBeNull();
    history.learn('LIB/FILE', format(2), at('RCV2', 900n));
    const restarted = new FormatHistory(store, compare);
    for (const h of [history, restarted]) {
      const lengthAt = (p: Position): number | undefined => h.at('LIB/FILE', p)?.format.columns[0]?.length;
      expect(lengthAt(at('RCV1', 5n))).toBe(1);
      expect(lengthAt(at('RCV1', 18446744073709551600n))).toBe(1);
      expect(lengthAt(at('RCV2', 49n))).toBe(1);
      expect(lengthAt(at('RCV2', 50n))).toBe(2);
      expect(lengthAt(at('RCV3', 1n))).toBe(2);
    }
  });

  test('the same format again changes nothing; another one begins where it was seen', () => {
    const history = new FormatHistory(store, compare);
    const first = history.learn('LIB/FILE', format(1), at('RCV1', 1n));
    expect(history.learn('LIB/FILE', format(1), at('RCV2', 1n))).toBe(first);
    history.learn('LIB/FILE', format(3), at('RCV3', 7n));
    expect(history.ranges('LIB/FILE').map((r) => [r.id, r.until?.sequence ?? null])).toEqual([
      [formatId(format(1)), 7n],
      [formatId(format(3)), null],
    ]);
    expect(history.ranges('LIB/OTHER')).toEqual([]);
  });
});
