/** The words of `${command:...}`: quotes and backslashes as a shell reads them, and nothing else of a shell. */

/** One word: pieces in single quotes, in double quotes, behind a backslash, or plain. */
const WORD = /(?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]|[^\s'"\\])+/y;

/** @returns null when a quote is not closed, or nothing is left */
export function argvOf(text: string): string[] | null {
  const words: string[] = [];
  for (let at = 0; ; ) {
    while (at < text.length && /\s/.test(text[at]!)) at++;
    if (at === text.length) return words.length > 0 && words[0] !== '' ? words : null;
    WORD.lastIndex = at;
    const word = WORD.exec(text);
    if (!word) return null;
    words.push(unquoted(word[0]));
    at = WORD.lastIndex;
  }
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])/g, (_, single, double, escaped) => {
    if (single !== undefined) return single;
    // inside double quotes a backslash stands for itself, but before a quote and before itself
    if (double !== undefined) return (double as string).replace(/\\(["\\])/g, '$1');
    return escaped;
  });
}
