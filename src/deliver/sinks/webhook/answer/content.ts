/** The body of a reply as what it was before it was coded; bounded, so that a bomb costs what an honest reply costs. */
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { Reply } from './reply';

type Readable<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** A reply may have been coded more than once; no server does it more often than this. */
const MOST_CODINGS = 3;

/** The JSON of a whole reply. A problem says what is wrong with the reply, never what is in it. @param limit bytes */
export function jsonOf(reply: Reply, limit: number): Readable<unknown> {
  if (reply.ending === 'limit') return problem(`its reply is longer than the ${limit} bytes of maxResponseBytes`);
  if (reply.ending === 'broken') return problem('its reply broke off before it was complete');
  const content = contentOf(reply, limit);
  if (!content.ok) return content;
  const text = textOf(content.value);
  if (text.trim() === '') return problem('its reply is empty');
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return problem('its reply is no JSON');
  }
}

/** Decodes what `content-encoding` names. @param limit bytes it may become; what was cut is decoded as far as it goes */
export function contentOf(reply: Reply, limit: number): Readable<Buffer> {
  const named = reply.header('content-encoding') ?? '';
  const codings = named
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > MOST_CODINGS) return problem('its reply is coded more than three times');
  let body = reply.body;
  for (const coding of codings.reverse()) {
    if (body.length === 0) break;
    const decoder = DECODERS[coding];
    if (!decoder) return problem(`its reply has the content coding ${coding.slice(0, 20)}, which was not asked for`);
    try {
      body = decoder(body, limit);
    } catch (error) {
      const large = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      return problem(
        large
          ? `its reply is longer than ${limit} bytes when decompressed`
          : `its reply is not the ${coding} it says it is`,
      );
    }
  }
  return { ok: true, value: body };
}

type Decoder = (body: Buffer, maxOutputLength: number) => Buffer;

// what was cut is decoded as far as it goes, instead of not at all
const PARTIAL = { finishFlush: constants.Z_SYNC_FLUSH };

const gzip: Decoder = (body, maxOutputLength) => gunzipSync(body, { ...PARTIAL, maxOutputLength });

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip,
  'x-gzip': gzip,
  // some servers leave the zlib frame away: the first byte shows it
  deflate: (body, maxOutputLength) =>
    (body[0]! & 0x0f) === 8 && ((body[0]! << 8) | (body[1] ?? 0)) % 31 === 0
      ? inflateSync(body, { ...PARTIAL, maxOutputLength })
      : inflateRawSync(body, { ...PARTIAL, maxOutputLength }),
  br: (body, maxOutputLength) =>
    brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength }),
};

/** Text without the byte order mark that some servers begin it with. */
export function textOf(body: Buffer): string {
  if (body[0] === 0xff && body[1] === 0xfe) return body.toString('utf16le', 2);
  if (body[0] === 0xfe && body[1] === 0xff)
    return Buffer.from(body.subarray(2, body.length & ~1))
      .swap16()
      .toString('utf16le');
  const start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  return body.toString('utf8', start);
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text };
}
