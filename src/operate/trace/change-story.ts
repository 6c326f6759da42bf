/** What became of one change of a key, and why: what the ledger has first, then what each rule says to it today. */
import type { TableMapping } from '../../capture/tables/table-mapping';
import { isCoded } from '../../errors/coded-error';
import type { JournalChange } from '../../journal/cycle/journal-change';
import { DETAIL_BASE, FATE } from '../../journal/ledger/ledger';
import type { LedgerTable } from '../../journal/ledger/table';
import type { WrittenCheckpoint } from '../../journal/position/checkpoint-table';
import type { PartitionClock } from '../../map/event/clock';
import type { RuleVerdict } from '../../map/mapper';
import type { RuleOptions, TableRules } from '../../map/options';
import { formatName, formatPosition } from '../../model/position';
import { clauseText } from './clause-text';

export interface ChangeStory {
  readonly table: string;
  readonly op: string;
  readonly journal: string;
  readonly receiver: string;
  readonly sequence: string;
  /** UTC. */
  readonly entryAt: string;
  readonly user: string;
  readonly job: string;
  readonly program: string;
  readonly commitCycle: string | null;
  /** `filtered: order:whenChanged`, `rolled back`, `not read yet`... */
  readonly fate: string;
  /** Each rule of the table as configured now. */
  readonly rules: readonly RuleWord[];
  /** Ids of the events it makes; `stored` when the outbox still has them. */
  readonly events: readonly { readonly id: string; readonly type: string; readonly stored: boolean }[];
  readonly next: string | null;
}

interface RuleWord {
  readonly rule: string;
  readonly outcome: 'mapped' | 'filtered' | 'refused';
  /** Which clause filtered it: `when`, `whenChanged`, `onDelete`... */
  readonly clause: string | null;
  readonly says: string;
}

interface StoryParts {
  readonly ledger: LedgerTable;
  readonly checkpoint: WrittenCheckpoint | null;
  readonly mapping: TableMapping;
  readonly rulesOf: (table: string) => TableRules | null;
  readonly isStored: (id: string) => boolean;
  readonly clock: PartitionClock;
  /** The daemon has read past it. */
  readonly isRead: (change: JournalChange) => boolean;
}

export async function storyOf(change: JournalChange, parts: StoryParts): Promise<ChangeStory> {
  const { ledger, mapping, clock } = parts;
  const table = formatName(change.table);
  const fate = ledger.fateAt(change.journal, change.position);
  const verdicts = await explained(change, mapping);
  const rules = parts.rulesOf(table);
  const events = Array.isArray(verdicts)
    ? verdicts.flatMap((v) => (v.result.is === 'mapped' ? v.result.events : []))
    : [];
  return {
    table,
    op: change.op,
    journal: formatName(change.journal),
    receiver: formatName(change.position.receiver),
    sequence: change.position.sequence.toString(),
    entryAt: clock.toUtc(change.timestamp),
    user: change.user,
    job: change.job,
    program: change.program,
    commitCycle: change.commitCycle === 0n ? null : change.commitCycle.toString(),
    ...fateText(fate, change, parts),
    rules: Array.isArray(verdicts)
      ? verdicts.map((v) => wordOf(v, rules?.rules.find((r) => r.name === v.rule) ?? null, change))
      : [{ rule: 'all', outcome: 'refused', clause: null, says: verdicts }],
    events: events.map(({ id, type }) => ({ id, type, stored: parts.isStored(id) })),
  };
}

function wordOf(verdict: RuleVerdict, rule: RuleOptions | null, change: JournalChange): RuleWord {
  const { result } = verdict;
  return {
    rule: verdict.rule,
    outcome: result.is,
    clause: result.is === 'filtered' ? result.by : null,
    says: clauseText(rule, verdict, change),
  };
}

/** The verdicts, or why there can be none. */
async function explained(change: JournalChange, mapping: TableMapping): Promise<RuleVerdict[] | string> {
  try {
    const first = mapping.explain(change);
    if (mapping.missingLookups().length === 0) return first;
    await mapping.loadLookups();
    return mapping.explain(change);
  } catch (error) {
    if (isCoded(error) && error.family === 'decode') return `${error.code}: ${error.message}`;
    throw error;
  }
}

function fateText(
  fate: number | null,
  change: JournalChange,
  parts: StoryParts,
): { fate: string; next: string | null } {
  const { ledger, checkpoint } = parts;
  if (fate === null) return unreadText(change, parts);
  const name = ledger.nameOf(fate);
  if (fate === FATE.held) {
    const open = checkpoint?.openCycles.includes(change.commitCycle) ?? false;
    const still = open ? 'which is still open' : 'whose end has not been read';
    const next = `its events are sent when job ${change.job} commits; ibmi-cdc status shows how far the daemon has read`;
    return { fate: `waiting in commit cycle ${change.commitCycle}, ${still}`, next };
  }
  if (fate >= DETAIL_BASE && name.startsWith('quarantined')) {
    const next = `mend the field or its onError, then send the row as it is now: ibmi-cdc backfill --table ${formatName(change.table)} --where ...`;
    return { fate: name, next };
  }
  return { fate: name, next: null };
}

function unreadText(change: JournalChange, { checkpoint, isRead }: StoryParts): { fate: string; next: string } {
  if (isRead(change)) {
    return { fate: 'not accounted for', next: 'ibmi-cdc audit' };
  }
  const at = checkpoint ? `the daemon has read up to ${formatPosition(checkpoint.read)}` : 'nothing was read';
  return { fate: `not read yet: ${at}`, next: 'ibmi-cdc status' };
}
