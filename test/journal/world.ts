/**
 * A simulated partition with a journaled table, a state file, and a reader that can be killed at any moment: what it
 * publishes is written beside its checkpoint, as the daemon does.
 */
import { textCodec } from '../../src/bytes/ccsid/registry';
import { isNotice, type JournalUnit } from '../../src/journal/cycle/unit';
import { LEDGER_SCHEMA } from '../../src/journal/ledger/table';
import { type CapturedTable, type JournalOptions, journalOptions } from '../../src/journal/options';
import type { FilterReport } from '../../src/journal/position/checkpoint-table';
import { CHECKPOINT_SCHEMA, CheckpointTable } from '../../src/journal/position/checkpoint-table';
import { JournalReader } from '../../src/journal/reader/reader';
import type { Change, RowSource } from '../../src/model/change';
import { formatName, type QualifiedName } from '../../src/model/position';
import { ManualClock } from '../../src/simulator/partition/clock';
import { Partition } from '../../src/simulator/partition/partition';
import { PartitionCommandEngine } from '../../src/simulator/programs/engine';
import { PartitionSqlEngine } from '../../src/simulator/sql/run/engine';
import { Store } from '../../src/store/store';
import type { SqlConnection } from '../../src/transport/transport';
import { EngineConnection } from '../support/engine-connection';
import { EnginePrograms } from '../support/engine-programs';

export const LIB = 'APPLIB';
export const APPJRN: QualifiedName = { library: LIB, name: 'APPJRN' };

export function captured(name: string, o: Partial<CapturedTable> = {}): CapturedTable {
  return { file: { library: LIB, name }, uncommitted: false, member: null, massDelete: null, ...o };
}

/** One published change as text: `update STOCK 7 5=a>5=b`. */
export function show(change: Change): string {
  return `${change.op} ${change.table.name} ${image(change.before)}>${image(change.after)}`;
}

/** Image of (ID INTEGER, VAL CHAR(8)), whatever follows. */
export function image(source: RowSource | null): string {
  if (source?.is !== 'image') return '-';
  const { bytes, offset } = source.image;
  const id = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readInt32BE(offset);
  return `${id}=${textCodec(37)
    .decode(bytes, offset + 4, offset + 12)
    .trimEnd()}`;
}

let jobNumber = 0;

/** About so many entries a reply: few enough that a few are several replies. */
function rows(kind: ReaderKind): number {
  return kind === 'jobs' ? 2 : 100;
}

/** The ways of reading a journal, `jobs` by several jobs of the API side by side: what holds of one must hold of the others. */
export const READERS = ['sql', 'api', 'jobs'] as const;
export type ReaderKind = (typeof READERS)[number];

export class JournalWorld implements Disposable {
  readonly clock: ManualClock;
  readonly partition: Partition;
  readonly store: Store;
  readonly programs: PartitionCommandEngine;
  /** The administrator's job. */
  admin: EngineConnection;

  private constructor(
    readonly engine: PartitionSqlEngine,
    partition: Partition,
    clock: ManualClock,
    private readonly kind: ReaderKind,
  ) {
    this.partition = partition;
    this.programs = new PartitionCommandEngine(partition);
    this.clock = clock;
    this.store = Store.open(':memory:', [
      CHECKPOINT_SCHEMA,
      LEDGER_SCHEMA,
      { name: 'sink', steps: ['CREATE TABLE sink (no INTEGER PRIMARY KEY, what TEXT NOT NULL, at TEXT NOT NULL)'] },
    ]);
    this.admin = this.connect();
  }

