/** Runs one CL command; QSYS2.QCMDEXC ends here. */
import { CpfFailure } from '../failures';
import type { PartitionJob } from '../jobs/job';
import type { Partition } from '../partition';
import { ClArguments } from './arguments';
import { AUTHORITY_COMMANDS } from './authority-commands';
import type { CommandDefinition } from './command';
import { FILE_COMMANDS } from './file-commands';
import { JOURNAL_COMMANDS } from './journal-commands';
import { parseCommand } from './parse';

const COMMANDS: Readonly<Record<string, CommandDefinition>> = {
  ...FILE_COMMANDS,
  ...JOURNAL_COMMANDS,
  ...AUTHORITY_COMMANDS,
};

/** @throws CpfFailure with the message an interactive user would see */
export function runCommand(partition: Partition, job: PartitionJob, cl: string): void {
  const command = parseCommand(cl);
  const definition = COMMANDS[command.name];
  if (!definition) throw new CpfFailure('CPD0030', `Command ${command.name} in library *LIBL not found.`);
  const args = new ClArguments(command, definition.order).allow(...definition.keywords);
  partition.transaction(() => definition.run({ partition, job }, args));
}
