/**
 * Scalars without quotes. YAML takes `05`, `7.50`, `0x1F`, `1e5`, `NULL` or twenty digits for numbers or null, and writing
 * those again gives other text. So the text stays where text is meant, and is refused where either could be.
 */
import type { Scalar } from 'yaml';
import type { Kinds } from './position';

type Taken = { readonly value: unknown } | { readonly refused: string };

export function takeScalar({ value, source = '' }: Scalar, kinds: Kinds): Taken {
  if (typeof value === 'string') return { value };
  // `onError: null` is the word, not nothing
  if (kinds.words.has(source)) return { value: source };
  const own = kindOf(value);
  if (own === 'other')
    return kinds.text ? { value: source } : { refused: expectation(source, 'something else than text') };
  if (!kinds.text) return { value };
  // nothing where text must be is for the schema to refuse
  if (!kinds[own]) return { value: own === 'null' ? null : source };
  if (isPlainly(value, source)) return { value };
  return { refused: expectation(source, own === 'null' ? 'no value' : String(value)) };
}

function kindOf(value: unknown): 'number' | 'boolean' | 'null' | 'other' {
  if (value === null) return 'null';
  return typeof value === 'number' || typeof value === 'boolean' ? (typeof value as 'number' | 'boolean') : 'other';
}

/** Would the value be written again as it stands there? */
function isPlainly(value: unknown, source: string): boolean {
  return value === null ? ['', '~', 'null'].includes(source) : String(value) === source;
}

function expectation(source: string, otherwise: string): string {
  return `expected quotes, "${source}", if this text is meant: without them YAML takes it for ${otherwise}`;
}

/** A key is text, whatever YAML takes it for. Null for a key that is no scalar, or empty. */
export function keyText({ value, source }: Scalar): string | null {
  const text = typeof value === 'string' ? value : (source ?? '');
  return text === '' ? null : text;
}