  /** Library, journal with one receiver, and tables STOCK, ORDERS (ID INTEGER, VAL CHAR(8)), journaled with both images. */
  static async open(
    o: { readonly tables?: readonly string[]; readonly images?: '*BOTH' | '*AFTER'; readonly reader?: ReaderKind } = {},
  ): Promise<JournalWorld> {
    const clock = new ManualClock('2026-11-21T10:00:00.000000', 1000n);
    const partition = Partition.open({ clock, officers: ['ADMIN'] });
    const world = new JournalWorld(await PartitionSqlEngine.open(partition), partition, clock, o.reader ?? 'sql');
    await world.cl('CRTLIB APPLIB');
    await world.cl('CRTJRNRCV JRNRCV(APPLIB/RCV0001)');
    await world.cl('CRTJRN JRN(APPLIB/APPJRN) JRNRCV(APPLIB/RCV0001)');
    for (const table of o.tables ?? ['STOCK', 'ORDERS']) await world.table(table, o.images);
    return world;
  }

  async table(name: string, images = '*BOTH'): Promise<void> {
    await this.sql(`CREATE TABLE APPLIB.${name} (ID INTEGER NOT NULL, VAL CHAR(8) CCSID 37 NOT NULL)`);
    await this.cl(`STRJRNPF FILE(APPLIB/${name}) JRN(APPLIB/APPJRN) IMAGES(${images}) OMTJRNE(*OPNCLO)`);
  }

