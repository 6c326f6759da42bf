/** `plan`: the config resolved against the partition, table by table. */
import type { Command } from 'commander';
import { counted } from '../../../model/counted';
import { planTables } from '../../../operate/plan/plan';
import { planText } from '../../../operate/plan/plan-text';
import { writeFormats } from '../../../operate/write-formats';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

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
      const { table, formats } = options;
      const config = loadCommandConfig(io, globals, 'require');
      const plan = await planTables(config, {
        table,
        traceWire: globals.traceWire,
        onFacts: (facts, words) => {
          if (formats === undefined) return;
          const files = writeFormats(formats, facts, words);
          io.stderr.write(`wrote ${counted(files.length, 'record format')} to ${formats}\n`);
        },
      });
      print(io, globals, plan, (model) => planText(model, table !== undefined));
    });
}
