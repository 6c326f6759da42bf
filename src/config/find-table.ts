/** Tables of the configuration by what a person types: the exact spelling first, then the ordinary one. */
import { CodedError } from '../errors/coded-error';
import type { ErrorCode } from '../errors/codes';
import { sameIdentifier } from '../model/identifiers';
import { formatName, parseWritten } from '../model/position';
import type { Config, TableConfig } from './config';
import { suggest } from './suggest';

export function findTable(config: Config, text: string): TableConfig | undefined {
  const wanted = parseWritten(text);
  if (wanted === null) return undefined;
  const exact = formatName(wanted);
  return (
    config.tables.find((t) => formatName(t.table) === exact) ??
    config.tables.find(
      ({ table }) => sameIdentifier(table.library, wanted.library) && sameIdentifier(table.name, wanted.name),
    )
  );
}

/** Error of family config, `TABLE_UNKNOWN` or the command's own code. @param known other names that would have been understood */
export function unknownTable(
  config: Config,
  text: string,
  known: readonly string[] = [],
  code: ErrorCode = 'TABLE_UNKNOWN',
): CodedError {
  const names = [...new Set([...config.tables.map((t) => formatName(t.table)), ...known])];
  const near = suggest(text, names);
  return new CodedError({
    code,
    message: `${text} is not captured: it is not under tables: in ${config.file}${near ? `; did you mean ${near}?` : ''}`,
    next: `tables are: ${names.slice(0, 50).join(', ')}${names.length > 50 ? ', ...' : ''}`,
    facts: { table: text },
  });
}