  /** The same with ID as primary key. */
  async keyedTable(name: string): Promise<void> {
    await this.sql(`CREATE TABLE APPLIB.${name} (ID INTEGER NOT NULL PRIMARY KEY, VAL CHAR(8) CCSID 37 NOT NULL)`);
    await this.cl(`STRJRNPF FILE(APPLIB/${name}) JRN(APPLIB/APPJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
  }

  connect(user = 'ADMIN', blockRows = 100): EngineConnection {
    const number = String(++jobNumber).padStart(6, '0');
    const session = this.engine.openSession({ name: 'QZDASOINIT', user, number, remoteAddress: '10.1.1.7' });
    return new EngineConnection(session, blockRows);
  }

  connectPrograms(user = 'READER', blockEntries = 100): EnginePrograms {
    const number = String(++jobNumber).padStart(6, '0');
    return new EnginePrograms(
      this.programs.openSession({ name: 'QZRCSRVS', user, number, remoteAddress: '10.1.1.7' }),
      blockEntries,
    );
  }

  /** Every job ends, open cycles are rolled back, sequence numbers start again. */
  async ipl(): Promise<void> {
    this.partition.ipl({ abnormal: true });
    this.admin = this.connect();
  }
  /** Changes receivers; with `reset` the numbering starts again. */
  async newReceiver(reset = false): Promise<void> {
    await this.cl(`CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN)${reset ? ' SEQOPT(*RESET)' : ''}`);
  }

  async sql(text: string): Promise<void> {
    await this.admin.execute(text);
  }
  async cl(command: string): Promise<void> {
    await this.admin.execute(`CALL QSYS2.QCMDEXC('${command.replaceAll("'", "''")}')`);
  }
  insert(table: string, id: number, value: string, by: EngineConnection = this.admin): Promise<unknown> {
    return by.execute(`INSERT INTO APPLIB.${table} VALUES (${id}, '${value}')`);
  }
  update(table: string, id: number, value: string, by: EngineConnection = this.admin): Promise<unknown> {
    return by.execute(`UPDATE APPLIB.${table} SET VAL = '${value}' WHERE ID = ${id}`);
  }
  remove(table: string, id: number, by: EngineConnection = this.admin): Promise<unknown> {
    return by.execute(`DELETE FROM APPLIB.${table} WHERE ID = ${id}`);
  }
  /** A job under commitment control. */
  async worker(): Promise<EngineConnection> {
    const worker = this.connect();
    await worker.setAutocommit(false);
    return worker;
  }

  /** Everything published so far, in order. */
  published(): string[] {
    return this.store.db.prepare('SELECT what FROM sink ORDER BY no').pluck().all() as string[];
  }
  positions(): string[] {
    return this.store.db.prepare('SELECT at FROM sink ORDER BY no').pluck().all() as string[];
  }
  checkpoint() {
    return new CheckpointTable(this.store).get(APPJRN);
  }

  /** Reads until everything visible is published. @returns what was published by this run */
  async read(options: Partial<JournalOptions> = {}, run: ReadRun = {}): Promise<string[]> {
    const from = this.published().length;
    const abort = new AbortController();
    const connection = run.connection ?? this.connect('READER', run.blockRows);
    const reader = this.reader(options, () => abort.abort(), connection, run);
    run.started?.(reader);
    let units = 0;
    for await (const unit of reader.units(abort.signal)) {
      if (run.killBefore === units) break;
      this.write(unit);
      run.unit?.(unit);
      units++;
      if (run.killAfter === units) break;
    }
    await connection.close();
    return this.published().slice(from);
  }

  reader(
    options: Partial<JournalOptions>,
    onIdle: () => void,
    connection: SqlConnection = this.connect('READER'),
    run: ReadRun = {},
  ): JournalReader {
    const { relayout, timer, judged, stale } = run;
    const kind = run.reader ?? this.kind;
    const further = kind === 'jobs' ? { programs: async () => (run.further ?? this.further)(run.blockRows ?? 2) } : {};
    return new JournalReader({
      connection: Object.assign(connection, further),
      store: this.store,
      options: journalOptions({
        journal: APPJRN,
        tables: [captured('STOCK'), captured('ORDERS')],
        start: 'earliest',
        pollMs: 1,
        checkpointMs: 0,
        // short enough that a few entries are a backlog
        ...(kind === 'jobs' ? { sideBySide: 'always', catchUpJobs: 3, windowEntries: 12, blockBytes: 131_072 } : {}),
        ...options,
      }),
      onIdle,
      ...(kind === 'sql'
        ? {}
        : { programs: run.programs ?? this.connectPrograms('READER', run.blockRows ?? rows(kind)) }),
      ...(relayout ? { relayout } : {}),
      ...(timer ? { timer } : {}),
      ...(stale ? { stale } : {}),
      ...(judged ? { onFilterJudged: judged } : {}),
    });
  }

  /** Calls made by jobs beside the first one. */
  get sideBySideCalls(): number {
    return this.furtherJobs.flatMap((job) => job.called).filter((c) => c === 'QjoRetrieveJournalEntries').length;
  }

  private readonly furtherJobs: EnginePrograms[] = [];

  private readonly further = (blockRows: number): EnginePrograms => {
    const job = this.connectPrograms('READER', blockRows);
    this.furtherJobs.push(job);
    return job;
  };

  /** Twice, as where the partition has to be asked first: what is written before the question is rolled back. */
  write(unit: JournalUnit): void {
    const question = new Error('ask the partition');
    try {
      this.store.transaction(() => {
        this.writeItems(unit);
        throw question;
      });
    } catch (error) {
      if (error !== question) throw error;
    }
    this.store.transaction(() => {
      this.writeItems(unit);
      unit.commit();
    });
  }

  private writeItems(unit: JournalUnit): void {
    const put = this.store.db.prepare('INSERT INTO sink (what, at) VALUES (?, ?)');
    for (const item of unit.items()) {
      const at = item.position ? `${formatName(item.position.receiver)}:${item.position.sequence}` : '';
      put.run(isNotice(item) ? `${item.kind} ${item.table.name}` : show(item), at);
    }
  }

  [Symbol.dispose](): void {
    this.store.close();
    this.engine.close();
    this.partition.close();
  }
}

export interface ReadRun {
  readonly connection?: SqlConnection;
  /** Instead of the world's own. */
  readonly reader?: ReaderKind;
  /** Where the world reads by the API. */
  readonly programs?: EnginePrograms;
  /** Jobs beside it. */
  readonly further?: (blockRows: number) => EnginePrograms;
  readonly blockRows?: number;
  /** Stops instead of writing unit number n, or right after writing n units: a kill. */
  readonly killBefore?: number;
  readonly killAfter?: number;
  readonly started?: (reader: JournalReader) => void;
  readonly unit?: (unit: JournalUnit) => void;
  readonly relayout?: (file: QualifiedName) => Promise<void>;
  readonly stale?: readonly QualifiedName[];
  readonly timer?: () => number;
  readonly judged?: (report: FilterReport, changed: boolean) => void;
}
