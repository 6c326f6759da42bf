/** Record formats of tables as files that offline commands take: `decode`, `test`, `sample`, `catalogue`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import type { TableWords } from '../../catalog/words';
import { CodedError } from '../../errors/coded-error';
import { formatName, ordinaryTable } from '../../model/position';

/**
 * One file a table, `LIB.FILE.json`; tables whose layout is not known have none.
 * @returns the files written
 * @throws CodedError `FORMATS_WRITE`, family config
 */
export function writeFormats(
  folder: string,
  facts: readonly TableFacts[],
  words: ReadonlyMap<string, TableWords>,
): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return facts.filter(hasLayout).map((fact) => {
      const table = ordinaryTable(fact.asked);
      const file = join(folder, `${safe(table.library)}.${safe(table.name)}.json`);
      writeFileSync(file, `${JSON.stringify(formatOf(fact, words.get(formatName(fact.file))), null, 2)}\n`);
      return file;
    });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unwritable';
    throw new CodedError({
      code: 'FORMATS_WRITE',
      message: `cannot write formats into ${folder} (${code})`,
      next: 'choose a folder you may write to',
      facts: { folder, code },
      cause,
    });
  }
}

function formatOf({ asked, columns, key }: TableFacts, words: TableWords | undefined): object {
  return {
    table: formatName(ordinaryTable(asked)),
    ...(words?.text ? { text: words.text } : {}),
    ...(key ? { key: key.columns } : {}),
    columns: columns.map(({ format, systemName }) => ({
      ...format,
      ...(systemName === format.name ? {} : { systemName }),
      ...(words?.columns.get(format.name) ? { text: words.columns.get(format.name) } : {}),
    })),
  };
}

/** Names of tables may hold what names of files may not. */
function safe(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}_$#@-]/gu, '_');
}
