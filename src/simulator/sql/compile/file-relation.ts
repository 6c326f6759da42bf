/** A physical file as SQL sees it: a relation of typed columns. */
import type { FileView } from '../../partition/contract';
import type { ColumnDef } from '../../partition/files/definitions';
import { isLob, layoutOf, type Slot } from '../../partition/files/record-layout';
import type { ScopeColumn, ScopeRelation } from '../types/scope';
import { isText, type SqlType, sqlType } from '../types/sql-type';
import type { StoredField, Typed } from '../types/typed';

/** A correlation clause: the relation's name in the statement, and new names of its columns. */
export interface Alias {
  readonly name: string | null;
  readonly columns: readonly string[];
}

/** A physical file as a relation; `t.cN` are the comparable values of its fields. */
export function fileRelation(
  file: FileView,
  sqlAlias: string,
  alias: Alias = { name: null, columns: [] },
): ScopeRelation {
  const { slots } = layoutOf(file.columns);
  const columns = file.columns.map((c, i): ScopeColumn => {
    const value: Typed = {
      sql: `${sqlAlias}.c${i}`,
      type: columnType(c),
      nullable: c.nullable,
      base: {
        library: file.schema,
        table: file.longName,
        column: c.name,
        ...(c.label === undefined ? {} : { label: c.label }),
      },
      bad: { alias: sqlAlias, ordinal: i, stored: storedField(slots[i]!) },
    };
    return {
      name: alias.columns[i] ?? c.name,
      systemName: c.systemName,
      hidden: c.hidden ?? false,
      value: () => value,
    };
  });
  return {
    name: alias.name ?? file.longName,
    library: file.library,
    schema: file.schema,
    systemTable: alias.name ?? file.name,
    columns,
    alias: sqlAlias,
    file,
  };
}

function storedField({ column, offset, width }: Slot): StoredField | null {
  if (isLob(column) || column.fieldProc !== undefined) return null;
  if (column.type === 'VARGRAPHIC') return { offset, width, unit: 2 };
  return { offset, width, unit: ['VARCHAR', 'VARBINARY', 'ROWID', 'DATALINK'].includes(column.type) ? 1 : 0 };
}

/** Type of a field; DDS binary fields with decimals are described as DECIMAL. */
export function columnType(c: ColumnDef): SqlType {
  const type = sqlType(c.type, c.length, c.scale, c.ccsid);
  if (isText(type) && type.ccsid === null) return { ...type, ccsid: 37 };
  if (c.type === 'TIMESTAMP') return sqlType('TIMESTAMP', c.scale === 0 ? 19 : 20 + c.scale, c.scale);
  if (c.type === 'DATE') return sqlType('DATE', 10);
  if (c.type === 'TIME') return sqlType('TIME', 8);
  if (c.type === 'DECFLOAT') return sqlType('DECFLOAT', c.length === 8 ? 8 : 16);
  return type;
}
