/**
 * QSYS/QZRUCLSP: calls a procedure of a service program for a client that can only call programs. Seven parameters of its
 * own, then the procedure's (docs/protocol.md#11).
 */
import { CpfFailure, names } from '../partition/failures';
import { deletePointerHandle } from './journal/delete-pointer-handle';
import { retrieveJournalInformation } from './journal/journal-information';
import { retrieveReceiverInformation } from './journal/receiver-information';
import { retrieveJournalEntries } from './journal/retrieve-entries';
import { getPathAttributes } from './objects/path-attributes';
import type { Program } from './program';

const OWN_PARAMETERS = 7;
const RETURN_VALUE = 6;
const WITH_ERRNO = 3;

const PROCEDURES: Readonly<Record<string, Readonly<Record<string, Program>>>> = {
  QJOURNAL: {
    QjoRetrieveJournalEntries: retrieveJournalEntries,
    QjoRetrieveJournalInformation: retrieveJournalInformation,
    QjoRtvJrnReceiverInformation: retrieveReceiverInformation,
    QjoDeletePointerHandle: deletePointerHandle,
  },
  QP0LLIB2: { Qp0lGetAttr: getPathAttributes },
};

export const callServiceProgram: Program = (context, parameters) => {
  const name = parameters.text(0, 0, 10);
  const library = parameters.text(0, 10, 20);
  const procedures = PROCEDURES[name];
  if (!procedures || !['QSYS', '*LIBL'].includes(library))
    throw new CpfFailure(
      'CPF9801',
      `Object ${name} in library ${library} not found.`,
      '',
      `${names(name, library)}SRVPGM `,
    );
  const procedure = parameters.text(1);
  const program = procedures[procedure];
  const count = parameters.number(4);
  if (!program) throw new CpfFailure('CPF226E', `Procedure ${procedure} not found in service program ${name}.`);
  if (parameters.count !== OWN_PARAMETERS + count)
    throw new CpfFailure('CPF24B4', `${parameters.count - OWN_PARAMETERS} parameters given for ${count}.`);
  const own = parameters.from(OWN_PARAMETERS);
  const returned = program(context, own);
  parameters.join(OWN_PARAMETERS, own);
  const value = Buffer.alloc(8);
  value.writeInt32BE(returned?.value ?? 0, 0);
  if (parameters.number(2) === WITH_ERRNO || returned?.errno !== undefined) value.writeInt32BE(returned?.errno ?? 0, 4);
  parameters.write(RETURN_VALUE, value);
  return undefined;
};
