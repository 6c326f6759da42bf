/** `sample`: an event of one type as a receiver would get it: a real recent one, a synthetic one, or from recorded entries. */

import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config } from '../../../config/config';
import { CodedError, EXIT } from '../../../errors/coded-error';
import { fixedClock, type PartitionClock, zoneClock } from '../../../map/event/clock';
import { buildCatalogue } from '../../../map/event-types/event-types';
import { sampleEvents } from '../../../map/event-types/sample';
import { Mapper } from '../../../map/mapper';
import { type SimulatedResult, simulateMapping } from '../../../map/simulate-mapping';
import type { EventDraft } from '../../../model/event';
import { exactText, parseExact } from '../../../model/exact-json';
import { formatName, ordinaryTable } from '../../../model/position';
import { knownShapes } from '../../../operate/shapes/known-shapes';
import type { TableShapes } from '../../../operate/shapes/table-shapes';
import { openStateFile } from '../../../operate/state-file';
import { version } from '../../../version';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { collect } from './catalogue';

interface SampleOptions extends GlobalOptions {
  readonly event?: string;
  readonly synthetic: boolean;
  readonly entries?: string;
  readonly format: readonly string[];
  readonly formats?: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('sample')
    .description('Print an event of one type: a real recent one if the state file has one, else a synthetic one')
    .option('--event <type>', 'event type; every type if left out')
    .option('--synthetic', 'never look into the state file', false)
    .option('--entries <file>', 'map recorded journal entries instead (JSON lines, - for standard input)')
    .option('--format <file>', 'record formats as JSON (repeatable)', collect, [])
    .option(
      '--formats <dir>',
      'folder of formats, as written by plan --formats; `formats` beside the configuration if there',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  ibmi-cdc sample --event order.created\n  ibmi-cdc sample --entries entries.jsonl --format ordlib-formats.json',
    )
    .action((_, command: Command) => {
      const options = command.optsWithGlobals<SampleOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      const shapes = knownShapes(config, options);
      if (options.entries !== undefined) printEntries(io, config, shapes, options.entries, options.json);
      else printSamples(io, config, shapes, options);
    });
}

function printSamples(io: CliIo, config: Config, shapes: TableShapes, options: SampleOptions): void {
  const known = [...new Set(buildCatalogue(config.tables, shapes).map((e) => e.type))];
  if (options.event !== undefined && !known.includes(options.event)) {
    throw new CodedError({
      code: 'SAMPLE_TYPE',
      message: `saw event type "${options.event}", expected one of ${known.join(', ')}`,
      next: 'ibmi-cdc catalogue lists them with their schemas',
      facts: { type: options.event },
    });
  }
  for (const type of options.event === undefined ? known : [options.event]) {
    const real = options.synthetic ? null : recentBody(config, type);
    io.stderr.write(`${type}: ${real ? 'the newest in the state file' : 'synthetic'}\n`);
    for (const body of real ? [real] : synthetic(config, shapes, type)) printBody(io, body, options.json);
  }
}

/** The newest stored event of that type, or null: no state file, none yet, or its payload is not stored. */
function recentBody(config: Config, type: string): Buffer | null {
  if (!existsSync(config.state)) return null;
  using state = openStateFile(config);
  return state.outbox.history.events({ type }, { newest: true, limit: 1 })[0]?.body ?? null;
}

function synthetic(config: Config, shapeOf: TableShapes, type: string): Buffer[] {
  const { name: partition } = config.partition;
  const drafts = sampleEvents(config.tables, type, { partition, product: version(), clock: clockOf(config), shapeOf });
  return drafts.map((d) => d.body);
}

function clockOf(config: Config): PartitionClock {
  return config.partition.timeZone ? zoneClock(config.partition.timeZone) : fixedClock(0);
}

function printBody(io: CliIo, body: Buffer, json: boolean): void {
  const text = body.toString('utf8');
  io.stdout.write(json ? `${text}\n` : `${exactText(parseExact(text), 2)}\n`);
}

/** One line of JSON for each entry: its events, or why there is none. */
function printEntries(io: CliIo, config: Config, shapes: TableShapes, file: string, json: boolean): void {
  const mapper = new Mapper({
    partition: config.partition.name,
    clock: clockOf(config),
    product: version(),
    now: Date.now,
    ccsid: config.partition.ccsid,
  });
  for (const table of config.tables) {
    const shape = shapes(table.table);
    if (shape) mapper.setTable({ ...table, table: ordinaryTable(table.table) }, shape.format, shape.key, shape.aliases);
    else io.stderr.write(`${formatName(table.table)}: no record format given, its entries are skipped\n`);
  }
  const { results, late } = simulateMapping(mapper, readEntries(file).split('\n'));
  for (const r of results) printResult(io, r, json);
  for (const draft of late) printEvent(io, draft, json);
  if (results.some((r) => r.outcome.is === 'quarantined' || r.outcome.is === 'stopped')) io.exit(EXIT.findings);
}

function readEntries(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new CodedError({
      code: 'ENTRIES_READ',
      message: `cannot read the entries ${file} (${(cause as NodeJS.ErrnoException).code ?? 'unreadable'})`,
      next: 'name a file of JSON lines, or - for standard input',
      facts: { file },
      cause,
    });
  }
}

function printResult(io: CliIo, { line, outcome }: SimulatedResult, json: boolean): void {
  if (outcome.is === 'mapped') {
    for (const draft of outcome.events) printEvent(io, draft, json);
    return;
  }
  io.stdout.write(json ? `${JSON.stringify({ line, ...outcome })}\n` : `line ${line}: ${reason(outcome)}\n`);
}

function reason(outcome: Exclude<SimulatedResult['outcome'], { is: 'mapped' }>): string {
  if (outcome.is === 'filtered') return `filtered by ${outcome.rule}`;
  return outcome.is === 'skipped' ? outcome.why : `${outcome.is}: ${outcome.message}`;
}

function printEvent(io: CliIo, draft: EventDraft, json: boolean): void {
  if (!json) io.stdout.write(`${draft.type} ${draft.key} -> ${draft.destinations.join(', ')}\n`);
  printBody(io, draft.body, json);
}
