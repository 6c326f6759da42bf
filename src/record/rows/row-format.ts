/**
 * The layout of a row read by SQL: the record format of its file, but for dates and times. A connection is asked for ISO
 * dates whatever the file says, so that a year is never cut to two digits on its way here.
 */
import type { ColumnFormat, RecordFormat } from '../../model/record-format';

/** The same object where no column differs: record images and rows of that file then share their plans. */
export function tableRowFormat(format: RecordFormat): RecordFormat {
  const columns = format.columns.map(isoColumn);
  return columns.every((c, i) => c === format.columns[i]) ? format : { ...format, columns };
}

function isoColumn(c: ColumnFormat): ColumnFormat {
  if (c.type === 'DATE' && ((c.dateFormat ?? 'ISO') !== 'ISO' || (c.dateSeparator ?? null) !== null))
    return { ...c, length: 10, dateFormat: 'ISO', dateSeparator: null };
  if (c.type === 'TIME' && ((c.timeFormat ?? 'ISO') !== 'ISO' || (c.timeSeparator ?? null) !== null))
    return { ...c, length: 8, timeFormat: 'ISO', timeSeparator: null };
  return c;
}
