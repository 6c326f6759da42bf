/** Field errors counted by table and column. Nothing is allocated while there are none. */
import type { FieldErrorCode } from '../../errors/codes/fields';
import type { FieldErrorCount } from '../../model/event';
import type { FieldError } from '../../model/record-format';

const NONE: readonly FieldErrorCount[] = [];

export class FieldTally {
  private readonly counts = new Map<string, { table: string; column: string; code: FieldErrorCode; count: number }>();
  /** Fields of the change at hand that are counted already. */
  private readonly seen = new Set<string>();

  /** The rules of a table meet the same bad fields: each counts once a change. */
  beginChange(): void {
    if (this.seen.size > 0) this.seen.clear();
  }

  add(table: string, errors: readonly FieldError[]): void {
    for (const { column, code, raw } of errors) {
      const field = `${column}\n${code}\n${raw}`;
      if (this.seen.has(field)) continue;
      this.seen.add(field);
      const id = `${table}\n${column}\n${code}`;
      const known = this.counts.get(id);
      if (known) known.count++;
      else this.counts.set(id, { table, column, code, count: 1 });
    }
  }

  clear(): void {
    if (this.counts.size > 0) this.counts.clear();
  }

  /** What was counted since the last call. */
  take(): readonly FieldErrorCount[] {
    if (this.counts.size === 0) return NONE;
    const taken = [...this.counts.values()];
    this.counts.clear();
    return taken;
  }
}
