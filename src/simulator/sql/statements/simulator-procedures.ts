/** Procedures only a simulated partition has: `CALL SIMULATOR.NULL_SLOTS('ORDLIB', 'ORDHDR', 'ZEROS')`. */
import type { NullFill } from '../../partition/files/definitions';
import { externalFailure, objectNotFound } from '../failures';
import { inParameter, type Procedure } from '../rows/procedure';
import { varchar } from '../types/sql-type';

const FILLS: readonly NullFill[] = ['usual', 'defaults', 'blanks', 'zeros', 'kept'];

/** From now on the file's null fields are left behind filled so. */
const NULL_SLOTS: Procedure = {
  library: 'SIMULATOR',
  name: 'NULL_SLOTS',
  parameters: ['LIBRARY', 'FILE', 'FILL'].map((name) => inParameter(name, varchar(128))),
  run: ({ partition }, args) => {
    const [library, name, wanted] = args.map((a) => String(a ?? '').trim()) as [string, string, string];
    const file = partition.file(library, name);
    if (!file) throw objectNotFound(name, library);
    const fill = FILLS.find((f) => f === wanted.toLowerCase());
    if (!fill) throw externalFailure('NULL_SLOTS', 'NULL_SLOTS', `${wanted}: use one of ${FILLS.join(', ')}`);
    file.nullFill = fill;
    partition.transaction(() => partition.fileStore.store(file));
    return undefined;
  },
};

export const SIMULATOR_PROCEDURES: readonly Procedure[] = [NULL_SLOTS];
