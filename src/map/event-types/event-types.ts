/** Every event type a configuration can send, with a JSON Schema for each: what receivers program against. */
import type { ChangeOp } from '../../model/change';
import { JOURNAL_NOTICES, RECONCILE_NOTICES, WINDOW_NOTICES } from '../../model/notice-kinds';
import { formatName, ordinaryTable, type QualifiedName } from '../../model/position';
import { CLOUDEVENTS_TYPE, contentTypeOf } from '../event/envelope';
import type { RuleOptions, TableRules } from '../options';
import type { FileShape } from '../plan/columns';
import { possibleTypes } from '../plan/naming';
import { eventSchema } from './event-schema';
import { noticeSchema } from './notice-schema';
import type { JsonSchema } from './row-schema';

export interface CatalogueEntry {
  readonly type: string;
  readonly version: string;
  /** `LIB/FILE`; `*` for notices, which any table can have. */
  readonly table: string;
  readonly rule: string;
  /** Null for notices, which are about no row. */
  readonly op: ChangeOp | null;
  readonly title: string | null;
  readonly description: string | null;
  /** Who answers for the table. */
  readonly owner: string | null;
  readonly aliases: readonly string[];
  readonly destinations: readonly string[];
  readonly contentType: string;
  /** True if the record format was known, so that members have types. */
  readonly typed: boolean;
  readonly schema: JsonSchema;
}

/** What is known of a table beside its rules. */
export type TableShape = FileShape;

/** What decides which notices a table can have; a mapping alone is taken for one of a journal. */
interface CapturedMapping extends TableRules {
  readonly capture?: unknown;
}

/** @param shapeOf record format and key of a table, or null where they are unknown */
export function buildCatalogue(
  tables: readonly CapturedMapping[],
  shapeOf: (table: QualifiedName) => TableShape | null,
): CatalogueEntry[] {
  const rows = tables.flatMap((table) => {
    const shape = shapeOf(table.table);
    return table.rules.flatMap((rule) => ruleEntries(table, rule, shape));
  });
  return [...rows, ...noticeEntries(tables)];
}

/** One entry a kind: a notice is the same of every table. */
function noticeEntries(tables: readonly CapturedMapping[]): CatalogueEntry[] {
  const kinds = new Map<string, Set<string>>();
  for (const table of tables) {
    const windowed = table.capture !== undefined && table.capture !== 'journal';
    for (const kind of [...(windowed ? WINDOW_NOTICES : JOURNAL_NOTICES), ...RECONCILE_NOTICES]) {
      const known = kinds.get(kind) ?? new Set();
      for (const name of table.notices ?? table.rules.flatMap((r) => r.to)) known.add(name);
      kinds.set(kind, known);
    }
  }
  return [...kinds]
    .filter(([, destinations]) => destinations.size > 0)
    .map(([type, destinations]) => ({
      type,
      version: '1',
      table: '*',
      rule: 'notice',
      op: null,
      title: null,
      description: null,
      owner: null,
      aliases: [],
      destinations: [...destinations],
      contentType: CLOUDEVENTS_TYPE,
      typed: true,
      schema: noticeSchema(type),
    }));
}

function ruleEntries(table: TableRules, rule: RuleOptions, shape: TableShape | null): CatalogueEntry[] {
  return typesOf(rule).map(({ type, op }) => ({
    type,
    version: rule.version,
    table: formatName(ordinaryTable(table.table)),
    rule: rule.name,
    op,
    title: rule.title,
    description: rule.description ?? (shape?.words?.table || null),
    owner: table.owner,
    aliases: rule.event.is === 'entity' ? rule.event.aliases : [],
    destinations: rule.to,
    contentType: contentTypeOf(rule.envelope),
    typed: shape !== null,
    schema: eventSchema({
      table,
      rule,
      type,
      op,
      shape,
      key: table.key ?? shape?.key ?? [],
    }),
  }));
}

/** Types in the order a row lives: created, updated, its transitions, deleted, read. */
export function typesOf(rule: RuleOptions): { type: string; op: ChangeOp }[] {
  const parent = rule.parent !== null;
  const ops = parent ? (['update'] as const) : opsOf(rule);
  return ops.flatMap((op) => {
    const own = possibleTypes(rule.event, [op]).map(({ type }) => ({ type, op }));
    const more = op === 'update' && !parent ? rule.transitions.map((t) => ({ type: t.event, op })) : [];
    return [...own, ...more];
  });
}

function opsOf(rule: RuleOptions): ChangeOp[] {
  const { actions, onDelete, keyChange } = rule;
  const splits = keyChange === 'deleteAndCreate' && actions.includes('update');
  const ops: ChangeOp[] = [];
  if (actions.includes('insert') || splits) ops.push('insert');
  if (actions.includes('update') || (actions.includes('delete') && onDelete.is === 'update')) ops.push('update');
  if ((actions.includes('delete') && onDelete.is === 'delete') || (splits && onDelete.is !== 'update'))
    ops.push('delete');
  if (actions.includes('read')) ops.push('read');
  return ops;
}
