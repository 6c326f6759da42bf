/**
 * A seeded history of changes to two journaled tables, written through the partition's SQL by several jobs, and what a reader of
 * the journal has to say of it. The expectation is made of the values written, never of the journal.
 */
import type { SimulatedPartition } from '../../src/simulator/simulated-partition';
import type { SqlSession } from '../../src/simulator/sql-session';
import { Dice } from '../support/dice';

export const LIBRARY = 'HISTORY';
export const TABLES = ['STOCK', 'PRICES'] as const;

const COLUMNS = `ID INTEGER NOT NULL PRIMARY KEY, NAME VARCHAR(20) CCSID 273, CODE CHAR(6) CCSID 37 NOT NULL, PRICE DECIMAL(9,2),
  QTY SMALLINT NOT NULL, BIG BIGINT, RATE DOUBLE NOT NULL, ZONED NUMERIC(7,3) NOT NULL, DAY DATE NOT NULL`;

export type HistoryRow = Readonly<Record<string, unknown>>;

export interface HistoryEvent {
  readonly table: string;
  readonly op: 'c' | 'u' | 'd';
  readonly before: HistoryRow | null;
  readonly after: HistoryRow | null;
}

interface Change extends HistoryEvent {
  readonly id: number;
}

interface Writer {
  readonly session: SqlSession;
  readonly commitment: boolean;
  readonly open: Change[];
}

export class ChangeHistory {
  /** Every change in the order of the journal, those rolled back later included; a rolled-back insert is deleted again. */
  readonly written: HistoryEvent[] = [];
  /** Changes that count: those of committed cycles and of jobs without commitment control, in the order they were made. */
  readonly committed: HistoryEvent[] = [];
  readonly counts = { changes: 0, rolledBack: 0, takenBack: 0, receivers: 1, commits: 0, rollbacks: 0 };
  private readonly dice: Dice;
  private readonly rows = new Map<string, Map<number, HistoryRow>>(TABLES.map((t) => [t, new Map()]));
  /** Records a job has changed and not committed: no other may touch them. */
  private readonly held = new Map<string, Writer>();
  private readonly writers: Writer[];
  private nextId = 1;

  constructor(
    private readonly partition: SimulatedPartition,
    seed: number,
    nullSlots = 'DEFAULTS',
  ) {
    this.dice = new Dice(seed);
    const admin = this.job(false);
    this.execute(admin, `CREATE SCHEMA ${LIBRARY}`);
    for (const table of TABLES) {
      this.execute(admin, `CREATE TABLE ${LIBRARY}.${table} (${COLUMNS})`);
      this.command(admin, `CHGJRNOBJ OBJ((${LIBRARY}/${table} *FILE)) ATR(*IMAGES) IMAGES(*BOTH)`);
      this.execute(admin, `CALL SIMULATOR.NULL_SLOTS('${LIBRARY}', '${table}', '${nullSlots}')`);
    }
    this.writers = [admin, this.job(true), this.job(true), this.job(true)];
  }

  /** What the tables hold now, as their last committed state: for a snapshot. */
  get present(): HistoryRow[] {
    return TABLES.flatMap((table) => [...this.rows.get(table)!.values()]);
  }

  /** What was written so far is no change to come: it is in the snapshot. */
  forget(): void {
    this.written.length = 0;
    this.committed.length = 0;
    Object.assign(this.counts, { changes: 0, rolledBack: 0, takenBack: 0, commits: 0, rollbacks: 0 });
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.step();
    for (const writer of this.writers) this.end(writer, true);
  }

  private step(): void {
    const writer = this.dice.one(this.writers);
    const lot = this.dice.below(100);
    if (lot < 2) this.changeReceiver();
    else if (lot < 14 && writer.commitment) this.end(writer, this.dice.below(3) > 0);
    else this.change(writer);
  }

  private changeReceiver(): void {
    const idle = this.writers.every((w) => w.open.length === 0);
    const reset = idle && this.dice.below(2) === 0 ? ' SEQOPT(*RESET)' : '';
    this.command(this.writers[0]!, `CHGJRN JRN(${LIBRARY}/QSQJRN) JRNRCV(*GEN)${reset}`);
    this.counts.receivers++;
  }

  private change(writer: Writer): void {
    const table = this.dice.one(TABLES);
    const rows = this.rows.get(table)!;
    const free = [...rows.keys()].filter((id) => [undefined, writer].includes(this.held.get(`${table}${id}`)));
    const kind = free.length === 0 ? 0 : this.dice.below(10);
    if (kind < 4) this.insert(writer, table);
    else if (kind < 8) this.update(writer, table, this.dice.one(free));
    else this.remove(writer, table, this.dice.one(free));
  }

