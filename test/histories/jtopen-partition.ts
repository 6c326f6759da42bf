/** A history's library on a partition reached by IBM's driver: one JDBC connection is one job. */
import { type Judge, JudgeError } from '../judge/jtopen';
import type { Commitment, Table } from './history';
import type { HistoryJob, HistoryPartition } from './player';

/** What `connect` of the judge needs to sign on. */
export type SignOn = Readonly<Record<'host' | 'user' | 'password', string>>;

const PROPERTIES: Readonly<Record<Commitment, Record<string, string>>> = {
  none: { 'transaction isolation': 'none' },
  each: { 'transaction isolation': 'read uncommitted', 'true autocommit': 'true' },
  cycle: { 'transaction isolation': 'read uncommitted' },
};

export class JtopenPartition implements HistoryPartition {
  readonly journal: string;
  mayAlter: (table: Table) => boolean = () => true;
  backfill: (table: Table) => void = () => {};
  private connections = 0;
  private admin: JtopenJob | null = null;

  constructor(
    private readonly judge: Judge,
    private readonly signOn: SignOn,
    readonly library: string,
  ) {
    this.journal = `${library}/JRN`;
  }

  get administrator(): HistoryJob {
    return this.admin!;
  }

  /** The library with its journal, and the tables with both images. */
  async prepare(tables: readonly Table[]): Promise<void> {
    const { library, journal } = this;
    await this.signOnAdministrator();
    await this.must(`CALL QSYS2.QCMDEXC('CRTLIB LIB(${library})')`);
    await this.must(`CALL QSYS2.QCMDEXC('CRTJRNRCV JRNRCV(${library}/RCV0001)')`);
    await this.must(`CALL QSYS2.QCMDEXC('CRTJRN JRN(${journal}) JRNRCV(${library}/RCV0001)')`);
    for (const table of tables) {
      const file = `${library}/${table}`;
      const moment = ', TS TIMESTAMP NOT NULL FOR EACH ROW ON UPDATE AS ROW CHANGE TIMESTAMP';
      await this.must(
        `CREATE TABLE ${library}.${table} (ID INTEGER NOT NULL PRIMARY KEY, VAL CHAR(8) CCSID 37 NOT NULL${table === 'SHELF' ? moment : ''})`,
      );
      await this.must(`CALL QSYS2.QCMDEXC('STRJRNPF FILE(${file}) JRN(${journal}) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')`);
    }
  }

  /** Also after the partition ended every job. */
  async signOnAdministrator(): Promise<void> {
    this.admin = await this.job('none');
  }

  async job(commitment: Commitment): Promise<JtopenJob> {
    const { judge, library } = this;
    const c = `${library}.${++this.connections}`;
    const job = new JtopenJob(judge, { c, lane: library });
    await judge.run('connect', { ...this.signOn, c, lane: library, props: PROPERTIES[commitment] });
    if (commitment === 'cycle') await judge.run('autocommit', { c, lane: library, on: false });
    return job;
  }

  ipl(): Promise<void> {
    throw new Error('one partition serves many histories');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.admin?.end();
  }

  private async must(sql: string): Promise<void> {
    if ((await this.admin!.run(sql)) === null) throw new Error(`refused: ${sql}`);
  }
}

class JtopenJob implements HistoryJob {
  constructor(
    private readonly judge: Judge,
    private readonly at: { readonly c: string; readonly lane: string },
  ) {}

  async run(sql: string): Promise<number | null> {
    try {
      const { count } = await this.judge.run<{ count: number }>('update', { ...this.at, sql });
      return count;
    } catch (error) {
      // an answer of the partition has an SQLCODE; a broken connection has none
      if (error instanceof JudgeError && (error.code ?? 0) < 0 && !error.state?.startsWith('08')) return null;
      throw error;
    }
  }

  async savepoint(name: string): Promise<void> {
    await this.judge.run('savepoint', { ...this.at, name: this.own(name) });
  }

  async rollbackTo(name: string): Promise<void> {
    await this.judge.run('rollbackTo', { ...this.at, name: this.own(name) });
  }

  async release(name: string): Promise<void> {
    await this.judge.run('update', { ...this.at, sql: `RELEASE SAVEPOINT ${this.own(name)}` });
  }

  async commit(): Promise<void> {
    await this.judge.run('commit', this.at);
  }

  async rollback(): Promise<void> {
    await this.judge.run('rollback', this.at);
  }

  async end(): Promise<void> {
    await this.judge.run('close', this.at);
  }

  /** The judge knows savepoints by name alone. */
  private own(name: string): string {
    return `${this.at.c.replace('.', '_')}${name}`;
  }
}
