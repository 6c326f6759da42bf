/** One window table: looks on its interval, compares keys on its schedule, and outlives broken connections. */

import { columnNamed, type TableFacts } from '../../catalog/table-facts';
import { pause } from '../../clock/pause';
import { Schedule } from '../../clock/schedule';
import type { TableConfig, WindowConfig } from '../../config/config';
import { CodedError, isCoded } from '../../errors/coded-error';
import { DeleteGuard } from '../../journal/cycle/delete-guard';
import type { WindowNotice } from '../../model/change';
import { formatName, type QualifiedName } from '../../model/position';
import type { TableHolds } from '../../outbox/queue/table-holds';
import type { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import type { SqlConnection, SqlTransport } from '../../transport/transport';
import type { RowSeal } from '../../window/kept-rows';
import type { WindowCursor, WindowOptions } from '../../window/options';
import type { WindowUnit } from '../../window/units';
import { WindowReader } from '../../window/window-reader';
import { Backoff } from '../backoff';
import { committedLog } from '../tables/committed-log';
import { TablePauses } from '../tables/table-pauses';
import type { RowPublisher } from './row-publisher';

interface WindowCaptureParts {
  readonly transport: SqlTransport;
  readonly store: Store;
  readonly publisher: RowPublisher;
  readonly holds: TableHolds;
  /** Encryption of remembered rows; null: `encryption` is not set. */
  readonly seal: RowSeal | null;
  readonly table: TableConfig;
  readonly facts: TableFacts;
  readonly log: Logger;
}

interface WindowCaptureState {
  readonly table: QualifiedName;
  /** Milliseconds since 1970 of the last complete look, or page of a long one; null before the first. */
  readonly lookedAt: number | null;
  readonly everyMs: number;
  /** What keeps it from reading, if anything does. */
  readonly trouble: string | null;
}

export class WindowCapture {
  private readonly options: WindowOptions;
  private readonly window: WindowConfig;
  private readonly log: Logger;
  private lookedAt: number | null = null;
  private trouble: string | null = null;
  private readonly guard = new DeleteGuard();
  private readonly pauses: TablePauses;

  constructor(private readonly parts: WindowCaptureParts) {
    const { table } = parts;
    if (table.capture === 'journal') throw new TypeError('not a window table');
    this.window = table.capture.window;
    this.options = windowOptions(parts.table, this.window, parts.facts);
    this.log = parts.log.child({ table: formatName(parts.facts.file) });
    this.pauses = new TablePauses({
      holds: parts.holds,
      tables: [parts.facts.file],
      schemaDrift: 'warn',
      cleared: new Map(),
      log: committedLog(parts.store, parts.log),
    });
  }

  /** What `/healthz` shows. */
  state(): WindowCaptureState {
    const { lookedAt, trouble } = this;
    return { table: this.parts.facts.file, lookedAt, trouble, everyMs: this.options.everyMs };
  }

  /** @throws CodedError what no new connection can mend */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (!signal.aborted) {
      try {
        await using connection = await this.parts.transport.connect({ signal, role: 'window' });
        await this.looks(connection, signal, backoff);
      } catch (error) {
        if (signal.aborted) return;
        if (!isCoded(error) || !['transport', 'protocol', 'host'].includes(error.family)) throw error;
        const ms = backoff.nextMs();
        this.trouble = `${error.code}: ${error.message}`;
        this.log.warn({ error, waitMs: Math.round(ms) }, 'window not read; will try again');
        await backoff.wait(ms, signal);
      }
    }
  }

  private async looks(connection: SqlConnection, signal: AbortSignal, backoff: Backoff): Promise<void> {
    const limit = (deletes: number, timestamp: string): number | null => this.judge(deletes, timestamp);
    const reader = new WindowReader(connection, this.parts.store, this.options, { limit, seal: this.parts.seal });
    const { cursor, everyMs, overlapMs, start } = this.options;
    const by = cursor.is === 'legacy' ? [cursor.date, cursor.time].filter(Boolean) : [cursor.column];
    this.log.info({ by, everyMs, overlapMs, start }, 'reading window');
    const compares = this.window.deletes ? new Schedule(this.window.deletes.schedule) : null;
    while (!signal.aborted) {
      for await (const unit of reader.pass(signal)) {
        await this.publish(unit);
        this.lookedAt = Date.now();
      }
      if (compares?.take()) for await (const unit of reader.deletes(signal)) await this.publish(unit);
      this.lookedAt = Date.now();
      this.trouble = null;
      backoff.succeeded();
      await pause(this.options.everyMs, signal);
    }
  }

  private async publish(unit: WindowUnit): Promise<void> {
    await this.parts.publisher.publish({ ...unit, noticed: (notice) => this.heed(notice) });
  }

  /** All deletes of one compare count at once, with those of earlier ones within the span. */
  private judge(deletes: number, timestamp: string): number | null {
    const { table, facts } = this.parts;
    const limit = { deletes: table.deleteGuard.deletes, seconds: table.deleteGuard.within / 1000 };
    if (limit.deletes === 0) return null;
    // the operator has spoken: what is found next is judged afresh
    if (this.pauses.released().length > 0) this.guard.reset(formatName(facts.file));
    return this.guard.observe(formatName(facts.file), limit, timestamp, deletes);
  }

  private heed(notice: WindowNotice): void {
    const { store } = this.parts;
    committedLog(store, this.log).warn({ kind: notice.kind, deletes: notice.facts['deletes'] }, 'table notice');
    this.pauses.heed(notice);
  }
}

export function windowOptions(table: TableConfig, window: WindowConfig, facts: TableFacts): WindowOptions {
  const key = table.key ?? facts.key?.columns ?? null;
  if (!key)
    throw new CodedError({
      code: 'WINDOW_KEY',
      message: `tables.${formatName(table.table)}: a window needs a unique key, and the catalog knows none`,
      next: `tables: ${formatName(table.table)}: key: [COLUMN, ...]`,
    });
  const sqlColumn = (name: string): string => columnNamed(facts, name)?.format.name ?? name;
  return {
    table: facts.file,
    sqlName: facts.sqlName,
    columns: facts.columns.map((c) => c.format),
    journaled: facts.journal !== null,
    key: key.map(sqlColumn),
    cursor: cursorOf(window, window.by.map(sqlColumn), facts),
    everyMs: window.every,
    overlapMs: window.overlap,
    marginMs: window.margin,
    pageRows: window.pageRows,
    start: window.start,
    remember: window.remember,
  };
}

function cursorOf(window: WindowConfig, [first, second]: readonly string[], facts: TableFacts): WindowCursor {
  const isTimestamp = facts.columns.some((c) => c.format.name === first && c.format.type === 'TIMESTAMP');
  if (window.kind === 'column-type') return { is: isTimestamp ? 'timestamp' : 'sequence', column: first! };
  if (window.kind === 'timestamp') return { is: 'timestamp', column: first! };
  if (window.kind === 'sequence') return { is: 'sequence', column: first! };
  return {
    is: 'legacy',
    date: first!,
    dateForm: window.date,
    time: second ?? null,
    timeForm: window.time,
  };
}