  private insert(writer: Writer, table: string): void {
    const row = this.values(this.nextId++);
    const names = Object.keys(row);
    this.execute(writer, `INSERT INTO ${LIBRARY}.${table} (${names}) VALUES (${names.map((n) => literal(n, row[n]))})`);
    this.note(writer, { table, id: row['ID'] as number, op: 'c', before: null, after: row });
  }

  private update(writer: Writer, table: string, id: number): void {
    const before = this.rows.get(table)!.get(id)!;
    const drawn = this.values(id);
    const names = Object.keys(drawn).filter((name) => name !== 'ID' && this.dice.below(2) === 0);
    if (names.length === 0) return;
    const after = { ...before, ...Object.fromEntries(names.map((name) => [name, drawn[name]])) };
    const set = names.map((name) => `${name} = ${literal(name, after[name as keyof typeof after])}`);
    this.execute(writer, `UPDATE ${LIBRARY}.${table} SET ${set} WHERE ID = ${id}`);
    this.note(writer, { table, id, op: 'u', before, after });
  }

  private remove(writer: Writer, table: string, id: number): void {
    const before = this.rows.get(table)!.get(id)!;
    this.execute(writer, `DELETE FROM ${LIBRARY}.${table} WHERE ID = ${id}`);
    this.note(writer, { table, id, op: 'd', before, after: null });
  }

  private note(writer: Writer, change: Change): void {
    const { table, id, op, before, after } = change;
    this.written.push({ table, op, before, after });
    this.counts.changes++;
    if (after) this.rows.get(table)!.set(id, after);
    else this.rows.get(table)!.delete(id);
    if (!writer.commitment) {
      this.committed.push({ table, op, before, after });
      return;
    }
    writer.open.push(change);
    this.held.set(`${table}${id}`, writer);
  }

  private end(writer: Writer, commit: boolean): void {
    const { open, session } = writer;
    if (open.length === 0) return;
    if (commit) {
      session.commit();
      this.committed.push(...open.map(({ table, op, before, after }) => ({ table, op, before, after })));
      this.counts.commits++;
    } else {
      session.rollback();
      this.counts.rollbacks++;
      this.counts.rolledBack += open.length;
      for (const change of [...open].reverse()) this.undo(change);
    }
    for (const [record, holder] of this.held) if (holder === writer) this.held.delete(record);
    open.length = 0;
  }

  private undo({ table, id, before, after, op }: Change): void {
    if (before) this.rows.get(table)!.set(id, before);
    else this.rows.get(table)!.delete(id);
    if (op !== 'c') return;
    this.written.push({ table, op: 'd', before: after, after: null });
    this.counts.takenBack++;
  }

  private values(id: number): HistoryRow {
    const { dice } = this;
    const cents = dice.below(2_000_000_00) - 1_000_000_00;
    const fixed = (value: number, digits: number): string => (value / 10 ** digits).toFixed(digits);
    return {
      ID: id,
      NAME:
        dice.below(5) === 0 ? null : dice.one(['Größe', 'müde', 'a{b}c', '~x|', 'Straße 7', 'zzz']) + dice.below(1000),
      CODE: `${dice.one(['A', 'B#', 'C$'])}${dice.below(999)}`,
      PRICE: dice.below(4) === 0 ? null : fixed(cents, 2),
      QTY: dice.below(65536) - 32768,
      BIG: dice.below(4) === 0 ? null : dice.below(2 ** 31) * 4096 - 2 ** 40,
      RATE: dice.below(100_000) / 8,
      ZONED: fixed(dice.below(19_999_999) - 9_999_999, 3),
      DAY: dice.below(30_000),
    };
  }

  private job(commitment: boolean): Writer {
    const number = String(900_000 + (this.writers?.length ?? 0)).padStart(6, '0');
    const identity = { name: 'HISTORY', user: 'CDCUSR', number, remoteAddress: '' };
    const session = this.partition.engine.openSession(identity);
    session.setAutocommit(!commitment);
    session.setCommitLevel(commitment ? 2 : 0);
    return { session, commitment, open: [] };
  }

  private execute({ session }: Writer, sql: string): void {
    session.prepare(sql).execute([]);
  }

  private command(writer: Writer, cl: string): void {
    this.execute(writer, `CALL QSYS2.QCMDEXC('${cl}')`);
  }
}

function literal(name: string, value: unknown): string {
  if (value === null) return 'NULL';
  if (name === 'DAY') return `'${new Date((value as number) * 86_400_000).toISOString().slice(0, 10)}'`;
  return typeof value === 'string' && name !== 'PRICE' && name !== 'ZONED' ? `'${value}'` : String(value);
}
