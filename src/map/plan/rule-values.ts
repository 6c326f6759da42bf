/** The values of one change, read when someone asks: for filters as they are, for everything that leaves with masks applied. */
import type { Change, RowSource } from '../../model/change';
import { formatName } from '../../model/position';
import type { ColumnScope } from '../expression/compile';
import type { MetaName } from '../expression/parse';
import { decimalOf, textOf, type Value } from '../expression/value';
import type { LookupCache } from '../lookup';
import type { Mask } from './mask';
import type { ReadErrors, RowValues, Scalar } from './row-values';

export type MaskedScalar = Scalar | undefined;

/** What the values of a rule need beside the change. */
export interface ValueTools {
  readonly values: RowValues;
  /** By slot. */
  readonly masks: readonly (Mask | null)[];
  /** True if there is any mask. */
  readonly masked: boolean;
  readonly lookups: LookupCache;
  /** Does this column (by name) differ between the images? */
  changed(change: Change, column: string): boolean;
}

/** One image's values in their four forms, each made once. */
class Side {
  private scalars: Scalar[] | null = null;
  private hidden: MaskedScalar[] | null = null;
  private real: Value[] | null = null;
  private safe: Value[] | null = null;

  constructor(
    private readonly source: RowSource,
    private readonly tools: ValueTools,
    private readonly errors: ReadErrors,
  ) {}

  read(): Scalar[] {
    this.scalars ??= this.tools.values.read(this.source, this.errors);
    return this.scalars;
  }

  masked(): MaskedScalar[] {
    if (this.hidden) return this.hidden;
    const { masks, masked } = this.tools;
    if (!masked) return this.read();
    this.hidden = this.read().map((v, slot) => {
      const mask = masks[slot];
      return mask && v !== null ? mask(String(v)) : mask && mask('') === undefined ? undefined : v;
    });
    return this.hidden;
  }

  forFilters(): Value[] {
    this.real ??= this.tools.values.forExpressions(this.read());
    return this.real;
  }

  /** A masked column is text to an expression, whatever it was. */
  forOutput(): Value[] {
    if (this.safe) return this.safe;
    const { masks } = this.tools;
    if (!this.tools.masked) return this.forFilters();
    const hidden = this.masked();
    this.safe = this.forFilters().map((v, slot) => (masks[slot] ? String(hidden[slot] ?? '') || null : v));
    return this.safe;
  }
}

export class ChangeValues {
  /** Texts of computed members, once they were asked for. */
  readonly computed = { current: [] as string[], before: [] as string[] };
  private readonly afterSide: Side | null;
  private readonly beforeSide: Side | null;

  constructor(
    private readonly change: Change,
    private readonly tools: ValueTools,
    readonly errors: ReadErrors,
  ) {
    this.afterSide = change.after && new Side(change.after, tools, errors);
    this.beforeSide = change.before && new Side(change.before, tools, errors);
  }

  private side(which: 'current' | 'before'): Side | null {
    return which === 'before' ? this.beforeSide : (this.afterSide ?? this.beforeSide);
  }

  /** Null when there is no such image. */
  scalars(which: 'current' | 'before'): Scalar[] | null {
    return this.side(which)?.read() ?? null;
  }

  masked(which: 'current' | 'before'): MaskedScalar[] | null {
    return this.side(which)?.masked() ?? null;
  }

  /** Scope of filters: true values. */
  filterScope(): ColumnScope {
    return this.scope(this.afterSide?.forFilters() ?? null, this.beforeSide?.forFilters() ?? null);
  }

  /** Scope of what leaves: masked values. For the before object, the before image is the current one. */
  outputScope(which: 'current' | 'before'): ColumnScope {
    const current = this.side(which)?.forOutput() ?? null;
    return this.scope(current, this.beforeSide?.forOutput() ?? null);
  }

  private scope(after: readonly Value[] | null, before: readonly Value[] | null): ColumnScope {
    const { change, tools } = this;
    return {
      after,
      before,
      op: change.op,
      meta: (name) => metaValue(change, name),
      changed: (column) => tools.changed(change, column),
      lookup: (name, key) => (key === null ? null : answer(tools.lookups.get(name, textOf(key)))),
    };
  }
}

function answer(value: string | number | boolean | null): Value {
  return typeof value === 'number' ? decimalOf(String(value)) : value;
}

function metaValue(change: Change, name: MetaName): Value {
  switch (name) {
    case 'mode':
      return change.mode;
    case 'table':
      return formatName(change.table);
    case 'member':
      return change.member;
    case 'journal':
      return change.journal ? formatName(change.journal) : '';
    case 'receiver':
      return change.position ? formatName(change.position.receiver) : '';
    case 'user':
      return change.user;
    case 'job':
      return change.job;
    case 'program':
      return change.program;
    case 'remoteAddress':
      return change.remoteAddress;
    case 'rrn':
      return change.rrn === 0n ? null : decimalOf(String(change.rrn));
  }
}
