/**
 * One row as a JSON object. Columns that are only selected, renamed or redated are written straight from the record image
 * by the compiled plan of src/record; what needs a value (mask, group, expression, constant) follows as text.
 */
import type { RecordImage, RowSource } from '../../model/change';
import { compileJsonPlan, type JsonPlan } from '../../record/plan/json-plan';
import type { JsonOutput } from '../../record/plan/outputs';
import type { JsonSink } from '../../record/write/json-sink';
import type { RuleColumns } from './columns';
import { type ReadErrors, takeErrors } from './row-values';

/** A member made of values; `undefined` leaves it out. */
export interface ValueMember {
  readonly name: string;
  /** JSON text. */
  text(row: RowView): string | undefined;
}

/** What value members see: see rule-values.ts. */
export interface RowView {
  /** Values by slot with masks applied. */
  readonly masked: readonly (string | number | boolean | null | undefined)[];
  /** Result of an expression of the rule over this row, as JSON text. */
  computed(index: number): string;
}

export class RowObject {
  /** Straight from the image: no values, no constants. */
  readonly plain: boolean;
  private readonly plan: JsonPlan | null;

  constructor(
    columns: RuleColumns,
    outputs: readonly JsonOutput[],
    private readonly members: readonly ValueMember[],
    /** Constant members as JSON text, `"a":1,"b":2` or empty. */
    private readonly constants: string,
  ) {
    this.plain = members.length === 0 && constants === '' && outputs.length > 0;
    this.plan = outputs.length === 0 ? null : compileJsonPlan(columns.format, outputs);
  }

  /** Appends the object. @param view asked for only when there are value members */
  write(source: RowSource, sink: JsonSink, errors: ReadErrors, view: () => RowView): void {
    this.writePlain(source, sink, errors);
    if (this.members.length === 0 && this.constants === '') return;
    sink.at--;
    let separator = sink.bytes[sink.at - 1] === OPEN ? '' : ',';
    if (this.members.length > 0) {
      const row = view();
      for (const m of this.members) {
        const text = m.text(row);
        if (text === undefined) continue;
        sink.text(`${separator}${JSON.stringify(m.name)}:${text}`);
        separator = ',';
      }
    }
    sink.text(this.constants === '' ? '}' : `${separator}${this.constants}}`);
  }

  /**
   * Appends the object of a `plain` row.
   * @returns the number of field errors
   * @throws CodedError family decode, `LAYOUT_*`
   */
  writeImage(image: RecordImage, sink: JsonSink): number {
    return this.plan!.write(image.bytes, image.offset, image.nulls, sink, image.offset + image.length);
  }

  private writePlain(source: RowSource, sink: JsonSink, errors: ReadErrors): void {
    if (this.plan === null) {
      sink.text('{}');
      return;
    }
    const { image } = source;
    const count = this.plan.write(image.bytes, image.offset, image.nulls, sink, image.offset + image.length);
    if (count > 0) takeErrors(this.plan.errors, image.bytes, errors);
  }
}

const OPEN = 0x7b;
