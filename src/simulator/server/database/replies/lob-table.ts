/** LOB locators of one job: handles to values that travel on request (protocol reference 9.6). */
import { type SessionValue, SqlFailure } from '../../../sql-session';
import { decodeStored, encodeStored } from '../../../stored-text';
import { SQL_TYPE, type WireColumn } from './wire-column';

interface Lob {
  /** In `ccsid`; graphic data count two bytes a character. */
  bytes: Buffer;
  readonly ccsid: number;
  readonly unit: 1 | 2;
}

/** Values held for one job; beyond it the oldest locators stop being valid. */
const LIMIT_BYTES = 256 * 1024 * 1024;
const LIMIT_COUNT = 100_000;
const FIRST_HANDLE = 0x100;

export class LobTable {
  private readonly lobs = new Map<number, Lob>();
  private next = FIRST_HANDLE;
  private held = 0;

  /** A locator for a value on its way to the client. */
  add(value: SessionValue, column: Pick<WireColumn, 'type' | 'ccsid'>): number {
    return this.store(lobOf(value, column));
  }

  /** An empty LOB for the client to write before it executes the statement. */
  reserve(column: Pick<WireColumn, 'type' | 'ccsid'>): number {
    return this.store(lobOf(new Uint8Array(0), column));
  }

  /** @throws SqlFailure -423 */
  get(handle: number): Lob {
    const lob = this.lobs.get(handle);
    if (!lob) throw new SqlFailure(-423, '0F001', `LOB locator ${handle} not valid.`, [String(handle)]);
    return lob;
  }

  /** Puts `data` at byte `offset`; what lies behind is cut off when `truncate` is set. */
  write(handle: number, offset: number, data: Buffer, truncate: boolean): void {
    const lob = this.get(handle);
    const end = offset + data.length;
    const bytes = Buffer.alloc(truncate ? end : Math.max(end, lob.bytes.length));
    lob.bytes.copy(bytes, 0, 0, bytes.length);
    data.copy(bytes, offset);
    this.held += bytes.length - lob.bytes.length;
    lob.bytes = bytes;
  }

  free(handle: number): void {
    const lob = this.lobs.get(handle);
    if (lob) this.held -= lob.bytes.length;
    this.lobs.delete(handle);
  }

  clear(): void {
    this.lobs.clear();
    this.held = 0;
  }

  get size(): number {
    return this.lobs.size;
  }

  private store(lob: Lob): number {
    const handle = this.next++;
    this.lobs.set(handle, lob);
    this.held += lob.bytes.length;
    for (const oldest of this.lobs.keys()) {
      if ((this.held <= LIMIT_BYTES && this.lobs.size <= LIMIT_COUNT) || oldest === handle) break;
      this.free(oldest);
    }
    return handle;
  }
}

/** The value a LOB parameter stands for: bytes of a BLOB, text of the others. */
export function lobValue(lob: Lob): SessionValue {
  return lob.ccsid === 65535 ? lob.bytes : decodeStored(lob.ccsid, lob.bytes);
}

function lobOf(value: SessionValue, column: Pick<WireColumn, 'type' | 'ccsid'>): Lob {
  const unit = column.type === SQL_TYPE.dbclobLocator ? 2 : 1;
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value), ccsid: column.ccsid, unit };
  const ccsid = column.ccsid === 65535 ? 1208 : column.ccsid;
  return { bytes: encodeStored(ccsid, String(value)), ccsid: column.ccsid, unit };
}
