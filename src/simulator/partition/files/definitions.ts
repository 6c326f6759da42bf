/** What a simulated library holds, as plain descriptions: the arguments of `Partition.createFile` and friends. */
import type { ColumnFormat } from '../../../model/record-format';
import type { SessionValue } from '../../sql-session';

/** A value the partition fills in by itself when the statement gives none. */
export type ColumnDefault =
  | { readonly kind: 'none' }
  /** The type's own default: blanks, zero, current date and time. */
  | { readonly kind: 'type' }
  | { readonly kind: 'value'; readonly value: SessionValue }
  | { readonly kind: 'null' }
  | { readonly kind: 'current' }
  | { readonly kind: 'user' };

export interface IdentityDef {
  readonly start: bigint;
  readonly increment: bigint;
  readonly always: boolean;
}

/** One field of a record format. `name` is the SQL name, `systemName` the 10-character one. */
export interface ColumnDef extends ColumnFormat {
  readonly systemName: string;
  readonly default: ColumnDefault;
  /** Column heading or label. */
  readonly label?: string;
  readonly text?: string;
  /** COMMENT ON COLUMN. */
  readonly comment?: string;
  /** In the image, absent from `SELECT *`. */
  readonly hidden?: boolean;
  readonly identity?: IdentityDef;
  /** FIELDPROC: `LIB/PGM`. The record holds encoded bytes, SQL shows clear ones. */
  readonly fieldProc?: string;
  /** FOR EACH ROW ON UPDATE AS ROW CHANGE TIMESTAMP. */
  readonly rowChange?: boolean;
}

export interface KeyDef {
  readonly name: string;
  /** `primary` and `unique` are constraints; `index` is an SQL index, `dds` the access path of a keyed file. */
  readonly kind: 'primary' | 'unique' | 'index' | 'dds';
  readonly unique: boolean;
  /** UNIQUE WHERE NOT NULL: keys with a null are never equal. Constraints are so too. */
  readonly whereNotNull?: boolean;
  /** SQL column names in key order. */
  readonly columns: readonly string[];
}

/** A referential constraint. The catalog reports it; rows are not held to it. */
export interface ForeignKeyDef {
  readonly name: string;
  /** SQL column names in key order. */
  readonly columns: readonly string[];
  /** System names. */
  readonly parent: { readonly library: string; readonly name: string };
  /** Name of the parent's key that the columns refer to. */
  readonly parentKey: string;
}

/** A row permission or a column mask. */
export interface AccessRule {
  readonly kind: 'R' | 'M';
  /** System name of the library it is in. */
  readonly schema: string;
  readonly name: string;
  readonly correlation: string | null;
  /** Of a mask: the column's SQL name. */
  readonly column: string | null;
  /** Search condition or mask expression, as SQL. */
  readonly text: string;
  readonly enabled: boolean;
  readonly created: string;
}

export interface AccessControl {
  /** ACTIVATE ROW ACCESS CONTROL. */
  readonly rowControl: boolean;
  readonly columnControl: boolean;
  readonly rules: readonly AccessRule[];
}

export const NO_ACCESS_CONTROL: AccessControl = { rowControl: false, columnControl: false, rules: [] };

/** Bytes of a null field: by type (blanks, or zeros for binary and varying ones), the type's default, all blanks, all zeros, or what stood there. */
export type NullFill = 'usual' | 'defaults' | 'blanks' | 'zeros' | 'kept';

export interface FileDef {
  readonly library: string;
  /** System name, 1-10 characters, upper case. */
  readonly name: string;
  /** SQL name when it is longer than a system name; default `name`. */
  readonly longName?: string;
  readonly columns: readonly ColumnDef[];
  readonly keys?: readonly KeyDef[];
  readonly foreignKeys?: readonly ForeignKeyDef[];
  readonly text?: string;
  /** Made by CREATE TABLE rather than by DDS; decides the defaults below. */
  readonly sqlTable?: boolean;
  /** REUSEDLT: deleted slots are used again (then entries are PX). Default: `sqlTable`. */
  readonly reuseDeleted?: boolean;
  readonly recordFormat?: string;
  /** What null fields are filled with; default `usual`. */
  readonly nullFill?: NullFill;
  readonly accessControl?: AccessControl;
  /** Record lengths of the formats the file had before: entries of them are still in its journal. */
  readonly formerLengths?: readonly number[];
  /** Member names; default one member of the file's name. */
  readonly members?: readonly string[];
}

export type MinimizeOption = '*NONE' | '*FILE' | '*FLDBDY';
export type ReceiverSizeOption = '*NONE' | '*SYSDFT' | '*MAXOPT1' | '*MAXOPT2' | '*MAXOPT3';
export type JournalImages = '*AFTER' | '*BOTH';

/** How a remote journal's receivers are kept; *TYPE2 allows another library at each change of receivers. */
export type RemoteType = '*TYPE1' | '*TYPE2';

export interface JournalAttributes {
  readonly manageReceivers: '*SYSTEM' | '*USER';
  readonly deleteReceivers: boolean;
  readonly receiverSize: ReceiverSizeOption;
  readonly minimize: MinimizeOption;
  readonly cache: boolean;
  readonly state: '*ACTIVE' | '*STANDBY' | '*INACTIVE';
  /** Which of *JOB *USR *PGM *PGMLIB *SYSSEQ *RMTADR *THD *LUW *XID the entries record. */
  readonly fixedLengthData: readonly string[];
  readonly text: string;
  /** Of a remote journal: what it is a copy of. */
  readonly remote?: {
    readonly type: RemoteType;
    readonly system: string;
    readonly library: string;
    readonly name: string;
  };
  /** A hidden internal entry follows every n-th entry; 0 = never. They make the holes readers must live with. */
  readonly internalEvery: number;
}

export const DEFAULT_JOURNAL: JournalAttributes = {
  manageReceivers: '*SYSTEM',
  deleteReceivers: false,
  receiverSize: '*NONE',
  minimize: '*NONE',
  cache: false,
  state: '*ACTIVE',
  fixedLengthData: ['*JOB', '*USR', '*PGM', '*PGMLIB', '*RMTADR'],
  text: '',
  internalEvery: 0,
};

export type StoredReceiverStatus = 'ATTACHED' | 'ONLINE' | 'SAVED' | 'FREED' | 'PARTIAL' | 'EMPTY';

/** Shorthand for a column of a file definition; everything unsaid gets the type's usual value. */
export function column(
  name: string,
  type: ColumnDef['type'],
  length: number,
  extra: Partial<Omit<ColumnDef, 'name' | 'type' | 'length'>> = {},
): ColumnDef {
  return {
    name,
    type,
    length,
    systemName: name.slice(0, 10),
    scale: type === 'TIMESTAMP' ? 6 : 0,
    ccsid: defaultCcsid(type),
    nullable: false,
    default: { kind: 'type' },
    ...extra,
  };
}

function defaultCcsid(type: ColumnDef['type']): number | null {
  if (type === 'CHAR' || type === 'VARCHAR' || type === 'CLOB') return 37;
  if (type === 'GRAPHIC' || type === 'VARGRAPHIC' || type === 'DBCLOB') return 1200;
  if (type === 'BINARY' || type === 'VARBINARY' || type === 'BLOB') return 65535;
  return type === 'XML' ? 1208 : null;
}
