/**
 * Random histories of keys of every kind against a plain model: what the stream sent is one map, what the table holds another, and
 * what differs between them is all that a reconciliation may find. After a repair a receiver's copy, folded from its events
 * alone, is the table.
 */
import { Desk, type SentEvent } from '../support/desk';
import { Dice, seedOf } from '../support/dice';

jest.setTimeout(120_000);

/** A value as SQL says it and as events have it. */
interface Value {
  readonly sql: string;
  readonly event: string | number | null;
}

interface Kind {
  readonly name: string;
  readonly columns: string;
  readonly key: readonly string[];
  /** The n-th key; two numbers give two keys. */
  make(n: number, dice: Dice): readonly Value[];
}

const text = (value: string): Value => ({ sql: `'${value}'`, event: value });
const NULL: Value = { sql: 'NULL', event: null };

const KINDS: readonly Kind[] = [
  {
    name: 'packed, negative ones and a scale',
    columns: 'K DECIMAL(9, 2) NOT NULL',
    key: ['K'],
    make: (n) => {
      const value = `${n % 2 ? '-' : ''}${n}.${String(n % 100).padStart(2, '0')}`;
      return [{ sql: value, event: n === 0 ? '0.00' : value }];
    },
  },
  {
    name: 'characters that a subject escapes, of two CCSIDs',
    columns: 'K CHAR(12) CCSID 273 NOT NULL',
    key: ['K'],
    make: (n) => [text(`${['A/', 'ä%', 'Z ', '%N', 'ß'][n % 5]}${n}`)],
  },
  {
    name: 'dates',
    columns: 'K DATE NOT NULL',
    key: ['K'],
    make: (n) => [text(new Date(Date.UTC(1999, 0, 1 + n * 37)).toISOString().slice(0, 10))],
  },
  {
    name: 'composite: characters, zoned and a date',
    columns: 'A CHAR(3) NOT NULL, B NUMERIC(5, 0) NOT NULL, D DATE NOT NULL',
    key: ['A', 'B', 'D'],
    make: (n) => [
      text(['AB', 'a', '9'][n % 3]!),
      { sql: String(n), event: String(n) },
      text(`2024-0${1 + (n % 9)}-11`),
    ],
  },
  {
    name: 'composite with nulls',
    columns: 'A VARCHAR(5), B INTEGER',
    key: ['A', 'B'],
    make: (n) => [n % 3 === 0 ? NULL : text(`v${n % 7}`), n % 11 === 5 ? NULL : { sql: String(n), event: n }],
  },
];

const ROWS = 320;

class History {
  /** What the table holds, and what was last sent, by key as events have it. */
  readonly table = new Map<string, string | null>();
  readonly sent = new Map<string, string | null>();
  private readonly keys = new Map<string, readonly Value[]>();
  private next = 0;

  constructor(
    private readonly desk: Desk,
    private readonly kind: Kind,
    private readonly dice: Dice,
  ) {}

  private fresh(): string {
    for (;;) {
      const values = this.kind.make(this.next++, this.dice);
      const id = JSON.stringify(values.map((v) => v.event));
      if (this.keys.has(id)) continue;
      this.keys.set(id, values);
      return id;
    }
  }

  private where(id: string): string {
    const parts = this.kind.key.map((name, i) => {
      const { sql } = this.keys.get(id)![i]!;
      return sql === 'NULL' ? `${name} IS NULL` : `${name} = ${sql}`;
    });
    return parts.join(' AND ');
  }

  async fill(rows: number): Promise<void> {
    for (let at = 0; at < rows; at += 40) {
      const ids = Array.from({ length: Math.min(40, rows - at) }, () => this.fresh());
      for (const id of ids) this.table.set(id, 'first');
      await this.desk.sql(
        `INSERT INTO ORDLIB.KH VALUES ${ids
          .map(
            (id) =>
              `(${this.keys
                .get(id)!
                .map((v) => v.sql)
                .join(', ')}, 'first')`,
          )
          .join(', ')}`,
      );
    }
  }

