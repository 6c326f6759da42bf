/** `doctor`: preflight of network, sign-on, journals, receivers, tables; each finding with the CL or SQL that mends it. */
import type { Command } from 'commander';
import { CodedError, EXIT } from '../../../errors/coded-error';
import { doctorText, examine, toMend } from '../../../operate/doctor/doctor';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

export function register(program: Command, io: CliIo): void {
  program
    .command('doctor')
    .description('check network, TLS, sign-on, authority, journals, receivers, tables; print what mends each finding')
    .option(
      '--deep',
      'also decode the newest record images of every table and compare them with the rows, as verify does',
    )
    .option('--rows <n>', 'rows of each table for --deep', '200')
    .addHelpText(
      'after',
      '\nExample:\n  ibmi-cdc doctor\n  ibmi-cdc doctor --json\n  ibmi-cdc doctor --deep\n\nExit codes: 0 nothing found, 5 findings.',
    )
    .action(async (_options: unknown, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions & { readonly deep?: boolean; readonly rows: string }>();
      const { traceWire, deep, rows } = globals;
      const wish = { traceWire, ...(deep ? { deepRows: rowsOf(rows) } : {}) };
      const report = await examine(loadCommandConfig(io, globals, 'require'), wish);
      print(io, globals, report, doctorText);
      if (toMend(report).length > 0) io.exit(EXIT.findings);
    });
}

function rowsOf(text: string): number {
  const rows = Number(text);
  if (Number.isInteger(rows) && rows >= 1 && rows <= 100_000) return rows;
  throw new CodedError({ code: 'USAGE', message: `--rows is "${text}"; expected 1 to 100000` });
}
