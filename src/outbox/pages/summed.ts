/**
 * Packed rows that carry their CRC-32 behind their content. A bit that changed on the disk would make a queue place or an id
 * appear or vanish, and with it an event: such a row ends the daemon with an error, as its former content is not known.
 */
import { CodedError } from '../../errors/coded-error';
import { checksum } from './checksum';

const SUM_BYTES = 4;

/**
 * The same bytes with their checksum behind them.
 * @param key of the row, which is summed as well: under another one its content would be something else
 */
export function summed(content: Buffer, key: string): Buffer {
  const row = Buffer.allocUnsafe(content.length + SUM_BYTES);
  content.copy(row);
  row.writeUInt32LE(checksum(content, checksum(Buffer.from(key))), content.length);
  return row;
}

/**
 * @param row as it is stored; one of an older version, whose length is a multiple of eight, has no checksum
 * @param table it is a row of
 * @param key of the row; in one of an older version it is not summed
 * @returns the content, a view
 * @throws CodedError `STORE_CORRUPT`
 */
export function unsummed(row: Buffer, table: string, key: string): Buffer {
  // another bit makes a text of it
  if (!Buffer.isBuffer(row)) throw damaged(table);
  if (row.length % 8 === 0) return row;
  const content = row.subarray(0, Math.max(0, row.length - SUM_BYTES));
  if (row.length % 8 !== SUM_BYTES) throw damaged(table);
  const sum = row.readUInt32LE(content.length);
  if (sum === checksum(content, checksum(Buffer.from(key))) || sum === checksum(content)) return content;
  throw damaged(table);
}

/** @param table that holds what is not what was written */
export function damaged(table: string): CodedError {
  return new CodedError({
    code: 'STORE_CORRUPT',
    message: `the state file is damaged: a row of ${table} is not what was written`,
    next: 'stop the daemon, keep the file and what is beside it for a look, and restore a backup: docs/backup.md; look after the disk',
    facts: { table },
  });
}
