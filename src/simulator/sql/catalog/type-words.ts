/** How the catalog words a column's type, length and storage. Source: Db2 for i catalog views SYSCOLUMNS, SYSCOLUMNS2. */
import type { ColumnDef } from '../../partition/files/definitions';

const WORDS: Partial<Record<ColumnDef['type'], string>> = {
  REAL: 'FLOAT',
  DOUBLE: 'FLOAT',
  VARGRAPHIC: 'VARG',
  VARBINARY: 'VARBIN',
  TIMESTAMP: 'TIMESTMP',
};

export function dataType(c: ColumnDef): string {
  return WORDS[c.type] ?? c.type;
}

/** LENGTH: internal sizes for dates and times, not those of the image. */
export function catalogLength(c: ColumnDef): number {
  switch (c.type) {
    case 'DATE':
      return 4;
    case 'TIME':
      return 3;
    case 'TIMESTAMP':
      return 7 + Math.ceil(c.scale / 2);
    case 'SMALLINT':
      return 2;
    case 'INTEGER':
      return 4;
    case 'BIGINT':
      return 8;
    case 'REAL':
      return 4;
    case 'DOUBLE':
      return 8;
    default:
      return c.length;
  }
}

/** Bytes the column takes in storage; a varying one with its length prefix. */
export function storage(c: ColumnDef): number {
  switch (c.type) {
    case 'DECIMAL':
      return Math.floor(c.length / 2) + 1;
    case 'VARCHAR':
    case 'VARBINARY':
    case 'DATALINK':
      return c.length + 2;
    case 'GRAPHIC':
      return c.length * 2;
    case 'VARGRAPHIC':
      return c.length * 2 + 2;
    case 'ROWID':
      return 42;
    default:
      return catalogLength(c);
  }
}

export function isCharacter(c: ColumnDef): boolean {
  return /CHAR|CLOB|GRAPHIC|XML|DATALINK/.test(c.type);
}

export function isBinary(c: ColumnDef): boolean {
  return /BINARY|BLOB|ROWID/.test(c.type);
}

export function octetLength(c: ColumnDef): number | null {
  if (!isCharacter(c) && !isBinary(c)) return null;
  return /GRAPHIC|DBCLOB/.test(c.type) ? c.length * 2 : c.length;
}

export function precision(c: ColumnDef): number | null {
  switch (c.type) {
    case 'DECIMAL':
    case 'NUMERIC':
      return c.length;
    case 'SMALLINT':
      return 5;
    case 'INTEGER':
      return 10;
    case 'BIGINT':
      return 19;
    case 'REAL':
      return 24;
    case 'DOUBLE':
      return 53;
    case 'DECFLOAT':
      return c.length === 8 ? 16 : 34;
    default:
      return null;
  }
}

export function numericScale(c: ColumnDef): number | null {
  return /DECIMAL|NUMERIC|SMALLINT|INTEGER|BIGINT/.test(c.type) ? c.scale : null;
}

/** N none, Y a default, I and J identity, E row change timestamp. */
export function hasDefault(c: ColumnDef): string {
  if (c.identity) return c.identity.always ? 'I' : 'J';
  if (c.rowChange) return 'E';
  return c.default.kind === 'none' || (c.default.kind === 'null' && !c.nullable) ? 'N' : 'Y';
}

export function defaultText(c: ColumnDef): string | null {
  const d = c.default;
  if (d.kind === 'null') return 'NULL';
  if (d.kind === 'user') return 'USER';
  if (d.kind === 'current')
    return c.type === 'DATE' ? 'CURRENT_DATE' : c.type === 'TIME' ? 'CURRENT_TIME' : 'CURRENT_TIMESTAMP';
  if (d.kind === 'type') return isCharacter(c) ? `' '` : precision(c) === null ? null : '0';
  if (d.kind !== 'value') return null;
  return typeof d.value === 'string' && isCharacter(c) ? `'${d.value}'` : String(d.value);
}
