/**
 * QjoRtvJrnReceiverInformation of QSYS/QJOURNAL, format RRCV0100. Fields and offsets as published RPG definitions of the
 * format have them; Debezium reads name, status, times, next receiver and the long counters.
 */
import type { QualifiedName } from '../../../model/position';
import type { RemoteType, StoredReceiverStatus } from '../../partition/files/definitions';
import type { Receiver } from '../../partition/journal/receiver';
import { ApiRecord, cymd } from '../api-record';
import { formatNotValid } from '../failures';
import { type Program, type ProgramContext, withErrorCode } from '../program';
import { qualifiedReceiver } from './names';

const LENGTH = 512;

export const STATUS: Readonly<Record<StoredReceiverStatus, string>> = {
  ATTACHED: '1',
  ONLINE: '2',
  SAVED: '3',
  FREED: '4',
  PARTIAL: '5',
  EMPTY: '6',
};

/** `0` of a local journal. */
export function remoteType(type: RemoteType | undefined): string {
  return type === undefined ? '0' : type.slice(-1);
}

/** 0 receiver variable, 1 its length, 2 journal receiver, 3 format, 4 error code. */
export const retrieveReceiverInformation: Program = (context, parameters) =>
  withErrorCode(parameters, 4, () => {
    if (parameters.text(3) !== 'RRCV0100') throw formatNotValid(parameters.text(3));
    const receiver = qualifiedReceiver(context.partition, parameters, 2);
    authorize(context, receiver);
    const length = Math.min(parameters.number(1), parameters.room(0));
    const record = information(context, receiver);
    record.int(0, Math.min(length, LENGTH)).int(4, LENGTH);
    parameters.write(0, record.bytes.subarray(0, length));
  });

/** *OBJOPR and some data authority of the receiver, *OBJOPR of its journal. */
function authorize({ partition, job }: ProgramContext, receiver: Receiver): void {
  const object = { library: receiver.library, name: receiver.name, type: '*JRNRCV' };
  partition.authority.check(job.currentUser, object, '*OBJOPR');
  partition.authority.check(job.currentUser, object, '*READ');
  const { journal } = receiver;
  if (journal)
    partition.authority.check(
      job.currentUser,
      { library: journal.library, name: journal.name, type: '*JRN' },
      '*OBJOPR',
    );
}

function information({ partition }: ProgramContext, r: Receiver): ApiRecord {
  r.journal && partition.journal(r.journal.library, r.journal.name)?.flushIfDue();
  const name = (at: number, value: QualifiedName | null): void => {
    record.text(at, 10, value?.name ?? '').text(at + 10, 10, value?.library ?? '');
  };
  const record = new ApiRecord(LENGTH).text(134, LENGTH - 134, '');
  name(8, r);
  name(28, r.journal);
  record
    .int(48, r.threshold)
    .int(52, Math.ceil(r.size / 1024))
    .int(56, 1);
  record.int(60, small(r.entries)).int(64, r.maxDataLength).int(68, r.maxNullIndicators).int(72, small(r.first));
  record.text(76, 1, '0').text(77, 1, '0').int(80, small(r.last));
  record.text(88, 1, STATUS[r.status]).text(89, 1, '0').text(90, 1, '0').text(91, 4, '');
  record.text(95, 13, cymd(r.attached)).text(108, 13, cymd(r.detached)).text(121, 13, cymd(r.saved));
  record.text(184, 1, r.pendingTransactions > 0 ? '1' : '0');
  const remote = r.journal?.attributes.remote;
  record
    .text(185, 1, remoteType(remote?.type))
    .text(224, 10, remote?.name ?? '')
    .text(234, 10, remote?.library ?? '');
  record.text(244, 8, remote?.system ?? '');
  name(292, r.previousName);
  name(332, r.nextName);
  record.digits(372, 20, r.entries).digits(392, 20, r.maxDataLength).digits(412, 20, r.first).digits(432, 20, r.last);
  return record.text(452, 10, '*SYSBAS').text(462, 20, '').text(482, 9, '0'.repeat(9));
}

/** The short counters are of no use once a number outgrew them. */
function small(value: bigint): number {
  return value > 2_147_483_647n ? -1 : Number(value);
}
