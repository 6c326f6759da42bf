/** Times of entries in UTC as bytes. Entries come in runs of one minute: only then is the clock asked. */
import { Block } from './blocks';
import type { PartitionClock } from './clock';

/** `2026-11-21T20:44` */
const MINUTE = 16;
const NOTHING = new Block('');

export class TimeText {
  /** Characters of the local minute at hand. */
  private readonly local = new Uint8Array(MINUTE);
  private utc: Block = NOTHING;

  constructor(private readonly clock: PartitionClock) {}

  /** At most `local.length + 8` bytes, with the `Z`. @returns the new position, or -1: the clock's own text must be taken */
  write(w: Uint8Array, view: DataView, at: number, local: string): number {
    if (!this.isSameMinute(local) && !this.moveTo(local)) return -1;
    let p = this.utc.write(view, at);
    for (let i = MINUTE; i < local.length; i++) {
      const c = local.charCodeAt(i);
      if (c > 0x7e) return -1;
      w[p++] = c;
    }
    w[p++] = 0x5a;
    return p;
  }

  private isSameMinute(text: string): boolean {
    if (text.length < MINUTE) return false;
    for (let i = MINUTE - 1; i >= 0; i--) if (text.charCodeAt(i) !== this.local[i]) return false;
    return true;
  }

  private moveTo(local: string): boolean {
    const utc = this.clock.toUtc(local);
    this.local.fill(0);
    if (utc.length !== local.length + 1 || utc.slice(MINUTE) !== `${local.slice(MINUTE)}Z`) return false;
    if (!/^[\x20-\x7e]*$/.test(utc + local)) return false;
    this.utc = new Block(utc.slice(0, MINUTE));
    for (let i = 0; i < MINUTE; i++) this.local[i] = local.charCodeAt(i);
    return true;
  }
}
