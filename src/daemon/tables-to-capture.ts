/**
 * The tables a daemon captures, out of those the configuration names: what keeps a table out is logged, or ends the start.
 *
 * One that is not journaled at the moment is captured from the journal it was in when it was captured last. It may be journaled
 * again a minute later, and of what it wrote before there may be entries still to be read.
 */
import { existsSync } from 'node:fs';
import { readTables } from '../catalog/catalog';
import type { TableFacts } from '../catalog/table-facts';
import { capturedAs, journalOf } from '../catalog/table-names';
import type { Config, TableConfig } from '../config/config';
import { CodedError } from '../errors/coded-error';
import { CheckpointTable } from '../journal/position/checkpoint-table';
import { GapTable, NOT_CAPTURED } from '../journal/position/gap-table';
import { formatName, type QualifiedName, sameName } from '../model/position';
import type { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import type { SqlConnection } from '../transport/transport';

/**
 * What the catalog says of each.
 * @param prove throws where the tables do not fit the configuration: called here before there is a state file, so that none is left behind
 * @throws CodedError as {@link tablesToCapture}
 */
export async function findTables(
  connection: SqlConnection,
  config: Config,
  prove: (tables: readonly TableFacts[]) => unknown,
): Promise<readonly TableFacts[]> {
  const found = await readTables(
    connection,
    config.tables.map((t) => t.table),
  );
  if (!existsSync(config.state)) prove(usableTables(found, config, null));
  return found;
}

/** @param store null where there is no state file yet */
function usableTables(found: readonly TableFacts[], config: Config, store: Store | null): readonly TableFacts[] {
  const facts = found.map((f) => placed(f, config, store));
  const bad = facts.filter((f) => !isUsable(f, config));
  if (bad.length > 0 && (bad.length === facts.length || config.policies.tableMissing === 'stop'))
    throw unusable(bad, config);
  checkTwice(facts, config);
  return facts.filter((f) => !bad.includes(f));
}

/** What is captured, and what is not: said once, here or in the error; the others go on. @throws CodedError TABLE_UNUSABLE, TABLE_TWICE (config) */
export function tablesToCapture(
  found: readonly TableFacts[],
  { config, log, store }: { readonly config: Config; readonly log: Logger; readonly store: Store },
): readonly TableFacts[] {
  const usable = usableTables(found, config, store);
  for (const { asked, state, reason } of found.filter((f) => !usable.some((u) => sameName(u.file, f.file)))) {
    const next = `ibmi-cdc plan -c ${config.file}`;
    log.error({ table: formatName(asked), state, reason, next }, 'table not captured');
    noteGap(store, asked);
  }
  for (const { file, state, journal } of usable) {
    if (state !== 'not journaled' || !journal) continue;
    const next = `STRJRNPF FILE(${formatName(file)}) JRN(${formatName(journal.name)}) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`;
    const facts = { table: formatName(file), journal: formatName(journal.name), next };
    log.error(facts, 'table not journaled: what changes is not seen until it is journaled again');
  }
  return usable;
}

/** The journal is read on without it: what it writes meanwhile is not seen, and that must be known when it is captured again. */
function noteGap(store: Store, asked: QualifiedName): void {
  const known = capturedAs(store, asked);
  const at = known?.journal && new CheckpointTable(store).get(known.journal)?.read;
  const gaps = new GapTable(store);
  if (!at || gaps.open().includes(known.file)) return;
  gaps.opens({ table: known.file, journal: known.journal!, kind: NOT_CAPTURED, at }, Date.now());
}

function ruleOf({ asked }: TableFacts, config: Config): TableConfig | undefined {
  return config.tables.find((t) => formatName(t.table) === formatName(asked));
}

/** With the journal it is captured from where the catalog names none. */
function placed(facts: TableFacts, config: Config, store: Store | null): TableFacts {
  const rule = ruleOf(facts, config);
  if (facts.state !== 'not journaled' || rule?.capture !== 'journal') return facts;
  const name = rule.journal ?? (store && journalOf(store, facts.file));
  // what it was journaled with is not known any more, and entries say by themselves which images they have
  return name ? { ...facts, journal: { name, images: 'AFTER' } } : facts;
}

function isUsable(facts: TableFacts, config: Config): boolean {
  if (facts.state === 'ok') return true;
  // a window needs no journal
  return facts.state === 'not journaled' && (facts.journal !== null || ruleOf(facts, config)?.capture !== 'journal');
}

function unusable(bad: readonly TableFacts[], config: Config): CodedError {
  return new CodedError({
    code: 'TABLE_UNUSABLE',
    message: bad.map((f) => `${formatName(f.asked)}: ${f.state}: ${f.reason}`).join('; '),
    next: `correct the name under tables: in ${config.file}, or start journaling: STRJRNPF FILE(${formatName(bad[0]!.file)}) JRN(LIB/JOURNAL) IMAGES(*BOTH) OMTJRNE(*OPNCLO); \`ibmi-cdc plan\` shows every table`,
  });
}

function checkTwice(facts: readonly TableFacts[], config: Config): void {
  const twice = facts.find((f, i) => facts.findIndex((g) => sameName(f.file, g.file)) < i);
  if (!twice) return;
  const names = facts.filter((f) => sameName(f.file, twice.file)).map((f) => formatName(f.asked));
  throw new CodedError({
    code: 'TABLE_TWICE',
    message: `${names.join(' and ')} are one file, ${formatName(twice.file)}`,
    next: `keep one of them under tables: in ${config.file}; several rules of a table go under rules:`,
  });
}
