/** `resume`: the operator's word on tables that a mass delete paused. */
import type { Command } from 'commander';
import { CodedError } from '../../errors/coded-error';
import { TABLE_PAUSE_SCHEMA, TablePauses } from '../../outbox/table-pauses';
import { Store } from '../../store/store';
import type { CliIo, GlobalOptions } from '../io';
import { loadCommandConfig } from '../load-config';

interface ResumeOptions extends GlobalOptions {
  readonly table?: string;
  readonly drop?: boolean;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('resume')
    .description('list the tables that a burst of deletes paused, or let one go on')
    .option('--table <lib/table>', 'let this table go on: what was held is delivered in order')
    .option('--drop', 'throw away what was held instead')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc resume
  ibmi-cdc resume --table ORDLIB/ORDHDR

The running daemon carries it out within a second.`,
    )
    .action((_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ResumeOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      using store = Store.open(config.state, [TABLE_PAUSE_SCHEMA]);
      const pauses = new TablePauses(store);
      if (!options.table) {
        list(io, pauses, options.json);
        return;
      }
      const table = options.table.toUpperCase().replace('.', '/');
      if (!pauses.decide(table, options.drop ? 'drop' : 'resume'))
        throw new CodedError({
          code: 'TABLE_NOT_PAUSED',
          family: 'config',
          message: `${table} is not paused`,
          next: '`ibmi-cdc resume` lists the tables that are',
        });
      io.stdout.write(
        options.json ? `${JSON.stringify({ table, drop: options.drop === true })}\n` : `${table} goes on\n`,
      );
    });
}

function list(io: CliIo, pauses: TablePauses, json: boolean): void {
  const tables = pauses.list();
  if (json) io.stdout.write(`${JSON.stringify({ tables })}\n`);
  else if (tables.length === 0) io.stdout.write('no table is paused\n');
  else
    for (const t of tables)
      io.stdout.write(`${t.table}  since ${new Date(t.pausedAt).toISOString()}  ${t.held} events held  ${t.reason}\n`);
}
