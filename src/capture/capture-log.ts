/** What the capture of a journal says of how it reads, and what it has said already: a state is not news. */
import { isCoded } from '../errors/coded-error';
import type { FilterReport, ReadWay } from '../journal/position/checkpoint-table';
import { figuresOf } from '../journal/reader/filter-choice';
import type { ReaderStart, ReaderState } from '../journal/reader/reader-state';
import { formatPosition } from '../model/position';
import type { Logger } from '../telemetry/logger';
import { MINIMIZED } from './minimized';

export class CaptureLog {
  private quietReported: bigint | null = null;
  private wayReported = '';
  private readonly minimizedReported = new Set<string>();

  /** @param journal `LIB/NAME`. @param quietMs without news after which an open commit cycle is reported */
  constructor(
    private readonly log: Logger,
    private readonly journal: string,
    private readonly quietMs: number,
  ) {}

  start({ from, read, openCycles }: ReaderStart, tables: number): void {
    const facts = {
      position: formatPosition(read ?? from),
      ...(read ? { from: formatPosition(from), openCycles } : {}),
      tables,
    };
    this.log.info(facts, read ? 'reading journal from its checkpoint' : 'reading journal for the first time');
  }

  /** What kept it from the API is news once. */
  way({ reader, because }: ReadWay): void {
    const said = `${reader}: ${because}`;
    if (this.wayReported === said) return;
    this.wayReported = said;
    this.log.info(
      { reader, because },
      reader === 'api' ? 'reading entries by the retrieve API' : 'reading entries by SQL',
    );
  }

  filter({ place, client, server }: FilterReport, changed: boolean): void {
    const facts = { place, client: figuresOf(client), server: figuresOf(server) };
    const where = place === 'server' ? 'partition' : 'client';
    const level = changed ? 'info' : 'debug';
    this.log[level](facts, `entries of foreign files are left out by the ${where}: measured cheaper`);
  }

  /** Once a cycle: its job may wait for someone's answer, or be gone without the system having said so. */
  quietCycle(quiet: ReaderState['quietCycle']): void {
    if (!quiet || quiet.seconds * 1000 < this.quietMs || this.quietReported === quiet.cycle) return;
    this.quietReported = quiet.cycle;
    const { cycle, first, job, seconds } = quiet;
    this.log.warn(
      { commitCycle: cycle.toString(), position: formatPosition(first), job, hours: Math.round(seconds / 360) / 10 },
      'commit cycle open without news: its changes wait for commit or rollback, and a restart reads from its first entry',
    );
  }

  /** Every update of the journal would say it: once a table is enough. */
  minimized(table: string, position: string): void {
    if (this.minimizedReported.has(table)) return;
    this.minimizedReported.add(table);
    const next = `CHGJRN JRN(${this.journal}) MINENTDTA(*NONE); then ibmi-cdc backfill --table ${table}`;
    this.log.error(
      { table, position, code: MINIMIZED, next },
      'updates quarantined: the journal leaves out fields that did not change, the key among them',
    );
  }

  /** @param known the trouble as of the last attempt. @returns the trouble now */
  trouble(error: unknown, tried: { readonly waitMs: number; readonly attempt: number }, known: string | null): string {
    const what = isCoded(error) ? `${error.code}: ${error.message}` : String(error);
    const { attempt } = tried;
    const fields = { error, ...tried };
    if (known === what && attempt % 10 !== 0) this.log.debug(fields, 'still not reading the journal');
    else this.log[attempt > 5 ? 'error' : 'warn'](fields, 'not reading the journal; will connect again');
    return what;
  }
}
