/**
 * JSON on its way to someone's eyes, digits unchanged: a number whose text a float would write otherwise (`12.30`, twenty digits) is
 * kept as it stands, in values and in what is written of them.
 */
import { randomBytes } from 'node:crypto';

/** Text first, so that digits inside of it are not looked at. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Nobody who writes a row knows it. */
const MARK = `exact:${randomBytes(16).toString('hex')}:`;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g');

/** A number of a JSON text, as it was written. */
export class ExactNumber {
  constructor(readonly digits: string) {}

  toString(): string {
    return this.digits;
  }

  /** For whoever does not care. */
  toJSON(): number {
    return Number(this.digits);
  }
}

/** @throws SyntaxError where the text is no JSON */
export function parseExact(text: string): unknown {
  let some = false;
  const marked = text.replace(TOKENS, (token) => {
    if (token.startsWith('"') || String(Number(token)) === token) return token;
    some = true;
    return `"${MARK}${token}"`;
  });
  // a text that is no JSON must not become any by our marks
  if (!some) return JSON.parse(text) as unknown;
  JSON.parse(text);
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? new ExactNumber(value.slice(MARK.length)) : value,
  ) as unknown;
}

/** What a text says, or the text itself where it is no JSON. */
export function shownJson(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

/** As JSON.stringify does, but for numbers of {@link parseExact}. */
export function exactText(value: unknown, indent?: number): string {
  let some = false;
  const text = JSON.stringify(
    value,
    function (this: Record<string, unknown>, name, found: unknown) {
      const one = this[name];
      if (!(one instanceof ExactNumber)) return found;
      some = true;
      return `${MARK}${one.digits}`;
    },
    indent,
  );
  return some ? text.replace(MARKED, '$1') : text;
}
