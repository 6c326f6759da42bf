/** A synthetic event of one type, made by the real mapping from a made-up row. */
import type { ChangeOp, SqlRow } from '../../model/change';
import type { EventDraft } from '../../model/event';
import { findNamed, ordinaryName } from '../../model/identifiers';
import { formatName, ordinaryTable, type QualifiedName } from '../../model/position';
import type { RecordFormat } from '../../model/record-format';
import type { PartitionClock } from '../event/clock';
import { Mapper } from '../mapper';
import type { RuleOptions, TableRules } from '../options';
import { type TableShape, typesOf } from './event-types';
import { guessedFormat, syntheticChange } from './synthetic';

export { syntheticRow } from './synthetic';

interface SampleOptions {
  readonly partition: string;
  readonly product: string;
  readonly clock: PartitionClock;
  readonly shapeOf: (table: QualifiedName) => TableShape | null;
}

/** Every event of that type, one for each rule that can send it; empty if none can. */
export function sampleEvents(tables: readonly TableRules[], type: string, options: SampleOptions): EventDraft[] {
  return tables.flatMap((table) =>
    table.rules.flatMap((rule) => {
      const found = typesOf(rule).find((t) => t.type === type);
      return found ? [sampleOf(table, rule, type, found.op, options)] : [];
    }),
  );
}

function sampleOf(
  written: TableRules,
  rule: RuleOptions,
  type: string,
  op: ChangeOp,
  options: SampleOptions,
): EventDraft {
  const table = { ...written, table: ordinaryTable(written.table) };
  const shape = options.shapeOf(table.table);
  const format = shape?.format ?? guessedFormat(table);
  const { partition, product, clock } = options;
  const mapper = new Mapper({ partition, product, clock, now: () => 0 });
  mapper.setTable({ ...table, rules: [unfiltered(rule)] }, format, shape?.key ?? [], shape?.aliases);
  const source = op === 'update' && !rule.actions.includes('update') ? 'delete' : op;
  const change = syntheticChange(table.table, format, rule, source, valuesFor(rule, type, format));
  const outcome = mapper.map(change);
  const drafts = [...(outcome.is === 'mapped' ? outcome.events : []), ...mapper.endUnit()];
  const draft = drafts.find((d) => d.type === type);
  if (!draft) throw new Error(`no sample of ${type} from ${formatName(table.table)}: ${JSON.stringify(outcome)}`);
  return draft;
}

/** Filters say which rows are news; a sample shows what news looks like. Made-up values need no secret key to hide them. */
function unfiltered(rule: RuleOptions): RuleOptions {
  const key = { reveal: () => 'sample' };
  const mask = Object.entries(rule.mask).map(([c, m]) => [c, m.is === 'hash' ? { ...m, key } : m] as const);
  return {
    ...rule,
    when: null,
    whenChanged: null,
    ignore: { jobs: [], users: [], programs: [] },
    mask: Object.fromEntries(mask),
  };
}

/** The values that bring the type about: a step of a transition, or the code of a discriminator. */
function valuesFor(rule: RuleOptions, type: string, format: RecordFormat): { before?: SqlRow; after?: SqlRow } {
  const step = rule.transitions.find((t) => t.event === type);
  if (step) {
    const name = columnOf(format, step.column);
    return { before: { [name]: step.from?.[0] ?? '' }, after: { [name]: step.to[0]! } };
  }
  if (rule.event.is !== 'discriminator') return {};
  const { by, types } = rule.event;
  const code = Object.keys(types).find((value) => type.startsWith(`${types[value]}.`)) ?? 'OTHER';
  const row = { [columnOf(format, by)]: code };
  return { before: row, after: row };
}

function columnOf(format: RecordFormat, name: string): string {
  return findNamed(name, format.columns, (c) => [c.name])?.name ?? ordinaryName(name);
}
