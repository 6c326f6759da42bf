/** `audit`: proves that every entry between two positions has a fate; exit 5 when one has none. */
import type { Command } from 'commander';
import { EXIT } from '../../../errors/coded-error';
import { type AuditWish, audit } from '../../../operate/audit/audit';
import { auditText } from '../../../operate/audit/audit-text';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

interface AuditOptions extends AuditWish {
  readonly strict?: boolean;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('audit')
    .description('prove that every journal entry between two positions was dealt with')
    .option('--journal <lib/journal>', 'which journal; all that were read if left out')
    .option('--from <lib/receiver:sequence>', 'first entry; the first one ever read if left out')
    .option('--to <lib/receiver:sequence>', 'last entry; the last one read if left out')
    .option('--strict', 'exit 5 also when a receiver of the range cannot be asked any more')
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc audit --from ORDLIB/ORDRCV0001:1 --to ORDLIB/ORDRCV0003:184467

Exit codes: 0 every entry the partition still shows has a fate; 5 at least one has none, or was skipped by
policies.positionLost. Receivers that are deleted or freed cannot be asked: they are named as not proved, which is
no finding unless --strict is given.`,
    )
    .action(async (options: AuditOptions, command: Command) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, globals, 'require');
      let findings = 0;
      for await (const report of audit(config, options, globals.traceWire)) {
        print(io, globals, report, auditText);
        findings += report.holes.length + (options.strict ? report.notProved.length : 0);
      }
      if (findings > 0) io.exit(EXIT.findings);
    });
}
