/** How one journal's entries are read, from connection to connection. */
import { isCoded } from '../errors/coded-error';
import type { ErrorCode } from '../errors/codes';
import type { JournalOptions } from '../journal/options';
import type { ReadWay } from '../journal/position/checkpoint-table';
import { chooseWay } from '../journal/source/way';
import type { ProgramConnection } from '../transport/programs';
import type { SqlConnection } from '../transport/transport';

/** Milliseconds. */
const TRY_API_AGAIN_MS = 600_000;

/** What the API may answer although it answered at first, and SQL does not: a reply we do not understand, a refusal. */
const OF_THE_API: ReadonlySet<ErrorCode> = new Set([
  'ENTRY_FORMAT',
  'ENTRY_TOO_LONG',
  'HOST_MESSAGE',
  'PROGRAM_REFUSED',
  'REPLY_INCOMPLETE',
  'RLE_DATA',
  'EXIT_PROGRAM',
]);

export class ReadingWay {
  /** What kept `auto` from the API: it is not tried again at every new connection. */
  private kept: { readonly way: ReadWay; readonly at: number } | null = null;
  private byApi = false;

  constructor(
    private readonly options: Pick<JournalOptions, 'journal' | 'reader'>,
    private readonly report: (way: ReadWay) => void,
    /** Milliseconds since 1970. */
    private readonly now: () => number = Date.now,
  ) {}

  /** What a reader on `connection` has to be given. @throws as `chooseWay` does */
  async choose(
    connection: SqlConnection,
    signal: AbortSignal,
  ): Promise<{ readonly way: ReadWay; readonly programs?: ProgramConnection }> {
    const { kept } = this;
    const fresh = kept !== null && this.now() - kept.at < TRY_API_AGAIN_MS;
    const { way, programs } = fresh
      ? { way: kept.way, programs: null }
      : await chooseWay(connection, this.options, signal);
    if (!fresh) this.kept = this.options.reader === 'auto' && !programs ? { way, at: this.now() } : null;
    this.byApi = programs !== null;
    this.report(way);
    return programs ? { way, programs } : { way };
  }

  /** Reading ended with `error`. @returns true when it was the API's and SQL is to be tried at once */
  gaveUp(error: unknown): boolean {
    if (!this.byApi || this.options.reader !== 'auto' || !isCoded(error) || !OF_THE_API.has(error.code)) return false;
    this.kept = { way: { reader: 'sql', because: `${error.code}: ${error.message}` }, at: this.now() };
    this.byApi = false;
    return true;
  }
}
