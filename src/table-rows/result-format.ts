/** The layout of the rows of one result: the catalog's, put right by what the result says of itself. */
import type { ColumnFormat, RecordFormat } from '../model/record-format';
import type { ColumnDescriptor } from '../transport/transport';

/**
 * A table may have been altered since its catalog was read; the description that came with the rows is the one they obey.
 * @param described the columns of the result, in the order of the format. @returns the same object where nothing differs
 */
export function resultFormat(format: RecordFormat, described: readonly ColumnDescriptor[]): RecordFormat {
  const columns = format.columns.map((c, i) => {
    const d = described[i];
    return d === undefined || isCarried(c, d) ? c : adopted(c, d);
  });
  return columns.every((c, i) => c === format.columns[i]) ? format : { ...format, columns };
}

/**
 * Types that travel as another one: BOOLEAN to a client that did not ask for it, binary fields of DDS with decimals. Their
 * values are the same, so the column stays what the catalog says.
 */
export function isCarried(c: ColumnFormat, d: ColumnDescriptor): boolean {
  if (c.type === 'BOOLEAN') return d.type === 'SMALLINT';
  return c.scale > 0 && ['SMALLINT', 'INTEGER', 'BIGINT'].includes(c.type) && d.type === 'DECIMAL';
}

const LOBS = ['BLOB', 'CLOB', 'DBCLOB', 'XML'];
const WITH_LENGTH = [
  'CHAR',
  'VARCHAR',
  'GRAPHIC',
  'VARGRAPHIC',
  'BINARY',
  'VARBINARY',
  'DECIMAL',
  'NUMERIC',
  'DECFLOAT',
];
const WITH_SCALE = ['DECIMAL', 'NUMERIC', 'SMALLINT', 'INTEGER', 'BIGINT', 'TIMESTAMP'];
const TEXT = ['CHAR', 'VARCHAR', 'GRAPHIC', 'VARGRAPHIC', 'CLOB', 'DBCLOB'];

function adopted(c: ColumnFormat, d: ColumnDescriptor): ColumnFormat {
  const same = c.type === d.type;
  let { length, scale, ccsid } = c;
  if (LOBS.includes(d.type)) length = same ? Math.max(length, d.length) : d.length;
  else if (!same || WITH_LENGTH.includes(d.type)) length = d.length;
  if (!same || WITH_SCALE.includes(d.type)) scale = d.scale;
  if (!same || (TEXT.includes(d.type) && d.ccsid !== null)) ccsid = d.ccsid;
  if (same && length === c.length && scale === c.scale && ccsid === c.ccsid) return c;
  return { ...c, type: d.type, length, scale, ccsid };
}
