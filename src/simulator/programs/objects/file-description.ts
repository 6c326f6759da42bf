/**
 * QSYS/QDBRTVFD, format FILD0100: of a physical file what a reader needs to find its journal. Offsets as Debezium's connector
 * and public tools read them; what none of them reads is zero.
 */
import { fileOf } from '../../partition/cl/lookup';
import { CpfFailure, names } from '../../partition/failures';
import type { PhysicalFile } from '../../partition/files/physical-file';
import { ApiRecord } from '../api-record';
import { formatNotValid } from '../failures';
import { type ParameterList, type Program, type ProgramContext, withErrorCode } from '../program';

const HEADER = 400;
/** Physical file section, at the place the header names; the journal section follows it. */
const PHYSICAL = 400;
const PHYSICAL_LENGTH = 400;
const JOURNAL_LENGTH = 48;
const LENGTH = HEADER + PHYSICAL_LENGTH + JOURNAL_LENGTH;

/** 0 receiver, 1 its length, 2 returned file (out), 3 format, 4 file, 5 record format, 6 override, 7 system, 8 type, 9 error. */
export const retrieveFileDescription: Program = (context, parameters) =>
  withErrorCode(parameters, 9, () => {
    if (parameters.text(3) !== 'FILD0100') throw formatNotValid(parameters.text(3));
    const file = fileNamed(context, parameters);
    const length = Math.min(parameters.number(1), parameters.room(0));
    if (length < 8) throw new CpfFailure('CPF3C19', 'Error occurred with receiver variable specified.');
    const record = description(file);
    record.int(0, Math.min(length, LENGTH)).int(4, LENGTH);
    parameters.write(0, record.bytes.subarray(0, length));
    parameters.write(2, new ApiRecord(20).text(0, 10, file.name).text(10, 10, file.library).bytes);
  });

function fileNamed({ partition, job }: ProgramContext, parameters: ParameterList): PhysicalFile {
  const name = parameters.text(4, 0, 10);
  const library = parameters.text(4, 10, 20) || '*LIBL';
  const file = found(() => fileOf(partition, { library, name }));
  if (!file) throw new CpfFailure('CPF5715', `File ${name} in library ${library} not found.`, '', names(name, library));
  if (!partition.isAuthorized(job.currentUser, { library: file.library, name: file.name, type: '*FILE' }, '*OBJOPR'))
    throw new CpfFailure('CPF9822', `Not authorized to file ${name} in library ${library}.`, '', names(name, library));
  return file;
}

function found(look: () => PhysicalFile): PhysicalFile | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof CpfFailure) return null;
    throw error;
  }
}

function description(file: PhysicalFile): ApiRecord {
  const record = new ApiRecord(LENGTH);
  record.int(364, PHYSICAL).int(378, PHYSICAL);
  record.short(62, file.members.length).short(14, 1).text(84, 50, file.text);
  const { journal } = file;
  if (!journal) return record;
  record.int(PHYSICAL + 378, PHYSICAL_LENGTH);
  const at = PHYSICAL + PHYSICAL_LENGTH;
  record.text(at, 10, journal.name).text(at + 10, 10, journal.library);
  record.bytes[at + 20] = file.images === '*BOTH' ? 0xc0 : 0x40;
  return record;
}
