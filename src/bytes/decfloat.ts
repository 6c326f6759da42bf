/**
 * DECFLOAT(16) and DECFLOAT(34): IEEE 754-2008 decimal64 and decimal128, densely packed decimal, big-endian.
 * Text is what Java's BigDecimal prints (`1E+3`, `0.00001`, `1.5E-7`), plus `NaN`, `SNaN`, `Infinity` with a minus where set.
 * Source of the text: JTOpen's AS400DecFloat and its JDBC driver; docs/decoding.md lists where they differ.
 */
import { fieldError } from './field-error';

interface Shape {
  readonly exponentBits: bigint;
  readonly declets: number;
  readonly bias: number;
  readonly digits: number;
  readonly maxExponent: number;
}

const SHAPES: Readonly<Record<8 | 16, Shape>> = {
  8: { exponentBits: 8n, declets: 5, bias: 398, digits: 16, maxExponent: 369 },
  16: { exponentBits: 12n, declets: 11, bias: 6176, digits: 34, maxExponent: 6111 },
};

/**
 * @param width bytes: 8 or 16
 * @throws CodedError family `decode`: `FIELD_SHORT`
 */
export function decodeDecfloat(bytes: Uint8Array, offset: number, width: 8 | 16): string {
  if (offset + width > bytes.length) throw fieldError('FIELD_SHORT');
  const shape = SHAPES[width];
  let all = 0n;
  for (let i = 0; i < width; i++) all = (all << 8n) | BigInt(bytes[offset + i]!);
  const bits = BigInt(width * 8);
  const negative = all >> (bits - 1n) === 1n;
  const combination = Number((all >> (bits - 6n)) & 31n);
  const signed = negative ? '-' : '';
  if (combination === 30) return `${signed}Infinity`;
  if (combination === 31) return `${signed}${(all >> (bits - 7n)) & 1n ? 'SNaN' : 'NaN'}`;
  const large = combination >> 3 === 3;
  const lead = large ? 8 + (combination & 1) : combination & 7;
  const topExponent = large ? (combination >> 1) & 3 : combination >> 3;
  const continuation = (all >> BigInt(shape.declets * 10)) & ((1n << shape.exponentBits) - 1n);
  const exponent = ((topExponent << Number(shape.exponentBits)) | Number(continuation)) - shape.bias;
  let digits = String(lead);
  for (let i = shape.declets - 1; i >= 0; i--) {
    digits += String(declet(Number((all >> BigInt(i * 10)) & 1023n))).padStart(3, '0');
  }
  return scientificText(digits.replace(/^0+(?=\d)/, ''), exponent, negative);
}

/** Java BigDecimal.toString: plain while exponent <= 0 and the first digit is not further than six places after the point. */
function scientificText(digits: string, exponent: number, negative: boolean): string {
  const adjusted = exponent + digits.length - 1;
  const sign = negative && digits !== '0' ? '-' : '';
  if (exponent === 0) return sign + digits;
  if (exponent < 0 && adjusted >= -6) {
    const point = digits.length + exponent;
    return point > 0
      ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
      : `${sign}0.${'0'.repeat(-point)}${digits}`;
  }
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${sign}${mantissa}E${adjusted >= 0 ? '+' : ''}${adjusted}`;
}

/** Ten bits to 0..999; the 24 redundant patterns are accepted as the standard asks. */
function declet(bits: number): number {
  const b = (n: number) => (bits >> n) & 1;
  const low = (n: number) => (bits >> n) & 7;
  const x = 8 + b(7);
  const y = 8 + b(4);
  const z = 8 + b(0);
  if (b(3) === 0) return low(7) * 100 + low(4) * 10 + low(0);
  const selector = (b(2) << 1) | b(1);
  if (selector === 0) return low(7) * 100 + low(4) * 10 + z;
  if (selector === 1) return low(7) * 100 + y * 10 + (((bits >> 5) & 3) << 1) + b(0);
  if (selector === 2) return x * 100 + low(4) * 10 + (((bits >> 8) & 3) << 1) + b(0);
  const inner = (b(6) << 1) | b(5);
  if (inner === 0) return x * 100 + y * 10 + (((bits >> 8) & 3) << 1) + b(0);
  if (inner === 1) return x * 100 + ((((bits >> 8) & 3) << 1) + b(4)) * 10 + z;
  if (inner === 2) return low(7) * 100 + y * 10 + z;
  return x * 100 + y * 10 + z;
}

/** 0..999 to its canonical ten bits: the inverse of `declet`, the smallest pattern of each number. */
function decletTable(): Uint16Array {
  const table = new Uint16Array(1000).fill(0xffff);
  for (let bits = 0; bits < 1024; bits++) {
    const value = declet(bits);
    if (table[value] === 0xffff) table[value] = bits;
  }
  return table;
}
const DECLETS = decletTable();

/**
 * @param value BigDecimal syntax, or `NaN`, `SNaN`, `Infinity`/`INF` with an optional minus; any case
 * @throws CodedError family `decode`: `DECIMAL_SYNTAX`, `DECFLOAT_RANGE`; digits are never rounded away
 */
export function encodeDecfloat(value: string, width: 8 | 16): Buffer {
  const shape = SHAPES[width];
  const special = /^\s*([+-]?)(nan|snan|inf|infinity)\s*$/i.exec(value);
  if (special) return specialBytes(special[2]!.toLowerCase(), special[1] === '-', width);
  const m = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?\s*$/.exec(value);
  if (!m || `${m[2]}${m[3] ?? ''}` === '') throw fieldError('DECIMAL_SYNTAX');
  const fitted = normalise(`${m[2]}${m[3] ?? ''}`, Number(m[4] ?? 0) - (m[3] ?? '').length, shape);
  const biased = fitted.exponent + shape.bias;
  const digits = fitted.digits.padStart(shape.digits, '0');
  const lead = Number(digits[0]);
  const top = biased >> Number(shape.exponentBits);
  let all = BigInt(m[1] === '-' ? 1 : 0);
  all = (all << 5n) | BigInt(lead > 7 ? 24 | (top << 1) | (lead & 1) : (top << 3) | lead);
  all = (all << shape.exponentBits) | BigInt(biased & ((1 << Number(shape.exponentBits)) - 1));
  for (let i = 1; i < digits.length; i += 3) all = (all << 10n) | BigInt(DECLETS[Number(digits.slice(i, i + 3))]!);
  return Buffer.from(all.toString(16).padStart(width * 2, '0'), 'hex');
}

/** Moves zeros between digits and exponent until both fit. */
function normalise(all: string, exponent: number, shape: Shape): { digits: string; exponent: number } {
  let digits = all.replace(/^0+(?=\d)/, '');
  let e = exponent;
  if (digits === '0') return { digits, exponent: Math.min(Math.max(e, -shape.bias), shape.maxExponent) };
  while ((digits.length > shape.digits || e < -shape.bias) && digits.length > 1 && digits.endsWith('0')) {
    digits = digits.slice(0, -1);
    e++;
  }
  while (e > shape.maxExponent && digits.length < shape.digits) {
    digits += '0';
    e--;
  }
  if (digits.length > shape.digits || e < -shape.bias || e > shape.maxExponent) throw fieldError('DECFLOAT_RANGE');
  return { digits, exponent: e };
}

function specialBytes(name: string, negative: boolean, width: 8 | 16): Buffer {
  const out = Buffer.alloc(width);
  out[0] = (negative ? 0x80 : 0) | (name.startsWith('inf') ? 0x78 : name === 'nan' ? 0x7c : 0x7e);
  return out;
}
