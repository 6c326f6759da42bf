/** QSYS/QUSROBJD, formats OBJD0100 and OBJD0200, of the objects a partition has: libraries, files, journals, receivers. */
import type { QualifiedName } from '../../../model/position';
import { fileOf, journalOf, receiverOf } from '../../partition/cl/lookup';
import type { LocalTimestamp } from '../../partition/contract';
import { CpfFailure, libraryNotFound, objectNotFound } from '../../partition/failures';
import { ApiRecord, cymd } from '../api-record';
import { formatNotValid } from '../failures';
import { type Program, type ProgramContext, withErrorCode } from '../program';

const LENGTHS: Readonly<Record<string, number>> = { OBJD0100: 90, OBJD0200: 180 };

/** 0 receiver variable, 1 its length, 2 format, 3 object, 4 type, 5 error code. */
export const retrieveObjectDescription: Program = (context, parameters) =>
  withErrorCode(parameters, 5, () => {
    const format = parameters.text(2);
    const whole = LENGTHS[format];
    if (whole === undefined) throw formatNotValid(format);
    const type = parameters.text(4, 0, 10);
    const wanted = { name: parameters.text(3, 0, 10), library: parameters.text(3, 10, 20) || '*LIBL' };
    const object = objectOf(context, wanted, type);
    const { partition, job } = context;
    if (!partition.isAuthorized(job.currentUser, { library: object.library, name: object.name, type }, '*OBJOPR'))
      throw new CpfFailure('CPF9802', `Not authorized to object ${object.name} in ${object.library}.`);
    const length = Math.min(parameters.number(1), parameters.room(0));
    const record = new ApiRecord(LENGTHS['OBJD0200']!);
    record.int(0, Math.min(length, whole)).int(4, whole).text(8, 10, object.name).text(18, 10, object.library);
    record.text(28, 10, type).text(38, 10, object.library).int(48, 1).text(52, 10, 'QSECOFR').text(62, 2, '*U');
    record.text(64, 13, cymd(object.created)).text(77, 13, cymd(object.changed));
    record.text(90, 10, object.attribute).text(100, 50, object.text).text(150, 30, '');
    parameters.write(0, record.bytes.subarray(0, Math.min(length, whole)));
  });

interface Described extends QualifiedName {
  readonly created: LocalTimestamp | null;
  readonly changed: LocalTimestamp | null;
  readonly attribute: string;
  readonly text: string;
}

function objectOf({ partition }: ProgramContext, wanted: QualifiedName, type: string): Described {
  switch (type) {
    case '*LIB': {
      const library = partition.libraries().find((l) => l.name === wanted.name);
      if (!library) throw libraryNotFound(wanted.name);
      const { name, created, text } = library;
      return { library: 'QSYS', name, created, changed: created, attribute: 'PROD', text };
    }
    case '*FILE': {
      const { library, name, created, text, members } = fileOf(partition, wanted);
      return { library, name, created, changed: members[0]?.lastChange ?? created, attribute: 'PF', text };
    }
    case '*JRN': {
      const { library, name, created, attributes } = journalOf(partition, wanted);
      return { library, name, created, changed: created, attribute: '', text: attributes.text };
    }
    case '*JRNRCV': {
      const { library, name, attached, detached } = receiverOf(partition, wanted);
      return { library, name, created: attached, changed: detached ?? attached, attribute: '', text: '' };
    }
    default:
      throw objectNotFound(wanted.library, wanted.name);
  }
}
