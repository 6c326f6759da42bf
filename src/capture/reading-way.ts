/** How one journal's entries are read, from connection to connection. */
import type { JournalOptions } from '../journal/options';
import type { ReadWay } from '../journal/position/checkpoint-table';
import { chooseWay } from '../journal/source/way';
import type { SqlConnection } from '../transport/transport';

/** Milliseconds. */
const TRY_API_AGAIN_MS = 600_000;

/** Where `auto` was kept from the API once, it is not tried again at every new connection. */
export class ReadingWay {
  private kept: { readonly way: ReadWay; readonly at: number } | null = null;

  constructor(
    private readonly options: JournalOptions,
    private readonly report: (way: ReadWay) => void,
  ) {}

  /** What a reader on `connection` has to be given. @throws as `chooseWay` does */
  async choose(
    connection: SqlConnection,
    signal: AbortSignal,
  ): Promise<Pick<Awaited<ReturnType<typeof chooseWay>>, 'way'> & { programs?: ProgramsOf }> {
    if (this.kept && Date.now() - this.kept.at < TRY_API_AGAIN_MS) return { way: this.kept.way };
    const { way, programs } = await chooseWay(connection, this.options, signal);
    this.kept = this.options.reader === 'auto' && !programs ? { way, at: Date.now() } : null;
    this.report(way);
    return programs ? { way, programs } : { way };
  }
}

type ProgramsOf = NonNullable<Awaited<ReturnType<typeof chooseWay>>['programs']>;
