/**
 * Proposals for the mapping of tables: the catalog for all of them in a constant number of statements, then for each table one
 * sample of rows and at most one question to a table that may be its parent.
 */
import { readTables, stateOfFailure } from '../catalog/catalog';
import { readIndexLeads } from '../catalog/index-leads';
import { columnNamed, hasLayout, type TableFacts } from '../catalog/table-facts';
import {
  type ForeignKey,
  type KeyedTable,
  readForeignKeys,
  readKeyedTables,
  readWords,
  type TableWords,
} from '../catalog/words';
import { formatName, type QualifiedName } from '../model/position';
import type { SqlConnection } from '../transport/transport';
import { proposeColumn } from './columns';
import { entityOf } from './hints';
import type { ParentProposal, TableProposal } from './model';
import { parentCandidates, parentOf } from './parents';
import { sampleTable, type TableSample } from './sample';
import { proposeKey, proposePairs, proposeWindow, usualCcsids } from './tables';

interface InferOptions {
  /** Rows looked at in each table. */
  readonly rows: number;
  /** Called after each table. */
  readonly onTable?: (done: number, all: number) => void;
}

interface Catalog {
  readonly words: ReadonlyMap<string, TableWords>;
  readonly foreign: readonly ForeignKey[];
  readonly keyed: readonly KeyedTable[];
  /** SQL names of columns an index begins with, by `LIB/TABLE` in SQL names. */
  readonly leads: ReadonlyMap<string, readonly string[]>;
}

interface Inferred {
  /** One for each table, in the order asked; tables that cannot be read have their state and no columns. */
  readonly proposals: readonly TableProposal[];
  readonly facts: readonly TableFacts[];
  /** Texts and labels by `LIB/FILE`. */
  readonly words: ReadonlyMap<string, TableWords>;
}

export async function inferTables(
  connection: SqlConnection,
  asked: readonly QualifiedName[],
  options: InferOptions,
): Promise<Inferred> {
  const facts = await readTables(connection, asked);
  const known = facts.filter(hasLayout);
  const catalog = await readCatalog(connection, known);
  const proposals: TableProposal[] = [];
  const events = new Set<string>();
  for (const [i, fact] of facts.entries()) {
    const proposal = await inferTable(connection, fact, catalog, options.rows);
    const event = events.has(proposal.event) ? entityOf('', fact.file.name) : proposal.event;
    events.add(event);
    proposals.push({ ...proposal, event });
    options.onTable?.(i + 1, facts.length);
  }
  return { proposals: withParentEvents(proposals), facts, words: catalog.words };
}

/** A parent that is proposed in the same run has its own entity. */
function withParentEvents(proposals: readonly TableProposal[]): TableProposal[] {
  const events = new Map(proposals.map((p) => [p.table, p.event]));
  return proposals.map((p) => ({
    ...p,
    parents: p.parents.map((parent) => ({ ...parent, event: events.get(parent.table) ?? parent.event })),
  }));
}

async function readCatalog(connection: SqlConnection, known: readonly TableFacts[]): Promise<Catalog> {
  const files = known.map((f) => f.file);
  const names = known.map((f) => f.sqlName);
  if (known.length === 0) return { words: new Map(), foreign: [], keyed: [], leads: new Map() };
  const words = await readWords(connection, files);
  const foreign = await readForeignKeys(connection, names);
  const keyed = await readKeyedTables(connection, [...new Set(files.map((f) => f.library))]);
  const leads = new Map<string, string[]>();
  const unjournaled = known.filter((f) => f.state === 'not journaled').map((f) => f.sqlName);
  for (const { table, column } of await readIndexLeads(connection, unjournaled)) {
    const list = leads.get(formatName(table)) ?? [];
    list.push(column);
    leads.set(formatName(table), list);
  }
  return { words, foreign, keyed, leads };
}

async function inferTable(
  connection: SqlConnection,
  facts: TableFacts,
  catalog: Catalog,
  rows: number,
): Promise<TableProposal> {
  const name = formatName(facts.file);
  const words = catalog.words.get(name) ?? { text: '', columns: new Map<string, string>() };
  const { sample, state, reason } = await sampleOf(connection, facts, rows);
  const usual = usualCcsids(facts);
  const columns = sample.tallies.map((tally) =>
    proposeColumn(tally, words.columns.get(tally.column.format.name) ?? '', usual),
  );
  const named = unique(columns);
  const pairs = proposePairs(named, sample.tallies);
  const leads = catalog.leads.get(formatName(facts.sqlName)) ?? [];
  return {
    table: name,
    text: words.text,
    state,
    reason,
    rows: facts.members.reduce((sum, m) => sum + m.rows, 0n).toString(),
    sampled: sample.rows,
    journal: facts.journal ? formatName(facts.journal.name) : null,
    event: entityOf(words.text, facts.file.name),
    key: proposeKey(facts, sample.tallies),
    columns: named,
    pairs,
    parents: await parentsOf(connection, facts, sample, catalog),
    window: facts.journal === null ? proposeWindow(facts, named, pairs, sample.tallies, leads) : null,
  };
}

/** A table that cannot be read has its reason and the columns of the catalog. */
async function sampleOf(
  connection: SqlConnection,
  facts: TableFacts,
  rows: number,
): Promise<{ sample: TableSample; state: string; reason: string }> {
  const { state, reason } = facts;
  const empty = async (): Promise<TableSample> => sampleTable(connection, facts, 0);
  if (!hasLayout(facts) || !['ok', 'not journaled'].includes(state)) return { sample: await empty(), state, reason };
  try {
    return { sample: await sampleTable(connection, facts, rows), state, reason };
  } catch (error) {
    const failed = stateOfFailure(error);
    if (!failed) throw error;
    return { sample: await empty(), state: failed, reason: (error as Error).message };
  }
}

/** Foreign keys as they are; else the one table whose whole key begins this table's key, if the values are there. */
async function parentsOf(
  connection: SqlConnection,
  facts: TableFacts,
  sample: TableSample,
  { foreign, keyed }: Catalog,
): Promise<ParentProposal[]> {
  const own = foreign.filter((f) => formatName(f.child) === formatName(facts.sqlName));
  if (own.length > 0)
    return own.map((f) => ({
      table: formatName(f.parent),
      event: entityOf('', f.parent.name),
      key: Object.fromEntries(
        f.columns.map(([child, parent]) => [parent, columnNamed(facts, child)?.format.name ?? child]),
      ),
      source: 'foreign key',
      share: 1,
      evidence: `foreign key ${f.name}`,
    }));
  const [candidate] = parentCandidates(facts, keyed);
  const parent = candidate ? await parentOf(connection, candidate, sample.tallies) : null;
  return parent ? [parent] : [];
}

/** Two columns never get the same name. */
function unique<T extends { readonly column: string; readonly as: string }>(columns: readonly T[]): T[] {
  const taken = new Set<string>();
  return columns.map((c) => {
    let as = c.as;
    for (let n = 2; taken.has(as); n++) as = `${c.as}${n}`;
    taken.add(as);
    return { ...c, as };
  });
}
