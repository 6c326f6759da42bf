/** `doctor`: preflight of network, sign-on, journals, receivers, tables; each finding with the CL or SQL that mends it. */
import type { Command } from 'commander';
import { EXIT } from '../../../errors/coded-error';
import { doctorText, examine, toMend } from '../../../operate/doctor/doctor';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

export function register(program: Command, io: CliIo): void {
  program
    .command('doctor')
    .description('check network, TLS, sign-on, authority, journals, receivers, tables; print what mends each finding')
    .addHelpText(
      'after',
      '\nExample:\n  ibmi-cdc doctor\n  ibmi-cdc doctor --json\n\nExit codes: 0 nothing found, 5 findings.',
    )
    .action(async (_options: unknown, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const report = await examine(loadCommandConfig(io, globals, 'require'), globals.traceWire);
      print(io, globals, report, doctorText);
      if (toMend(report).length > 0) io.exit(EXIT.findings);
    });
}
