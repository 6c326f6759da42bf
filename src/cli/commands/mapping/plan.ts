/** `plan`: the config resolved against the partition, table by table. */
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { tableNamed } from '../../../capture/tables/table-named';
import { readTables } from '../../../catalog/catalog';
import { typeText } from '../../../catalog/column-format';
import { columnNamed, type TableFacts } from '../../../catalog/table-facts';
import { tableFindings } from '../../../catalog/table-findings';
import { probeTable } from '../../../catalog/table-probe';
import type { TableConfig } from '../../../config/config';
import { columnsHidden } from '../../../map/plan/check';
import { counted } from '../../../model/counted';
import { spellingsOf } from '../../../model/identifiers';
import { formatName, ordinaryTable, type QualifiedName } from '../../../model/position';
import { readUnseenChanges, type UnseenChanges } from '../../../operate/unseen-changes';
import { writeFormats } from '../../../operate/write-formats';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

export function register(program: Command, io: CliIo): void {
  program
    .command('plan')
    .description('resolve the config against the partition: names, journal, images, key, CCSIDs, state')
    .option('--table <lib/table>', 'this table alone, with its columns')
    .option(
      '--formats <dir>',
      'also write the record formats, for test, decode, sample and catalogue without the partition',
    )
    .addHelpText(
      'after',
      '\nExample:\n  ibmi-cdc plan\n  ibmi-cdc plan --table ORDLIB/ORDHDR --json\n  ibmi-cdc plan --formats formats',
    )
    .action(async (options: { readonly table?: string; readonly formats?: string }, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, globals, 'require');
      await using connection = await transportOf(config, { traceWire: globals.traceWire }).connect({ role: 'plan' });
      const tables = options.table ? [await tableNamed(config, connection, options.table)] : config.tables;
      const facts = await readTables(
        connection,
        tables.map((t) => t.table),
      );
      if (options.formats !== undefined) {
        const files = writeFormats(options.formats, facts);
        io.stderr.write(`wrote ${counted(files.length, 'record format')} to ${options.formats}\n`);
      }
      const plans: TablePlan[] = [];
      const known = facts.flatMap((f) => f.journal?.name ?? [])[0] ?? null;
      const unseen = new Map(readUnseenChanges(config).map((u) => [u.table, u]));
      for (const [i, fact] of facts.entries()) {
        const probed = await probeTable(connection, fact);
        const plan = planOf(tables[i]!, probed);
        const fixes = plan.state === 'ok' ? [] : fixesOf(tables[i]!, probed, known);
        plans.push({ ...plan, fixes, unseen: unseen.get(plan.file) ?? null });
      }
      if (globals.json) io.stdout.write(`${JSON.stringify({ tables: plans })}\n`);
      else io.stdout.write(asText(plans, options.table !== undefined));
    });
}

export interface TablePlan {
  readonly table: string;
  /** Names journal entries and statements use. */
  readonly file: string;
  readonly sqlName: string;
  /** `ok`, or why the table is not captured while the others are. */
  readonly state: string;
  readonly reason: string;
  readonly capture: 'journal' | 'window';
  readonly journal: string | null;
  readonly images: string | null;
  readonly key: readonly string[];
  readonly keySource: string;
  readonly ccsids: readonly number[];
  readonly members: number;
  /** Words of the expression language that hide a column of the table, and how to write the column. */
  readonly warnings: readonly string[];
  /** CL, SQL or YAML that mends the state. */
  readonly fixes: readonly string[];
  /** Changes that no entry told of, as the daemon saw it. */
  readonly unseen: UnseenChanges | null;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly ccsid: number | null }[];
}

function planOf(config: TableConfig, facts: TableFacts): Omit<TablePlan, 'unseen' | 'fixes'> {
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
function fixesOf(config: TableConfig, facts: TableFacts, known: QualifiedName | null): string[] {
  const { capture, key, journal } = config;
  const by = capture === 'journal' ? capture : { window: capture.window.by };
  const found = tableFindings(facts, { capture: by, key, journal: journal ?? known }, []);
  return found.flatMap((f) => (f.level === 'error' && f.fix ? [f.fix] : []));
}

function asText(plans: readonly TablePlan[], withColumns: boolean): string {
  const head = ['TABLE', 'STATE', 'CAPTURE', 'JOURNAL', 'IMAGES', 'KEY', 'CCSIDS'];
  const rows = plans.map((p) => [
    p.file === p.table ? p.table : `${p.table} (${p.file})`,
    p.state,
    p.capture,
    p.journal ?? '-',
    p.images ?? '-',
    p.key.length > 0 ? `${p.key.join(', ')} [${p.keySource}]` : '-',
    p.ccsids.join(' '),
  ]);
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((c, i) => c.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  const lines = [line(head), ...rows.map(line)];
  for (const p of plans.filter((plan) => plan.reason !== ''))
    lines.push(`${p.table}: ${p.reason}`, ...p.fixes.map((fix) => `  ${fix}`));
  for (const p of plans) for (const warning of p.warnings) lines.push(`${p.table}: ${warning}`);
  for (const { table, unseen } of plans)
    if (unseen) lines.push(`${table}: changes not seen: ${unseen.text}; next: ${unseen.next.join('; then ')}`);
  if (withColumns)
    for (const p of plans)
      for (const c of p.columns) lines.push(`  ${c.name}  ${c.type}${c.ccsid === null ? '' : `  CCSID ${c.ccsid}`}`);
  const bad = plans.filter((p) => p.state !== 'ok').length;
  lines.push(`${plans.length - bad} of ${plans.length} tables can be captured`);
  return `${lines.join('\n')}\n`;
}
