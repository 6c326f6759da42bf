/** Small text files an operator names: regular files only, no larger than said, UTF-8 only. Never shows what is in them. */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** Secrets and other values put in by reference. */
export const MAX_VALUE_BYTES = 65_536;
/** Certificates: the bundles of operating systems have some 250 KB. */
export const MAX_PEM_BYTES = 4 << 20;

/** Why a file cannot be used, to be read behind its name: `is a directory`. */
export class FileFault extends Error {
  /**
   * @param place of the byte it is about, 1 upwards; null where it is about the file
   * @param code of the operating system, such as ENOENT
   */
  constructor(
    readonly problem: string,
    readonly place: { readonly line: number; readonly column: number } | null = null,
    readonly code: string | null = null,
  ) {
    super(problem);
  }
}

/**
 * The whole file, without the byte order mark some editors put in front.
 * @throws FileFault when it cannot be read, is no regular file, is larger than `maxBytes`, or is not UTF-8
 */
export function readTextFile(path: string, maxBytes: number): string {
  return textOf(readSmallFile(path, maxBytes));
}

/** As {@link readTextFile}, before the bytes are taken for text. @throws FileFault */
function readSmallFile(path: string, maxBytes: number): Buffer {
  let file: number;
  try {
    // a pipe would otherwise wait here until someone writes to it
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(error);
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new FileFault(`is ${kindOf(stats)}, expected a regular file`);
    if (stats.size > maxBytes) throw tooLarge(maxBytes);
    return readAtMost(file, maxBytes);
  } catch (error) {
    throw error instanceof FileFault ? error : unreadable(error);
  } finally {
    closeSync(file);
  }
}

/** Some files say 0 and have more (those of /proc), so the limit is held while reading, too. */
function readAtMost(file: number, maxBytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let total = 0; ; ) {
    const part = Buffer.allocUnsafe(65_536);
    const read = readSync(file, part);
    if (read === 0) return Buffer.concat(parts, total);
    total += read;
    if (total > maxBytes) throw tooLarge(maxBytes);
    parts.push(part.subarray(0, read));
  }
}

/** UTF-8 text of a file or a program, without byte order mark. @throws FileFault with the place of the first wrong byte */
export function textOf(bytes: Buffer): string {
  const marked = bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0));
  if (marked) throw new FileFault('is UTF-16, expected UTF-8: save it again as UTF-8', { line: 1, column: 1 });
  if (!isUtf8(bytes)) {
    const place = firstWrong(bytes);
    throw new FileFault(
      `is not UTF-8 (line ${place.line}, column ${place.column}), expected UTF-8: save it again as UTF-8`,
      place,
    );
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    const place = { line: countLines(bytes, zero), column: zero - bytes.lastIndexOf(0x0a, zero) };
    throw new FileFault(`has a NUL byte (line ${place.line}, column ${place.column}), expected UTF-8 text`, place);
  }
  return bytes.toString('utf8', bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0);
}

/** No character of several bytes holds a line end, so every line can be judged alone. */
function firstWrong(bytes: Buffer): { line: number; column: number } {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    const text = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (!isUtf8(text)) return { line, column: validCharacters(text) + 1 };
    start = end + 1;
  }
}

function validCharacters(line: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let count = 0;
  try {
    for (const byte of line) count += decoder.decode(Uint8Array.of(byte), { stream: true }).length;
  } catch {
    // the character that begins after `count` is the wrong one
  }
  return count;
}

function countLines(bytes: Buffer, end: number): number {
  let line = 1;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < end; at = bytes.indexOf(0x0a, at + 1)) line++;
  return line;
}

function tooLarge(maxBytes: number): FileFault {
  const limit = maxBytes >= 1 << 20 ? `${maxBytes >> 20} MiB` : `${maxBytes >> 10} KiB`;
  return new FileFault(`is larger than ${limit}, the most that is read`);
}

function unreadable(error: unknown): FileFault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
  return new FileFault(`cannot be read (${code})`, null, code);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
