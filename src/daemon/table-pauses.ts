/** Which notices pause a table, and the word of the operator as it arrives: another process releases, this one hears of it. */
import type { TableNotice } from '../model/change';
import { formatName, formatPosition, type QualifiedName } from '../model/position';
import type { TableHolds } from '../outbox/table-holds';
import type { Logger } from '../telemetry/logger';

export interface TablePausesParts {
  readonly holds: TableHolds;
  /** Of one journal. */
  readonly tables: readonly QualifiedName[];
  readonly schemaDrift: 'continue' | 'warn' | 'pause';
  readonly log: Logger;
}

export class TablePauses {
  private readonly files: ReadonlyMap<string, QualifiedName>;
  private held: readonly string[];

  constructor(private readonly parts: TablePausesParts) {
    this.files = new Map(parts.tables.map((file) => [formatName(file), file]));
    this.held = this.list();
    for (const table of this.held) this.tell(table, 'still paused');
  }

  /** Inside the transaction of the unit, after the notice's own event. */
  heed(notice: TableNotice): void {
    const { holds, schemaDrift } = this.parts;
    const drifted = notice.kind === 'schema.changed' && schemaDrift === 'pause';
    if (notice.facts['action'] !== 'pause' && !drifted) return;
    const table = formatName(notice.table);
    const { receiver, sequence } = notice.position;
    const news = holds.hold({
      table,
      reason: notice.kind,
      receiver: formatName(receiver),
      sequence: sequence.toString(),
    });
    if (news) this.tell(table, `paused by ${notice.kind} at ${formatPosition(notice.position)}`);
  }

  level(notice: TableNotice): 'info' | 'warn' {
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

  private tell(table: string, what: string): void {
    const next = `ibmi-cdc resume --table ${table}`;
    this.parts.log.error({ table, next }, `table ${what}: its events are kept, not delivered`);
  }
}
