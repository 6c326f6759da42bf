/** Record and key locks of open commit cycles. Nothing can wait inside one process, so a conflict fails at once (-913). */

import { rowInUse } from '../failures';
import { type Comparable, encodeKeyPart } from '../files/comparable';
import type { KeyDef } from '../files/definitions';
import type { Member } from '../files/physical-file';

export class RowLocks {
  private readonly holders = new Map<string, number>();
  private readonly held = new Map<number, Set<string>>();

  isHeld(member: Member, rrn: number): boolean {
    return this.holders.has(recordKey(member, rrn));
  }

  /** @throws SqlFailure -913 when another cycle holds the record */
  checkRecord(member: Member, rrn: number, cycle: number | null): void {
    this.check(member, recordKey(member, rrn), cycle);
  }

  /** An uncommitted delete keeps its unique keys: it may still come back. */
  checkKeys(member: Member, values: readonly Comparable[], cycle: number | null): void {
    if (this.holders.size === 0) return;
    for (const key of member.file.uniqueKeys) this.check(member, keyText(member, key, values), cycle);
  }

  holdRecord(member: Member, rrn: number, cycle: number): void {
    this.hold(recordKey(member, rrn), cycle);
  }

  holdKeys(member: Member, values: readonly Comparable[], cycle: number): void {
    for (const key of member.file.uniqueKeys) this.hold(keyText(member, key, values), cycle);
  }

  release(cycle: number): void {
    // a slot freed by a rollback to a savepoint may be another cycle's by now
    for (const key of this.held.get(cycle) ?? []) if (this.holders.get(key) === cycle) this.holders.delete(key);
    this.held.delete(cycle);
  }

  private check(member: Member, key: string, cycle: number | null): void {
    const holder = this.holders.get(key);
    if (holder !== undefined && holder !== cycle) throw rowInUse(member.file.library, member.file.name);
  }

  private hold(key: string, cycle: number): void {
    this.holders.set(key, cycle);
    let mine = this.held.get(cycle);
    if (!mine) {
      mine = new Set();
      this.held.set(cycle, mine);
    }
    mine.add(key);
  }
}

function recordKey(member: Member, rrn: number): string {
  return `${member.id}:${rrn}`;
}

function keyText(member: Member, key: KeyDef, values: readonly Comparable[]): string {
  const parts = key.columns.map((name) => encodeKeyPart(values[member.file.columnIndex(name)] ?? null));
  return `${member.id}/${key.name}/${parts.join('\u0001')}`;
}
