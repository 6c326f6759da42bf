/** Foreign keys: kept for the catalog, with the parent's key they refer to. Rows are not held to them. */
import type { ForeignKeyDef } from '../../partition/files/definitions';
import type { PhysicalFile } from '../../partition/files/physical-file';
import { SqlFailure } from '../../sql-session';
import type { JobNames } from '../compile/names';
import type { ForeignKeyClause } from './column-definition';

/** @param own columns of the child, by every name they have, to their SQL name; undefined where there is none */
export function foreignKey(names: JobNames, clause: ForeignKeyClause, own: (name: string) => string): ForeignKeyDef {
  const parent = names.fileFor(clause.parent.library, clause.parent.name);
  const wanted = clause.parentColumns?.map((name) => parent.columns[parent.columnIndex(name)]?.name ?? name) ?? null;
  const key = parent.keys.find((k) =>
    wanted === null ? k.kind === 'primary' : isConstraint(k.kind) && sameColumns(k.columns, wanted),
  );
  if (!key || key.columns.length !== clause.columns.length) throw noParentKey(clause.name, parent);
  return {
    name: clause.name,
    columns: clause.columns.map(own),
    parent: { library: parent.library, name: parent.name },
    parentKey: key.name,
  };
}

function isConstraint(kind: string): boolean {
  return kind === 'primary' || kind === 'unique';
}

function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

/** SQL0573: the parent has no primary or unique key of these columns. */
function noParentKey(name: string, parent: PhysicalFile): SqlFailure {
  return new SqlFailure(
    -573,
    '42890',
    `Table ${parent.longName} in ${parent.schema} does not have a matching parent key.`,
    [parent.longName, parent.schema, name],
  );
}
