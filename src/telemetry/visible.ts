/**
 * Text of rows, receivers and catalogs on its way to someone's screen: what a terminal would obey, or what turns the
 * direction of reading, is shown as `\u001b` instead. The form is that of JSON, so JSON stays the same JSON.
 */

/** C0 but tab and line feed, DEL, C1, line and paragraph separators, marks and overrides of direction, invisible tags. */
const DRIVING =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\udb40[\udc00-\udc7f]/g;

/** The same as one class, which is searched faster: nearly every text has none. */
const SUSPICIOUS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\udb40]/;

/** Lines stay lines. */
export function visible(text: string): string {
  return !SUSPICIOUS.test(text) ? text : text.replace(DRIVING, escaped);
}

/** A value that must not begin a line of its own. */
export function oneLine(text: string): string {
  return visible(text).replace(/[\n\t]/g, (c) => (c === '\n' ? '\\n' : '\\t'));
}

/** One line of what a command prints, whatever the values in it hold. */
export function line(text: string): string {
  return `${oneLine(text)}\n`;
}

/** Several. */
export function lines(texts: readonly string[]): string {
  return texts.map(line).join('');
}

function escaped(characters: string): string {
  let out = '';
  for (let i = 0; i < characters.length; i++) out += `\\u${characters.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return out;
}
