/** Columns as values, for what cannot be written straight from the image: keys, expressions, masks, groups, templates. */
import type { RowSource } from '../model/change';
import type { FieldError } from '../model/record-format';
import type { Disposition } from '../record/field-errors';
import { compileJsonPlan, type JsonPlan } from '../record/json-plan';
import { JsonSink } from '../record/json-sink';
import type { RuleColumns } from './columns';
import { decimalOf, type Value } from './expression/value';
import { sqlRowValues } from './sql-row';

export type Scalar = string | number | boolean | null;

export interface ReadErrors {
  errors: FieldError[];
  disposition: Disposition;
}

/** Slots of one rule; a column has one slot however often it is used. */
export class RowValues {
  private readonly columns: number[] = [];
  private readonly scratch = new JsonSink(4096);
  private plan: JsonPlan | null = null;

  constructor(private readonly of: RuleColumns) {}

  /** Call while compiling only. */
  slot(index: number): number {
    const known = this.columns.indexOf(index);
    if (known >= 0) return known;
    this.columns.push(index);
    this.plan = null;
    return this.columns.length - 1;
  }

  get size(): number {
    return this.columns.length;
  }

  columnAt(slot: number): number {
    return this.columns[slot]!;
  }

  /**
   * Values by slot, in the forms of `decode`; a column not recorded in the image is null.
   * @throws CodedError family decode, `LAYOUT_*`
   */
  read(source: RowSource, into: ReadErrors): Scalar[] {
    if (this.columns.length === 0) return [];
    // numbers stay text here whatever the event says: JSON.parse would make floats of them
    const outputs = () => this.columns.map((c, i) => ({ ...this.of.output(c, String(i)), decimal: 'string' as const }));
    if (source.is === 'row') return sqlRowValues(this.of.format, outputs(), source.row, into);
    this.plan ??= compileJsonPlan(this.of.format, outputs());
    const { image } = source;
    this.scratch.rewind();
    const count = this.plan.write(image.bytes, image.offset, image.nulls, this.scratch, image.offset + image.length);
    if (count > 0) takeErrors(this.plan, image.bytes, into);
    const row = JSON.parse(this.scratch.since(0).toString('utf8')) as Record<string, Scalar>;
    return this.columns.map((_, i) => row[i] ?? null);
  }

  /** The same values as expressions see them: exact decimals where the column is a number. */
  forExpressions(values: readonly Scalar[]): Value[] {
    return values.map((v, slot) => {
      if (v === null || typeof v === 'boolean') return v;
      return this.of.isNumeric(this.columns[slot]!) ? decimalOf(String(v)) : String(v);
    });
  }
}

const RANK: Readonly<Record<Disposition, number>> = { emit: 0, quarantine: 1, stop: 2 };

export function takeErrors(plan: JsonPlan, image: Uint8Array, into: ReadErrors): void {
  addErrors(plan.errors.list(image), plan.errors.disposition, into);
}

/** An error met twice (in key and row, or by two readers) is told once. */
export function addErrors(errors: readonly FieldError[], disposition: Disposition, into: ReadErrors): void {
  for (const e of errors) {
    if (!into.errors.some((x) => x.column === e.column && x.code === e.code && x.raw === e.raw)) into.errors.push(e);
  }
  if (RANK[disposition] > RANK[into.disposition]) into.disposition = disposition;
}
