/** A compiled expression: SQLite text with the Db2 type of its value. */
import { markerNotAllowed } from '../failures';
import type { SqlType } from './sql-type';

interface BaseColumn {
  readonly library: string;
  readonly table: string;
  readonly column: string;
  readonly label?: string;
}

/** Where a field stands in the record image; null for LOBs. */
export interface StoredField {
  readonly offset: number;
  readonly width: number;
  /** Bytes of one unit of the length prefix; 0 for fixed fields. */
  readonly unit: 0 | 1 | 2;
}

export interface Typed {
  /**
   * SQLite text. A value of CHAR or GRAPHIC is always carried without trailing blanks, of VARCHAR as it is;
   * see sql-type.ts for the other forms.
   */
  readonly sql: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  /** A plain column keeps its origin. */
  readonly base?: BaseColumn;
  readonly name?: string;
  /** Where a mapping error of a plain column is recorded. */
  readonly bad?: { readonly alias: string; readonly ordinal: number; readonly stored: StoredField | null };
  /** 1-based number of a parameter marker that has no type yet, or a bare NULL. */
  readonly untyped?: number | 'null';
  /** Exact numeric literal: its unscaled value at `type.scale`. */
  readonly literal?: bigint;
  /** Character literal. */
  readonly text?: string;
  /** The date it stands for in the job's own format, ISO. */
  readonly date?: string;
  /** A labelled duration, valid only beside + or -. */
  readonly duration?: string;
  readonly aggregate?: boolean;
  /** A plain column of a virtual relation, perhaps cut to some bytes: its cell can be handed over without SQLite. */
  readonly cell?: { readonly slot: string; readonly ordinal: number; readonly cut: number | null };
}

export function expression(sql: string, type: SqlType, nullable = true): Typed {
  return { sql, type, nullable };
}

/** Types of parameter markers, learnt while compiling. */
export class StatementParameters {
  private readonly types: (SqlType | null)[];

  constructor(count: number) {
    this.types = new Array<SqlType | null>(count).fill(null);
  }

  set(marker: number, type: SqlType): void {
    this.types[marker - 1] = type;
  }

  get count(): number {
    return this.types.length;
  }

  /** @throws SqlFailure -418 when a marker stands where its type cannot be determined. */
  all(): SqlType[] {
    return this.types.map((type) => {
      if (!type) throw markerNotAllowed();
      return type;
    });
  }
}

/** Gives an untyped marker or NULL its type; anything else stays as it is. */
export function withType(e: Typed, type: SqlType, parameters: StatementParameters): Typed {
  if (e.untyped === undefined) return e;
  if (e.untyped === 'null') return { sql: 'NULL', type, nullable: true, untyped: 'null' };
  parameters.set(e.untyped, type);
  return { sql: `@p${e.untyped}`, type, nullable: true };
}
