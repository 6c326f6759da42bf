/** What an event of a parent says of the parent's row: asked for by its key, shown by the rule of the parent's own table. */
import type { Change } from '../model/change';
import { formatName } from '../model/position';
import type { MappedTables, RuleState } from './mapped-tables';
import type { Held } from './order/held';
import type { ParentEvents, ParentRowText } from './order/parents';
import type { ParentAnswer, ParentQuestion, ParentRows } from './parent-rows';

export class ParentTexts {
  constructor(
    private readonly tables: MappedTables,
    private readonly rows: ParentRows,
  ) {}

  /** Null where the event carries no row. @param item with news @throws CodedError family decode */
  of(parents: ParentEvents, item: Held): ParentRowText | null {
    if (!parents.fetches) return null;
    const state = this.tables.get(item.table);
    const rule = state?.rules.find(({ mapper }) => mapper.entity === parents.entity);
    const key = rule ? keyOf(rule, item) : 'no rule';
    if (!state || !rule || typeof key === 'string') return without(typeof key === 'string' ? key : 'no rule');
    const answer = this.rows.get({ table: state.mapping.table, key });
    // the unit is mapped again once it is there
    if (answer === null) return without('asked');
    return this.textOf(answer, rule, { item, table: state.mapping.table });
  }

  private textOf(
    answer: ParentAnswer,
    { name }: RuleState,
    { item, table }: { readonly item: Held; readonly table: Change['table'] },
  ): ParentRowText {
    const { row, rrn, state } = answer;
    if (row === null) return { ...without(state), meta: metaOf(state, answer) };
    const { mode, timestamp } = item.last;
    const change: Change = {
      op: 'read',
      ...{ mode, table, timestamp, rrn, after: row },
      ...{ member: '', before: null, journal: null, position: null, occasion: '', commitCycle: 0n },
      ...{ user: '', job: '', program: '', remoteAddress: '' },
    };
    const { mapper } = this.tables.of(change).rules.find((r) => r.name === name)!;
    const text = mapper.rowText(change);
    if (typeof text === 'string') return { ...without(text), meta: metaOf(text, answer) };
    return { ...text, meta: metaOf(state, answer) };
  }
}

/** Columns of the parent's key with their values; what keeps it from being read. */
function keyOf({ mapper: { plan } }: RuleState, { news }: Held): ParentQuestion['key'] | 'null key' | 'other key' {
  const values = new Map(news!.key);
  const columns = plan.keyIndexes().map((i) => plan.columns.format.columns[i]!.name);
  if (columns.length === 0 || columns.length !== values.size) return 'other key';
  const key: [string, string][] = [];
  for (const [i, { name }] of plan.key.entries()) {
    const value = values.get(name);
    if (value === undefined) return 'other key';
    if (value === null) return 'null key';
    key.push([columns[i]!, String(value)]);
  }
  return key;
}

function without(state: string): ParentRowText {
  return { json: null, errors: [], meta: metaOf(state, null) };
}

function metaOf(state: string, answer: ParentAnswer | null): string {
  const at = answer?.at;
  return JSON.stringify({
    state,
    receiver: at ? formatName(at.receiver) : null,
    sequence: at ? at.sequence.toString() : null,
  });
}
