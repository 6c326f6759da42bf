/**
 * Sets one member of a JSON text by replacing or inserting bytes. The text is never parsed and written again: digits that no
 * double holds, the order of members, escapes and white space stay as they are.
 */
import { CodedError } from '../../../errors/coded-error';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** A value in the text, from its first byte to the one behind its last. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The text with the member at `names` set to a string; objects on the way that are not there are made, at the front. Of
 * members of one name the last counts, as it does for those who read JSON. What stands on the way and is no object is replaced.
 * @throws CodedError family `delivery` for a text that is no JSON object
 */
export function withMember(json: Buffer, names: readonly string[], value: string): Buffer {
  let at: Span = { from: skipSpace(json, 0), to: json.length };
  for (const [depth, name] of names.entries()) {
    const first = json[at.from];
    if (depth === 0 && first !== OPEN_OBJECT) throw noObject();
    if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return replaced(json, at, nested(names.slice(depth), value));
    const found = first === OPEN_OBJECT ? memberOf(json, at.from, name) : elementOf(json, at.from, name);
    if (found === null) {
      return first === OPEN_OBJECT
        ? inserted(json, at.from, names.slice(depth), value)
        : replaced(json, spanAt(json, at.from), nested(names.slice(depth), value));
    }
    at = found;
  }
  return replaced(json, at, JSON.stringify(value));
}

/** `{"a":{"b":"value"}}` */
function nested(names: readonly string[], value: string): string {
  return names.reduceRight((rest, name) => `{${JSON.stringify(name)}:${rest}}`, JSON.stringify(value));
}

function replaced(json: Buffer, { from, to }: Span, text: string): Buffer {
  return Buffer.concat([json.subarray(0, from), Buffer.from(text), json.subarray(to)]);
}

/** As the first member of the object that opens at `open`. */
function inserted(json: Buffer, open: number, names: readonly string[], value: string): Buffer {
  const [name, ...deeper] = names;
  const inner = deeper.length === 0 ? JSON.stringify(value) : nested(deeper, value);
  const empty = json[skipSpace(json, open + 1)] === CLOSE_OBJECT;
  const member = `${JSON.stringify(name)}:${inner}${empty ? '' : ','}`;
  return replaced(json, { from: open + 1, to: open + 1 }, member);
}

/** The value of the last member of that name. */
function memberOf(json: Buffer, open: number, name: string): Span | null {
  let found: Span | null = null;
  let i = skipSpace(json, open + 1);
  while (json[i] !== CLOSE_OBJECT) {
    const key = spanAt(json, i);
    const colon = skipSpace(json, key.to);
    if (json[i] !== QUOTE || json[colon] !== COLON) throw noObject();
    const value = spanAt(json, skipSpace(json, colon + 1));
    if (isName(json, key, name)) found = value;
    i = behindComma(json, value.to, CLOSE_OBJECT);
  }
  return found;
}

function elementOf(json: Buffer, open: number, name: string): Span | null {
  if (!/^(0|[1-9]\d*)$/.test(name)) return null;
  let left = Number(name);
  let i = skipSpace(json, open + 1);
  while (json[i] !== CLOSE_ARRAY) {
    const value = spanAt(json, i);
    if (left-- === 0) return value;
    i = behindComma(json, value.to, CLOSE_ARRAY);
  }
  return null;
}

/** Where the next member or element begins, or where the list closes. */
function behindComma(json: Buffer, from: number, close: number): number {
  const i = skipSpace(json, from);
  if (json[i] === close) return i;
  if (json[i] !== COMMA) throw noObject();
  return skipSpace(json, i + 1);
}

function isName(json: Buffer, { from, to }: Span, name: string): boolean {
  const text = json.toString('utf8', from, to);
  return text.includes('\\') ? JSON.parse(text) === name : text.slice(1, -1) === name;
}

/** The value that begins here. */
function spanAt(json: Buffer, from: number): Span {
  const first = json[from];
  if (first === undefined) throw noObject();
  if (first === QUOTE) return { from, to: behindString(json, from) };
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return { from, to: behindNested(json, from) };
  let to = from;
  while (to < json.length && !ENDS_SCALAR.has(json[to]!)) to++;
  if (to === from) throw noObject();
  return { from, to };
}

const SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const ENDS_SCALAR: ReadonlySet<number> = new Set([...SPACE, COMMA, CLOSE_OBJECT, CLOSE_ARRAY]);

function behindString(json: Buffer, from: number): number {
  for (let i = from + 1; i < json.length; i++) {
    if (json[i] === BACKSLASH) i++;
    else if (json[i] === QUOTE) return i + 1;
  }
  throw noObject();
}

function behindNested(json: Buffer, from: number): number {
  let depth = 0;
  for (let i = from; i < json.length; i++) {
    const byte = json[i];
    if (byte === QUOTE) i = behindString(json, i) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return i + 1;
  }
  throw noObject();
}

function skipSpace(json: Buffer, from: number): number {
  let i = from;
  while (i < json.length && SPACE.has(json[i]!)) i++;
  return i;
}

function noObject(): CodedError {
  return new CodedError({
    code: 'WEBHOOK_BODY_TOKEN',
    message: 'the body of the event is no JSON object, so auth.bodyToken cannot be put into it',
    next: 'leave auth.bodyToken out for this envelope, or use a header',
  });
}
