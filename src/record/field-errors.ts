/** Field errors of one image, collected without allocation: a plan owns one list and reuses it for every row. */
import { FIELD_ERRORS, type FieldErrorCode } from '../bytes/field-error';
import type { FieldError } from '../model/record-format';

const CODES = Object.keys(FIELD_ERRORS) as FieldErrorCode[];
const NUMBERS = new Map(CODES.map((code, i) => [code, -1 - i] as const));

/** Field writers answer a position, or this number (below 0) for a code. */
export function errorNumber(code: FieldErrorCode): number {
  return NUMBERS.get(code)!;
}

function errorCode(number: number): FieldErrorCode {
  return CODES[-1 - number]!;
}

/**
 * What becomes of a field that cannot be decoded. Its error is recorded under every policy.
 * - `null`: null
 * - `raw`: the field's bytes as hex text
 * - `zero-if-blank`: 0 for a number whose bytes are all X'40', else null
 * - `replace`: text keeps its good characters, with U+FFFD for the others; anything else is null
 * - `quarantine-row`, `stop`: null, and the plan's `disposition` says so
 */
export type FieldPolicy = 'null' | 'raw' | 'zero-if-blank' | 'replace' | 'quarantine-row' | 'stop';

/** What the caller must do with the row just decoded. */
export type Disposition = 'emit' | 'quarantine' | 'stop';

/** Most raw bytes one error repeats. */
const RAW_LIMIT = 4096;

export class FieldErrors {
  count = 0;
  disposition: Disposition = 'emit';
  private readonly columns: string[] = [];
  private readonly numbers: number[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  clear(): void {
    this.count = 0;
    this.disposition = 'emit';
  }

  add(column: string, number: number, start: number, end: number, policy: FieldPolicy): void {
    const i = this.count++;
    this.columns[i] = column;
    this.numbers[i] = number;
    this.starts[i] = start;
    this.ends[i] = end;
    if (policy === 'stop') this.disposition = 'stop';
    else if (policy === 'quarantine-row' && this.disposition === 'emit') this.disposition = 'quarantine';
  }

  code(i: number): FieldErrorCode {
    return errorCode(this.numbers[i]!);
  }

  column(i: number): string {
    return this.columns[i]!;
  }

  /** The errors with their bytes, taken from the image they were found in. */
  list(image: Uint8Array): FieldError[] {
    const out: FieldError[] = [];
    for (let i = 0; i < this.count; i++)
      out.push({ column: this.columns[i]!, code: this.code(i), raw: rawHex(image, this.starts[i]!, this.ends[i]!) });
    return out;
  }
}

/** Lower-case hex of [start, end), at most 4096 bytes. */
function rawHex(image: Uint8Array, start: number, end: number): string {
  const stop = Math.min(end, image.length, start + RAW_LIMIT);
  return Buffer.from(image.buffer, image.byteOffset + start, Math.max(stop - start, 0)).toString('hex');
}
