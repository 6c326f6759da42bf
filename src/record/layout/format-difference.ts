/** What sets one record format of a file apart from the one before it, column by column. */
import type { ColumnFormat, RecordFormat } from '../../model/record-format';

/** A column as the catalog has it. */
type ColumnWords = Readonly<
  Record<'type' | 'length' | 'scale' | 'ccsid' | 'nullable', string | number | boolean | null>
>;

interface FormatDifference {
  /** A column that was renamed is one that went and one that came. */
  readonly added: readonly ({ readonly name: string } & ColumnWords)[];
  readonly removed: readonly ({ readonly name: string } & ColumnWords)[];
  readonly changed: readonly { readonly name: string; readonly was: ColumnWords; readonly is: ColumnWords }[];
}

export function formatDifference(was: RecordFormat, is: RecordFormat): FormatDifference {
  const before = new Map(was.columns.map((c) => [c.name, c]));
  const after = new Map(is.columns.map((c) => [c.name, c]));
  const named = (c: ColumnFormat) => ({ name: c.name, ...wordsOf(c) });
  return {
    added: is.columns.filter((c) => !before.has(c.name)).map(named),
    removed: was.columns.filter((c) => !after.has(c.name)).map(named),
    changed: is.columns.flatMap((c) => {
      const old = before.get(c.name);
      if (!old || JSON.stringify(wordsOf(old)) === JSON.stringify(wordsOf(c))) return [];
      return [{ name: c.name, was: wordsOf(old), is: wordsOf(c) }];
    }),
  };
}

function wordsOf({ type, length, scale, ccsid, nullable }: ColumnFormat): ColumnWords {
  return { type, length, scale, ccsid, nullable };
}
