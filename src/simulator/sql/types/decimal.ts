/** Exact decimals as unscaled bigints beside a scale that the caller knows. Db2 truncates, it never rounds, on assignment. */

const POWERS = Array.from({ length: 64 }, (_, n) => 10n ** BigInt(n));

export function pow10(n: number): bigint {
  return POWERS[n] ?? 10n ** BigInt(n);
}

/** Changes the scale of an unscaled number; digits that fall off are cut toward zero. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to === from) return unscaled;
  if (to > from) return unscaled * pow10(to - from);
  return unscaled / pow10(from - to);
}

const DECIMAL_TEXT = /^\s*([+-]?)(\d*)(?:[.,](\d*))?(?:E([+-]?\d+))?\s*$/i;

/** Decimal text to an unscaled number at `scale`, cut toward zero; null when the text is no number. */
export function parseUnscaled(text: string, scale: number): bigint | null {
  const m = DECIMAL_TEXT.exec(text);
  if (!m || (m[2] === '' && (m[3] ?? '') === '')) return null;
  const exponent = m[4] === undefined ? 0 : Number(m[4]);
  if (Math.abs(exponent) > 400) return null;
  const digits = BigInt(`${m[2]}${m[3] ?? ''}` || '0');
  const value = rescale(
    exponent > 0 ? digits * pow10(exponent) : digits,
    (m[3] ?? '').length - Math.min(exponent, 0),
    scale,
  );
  return m[1] === '-' ? -value : value;
}

/** `-12345` at scale 2 is `-123.45`. */
export function formatUnscaled(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

export function fitsDigits(unscaled: bigint, digits: number): boolean {
  return (unscaled < 0n ? -unscaled : unscaled) < pow10(digits);
}

/** Number of digits before and after the point of a literal such as `012.50`. */
export function literalDigits(text: string): { readonly precision: number; readonly scale: number } {
  const [whole = '', fraction = ''] = text.split('.');
  const digits = `${whole}${fraction}`.length;
  return { precision: Math.max(1, digits), scale: fraction.length };
}
