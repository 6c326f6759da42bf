/** Which names a place in a statement can see: relations of the FROM clause, common tables, and those of the outer query. */
import type { FileView } from '../../partition/contract';
import { columnAmbiguous, columnNotFound, qualifierUndefined } from '../failures';
import type { Typed } from './typed';

export interface ScopeColumn {
  readonly name: string;
  readonly systemName: string;
  readonly hidden: boolean;
  /** Asked for on use, so that a relation knows which of its columns are read. */
  value(): Typed;
}

export interface ScopeRelation {
  /** Correlation name, else the table's name. */
  readonly name: string;
  readonly library: string | null;
  /** What SQL calls the library, where that differs. */
  readonly schema?: string;
  readonly systemTable: string;
  readonly columns: readonly ScopeColumn[];
  /** SQLite alias. */
  readonly alias: string;
  readonly file?: FileView;
}

/** A query under WITH, or a view's text. */
interface CommonTable {
  readonly sqlName: string;
  readonly columns: readonly { readonly name: string; readonly value: Typed }[];
}

export class Scope {
  readonly relations: ScopeRelation[] = [];
  private readonly commonTables = new Map<string, CommonTable>();

  constructor(readonly parent: Scope | null = null) {}

  addCommonTable(name: string, table: CommonTable): void {
    this.commonTables.set(name, table);
  }

  commonTable(name: string): CommonTable | null {
    return this.commonTables.get(name) ?? this.parent?.commonTable(name) ?? null;
  }

  /** `COL`, `T.COL` or `LIB.T.COL`. */
  resolve(parts: readonly string[]): Typed {
    const name = parts[parts.length - 1]!;
    const qualifier = parts.slice(0, -1);
    for (let scope: Scope | null = this; scope; scope = scope.parent) {
      const found = scope.find(qualifier, name);
      if (found) return { ...found.value(), name: found.name };
    }
    if (qualifier.length > 0 && !this.relation(qualifier)) throw qualifierUndefined(name, qualifier.join('.'));
    throw columnNotFound(name);
  }

  private find(qualifier: readonly string[], name: string): ScopeColumn | null {
    const candidates = this.relations.filter((r) => qualifier.length === 0 || isNamed(r, qualifier));
    for (const key of ['name', 'systemName'] as const) {
      const hits = candidates.flatMap((r) => r.columns.filter((c) => c[key] === name));
      if (hits.length > 1) throw columnAmbiguous(name);
      if (hits[0]) return hits[0];
    }
    return null;
  }

  relation(qualifier: readonly string[]): ScopeRelation | null {
    for (let scope: Scope | null = this; scope; scope = scope.parent) {
      const hit = scope.relations.find((r) => isNamed(r, qualifier));
      if (hit) return hit;
    }
    return null;
  }
}

function isNamed(relation: ScopeRelation, qualifier: readonly string[]): boolean {
  const name = qualifier[qualifier.length - 1]!;
  const [library] = qualifier;
  if (qualifier.length > 1 && relation.library !== null && library !== relation.library && library !== relation.schema)
    return false;
  return relation.name === name || relation.systemTable === name;
}
