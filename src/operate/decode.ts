/** Exported record images to JSON, one line in and one line out; the lines themselves are read and written by the command. */
import { readFileSync } from 'node:fs';
import { CodedError, isCoded } from '../errors/coded-error';
import type { ErrorCode } from '../errors/codes';
import type { RecordFormat } from '../model/record-format';
import { explainImage } from '../record/explain';
import { withCcsids } from '../record/layout/ccsid-override';
import { parseFormat } from '../record/layout/parse-format';
import { compileJsonPlan, type JsonPlan } from '../record/plan/json-plan';
import { allColumns } from '../record/plan/outputs';
import { PlanCache } from '../record/plan/plan-cache';
import type { JsonSink } from '../record/write/json-sink';

/** Columns without a CCSID are read as CCSID 37 unless the options name one; 65535 stays bytes. */
const DEFAULT_CCSID = 37;

export interface DecodeWish {
  /** File with the record format of lines that bring none of their own. */
  readonly format?: string;
  readonly keepBlanks: boolean;
  readonly binary: 'base64' | 'hex';
  /** Of character columns without one, or tagged 65535. */
  readonly ccsid?: number;
}

/** What stands in the place of a line that cannot be read. Anything but a coded error is thrown on. */
export function lineFault(error: unknown, line: number): Record<string, unknown> {
  if (!isCoded(error)) throw error;
  return { code: error.code, message: error.message, ...(error.next === undefined ? {} : { next: error.next }), line };
}

function malformed(code: ErrorCode, message: string): CodedError {
  return new CodedError({ code, message });
}

interface Input {
  readonly image: Buffer;
  readonly nulls: Buffer | null;
  readonly plan: JsonPlan;
}

export class Decoder {
  private readonly shared: JsonPlan | null;
  private readonly plans = new PlanCache<JsonPlan>(64);

  /** @throws CodedError family `config` when the format file cannot be used */
  constructor(private readonly options: DecodeWish) {
    this.shared = options.format === undefined ? null : this.fromFile(options.format);
  }

  /** Appends `{"row":..,"errors":[..]}`. */
  decode(line: string, sink: JsonSink, explain: boolean): void {
    const { image, nulls, plan } = this.parse(line);
    sink.text('{"row":');
    plan.write(image, 0, nulls, sink);
    const errors = plan.errors.count === 0 ? '[]' : JSON.stringify(plan.errors.list(image));
    const fields = explain ? `,"fields":${JSON.stringify(explainImage(plan, image, nulls))}` : '';
    sink.text(`,"errors":${errors}${fields}}\n`);
  }

  /** Appends a table for people. */
  explain(line: string, number: number, sink: JsonSink): void {
    const { image, nulls, plan } = this.parse(line);
    const rows = explainImage(plan, image, nulls).map((f) => [
      String(f.offset),
      String(f.width),
      f.column,
      f.type,
      f.hex,
      f.error === null ? f.value : `${f.value}  ${f.error}`,
    ]);
    const head = ['offset', 'width', 'column', 'type', 'bytes', 'value'];
    const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
    const print = (cells: readonly string[]): string =>
      cells
        .map((c, i) => (i < 2 ? c.padStart(widths[i]!) : c.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd();
    const title = `line ${number}: ${plan.layout.format.table || 'record'}, ${image.length} bytes`;
    sink.text(`${[title, print(head), ...rows.map(print)].join('\n')}\n\n`);
  }

  private parse(line: string): Input {
    const value = parseJson(line);
    const { hex, nullMap, format } = value;
    if (typeof hex !== 'string' || !/^(?:[0-9A-Fa-f]{2})*$/.test(hex))
      throw malformed('INPUT_HEX', '`hex` must be a string of pairs of hex digits');
    const plan = format === undefined || format === null ? this.shared : this.ofLine(format);
    if (plan === null) throw malformed('INPUT_FORMAT', 'the line brings no `format`, and --format was not given');
    return { image: Buffer.from(hex, 'hex'), nulls: nullBytes(nullMap, plan.layout.fields.length), plan };
  }

  private ofLine(format: unknown): JsonPlan {
    return this.plans.get(JSON.stringify(format), () => this.compile(parseFormat(format)));
  }

  private compile(format: RecordFormat): JsonPlan {
    const named = withCcsids(format, { connection: this.options.ccsid ?? 65535 });
    const complete = {
      ...named,
      columns: named.columns.map((c, i) =>
        format.columns[i]!.ccsid === null && c.ccsid === 65535 ? { ...c, ccsid: DEFAULT_CCSID } : c,
      ),
    };
    return compileJsonPlan(
      complete,
      allColumns(complete.columns, { trim: !this.options.keepBlanks, binary: this.options.binary }),
    );
  }

  private fromFile(file: string): JsonPlan {
    try {
      return this.compile(parseFormat(JSON.parse(readFileSync(file, 'utf8'))));
    } catch (cause) {
      throw new CodedError({
        code: 'FORMAT_FILE',
        message: `the format file ${file} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: (isCoded(cause) ? cause.next : undefined) ?? 'see docs/decoding.md for the shape of a format',
        facts: { file },
        cause,
      });
    }
  }
}

function parseJson(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw malformed('INPUT_JSON', 'the line is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('INPUT_JSON', 'the line is not a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

/** Blanks after the last field are padding of an exported CHAR column. */
function nullBytes(map: unknown, fields: number): Buffer | null {
  if (map === null || map === undefined) return null;
  if (typeof map !== 'string' || !/^[019]* *$/.test(map))
    throw malformed('INPUT_NULL_MAP', '`nullMap` must be null or a string of 0, 1 and 9');
  const text = map.length > fields ? map.trimEnd() : map;
  return text.trim() === '' ? null : Buffer.from(text, 'latin1');
}
