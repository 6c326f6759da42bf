/** `catalogue`: every event type the configuration can send, with a JSON Schema for each. */
import type { Command } from 'commander';
import type { Config } from '../../../config/config';
import { asyncApi, type EventChannel } from '../../../map/event-types/asyncapi';
import { buildCatalogue, type CatalogueEntry } from '../../../map/event-types/event-types';
import { knownShapes } from '../../../operate/shapes/known-shapes';
import { version } from '../../../version';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';

interface CatalogueOptions extends GlobalOptions {
  readonly format: readonly string[];
  readonly formats?: string;
  readonly event?: string;
  readonly asyncapi: boolean;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('catalogue')
    .description('All event types of the configuration, with a JSON Schema for each')
    .option('--event <type>', 'this type only')
    .option('--format <file>', 'record formats as JSON (repeatable), so that members have types', collect, [])
    .option(
      '--formats <dir>',
      'folder of formats, as written by plan --formats; `formats` beside the configuration if there',
    )
    .option('--asyncapi', 'one AsyncAPI 3 document of all destinations and events', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ibmi-cdc plan --formats formats\n  ibmi-cdc catalogue --json > events.json\n  ibmi-cdc catalogue --asyncapi > asyncapi.json',
    )
    .action((_, command: Command) => {
      const options = command.optsWithGlobals<CatalogueOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      const all = buildCatalogue(config.tables, knownShapes(config, options));
      const wanted = options.event === undefined ? all : all.filter((e) => e.type === options.event);
      if (options.asyncapi) {
        io.stdout.write(`${JSON.stringify(asyncApi(wanted, channelsOf(config), version()), null, 2)}\n`);
        return;
      }
      io.stdout.write(options.json ? `${JSON.stringify(wanted)}\n` : wanted.map(text).join('\n'));
    });
}

/** Where each destination is reached. Paths of webhooks may be secrets: the host is enough for a contract. */
function channelsOf(config: Config): EventChannel[] {
  return Object.entries(config.destinations).map(([name, { webhook, kafka }]) => {
    if (webhook) {
      const [, protocol = 'https', host = ''] = /^(https?):\/\/(?:[^/@]*@)?([^/?#{]+)/.exec(webhook.url) ?? [];
      return { name, protocol, host, address: null };
    }
    if (kafka) return { name, protocol: 'kafka', host: kafka.brokers[0] ?? '', address: kafka.topic };
    return { name, protocol: 'stdout', host: 'localhost', address: null };
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
