/** `1 finding`, `2 findings`: a count before its word, for people. */
export function counted(n: number | bigint, word: string, plural = `${word}s`): string {
  return `${n} ${Number(n) === 1 ? word : plural}`;
}
