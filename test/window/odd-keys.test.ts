/** Keys of every kind, with nulls and values no statement can ask for: no deletion of a row that is there, no second insert. */
import type { ColumnFormat } from '../../src/model/record-format';
import { RowImageBuilder } from '../../src/record/rows/row-image';
import { ManualClock } from '../../src/simulator/partition/clock';
import { Partition } from '../../src/simulator/partition/partition';
import { PartitionSqlEngine } from '../../src/simulator/sql/run/engine';
import { Store } from '../../src/store/store';
import type { SqlValue } from '../../src/transport/transport';
import { boundary, isAsked, nextPage, rowKey } from '../../src/window/keys';
import type { WindowOptions } from '../../src/window/options';
import type { WindowUnit } from '../../src/window/units';
import { WindowReader } from '../../src/window/window-reader';
import { WINDOW_SCHEMA } from '../../src/window/window-state';
import { Dice } from '../support/dice';
import { EngineConnection } from '../support/engine-connection';
import { valuesOf } from '../support/row-values';

interface Kind {
  readonly ddl: string;
  readonly format: Pick<ColumnFormat, 'type' | 'length'> & Partial<ColumnFormat>;
  readonly values: readonly SqlValue[];
}

const KINDS: readonly Kind[] = [
  { ddl: 'INTEGER', format: { type: 'INTEGER', length: 4 }, values: [null, 0, -1, 7, 2147483647] },
  { ddl: 'DOUBLE', format: { type: 'DOUBLE', length: 8 }, values: [null, 0.1, -1e300, 5e-324, 1 / 3] },
  { ddl: 'BIGINT', format: { type: 'BIGINT', length: 8 }, values: [null, '9223372036854775807', '-5', '0'] },
  {
    ddl: 'DECIMAL(31, 5)',
    format: { type: 'DECIMAL', length: 31, scale: 5 },
    values: [null, '0.00001', '-12345678901234567890.5', '7'],
  },
  {
    ddl: 'CHAR(3) CCSID 37',
    format: { type: 'CHAR', length: 3 },
    values: [null, 'a', 'a b', '', '\u0000\u0001', 'Z/%'],
  },
  { ddl: 'VARCHAR(5) CCSID 37', format: { type: 'VARCHAR', length: 5 }, values: [null, '', 'x', "o'o", '  y'] },
  {
    ddl: 'VARGRAPHIC(4) CCSID 1200',
    format: { type: 'VARGRAPHIC', length: 4, ccsid: 1200 },
    values: [null, '\u20ac', '\u3042', ''],
  },
  {
    ddl: 'VARBINARY(4)',
    format: { type: 'VARBINARY', length: 4 },
    values: [null, Buffer.from('00ff', 'hex'), Buffer.alloc(0), Buffer.from('21', 'hex')],
  },
  {
    ddl: 'TIMESTAMP',
    format: { type: 'TIMESTAMP', length: 26, scale: 6 },
    values: [null, '0001-01-01T00:00:00.000000', '9999-12-31T24:00:00.000000', '2026-01-01T12:00:00.000001'],
  },
];

const SEED = Number(process.env['PROPERTY_SEED'] ?? 400);

