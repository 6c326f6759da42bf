/** CCSIDs stated in the config in place of the catalog's: column before table before connection. */
import { BINARY_CCSID } from '../../bytes/ccsid/registry';
import type { ColumnFormat, RecordFormat } from '../../model/record-format';

export interface CcsidOverrides {
  /** Column name to CCSID. */
  readonly columns?: Readonly<Record<string, number>>;
  /** Every character column of the table; columns that really are Unicode keep theirs. */
  readonly table?: number;
  /** Only columns the catalog calls 65535 or leaves without a CCSID. */
  readonly connection?: number;
}

const UNICODE = [1200, 1208, 13488];
const CHARACTER = ['CHAR', 'VARCHAR', 'CLOB', 'DATALINK'];

/** The same format where nothing is overridden. */
export function withCcsids(format: RecordFormat, overrides: CcsidOverrides): RecordFormat {
  const columns = format.columns.map((c) => {
    const ccsid = chosen(c, overrides);
    return ccsid === c.ccsid ? c : { ...c, ccsid };
  });
  return columns.every((c, i) => c === format.columns[i]) ? format : { ...format, columns };
}

function chosen(c: ColumnFormat, o: CcsidOverrides): number | null {
  const own = o.columns?.[c.name];
  if (own !== undefined) return own;
  if (!CHARACTER.includes(c.type) || (c.ccsid !== null && UNICODE.includes(c.ccsid))) return c.ccsid;
  if (o.table !== undefined) return o.table;
  const untagged = c.ccsid === null || c.ccsid === BINARY_CCSID;
  return untagged && o.connection !== undefined ? o.connection : c.ccsid;
}
