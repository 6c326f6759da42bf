/** Columns as values, for what cannot be written straight from the image: keys, expressions, masks, groups, templates. */
import type { RowSource } from '../../model/change';
import type { FieldError } from '../../model/record-format';
import type { Disposition, FieldErrors } from '../../record/field-errors';
import type { JsonOutput } from '../../record/plan/outputs';
import { compileRowReader, type RowReader } from '../../record/rows/row-reader';
import { decimalOf, type Value } from '../expression/value';
import type { RuleColumns } from './columns';

export type Scalar = string | number | boolean | null;

export interface ReadErrors {
  errors: FieldError[];
  disposition: Disposition;
}

/** Slots of one rule; a column has one slot however often it is used. */
export class RowValues {
  private readonly columns: number[] = [];
  private reader: RowReader | null = null;

  constructor(private readonly of: RuleColumns) {}

  /** Call while compiling only. */
  slot(index: number): number {
    const known = this.columns.indexOf(index);
    if (known >= 0) return known;
    this.columns.push(index);
    this.reader = null;
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
    this.reader ??= compileRowReader(this.of.format, this.outputs());
    const { image } = source;
    const values = this.reader.read(image.bytes, image.offset, image.nulls, image.offset + image.length);
    if (this.reader.errors.count > 0) takeErrors(this.reader.errors, image.bytes, into);
    for (const [i, v] of values.entries()) {
      if (typeof v === 'object' && v !== null) values[i] = Buffer.from(v).toString('base64');
      else if (v === undefined) values[i] = null;
    }
    return values as Scalar[];
  }

  private outputs(): JsonOutput[] {
    return this.columns.map((c) => this.of.output(c));
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

export function takeErrors(found: FieldErrors, image: Uint8Array, into: ReadErrors): void {
  addErrors(found.list(image), found.disposition, into);
}

/** An error met twice (in key and row, or by two readers) is reported once. */
function addErrors(errors: readonly FieldError[], disposition: Disposition, into: ReadErrors): void {
  for (const e of errors) {
    if (!into.errors.some((x) => x.column === e.column && x.code === e.code && x.raw === e.raw)) into.errors.push(e);
  }
  if (RANK[disposition] > RANK[into.disposition]) into.disposition = disposition;
}
