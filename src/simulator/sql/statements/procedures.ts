import { runCommand } from '../../partition/cl/run';
import type { Procedure } from '../rows/procedure';
import { inParameter } from '../rows/procedure';
import { decimal, varchar } from '../types/sql-type';

/** CALL QSYS2.QCMDEXC('..') and, with the length the QSYS program wants, CALL QSYS.QCMDEXC('..', 0000000020.00000). */
export const COMMAND_PROCEDURES: readonly Procedure[] = ['QSYS2', 'QSYS'].map((library) => ({
  library,
  name: 'QCMDEXC',
  parameters: [inParameter('COMMAND', varchar(32702)), inParameter('COMMAND_LENGTH', decimal(15, 5), null)],
  run: ({ partition, job }, [command, length]) => {
    const all = String(command ?? '');
    const cut = length === null || length === undefined ? all : all.slice(0, Math.trunc(Number(length)));
    runCommand(partition, job, cut.trim());
    return undefined;
  },
}));
