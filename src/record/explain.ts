/** Offset, width, bytes and value of each field of one image: for `decode --explain` and for reading a dump by eye. */
import type { JsonPlan } from './plan/json-plan';
import { JsonSink } from './write/json-sink';

interface ExplainedField {
  readonly column: string;
  readonly type: string;
  /** From the start of the image. */
  readonly offset: number;
  readonly width: number;
  /** At most 64 bytes of the slot. */
  readonly hex: string;
  /** The JSON value, at most 80 characters of it. */
  readonly value: string;
  readonly error: string | null;
}

const SHOWN_BYTES = 64;
const SHOWN_VALUE = 80;

/** @throws CodedError family `decode`, `LAYOUT_*` */
export function explainImage(plan: JsonPlan, image: Buffer, nulls: Uint8Array | null): ExplainedField[] {
  const sink = new JsonSink(4096);
  plan.write(image, 0, nulls, sink);
  const row = JSON.parse(sink.since(0).toString('utf8')) as Record<string, unknown>;
  const errors = new Map(plan.errors.list(image).map((e) => [e.column, e.code]));
  return plan.layout.fields.map((f) => {
    const { name, type, length, scale } = f.column;
    const value = name in row ? JSON.stringify(row[name]) : 'not recorded';
    const bytes = image.subarray(f.offset, f.offset + Math.min(f.width, SHOWN_BYTES)).toString('hex');
    return {
      column: name,
      type: scale > 0 ? `${type}(${length},${scale})` : `${type}(${length})`,
      offset: f.offset,
      width: f.width,
      hex: f.width > SHOWN_BYTES ? `${bytes}...` : bytes,
      value: value.length > SHOWN_VALUE ? `${value.slice(0, SHOWN_VALUE)}...` : value,
      error: errors.get(name) ?? null,
    };
  });
}
