/** A simulated partition, and the ways in which one table of it reaches a receiver: the product's own parts over the wire. */

import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { BACKFILL_SCHEMA, BackfillJobs } from '../../src/backfill/backfill-jobs';
import { BackfillRun } from '../../src/backfill/backfill-run';
import { resolveRequest } from '../../src/capture/rows/backfill-service';
import { lookupLoader } from '../../src/capture/tables/table-lookups';
import { TableMapping } from '../../src/capture/tables/table-mapping';
import { readTables } from '../../src/catalog/catalog';
import type { TableFacts } from '../../src/catalog/table-facts';
import { register } from '../../src/cli/commands/mapping/decode';
import type { Config } from '../../src/config/config';
import { formatIssue } from '../../src/config/issue';
import { checkText } from '../../src/config/load';
import { isNotice } from '../../src/journal/cycle/unit';
import { LEDGER_SCHEMA } from '../../src/journal/ledger/table';
import { journalOptions } from '../../src/journal/options';
import { CHECKPOINT_SCHEMA } from '../../src/journal/position/checkpoint-table';
import { JournalReader } from '../../src/journal/reader/reader';
import { checkMapping } from '../../src/map/plan/check';
import type { Change } from '../../src/model/change';
import type { EventDraft } from '../../src/model/event';
import { runCommand } from '../../src/simulator/partition/cl/run';
import type { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { Store } from '../../src/store/store';
import { createLogger } from '../../src/telemetry/logger';
import { hostServerTransport } from '../../src/transport/hostserver';
import type { SqlConnection, SqlTransport } from '../../src/transport/transport';
import { WindowReader } from '../../src/window/window-reader';
import { WINDOW_SCHEMA } from '../../src/window/window-state';
import type { Round } from './round';

/** Several pages of each table. */
const CHUNK = Number(process.env['ROWS'] ?? 16) > 20 ? 40 : 7;
const SCHEMAS = [CHECKPOINT_SCHEMA, LEDGER_SCHEMA, BACKFILL_SCHEMA, WINDOW_SCHEMA];

/** What one change became: its events, or why there are none. */
export type Told = readonly EventDraft[] | string;

export interface StreamedRow {
  readonly told: Told;
  readonly image: Buffer;
  readonly nulls: Buffer | null;
}

export class ReaderSite implements AsyncDisposable {
  readonly mapping: TableMapping;

  private constructor(
    private readonly library: string,
    readonly transport: SqlTransport,
    private readonly connection: SqlConnection,
    readonly config: Config,
    readonly facts: TableFacts,
  ) {
    const log = createLogger('silent', new PassThrough());
    this.mapping = new TableMapping({ config, tables: [facts], offset: 0, transport, log });
  }

  /** A library of its own on the partition, with the table and its rows. */
  static async open(partition: SimulatedPartition, round: Round): Promise<ReaderSite> {
    const library = `D${round.seed}`;
    const config = configOf(round, library);
    const inside = partition.inside!;
    const job = inside.openJob({ name: 'ADMIN', user: partition.user, number: '000001', remoteAddress: '' });
    for (const command of [
      `CRTLIB ${library}`,
      `CRTJRNRCV JRNRCV(${library}/RCV1)`,
      `CRTJRN JRN(${library}/JRN) JRNRCV(${library}/RCV1)`,
    ])
      runCommand(inside, job, command);
    const file = inside.createFile(job, {
      library,
      name: 'T',
      columns: round.columns,
      keys: [{ name: 'PK', kind: 'primary', unique: true, columns: ['K'] }],
      sqlTable: true,
    });
    runCommand(inside, job, `STRJRNPF FILE(${library}/T) JRN(${library}/JRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
    for (const row of round.rows) job.insertRow(file.members[0]!, row);
    job.end();
    const transport = hostServerTransport({
      host: partition.host,
      user: partition.user,
      password: () => partition.password,
      databasePort: partition.ports.database,
      signonPort: partition.ports.signon,
      tls: 'off',
    });
    const connection = await transport.connect();
    const [facts] = await readTables(connection, [{ library, name: 'T' }]);
    return new ReaderSite(library, transport, connection, config, facts!);
  }

  /** System names of columns that have another SQL name. */
  get aliases(): ReadonlyMap<string, string> {
    return new Map(this.facts.columns.map((c) => [c.systemName, c.format.name]));
  }

  /** In the order the rows were written. */
  async stream(): Promise<StreamedRow[]> {
    using store = Store.open(':memory:', SCHEMAS);
    const abort = new AbortController();
    const table = { file: this.facts.file, uncommitted: false, member: null, massDelete: null };
    const options = journalOptions({
      journal: { library: this.library, name: 'JRN' },
      tables: [table],
      start: 'earliest',
    });
    await using connection = await this.transport.connect();
    const reader = new JournalReader({ connection, store, options, onIdle: () => abort.abort() });
    const rows: StreamedRow[] = [];
    for await (const unit of reader.units(abort.signal))
      store.transaction(() => {
        for (const item of unit.items()) {
          if (isNotice(item)) continue;
          const { bytes, offset, length, nulls } = item.after!.image;
          rows.push({
            told: this.tell(item),
            image: Buffer.from(bytes.subarray(offset, offset + length)),
            nulls: nulls && Buffer.from(nulls),
          });
        }
        unit.commit();
      });
    return rows;
  }

  /** By key. */
  async backfill(): Promise<Told[]> {
    using store = Store.open(':memory:', SCHEMAS);
    const jobs = new BackfillJobs(store);
    const wish = { table: `${this.library}/T`, range: null, where: null, chunkRows: CHUNK, rowsPerSecond: null };
    const { id } = jobs.add(wish, 0);
    const { request } = await resolveRequest(this.config, this.connection, wish);
    const run = new BackfillRun({ connection: this.connection, request, jobs, jobId: id, stream: null });
    const told: Told[] = [];
    for await (const unit of run.units(new AbortController().signal))
      store.transaction(() => {
        if ('gone' in unit) throw new Error('nothing is remembered here');
        for (const change of unit.items()) told.push(this.tell(change));
        unit.commit({ rowsSent: 0, filtered: 0, quarantined: 0, published: 0, known: 0 });
      });
    return told;
  }

  /** By key: the first look at the table. */
  async window(): Promise<Told[]> {
    using store = Store.open(':memory:', SCHEMAS);
    const reader = new WindowReader(this.connection, store, {
      table: this.facts.file,
      sqlName: this.facts.sqlName,
      columns: this.facts.columns.map((c) => c.format),
      journaled: true,
      key: ['K'],
      cursor: { is: 'sequence', column: 'K' },
      everyMs: 1000,
      overlapMs: 0,
      marginMs: 0,
      pageRows: CHUNK,
      start: 'all',
      remember: 'row',
    });
    const told: Told[] = [];
    for await (const unit of reader.pass(new AbortController().signal))
      store.transaction(() => {
        for (const item of unit.items()) if ('op' in item) told.push(this.tell(item));
        unit.commit();
      });
    return told;
  }

  /** Answers of a lookup of the column by K, by key. */
  async lookup(column: string, keys: readonly string[]): Promise<unknown[]> {
    const questions = keys.map((key) => ({
      lookup: 'l',
      table: this.facts.file,
      keyColumn: 'K',
      valueColumn: column,
      key,
    }));
    const answers = await lookupLoader(this.transport)(questions);
    return keys.map((key) => answers.get(key) ?? null);
  }

  /** What the `decode` command makes of images. */
  async decode(rows: readonly StreamedRow[]): Promise<{ row: Record<string, unknown>; errors: unknown[] }[]> {
    const lines = rows.map(({ image, nulls }) => {
      const nullMap = nulls?.toString('latin1');
      return `${JSON.stringify({ hex: image.toString('hex'), nullMap, format: this.facts.format })}\n`;
    });
    const stdout = new PassThrough();
    const parts: Buffer[] = [];
    stdout.on('data', (part: Buffer) => parts.push(part));
    const program = new Command('ibmi-cdc').exitOverride().option('--json', '', false);
    register(program, { stdin: Readable.from(lines), stdout, stderr: new PassThrough(), env: {}, exit: () => {} });
    await program.parseAsync(['decode'], { from: 'user' });
    stdout.end();
    await once(stdout, 'end').catch(() => undefined);
    return Buffer.concat(parts)
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  private tell(change: Change): Told {
    this.mapping.beginUnit();
    const outcome = this.mapping.map(change);
    if (outcome.is === 'mapped') return [...outcome.events, ...this.mapping.endUnit()];
    return `${outcome.is}: ${'code' in outcome ? outcome.code : outcome.rule}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

function configOf(round: Round, library: string): Config {
  const text = stringify({
    version: 1,
    partition: {
      name: 'SIM',
      host: 'h',
      user: 'u',
      password: 'p',
      tls: 'off',
      timeZone: 'Europe/Berlin',
      ...(round.untagged === null ? {} : { ccsid: round.untagged }),
    },
    destinations: { out: { stdout: {} } },
    tables: { [`${library}/T`]: round.table },
  });
  const { config, issues } = checkText(text, 't.yaml', '/nowhere/t.yaml', { env: {}, checkMapping });
  if (!config) throw new Error(`seed ${round.seed}: ${issues.map(formatIssue).join('\n')}\n${text}`);
  return config;
}
