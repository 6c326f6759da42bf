/** `plan`: the config resolved against the partition, table by table. */
import type { Command } from 'commander';
import { EXIT } from '../../../errors/coded-error';
import { counted } from '../../../model/counted';
import { planTables } from '../../../operate/plan/plan';
import { planText } from '../../../operate/plan/plan-text';
import { writeFormats } from '../../../operate/shapes/write-formats';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

interface PlanOptions {
  readonly table?: string;
  readonly formats?: string;
  readonly diff: boolean;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('plan')
    .description('resolve the config against the partition: names, journal, images, key, CCSIDs, state')
    .option('--table <lib/table>', 'this table alone, with its columns')
    .option('--diff', 'what receivers will notice: compare with the configuration the state file last ran under', false)
    .option(
      '--formats <dir>',
      'also write the record formats, for test, decode, sample and catalogue without the partition',
    )
    .addHelpText(
      'after',
      '\nExample:\n  ibmi-cdc plan\n  ibmi-cdc plan --table ORDLIB/ORDHDR --json\n  ibmi-cdc plan --formats formats\n  ibmi-cdc plan --diff',
    )
    .action(async (options: PlanOptions, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const { table, formats, diff } = options;
      const config = loadCommandConfig(io, globals, 'require');
      const plan = await planTables(config, {
        table,
        diff,
        traceWire: globals.traceWire,
        onFacts: (facts, words) => {
          if (formats === undefined) return;
          const files = writeFormats(formats, facts, words);
          io.stderr.write(`wrote ${counted(files.length, 'record format')} to ${formats}\n`);
        },
      });
      print(io, globals, plan, (model) => planText(model, table !== undefined));
      if (plan.diff?.some((d) => d.level === 'breaking')) io.exit(EXIT.findings);
    });
}
