/** Jobs of the remote command server that read beside the first one, as long as there is a backlog. */
import type { QualifiedName } from '../../model/position';
import type { ProgramConnection } from '../../transport/programs';
import { JournalCalls } from './journal-calls';

interface ReadingJobsParts {
  /** Null where no more can be had. */
  readonly open: (() => Promise<ProgramConnection>) | null;
  readonly journal: QualifiedName;
  /** How many there are to be with the first one. */
  readonly jobs: number;
}

export class ReadingJobs {
  private opened: ProgramConnection[] = [];
  private calls: readonly JournalCalls[] | null = null;
  private opening: Promise<void> | null = null;
  /** They cannot be had, as by a limit of the subsystem, or shall not be had any more. */
  private closed = false;

  constructor(
    private readonly first: JournalCalls,
    private readonly parts: ReadingJobsParts,
  ) {}

  /** All of them; null while they are being started, which the first call begins. */
  ready(): readonly JournalCalls[] | null {
    if (this.calls || !this.parts.open || this.closed) return this.calls;
    this.opening ??= this.start(this.parts.open).finally(() => {
      this.opening = null;
    });
    return null;
  }

  private async start(open: () => Promise<ProgramConnection>): Promise<void> {
    const { journal, jobs } = this.parts;
    const started = await Promise.allSettled(Array.from({ length: jobs - 1 }, () => open()));
    this.opened = started.flatMap((s) => (s.status === 'fulfilled' ? [s.value] : []));
    if (this.opened.length < jobs - 1) this.closed = true;
    if (this.closed) return this.end();
    this.calls = [this.first, ...this.opened.map((programs) => new JournalCalls(programs, journal))];
  }

  /** They end; the first one stays. */
  async end(): Promise<void> {
    const { opened } = this;
    this.opened = [];
    this.calls = null;
    await Promise.all(opened.map((programs) => programs.close()));
  }

  /** For good. */
  async close(): Promise<void> {
    this.closed = true;
    await this.opening;
    await this.end();
  }
}
