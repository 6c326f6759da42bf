/**
 * The EBCDIC and Unicode CCSIDs as iconv-lite encodings (`ibm37`, `cp37`, `ccsid37`), streaming included, for code that speaks
 * iconv-lite. Names iconv-lite already has are left alone.
 */
import iconv from 'iconv-lite';
import type { CcsidCodec } from './codec';
import { knownCcsids, textCodec } from './registry';

interface Encoder {
  write(text: string): Buffer;
  end(): Buffer | undefined;
}

interface Decoder {
  write(bytes: Buffer): string;
  end(): string | undefined;
}

type CodecFactory = new () => { readonly encoder: new () => Encoder; readonly decoder: new () => Decoder };

const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;

/** Registers every CCSID this program carries a table for; answers the new names. Calling it again changes nothing. */
export function registerIconv(): string[] {
  iconv.encodingExists('utf8');
  const encodings = (iconv as unknown as { encodings: Record<string, unknown> }).encodings;
  const added: string[] = [];
  for (const ccsid of knownCcsids()) {
    for (const name of [`ccsid${ccsid}`, `ibm${ccsid}`, `cp${ccsid}`]) {
      if (iconv.encodingExists(name)) continue;
      encodings[name] = factory(ccsid);
      added.push(name);
    }
  }
  return added;
}

function factory(ccsid: number): CodecFactory {
  return class {
    readonly encoder = encoderOf(() => textCodec(ccsid));
    readonly decoder = decoderOf(() => textCodec(ccsid));
  };
}

/** A high surrogate at the end of one piece waits for the next. */
function encoderOf(codec: () => CcsidCodec): new () => Encoder {
  return class {
    private pending = '';

    write(text: string): Buffer {
      const all = this.pending + text;
      const cut = (all.charCodeAt(all.length - 1) & 0xfc00) === 0xd800 ? all.length - 1 : all.length;
      this.pending = all.slice(cut);
      return codec().encode(all.slice(0, cut));
    }

    end(): Buffer | undefined {
      return this.pending === '' ? undefined : codec().encode(this.pending);
    }
  };
}

/** Bytes of a character that is not complete wait for the next piece, and so does the state of a shift. */
function decoderOf(codec: () => CcsidCodec): new () => Decoder {
  return class {
    private pending = Buffer.alloc(0);
    private inRun = false;

    write(bytes: Buffer): string {
      const all = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
      const page = codec();
      if (page.kind === 'mixed') return this.mixed(page, all);
      const cut = complete(page, all);
      this.pending = Buffer.from(all.subarray(cut));
      return page.decode(all, 0, cut);
    }

    private mixed(page: CcsidCodec, all: Buffer): string {
      const began = this.inRun;
      let at = 0;
      let inRun = began;
      while (at < all.length) {
        const byte = all[at]!;
        if (!inRun || byte === SHIFT_OUT || byte === SHIFT_IN) {
          inRun = byte === SHIFT_OUT || (inRun && byte !== SHIFT_IN);
          at++;
        } else if (at + 1 < all.length) at += all[at + 1] === SHIFT_IN ? 1 : 2;
        else break;
      }
      this.pending = Buffer.from(all.subarray(at));
      this.inRun = inRun;
      const open = began ? Buffer.of(SHIFT_OUT) : Buffer.alloc(0);
      const close = inRun ? Buffer.of(SHIFT_IN) : Buffer.alloc(0);
      return page.decode(Buffer.concat([open, all.subarray(0, at), close]));
    }

    end(): string | undefined {
      if (this.pending.length === 0) return undefined;
      const rest = this.inRun ? Buffer.concat([Buffer.of(SHIFT_OUT), this.pending]) : this.pending;
      return codec().decode(rest);
    }
  };
}

/** Bytes of whole characters. */
function complete(page: CcsidCodec, bytes: Buffer): number {
  if (page.kind === 'double') return bytes.length & ~1;
  if (page.kind === 'utf16') {
    const even = bytes.length & ~1;
    return even >= 2 && (bytes[even - 2]! & 0xfc) === 0xd8 ? even - 2 : even;
  }
  if (page.kind !== 'utf8') return bytes.length;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const lead = bytes[bytes.length - back]!;
    if (lead < 0x80) break;
    if (lead >= 0xc0) {
      const needed = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      return needed > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
