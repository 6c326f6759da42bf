/** What one compilation shares: where names are looked up, marker types, CAST types, virtual relations it reads. */
import type { FileView } from '../../partition/contract';
import type { JobDateForm } from '../../sql-session';
import { routineNotFound } from '../failures';
import type { SqlType } from '../types/sql-type';
import type { StatementParameters, Typed } from '../types/typed';
import type { VirtualRelation } from './virtual';

/** One use of a virtual relation: SQLite reads it through `vrelN(@slot)`. */
export interface VirtualUse {
  readonly relation: VirtualRelation;
  readonly slot: string;
  /** Table function arguments by parameter ordinal; missing ones have the function's default. */
  readonly args: readonly (Typed | null)[];
  /** Relation column ordinals read, in the order of the vrel columns. */
  readonly used: number[];
  /** How often each column was asked for, by ordinal. */
  readonly references: Map<number, number>;
}

/** Looks names up in the partition. */
export interface NameSpace {
  /** A physical file, or a catalog relation. @throws SqlFailure -204, -551 */
  table(library: string | null, name: string): FileView | VirtualRelation;
  tableFunction(library: string | null, name: string): VirtualRelation | null;
  /** The job's date format, where its years have two digits. */
  readonly dateForm: JobDateForm | null;
}

export class CompileContext {
  readonly virtualUses: VirtualUse[];
  readonly files: Set<FileView>;
  /** A select list is being compiled: masks apply. */
  projecting = false;
  private aliases = 0;

  constructor(
    readonly names: NameSpace,
    readonly parameters: StatementParameters,
    readonly castTypes: readonly SqlType[],
    private readonly outer: CompileContext | null = null,
  ) {
    this.virtualUses = outer?.virtualUses ?? [];
    this.files = outer?.files ?? new Set();
  }

  /** For a text of its own inside the statement, with other types in its casts. */
  within(castTypes: readonly SqlType[]): CompileContext {
    return new CompileContext(this.names, this.parameters, castTypes, this);
  }

  alias(prefix: string): string {
    if (this.outer) return this.outer.alias(prefix);
    return `${prefix}${this.aliases++}`;
  }

  useVirtual(relation: VirtualRelation, args: readonly (Typed | null)[]): VirtualUse {
    const use: VirtualUse = { relation, slot: `s${this.virtualUses.length}`, args, used: [], references: new Map() };
    this.virtualUses.push(use);
    return use;
  }

  function(library: string | null, name: string): VirtualRelation {
    const found = this.names.tableFunction(library, name);
    if (!found) throw routineNotFound(name, library ?? '*LIBL');
    return found;
  }
}