  /** Some changes; keys that went come back as well. */
  async change(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) {
      const ids = [...this.table.keys()];
      const id = this.dice.one(ids);
      const value = this.dice.below(6) === 0 ? null : `v${this.dice.below(1000)}`;
      const literal = value === null ? 'NULL' : `'${value}'`;
      const what = this.dice.below(10);
      if (what < 4) {
        this.table.set(id, value);
        await this.desk.sql(`UPDATE ORDLIB.KH SET V = ${literal} WHERE ${this.where(id)}`);
      } else if (what < 7) {
        this.table.delete(id);
        await this.desk.sql(`DELETE FROM ORDLIB.KH WHERE ${this.where(id)}`);
      } else {
        const gone = [...this.keys.keys()].filter((k) => !this.table.has(k));
        const one = gone.length > 0 && this.dice.below(2) === 0 ? this.dice.one(gone) : this.fresh();
        this.table.set(one, value);
        const key = this.keys.get(one)!.map((v) => v.sql);
        await this.desk.sql(`INSERT INTO ORDLIB.KH VALUES (${key.join(', ')}, ${literal})`);
      }
    }
  }

  /** The receivers have what the table holds. */
  seen(): void {
    this.sent.clear();
    for (const [id, value] of this.table) this.sent.set(id, value);
  }

  /** `kind key` of everything that differs. */
  differences(): string[] {
    const found: string[] = [];
    for (const [id, value] of this.table)
      if (!this.sent.has(id)) found.push(`missing ${id}`);
      else if (this.sent.get(id) !== value) found.push(`different ${id}`);
    for (const id of this.sent.keys()) if (!this.table.has(id)) found.push(`extra ${id}`);
    return found.sort();
  }

  /** A receiver's copy, by its events alone. */
  copy(events: readonly SentEvent[]): Map<string, unknown> {
    const copy = new Map<string, unknown>();
    for (const { type, data } of events) {
      if (!type.startsWith('kh.')) continue;
      const { key, after } = data as unknown as { key: Record<string, unknown>; after: Record<string, unknown> | null };
      const id = JSON.stringify(this.kind.key.map((name) => key[name] ?? null));
      if (after) copy.set(id, after['V'] ?? null);
      else copy.delete(id);
    }
    return copy;
  }
}

const sorted = (map: ReadonlyMap<string, unknown>): unknown[] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

test.each(KINDS.map((kind) => [kind.name, kind] as const))('%s', async (_, kind) => {
  const seed = seedOf('HISTORY_SEED');
  await using desk = await Desk.open();
  const history = new History(desk, kind, new Dice(seed + KINDS.indexOf(kind)));
  const unique = kind.key.join(', ');
  await desk.sql(`CREATE TABLE ORDLIB.KH (${kind.columns}, V VARCHAR(8000), UNIQUE (${unique}))`);
  const journal = (): Promise<void> =>
    desk.cl('STRJRNPF FILE(ORDLIB/KH) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  await journal();
  await history.fill(ROWS);
  desk.write(
    `policies: { unseenChanges: alert }\ntables: { ORDLIB/KH: { event: kh, onDelete: delete, key: [${unique}] } }\n`,
  );
  await desk.start();
  await desk.cli('backfill', '--table', 'ORDLIB/KH');
  const caughtUp = (): Promise<void> =>
    desk.until('the copy is the table', () => {
      const copy = history.copy(desk.sent);
      return JSON.stringify(sorted(copy)) === JSON.stringify(sorted(history.table));
    });
  await caughtUp();
  const started = (): number => desk.sent.filter((e) => e.type === 'journaling.started').length;
  for (let round = 1; round <= 2; round++) {
    await history.change(25);
    await caughtUp();
    history.seen();
    const before = started();
    await desk.cl('ENDJRNPF FILE(ORDLIB/KH)');
    await history.change(25);
    await journal();
    await desk.until('the gap is known', () => started() > before);
    const { code, out, err } = await desk.cli('reconcile', '--table', 'ORDLIB/KH', '--json', '--list');
    const lines = out
      .split('\n')
      .filter(Boolean)
      .map((l) => JSON.parse(l) as Record<string, unknown>);
    const listed = lines
      .slice(0, -1)
      .map(({ kind: what, key }) => `${what} ${JSON.stringify(kind.key.map((n) => (key as never)[n]))}`);
    const expected = history.differences();
    expect({ listed: listed.sort(), err: lines.length === 0 ? err : '' }).toEqual({ listed: expected, err: '' });
    const { matching, different } = lines.at(-1) as { matching: number; different: number };
    expect(matching + different).toBe(history.table.size - expected.filter((d) => d.startsWith('missing')).length);
    expect(code).toBe(expected.length > 0 ? 5 : 0);
    expect((await desk.cli('reconcile', '--table', 'ORDLIB/KH', '--repair')).code).toBe(0);
    await caughtUp();
  }
});
