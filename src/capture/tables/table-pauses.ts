/** Which notices pause a table, and the decision of the operator as it arrives: another process releases, this one sees it. */
import type { ClearedPolicy } from '../../config/config';
import type { TableNews } from '../../model/change';
import { formatName, formatPosition, type QualifiedName } from '../../model/position';
import type { TableHolds } from '../../outbox/queue/table-holds';
import type { UnitLog } from './committed-log';

interface TablePausesParts {
  readonly holds: TableHolds;
  /** Of one journal, or one window. */
  readonly tables: readonly QualifiedName[];
  readonly schemaDrift: 'continue' | 'warn' | 'pause';
  /** What a cleared file means, by `LIB/FILE`. */
  readonly cleared: ReadonlyMap<string, ClearedPolicy>;
  readonly log: UnitLog;
}

export class TablePauses {
  private readonly files: ReadonlyMap<string, QualifiedName>;
  private held: readonly string[];

  constructor(private readonly parts: TablePausesParts) {
    this.files = new Map(parts.tables.map((file) => [formatName(file), file]));
    this.held = this.list();
    for (const table of this.held) this.report(table, 'still paused');
  }

  /** Inside the transaction of the unit, after the notice's own event. */
  heed(notice: TableNews): void {
    const table = formatName(notice.table);
    if (notice.kind === 'table.cleared') this.reportCleared(table);
    if (!this.pauses(notice)) return;
    const { holds } = this.parts;
    const { position } = notice;
    const news = holds.hold({
      table,
      reason: notice.kind,
      receiver: position && formatName(position.receiver),
      sequence: position?.sequence.toString() ?? null,
    });
    const at = position ? `at ${formatPosition(position)}` : 'found by a key compare';
    if (news) this.report(table, `paused by ${notice.kind} ${at}`);
  }

  private pauses(notice: TableNews): boolean {
    const { schemaDrift, cleared } = this.parts;
    if (notice.kind === 'schema.changed') return schemaDrift === 'pause';
    if (notice.kind === 'table.cleared') return cleared.get(formatName(notice.table)) === 'pause';
    return notice.facts['action'] === 'pause';
  }

  /** A copy is not sent its rows one by one here: a receiver that only counts row events must be informed. */
  private reportCleared(table: string): void {
    const policy = this.parts.cleared.get(table);
    if (policy !== 'notice') return;
    const next = `empty the copies of ${table} on table.cleared, or set tables: ${table}: cleared: delete or pause`;
    this.parts.log.error(
      { table, next },
      'table cleared: no delete is sent for its rows, what is loaded next comes as new',
    );
  }

  level(notice: TableNews): 'info' | 'warn' {
    if (notice.kind === 'schema.changed' && this.parts.schemaDrift === 'continue') return 'info';
    return notice.facts['alert'] === true ? 'warn' : 'info';
  }

  /** Tables released since the last call. */
  released(): QualifiedName[] {
    const now = this.list();
    if (now.length === 0 && this.held.length === 0) return [];
    const free = this.held.filter((table) => !now.includes(table));
    for (const table of free) this.parts.log.info({ table }, 'table goes on: the operator released it');
    this.held = now;
    return free.map((table) => this.files.get(table)!);
  }

  private list(): string[] {
    return this.parts.holds.list().flatMap(({ table }) => (this.files.has(table) ? [table] : []));
  }

  private report(table: string, what: string): void {
    const next = `ibmi-cdc resume --table ${table}`;
    this.parts.log.error({ table, next }, `table ${what}: its events are kept, not delivered`);
  }
}
