/** Record images column by column: place, bytes and value before and after, and which columns differ. */
import type { TableFacts } from '../../catalog/table-facts';
import type { Config, TableConfig } from '../../config/config';
import type { RuleOptions } from '../../map/options';
import type { Change, RowSource } from '../../model/change';
import { entryFor, findNamed } from '../../model/identifiers';
import type { RecordFormat } from '../../model/record-format';
import { explainImage } from '../../record/explain';
import { withCcsids } from '../../record/layout/ccsid-override';
import { compileJsonPlan, type JsonPlan } from '../../record/plan/json-plan';
import { allColumns } from '../../record/plan/outputs';

/** Why a column is not shown: a rule masks it, or the event does not have it and the caller reads events alone. */
type Concealed = 'masked' | 'not in the event' | null;

type Explained = ReturnType<typeof explainImage>[number];

interface Veil {
  readonly table: TableConfig;
  /** Names of its columns, SQL and system: a rule may speak of either. */
  readonly facts: Pick<TableFacts, 'columns'>;
  /** Only what events of the rule have is shown; null shows all that is not masked. */
  readonly rule: RuleOptions | null;
}

/** @throws CodedError `LAYOUT_*`, family decode, where the image does not fit the format */
export function imageFields(
  config: Config,
  format: RecordFormat,
  { before, after }: Pick<Change, 'before' | 'after'>,
  veil: Veil,
) {
  const plan = planOf(config, format, veil.table);
  const earlier = explained(plan, before);
  const later = explained(plan, after);
  return plan.layout.fields.map(({ column, offset, width }, i) => {
    const concealed = concealedOf(column.name, format, veil);
    const facts = (later ?? earlier)?.[i];
    return {
      column: column.name,
      type: facts?.type ?? column.type,
      offset,
      width,
      concealed,
      changed: before !== null && after !== null && differs(before, after, i, { offset, width }),
      before: sideOf(earlier?.[i], concealed),
      after: sideOf(later?.[i], concealed),
    };
  });
}

function sideOf(field: Explained | undefined, concealed: Concealed) {
  if (field === undefined || concealed !== null) return null;
  return { hex: field.hex, value: field.value, error: field.error };
}

function explained(plan: JsonPlan, source: RowSource | null): Explained[] | null {
  if (source === null) return null;
  const { bytes, offset, length, nulls } = source.image;
  return explainImage(plan, Buffer.from(bytes.buffer, bytes.byteOffset + offset, length), nulls);
}

function differs(a: RowSource, b: RowSource, field: number, place: { offset: number; width: number }): boolean {
  const bytesOf = ({ image }: RowSource): Buffer => {
    const start = image.offset + place.offset;
    return Buffer.from(image.bytes.subarray(start, Math.min(start + place.width, image.offset + image.length)));
  };
  const nullOf = ({ image }: RowSource): number => image.nulls?.[field] ?? 0x30;
  return nullOf(a) !== nullOf(b) || (nullOf(a) === 0x30 && !bytesOf(a).equals(bytesOf(b)));
}

function concealedOf(column: string, format: RecordFormat, { table, rule, facts }: Veil): Concealed {
  const named = (list: readonly string[]): boolean =>
    list.some((written) => {
      const now = findNamed(written, facts.columns, (c) => [c.format.name, c.systemName]);
      const then = findNamed(written, format.columns, (c) => [c.name]);
      return now?.format.name === column || then?.name === column;
    });
  if (table.rules.some(({ mask }) => named(Object.keys(mask)))) return 'masked';
  if (rule === null) return null;
  const shown = rule.include === '*' ? !named(rule.exclude) : named(rule.include);
  return shown ? null : 'not in the event';
}

/** As the rules of the table read its text. */
function planOf({ partition }: Config, format: RecordFormat, table: TableConfig): JsonPlan {
  const columns: Record<string, number> = {};
  for (const { name } of format.columns)
    for (const rule of table.rules) {
      const stated = entryFor(rule.columns, name)?.ccsid;
      if (stated != null) columns[name] ??= stated;
    }
  const stated = withCcsids(format, {
    columns,
    ...(table.ccsid === null ? {} : { table: table.ccsid }),
    ...(partition.ccsid === null ? {} : { connection: partition.ccsid }),
  });
  return compileJsonPlan(stated, allColumns(stated.columns, { trim: true, binary: 'hex' }));
}
