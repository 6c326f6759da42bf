/** The configuration resolved against the partition, table by table. */
import { transportOf } from '../../assembly/connect';
import { tableNamed } from '../../capture/tables/table-named';
import { readTables } from '../../catalog/catalog';
import { typeText } from '../../catalog/column-format';
import type { CheckFinding } from '../../catalog/finding';
import { columnNamed, hasLayout, type TableFacts } from '../../catalog/table-facts';
import { tableFindings } from '../../catalog/table-findings';
import { probeTable } from '../../catalog/table-probe';
import { readWords, type TableWords } from '../../catalog/words';
import type { Config, TableConfig } from '../../config/config';
import { catalogKeys, contractOf } from '../../contract/contract';
import { keptContract } from '../../contract/contract-table';
import { type ContractDifference, contractDifferences } from '../../contract/difference';
import type { CheckCode } from '../../errors/codes/findings';
import { columnsHidden } from '../../map/plan/check';
import { spellingsOf } from '../../model/identifiers';
import { formatName, ordinaryTable, type QualifiedName } from '../../model/position';
import { stateThere } from '../../store/look';
import { openStateFile } from '../state-file';
import { readUnseenChanges, type UnseenChanges } from '../unseen-changes';

export interface Plan {
  readonly tables: readonly TablePlan[];
  /** With `--diff`: what receivers will notice; null: no daemon has run on this state file yet. */
  readonly diff?: readonly ContractDifference[] | null;
}

interface TablePlan {
  readonly table: string;
  /** Names journal entries and statements use. */
  readonly file: string;
  readonly sqlName: string;
  /** `ok`, or why the table is not captured while the others are. */
  readonly state: string;
  readonly reason: string;
  /** Code of `state`, explained in docs/reference/errors.md; null where it is `ok`. */
  readonly code: CheckCode | null;
  readonly capture: 'journal' | 'window';
  readonly journal: string | null;
  readonly images: string | null;
  readonly key: readonly string[];
  readonly keySource: string;
  readonly ccsids: readonly number[];
  readonly members: number;
  /** Names of the expression language that hide a column of the table, and how to write the column. */
  readonly warnings: readonly string[];
  /** CL, SQL or YAML that mends the state. */
  readonly fixes: readonly string[];
  /** Changes that no entry reported, as the daemon saw it. */
  readonly unseen: UnseenChanges | null;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly ccsid: number | null }[];
}

interface PlanWish {
  /** This one alone; undefined is every table of the configuration. */
  readonly table?: string | undefined;
  /** Compare with the configuration the state file last ran under. */
  readonly diff?: boolean;
  /** What the catalog said, before it is judged, and the words people wrote there. */
  readonly onFacts?: (facts: readonly TableFacts[], words: ReadonlyMap<string, TableWords>) => void;
  /** File for annotated frames. */
  readonly traceWire?: string | undefined;
}

/** @throws CodedError `TABLE_UNKNOWN`; family transport, signOn or host, when the partition cannot be asked */
export async function planTables(config: Config, { table, diff, onFacts, traceWire }: PlanWish = {}): Promise<Plan> {
  await using connection = await transportOf(config, { traceWire }).connect({ role: 'plan' });
  const tables = table ? [await tableNamed(config, connection, table)] : config.tables;
  const facts = await readTables(
    connection,
    tables.map((t) => t.table),
  );
  if (onFacts) {
    const found = facts.filter(hasLayout).map((f) => f.file);
    onFacts(facts, found.length > 0 ? await readWords(connection, found) : new Map());
  }
  const plans: TablePlan[] = [];
  const known = facts.flatMap((f) => f.journal?.name ?? [])[0] ?? null;
  const unseen = new Map(readUnseenChanges(config).map((u) => [u.table, u]));
  for (const [i, fact] of facts.entries()) {
    const probed = await probeTable(connection, fact);
    const plan = planOf(tables[i]!, probed);
    const against = plan.state === 'ok' ? [] : errorsOf(tables[i]!, probed, known);
    const fixes = against.flatMap((f) => f.fix ?? []);
    plans.push({ ...plan, fixes, unseen: unseen.get(plan.file) ?? null, code: against[0]?.code ?? null });
  }
  return { tables: plans, ...(diff ? { diff: differencesOf(config, facts) } : {}) };
}

function differencesOf(config: Config, facts: readonly TableFacts[]): readonly ContractDifference[] | null {
  if (!stateThere(config.state)) return null;
  using state = openStateFile(config);
  const before = keptContract(state.store);
  return before && contractDifferences(before, contractOf(config, catalogKeys(facts)));
}

function planOf(config: TableConfig, facts: TableFacts): Omit<TablePlan, 'unseen' | 'fixes' | 'code'> {
  const window = config.capture !== 'journal';
  const state = window && facts.state === 'not journaled' ? 'ok' : facts.state;
  const journal = config.journal ?? facts.journal?.name ?? null;
  const ccsids = facts.columns.map((c) => c.format.ccsid).filter((c): c is number => c !== null);
  return {
    table: formatName(shown(config.table, facts)),
    file: formatName(facts.file),
    sqlName: `${facts.sqlName.library}.${facts.sqlName.name}`,
    state,
    reason: state === 'ok' ? '' : facts.reason,
    warnings: columnsHidden(
      config,
      facts.columns.flatMap((c) => [c.format.name, c.systemName]),
    ),
    capture: window ? 'window' : 'journal',
    journal: !window && journal ? formatName(journal) : null,
    images: window ? null : (facts.journal?.images ?? null),
    key: config.key?.map((k) => spelled(k, facts)) ?? facts.key?.columns ?? [],
    keySource: config.key ? 'config' : (facts.key?.source ?? 'none'),
    ccsids: [...new Set(ccsids)].sort((a, b) => a - b),
    members: facts.members.length,
    columns: facts.columns.map((c) => ({
      name: c.format.name,
      type: typeText(c.format),
      ccsid: c.format.ccsid,
    })),
  };
}

/** As written; an ordinary name as the catalog has it. */
function shown(written: QualifiedName, { file, sqlName }: TableFacts): QualifiedName {
  const ordinary = ordinaryTable(written);
  return [file.name, sqlName.name].includes(ordinary.name) ? ordinary : written;
}

function spelled(column: string, facts: TableFacts): string {
  const found = columnNamed(facts, column);
  return found ? (spellingsOf(column).find((s) => s === found.systemName) ?? found.format.name) : column;
}

/** @param known a journal other tables use, for the command that starts journaling */
function errorsOf(config: TableConfig, facts: TableFacts, known: QualifiedName | null): CheckFinding[] {
  const { capture, key, journal } = config;
  const by = capture === 'journal' ? capture : { window: capture.window.by };
  const found = tableFindings(facts, { capture: by, key, journal: journal ?? known }, []);
  return found.filter((f) => f.level === 'error');
}
