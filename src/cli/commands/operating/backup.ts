/** `backup`: a copy of the state file beside its daemon, and what a restore of one would mean. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../../config/config';
import { EXIT } from '../../../errors/coded-error';
import { canRestore, examineCopy, makeCopy } from '../../../operate/backup/backup';
import { copyText, madeText } from '../../../operate/backup/backup-text';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { print } from '../../print';

export function register(program: Command, io: CliIo): void {
  program
    .command('backup')
    .description('copy the state file beside a running daemon, or say what restoring a copy would repeat')
    .argument('<file>', 'where the copy goes; with --check the copy itself')
    .option('--check', 'look at a copy: is it whole, where are its journals, what would be sent again')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc backup /backup/ibmi-cdc-2026-11-29.sqlite
  ibmi-cdc backup --check /backup/ibmi-cdc-2026-11-29.sqlite

Exit codes of --check: 0 it can be restored; 5 it is damaged, or a receiver it needs is gone. docs/backup.md has the way back.`,
    )
    .action(async (file: string, given: { readonly check?: boolean }, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      if (!given.check) return make(io, config, file, options);
      const report = await examineCopy(config, resolve(file), options.traceWire);
      print(io, options, report, copyText);
      if (!canRestore(report)) io.exit(EXIT.findings);
    });
}

async function make(io: CliIo, config: Config, to: string, options: GlobalOptions): Promise<void> {
  const live = !options.json && io.stderr.isTTY === true;
  const made = await makeCopy(config, to, (share) => {
    if (live) io.stderr.write(`\r${Math.floor(share * 100)} %`);
  });
  if (live) io.stderr.write('\r');
  print(io, options, made, madeText);
}
