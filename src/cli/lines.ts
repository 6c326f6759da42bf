import type { Readable } from 'node:stream';

/**
 * Lines of a byte stream, of any length, as UTF-8 text without their end. Only the current line is held.
 * @param waiting called when the lines that have arrived are used up and the next bytes must be waited for
 */
export async function* lines(input: Readable, waiting?: () => Promise<void>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const piece of input) {
    let chunk = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : (piece as Buffer);
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a)) {
      parts.push(chunk.subarray(0, at));
      chunk = chunk.subarray(at + 1);
      yield text(parts);
      parts = [];
    }
    if (chunk.length > 0) parts.push(chunk);
    await waiting?.();
  }
  if (parts.length > 0) yield text(parts);
}

function text(parts: readonly Buffer[]): string {
  const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length;
  return line.toString('utf8', 0, end);
}
