/** Decimals as the Principles of Operation describe them, digit by digit: slow, and written without a look at the decoders. */

/** `digits` as a number with `scale` digits behind its point; zero has no sign. */
export function decimal(digits: bigint, scale: number, negative: boolean): string {
  const unit = 10n ** BigInt(scale);
  const whole = (digits / unit).toString();
  const sign = negative && digits > 0n ? '-' : '';
  return scale === 0 ? sign + whole : `${sign}${whole}.${(digits % unit).toString().padStart(scale, '0')}`;
}

const isMinus = (sign: string): boolean => sign === 'b' || sign === 'd';

/** The decimal in packed bytes, or the code of what is wrong with them. */
export function packedValue(bytes: Uint8Array, scale: number): string {
  const nibbles = [...Buffer.from(bytes).toString('hex')];
  const sign = nibbles.pop()!;
  if (nibbles.some((n) => n > '9')) return 'PACKED_DIGIT';
  if (sign <= '9') return 'PACKED_SIGN';
  return decimal(BigInt(nibbles.join('')), scale, isMinus(sign));
}

/** The decimal in zoned bytes, or the code of what is wrong with them. */
export function zonedValue(bytes: Uint8Array, scale: number): string {
  const pairs = Buffer.from(bytes).toString('hex').match(/../g)!;
  if (pairs.some((p) => p[1]! > '9')) return 'ZONED_DIGIT';
  const sign = pairs.at(-1)![0]!;
  if (sign <= '9') return 'ZONED_SIGN';
  return decimal(BigInt(pairs.map((p) => p[1]).join('')), scale, isMinus(sign));
}

/** Digits into packed bytes with a sign nibble. */
export function packed(digits: string, sign: string): Buffer {
  const nibbles = `${digits}${sign}`;
  return Buffer.from(nibbles.length % 2 === 0 ? nibbles : `0${nibbles}`, 'hex');
}

/** Digits into zoned bytes: zones F, the last one the sign. */
export function zoned(digits: string, sign: string): Buffer {
  return Buffer.from([...digits].map((d, i) => `${i === digits.length - 1 ? sign : 'f'}${d}`).join(''), 'hex');
}
