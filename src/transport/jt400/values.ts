/** Values between JDBC strings and the exact forms of transport.ts. */
import type { SqlTypeName } from '../../model/record-format';
import type { ColumnDescriptor, SqlValue } from '../transport';
import type { JavaObject, Jvm } from './jvm';

const TYPE_BY_NAME: Readonly<Record<string, SqlTypeName>> = {
  CHAR: 'CHAR',
  VARCHAR: 'VARCHAR',
  'LONG VARCHAR': 'VARCHAR',
  GRAPHIC: 'GRAPHIC',
  VARGRAPHIC: 'VARGRAPHIC',
  NCHAR: 'GRAPHIC',
  NVARCHAR: 'VARGRAPHIC',
  BINARY: 'BINARY',
  VARBINARY: 'VARBINARY',
  DECIMAL: 'DECIMAL',
  NUMERIC: 'NUMERIC',
  SMALLINT: 'SMALLINT',
  INTEGER: 'INTEGER',
  BIGINT: 'BIGINT',
  REAL: 'REAL',
  FLOAT: 'DOUBLE',
  DOUBLE: 'DOUBLE',
  DECFLOAT: 'DECFLOAT',
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTAMP: 'TIMESTAMP',
  BOOLEAN: 'BOOLEAN',
  ROWID: 'ROWID',
  DATALINK: 'DATALINK',
  CLOB: 'CLOB',
  BLOB: 'BLOB',
  DBCLOB: 'DBCLOB',
  NCLOB: 'DBCLOB',
  XML: 'XML',
};

/** Column descriptions from java.sql.ResultSetMetaData. JDBC does not report CCSIDs: null, or 65535 for bit data. */
export function describeColumns(meta: JavaObject): ColumnDescriptor[] {
  const count = meta['getColumnCountSync']!() as number;
  return Array.from({ length: count }, (_, i) => {
    const full = String(meta['getColumnTypeNameSync']!(i + 1));
    const bitData = full.includes('FOR BIT DATA');
    const type =
      TYPE_BY_NAME[
        full
          .replace(/\s*\(\)\s*/, ' ')
          .replace('FOR BIT DATA', '')
          .trim()
      ] ?? 'VARCHAR';
    return {
      name: String(meta['getColumnNameSync']!(i + 1)),
      type,
      length: meta['getPrecisionSync']!(i + 1) as number,
      scale: type === 'TIMESTAMP' ? 6 : (meta['getScaleSync']!(i + 1) as number),
      ccsid: bitData ? 65535 : null,
      nullable: (meta['isNullableSync']!(i + 1) as number) !== 0,
    };
  });
}

/** How to turn the driver's getString into the exact form of one column. */
export function columnReader(column: ColumnDescriptor): (text: string | null) => SqlValue {
  switch (column.type) {
    case 'SMALLINT':
    case 'INTEGER':
    case 'REAL':
    case 'DOUBLE':
      return (text) => (text === null ? null : Number(text));
    case 'BOOLEAN':
      return (text) => (text === null ? null : text === 'true' || text === '1');
    case 'BINARY':
    case 'VARBINARY':
    case 'BLOB':
    case 'ROWID':
      return (text) => (text === null ? null : Buffer.from(text, 'hex'));
    case 'TIMESTAMP':
      return (text) => (text === null ? null : text.replace(' ', 'T'));
    case 'TIME':
      return (text) => (text === null ? null : text.replaceAll('.', ':'));
    default:
      return column.ccsid === 65535 ? (text) => (text === null ? null : Buffer.from(text, 'hex')) : (text) => text;
  }
}

/** Sets marker `index` (1-based). Numbers go as text: the driver converts to the marker's own type exactly. */
export function setParameter(jvm: Jvm, statement: JavaObject, index: number, value: SqlValue): void {
  if (value === null) statement['setNullSync']!(index, 12);
  else if (value instanceof Uint8Array) statement['setBytesSync']!(index, jvm.bytes(value));
  else if (typeof value === 'boolean') statement['setBooleanSync']!(index, value);
  else if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?$/.test(value)) {
    statement['setStringSync']!(index, value.replace('T', ' '));
  } else statement['setStringSync']!(index, String(value));
}
