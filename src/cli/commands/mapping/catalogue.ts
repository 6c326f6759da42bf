/** `catalogue`: every event type the configuration can send, with a JSON Schema for each. */
import type { Command } from 'commander';
import { buildCatalogue, type CatalogueEntry } from '../../../map/event-types/event-types';
import { shapesFromFiles } from '../../../operate/table-shapes';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface CatalogueOptions extends GlobalOptions {
  readonly format: readonly string[];
  readonly event?: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('catalogue')
    .description('All event types of the configuration, with a JSON Schema for each')
    .option('--event <type>', 'this type only')
    .option('--format <file>', 'record formats as JSON (repeatable), so that members have types', collect, [])
    .addHelpText('after', '\nExample:\n  ibmi-cdc catalogue --format ordlib-formats.json --json > events.json')
    .action((_, command: Command) => {
      const options = command.optsWithGlobals<CatalogueOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      const all = buildCatalogue(config.tables, shapesFromFiles(options.format));
      const wanted = options.event === undefined ? all : all.filter((e) => e.type === options.event);
      io.stdout.write(options.json ? `${JSON.stringify(wanted)}\n` : wanted.map(text).join('\n'));
    });
}

export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function text(e: CatalogueEntry): string {
  if (e.op === null) return `${e.type}\n  about a table, to ${e.destinations.join(', ')}\n`;
  const lines = [
    `${e.type}${e.version === '1' ? '' : ` (version ${e.version})`}${e.title ? `: ${e.title}` : ''}`,
    ...(e.description ? [`  ${e.description}`] : []),
    `  from       ${e.table}, rule ${e.rule}, on ${e.op}`,
    `  to         ${e.destinations.join(', ')}`,
    ...(e.owner ? [`  owner      ${e.owner}`] : []),
    ...(e.aliases.length > 0 ? [`  also named ${e.aliases.join(', ')}`] : []),
    `  body       ${e.contentType}${e.typed ? '' : ' (columns untyped: name their formats with --format)'}`,
    `  schema     ${JSON.stringify(e.schema)}`,
  ];
  return `${lines.join('\n')}\n`;
}
