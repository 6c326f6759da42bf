/** QSYS/QWCRTVCA, format RTVC0100, for the one attribute that IBM's classes ask for: the job they run in. */
import { CpfFailure } from '../partition/failures';
import { ApiRecord } from './api-record';
import { formatNotValid } from './failures';
import { type Program, withErrorCode } from './program';

const JOB_NAME = 1009;
const HEADER = 20;

/** 0 receiver variable, 1 its length, 2 format, 3 number of keys, 4 keys, 5 error code. */
export const retrieveCurrentAttributes: Program = ({ job }, parameters) =>
  withErrorCode(parameters, 5, () => {
    if (parameters.text(2) !== 'RTVC0100') throw formatNotValid(parameters.text(2));
    const key = parameters.number(4);
    if (parameters.number(3) !== 1 || key !== JOB_NAME) throw new CpfFailure('CPF3C83', `Key ${key} not valid.`);
    const { name, user, number } = job.identity;
    const record = new ApiRecord(HEADER + 26)
      .int(0, 1)
      .int(4, HEADER + 24)
      .int(8, JOB_NAME)
      .text(12, 4, 'C')
      .int(16, 26);
    record
      .text(HEADER, 10, name)
      .text(HEADER + 10, 10, user)
      .text(HEADER + 20, 6, number);
    parameters.write(0, record.bytes.subarray(0, parameters.number(1)));
  });
