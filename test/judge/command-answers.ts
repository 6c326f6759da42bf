/** What Commands.java says of a command or call, and the values its operations take. */
import { textCodec } from '../../src/bytes/ccsid/registry';

export interface CommandAnswer {
  readonly done: boolean;
  /** Hexadecimal, one for each output parameter. */
  readonly outputs: readonly (string | null)[];
  readonly messages: readonly {
    readonly id: string;
    readonly severity: number;
    readonly type: number;
    readonly text: string;
    readonly data: string | null;
  }[];
  readonly returned?: number;
  readonly errno?: number;
}

/** Hexadecimal EBCDIC. */
export function ebcdic(text: string, width = text.length): string {
  return textCodec(37).encode(text.padEnd(width)).toString('hex');
}

/** Hexadecimal 32-bit number. */
export function int(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