test.each(KINDS.map((k, i) => [k.ddl, k, i] as const))('a key with %s', async (_ddl, kind, no) => {
  const dice = new Dice(SEED + no);
  const clock = new ManualClock('2026-11-29T10:00:00.000000', 1000n);
  const partition = Partition.open({ clock, officers: ['TESTER'] });
  partition.createLibrary('APPLIB');
  const engine = await PartitionSqlEngine.open(partition);
  const connection = new EngineConnection(
    engine.openSession({ name: 'QZDASOINIT', user: 'TESTER', number: '000001', remoteAddress: '' }),
  );
  using store = Store.open(':memory:', [WINDOW_SCHEMA]);
  await connection.execute(
    `CREATE TABLE APPLIB.ODD (A ${kind.ddl}, B INTEGER, N INTEGER NOT NULL, TS TIMESTAMP NOT NULL)`,
  );
  const column = (name: string, f: Kind['format'], nullable = true): ColumnFormat => ({
    scale: 0,
    ccsid: 37,
    ...f,
    name,
    nullable,
  });
  const options: WindowOptions = {
    table: { library: 'APPLIB', name: 'ODD' },
    sqlName: { library: 'APPLIB', name: 'ODD' },
    columns: [
      column('A', kind.format),
      column('B', { type: 'INTEGER', length: 4 }),
      column('N', { type: 'INTEGER', length: 4 }, false),
      column('TS', { type: 'TIMESTAMP', length: 26, scale: 6 }, false),
    ],
    journaled: false,
    key: ['A', 'B'],
    cursor: { is: 'timestamp', column: 'TS' },
    everyMs: 1,
    overlapMs: 3_600_000,
    marginMs: 0,
    pageRows: 2,
    start: 'all',
    remember: 'row',
  };
  const copy = new Map<string, number>();
  const rows = new Map<string, number>();
  const faults: string[] = [];
  const take = async (units: AsyncIterable<WindowUnit>): Promise<void> => {
    for await (const unit of units)
      store.transaction(() => {
        for (const change of unit.items()) {
          if ('kind' in change) continue;
          const row = valuesOf(change.after ?? change.before);
          const key = JSON.stringify([row['A'], row['B']]);
          if (change.op === 'delete' ? !copy.has(key) : (change.op === 'update') !== copy.has(key))
            faults.push(`${change.op} ${key}`);
          if (change.op === 'delete') copy.delete(key);
          else copy.set(key, Number(row['N']));
        }
        unit.commit();
      });
  };
  const never = new AbortController().signal;
  for (let round = 0, n = 0; round < 12; round++) {
    for (let i = dice.below(4); i >= 0; i--) {
      const [a, b] = [dice.one(kind.values), dice.one([null, 1, 2])];
      const id = JSON.stringify([a instanceof Uint8Array ? a.toString() : a, b]);
      const held = rows.get(id);
      if (held) await connection.execute('DELETE FROM APPLIB.ODD WHERE N = ?', [held]);
      rows.delete(id);
      if (dice.below(3) === 0) continue;
      await connection.execute('INSERT INTO APPLIB.ODD VALUES (?, ?, ?, CURRENT TIMESTAMP)', [a, b, ++n]);
      rows.set(id, n);
    }
    const reader = new WindowReader(connection, store, { ...options, pageRows: 1 + dice.below(5) });
    await take(reader.pass(never));
    await take(reader.deletes(never));
    expect({ seed: SEED, faults, held: [...copy.values()].sort() }).toEqual({
      seed: SEED,
      faults: [],
      held: [...rows.values()].sort(),
    });
    await take(reader.pass(never));
    await take(reader.deletes(never));
    expect(faults).toEqual([]);
  }
  engine.close();
  partition.close();
});

describe('a key that cannot be asked for', () => {
  const text: ColumnFormat = { name: 'A', type: 'CHAR', length: 2, scale: 0, ccsid: 37, nullable: true };
  const builder = new RowImageBuilder({ table: 'L/T', columns: [text] });
  const keyOf = (value: SqlValue, prepare: () => void) => {
    builder.begin();
    prepare();
    return rowKey([value], builder.finish(), ['A']);
  };
  const readable = keyOf('ab', () => builder.put(0, Buffer.from('8182', 'hex')));
  const one = keyOf('\ufffd', () => builder.put(0, Buffer.from('0402', 'hex')));
  const two = keyOf('\ufffd', () => builder.put(0, Buffer.from('0403', 'hex')));
  const none = keyOf(null, () => builder.unreadable(0));
  const empty = keyOf(null, () => undefined);

  test('is named by its bytes: no two rows share a name, and nobody asks for it', () => {
    expect([readable, one, two, none, empty].map((k) => isAsked(k.text))).toEqual([true, false, false, false, true]);
    expect(new Set([readable, one, two, none, empty].map((k) => k.text)).size).toBe(5);
  });

  test('does not end a page, unless there is nothing else', () => {
    const options = { table: { library: 'L', name: 'T' } } as WindowOptions;
    expect(boundary([readable, one, none])).toEqual(['ab']);
    expect(nextPage(options, [empty, readable, one], ['aa'])).toEqual(['ab']);
    expect(() => nextPage(options, [one, two], null)).toThrow(expect.objectContaining({ code: 'WINDOW_PAGE' }));
    expect(() => nextPage(options, [readable, one], ['ab'])).toThrow(expect.objectContaining({ code: 'WINDOW_PAGE' }));
  });
});
