/** Engine columns and parameters as the formats 3812, 3813 and 3811 of a reply. */
import type { ColumnDescriptors } from '../../../../hostserver/formats/column-descriptors';
import { COLUMN_INFORMATION } from '../../../../hostserver/formats/column-descriptors';
import { type DataFormat, formatField, formatOf, PARAMETER_TYPE } from '../../../../hostserver/formats/data-format';
import { wireText } from '../../../../hostserver/wire-text';
import type { ParameterColumn, ResultColumn } from '../../../sql-session';
import type { LobTable } from './lob-table';
import { type ColumnSettings, isLocator, parameterColumn, type WireColumn, wireColumn } from './wire-column';

export function columnFormat(columns: readonly ResultColumn[], settings: ColumnSettings): DataFormat {
  const fields = columns.map((column) => {
    const wire = wireColumn(column, settings);
    return formatField({ ...numbers(wire), name: wire.name, nameCcsid: settings.jobCcsid });
  });
  return formatOf(fields, codes(settings));
}

/** Locator parameters get an empty LOB of their own, which the client writes before it executes. */
export function parameterFormat(
  parameters: readonly ParameterColumn[],
  settings: ColumnSettings,
  lobs: LobTable,
): DataFormat {
  const fields = parameters.map((parameter) => {
    const wire = parameterColumn(parameter, settings);
    const lobLocator = isLocator(wire.type) && parameter.mode !== 'out' ? lobs.reserve(wire) : 0;
    return formatField({
      ...numbers(wire),
      parameterType: { in: PARAMETER_TYPE.in, out: PARAMETER_TYPE.out, inout: PARAMETER_TYPE.inOut }[parameter.mode],
      lobLocator,
      name: parameter.name,
      nameCcsid: settings.jobCcsid,
    });
  });
  return formatOf(fields, codes(settings));
}

/** Base table, base column and label; without them a column has no variable information. */
export function descriptorsOf(columns: readonly ResultColumn[], settings: ColumnSettings): ColumnDescriptors {
  const text = (value: string): Buffer => wireText(value, settings.jobCcsid).bytes;
  const label = (value: string): Buffer => {
    const ccsid = Buffer.alloc(2);
    ccsid.writeUInt16BE(settings.jobCcsid, 0);
    return Buffer.concat([ccsid, text(value)]);
  };
  return {
    reserved: Buffer.alloc(6),
    columns: columns.map(({ base }) => ({
      updatable: 0xf0,
      searchable: 0xf1,
      attributes: 0,
      reserved: 0,
      information: base
        ? [
            { cp: COLUMN_INFORMATION.baseColumn, bytes: text(base.column) },
            { cp: COLUMN_INFORMATION.baseTable, bytes: text(base.table) },
            { cp: COLUMN_INFORMATION.label, bytes: label(base.label ?? base.column) },
            { cp: COLUMN_INFORMATION.schema, bytes: text(base.library) },
          ]
        : [],
    })),
  };
}

function numbers(wire: WireColumn): Omit<WireColumn, 'name' | 'nullable'> {
  const { name: _, nullable, ...rest } = wire;
  return { ...rest, type: wire.type + (nullable ? 1 : 0) };
}

function codes(
  settings: ColumnSettings,
): Pick<DataFormat, 'dateFormat' | 'dateSeparator' | 'timeFormat' | 'timeSeparator'> {
  const { dateFormat, dateSeparator, timeFormat, timeSeparator } = settings;
  return { dateFormat, dateSeparator, timeFormat, timeSeparator };
}
