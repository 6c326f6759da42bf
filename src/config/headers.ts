/** What a header of a request may be called, and hold. */

/**
 * HTTP carries one byte a character (Latin-1) and no control characters but the tab; anything else never leaves this machine.
 * @returns what was expected, with the place of the first wrong character but not the character: it may be a secret
 */
export function headerFault(value: string): string | null {
  const at = value.search(/[^\t\x20-\x7e\x80-\xff]/);
  if (at < 0) return null;
  const code = value.charCodeAt(at);
  const place = `character ${[...value.slice(0, at)].length + 1}`;
  if (code === 0x0a || code === 0x0d) return `expected one line: ${place} is a line end`;
  if (code < 0x20 || code === 0x7f) return `expected text without control characters: ${place} is one`;
  return `expected characters of Latin-1, which are all a header can carry: ${place} is another`;
}
