/** `verify`: the newest record images, decoded by us, against the same rows as the server converts them. */
import type { Command } from 'commander';
import { transportOf } from '../../../assembly/connect';
import { CodedError, EXIT } from '../../../errors/coded-error';
import { formatName, parseWritten } from '../../../model/position';
import { shapesFromFiles } from '../../../operate/shapes/table-shapes';
import { verifyTable, verifyText } from '../../../operate/verify/verify';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

interface VerifyOptions extends GlobalOptions {
  readonly table?: string[];
  readonly rows: string;
  readonly format?: string;
  readonly entries?: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('verify')
    .description('prove the layout of tables: record images decoded here against the rows as the server converts them')
    .option('--table <lib/file...>', 'tables of the config; all journaled ones if left out')
    .option('--rows <n>', 'rows of each table, the newest in the journal', '1000')
    .option('--format <file>', "a record format to prove in place of the catalog's, as decode takes it")
    .option(
      '--entries <file>',
      'compare images of exported entries (JSON lines, as sample takes them) in place of the newest ones',
    )
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc verify --table ORDLIB/ORDHDR --rows 1000
  ibmi-cdc verify --entries exported.jsonl
  ibmi-cdc verify --json

Nothing is written. A difference names row, column, both values and the bytes: a CCSID stated wrongly, a file altered
without a new format, a field procedure. Columns of which no value was seen are listed as not proved.
Exported entries need receiver, sequence and rrn beside table, type and hex: rows with newer entries are left out.
Exit codes: 0 no difference, 5 differences.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<VerifyOptions>();
      const config = loadCommandConfig(io, options, 'require');
      const rows = Number(options.rows);
      if (!Number.isInteger(rows) || rows < 1 || rows > 100_000)
        throw new CodedError({ code: 'USAGE', message: `--rows is "${options.rows}"; expected 1 to 100000` });
      const every = config.tables.filter((t) => t.capture === 'journal').map((t) => formatName(t.table));
      const shapes = shapesFromFiles(options.format === undefined ? [] : [options.format]);
      await using connection = await transportOf(config, { traceWire: options.traceWire }).connect({ role: 'verify' });
      let different = false;
      for (const table of options.table ?? every) {
        const name = parseWritten(table);
        const format = name && shapes(name)?.format;
        const { entries } = options;
        const wish = { table, rows, ...(format ? { format } : {}), ...(entries === undefined ? {} : { entries }) };
        const report = await verifyTable(config, connection, wish, new AbortController().signal);
        print(io, options, report, verifyText);
        different ||= report.differences.length > 0;
      }
      if (different) io.exit(EXIT.findings);
    });
}
