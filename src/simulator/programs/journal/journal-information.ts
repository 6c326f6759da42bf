/**
 * QjoRetrieveJournalInformation of QSYS/QJOURNAL: the journal's attributes and, for key 1, its receiver directory. RJRN0200 is
 * RJRN0100 with lengths in pages of 4 KiB. Fields and offsets as published RPG definitions of the format have them.
 */

import { CpfFailure } from '../../partition/failures';
import type { Journal } from '../../partition/journal/journal';
import type { Receiver } from '../../partition/journal/receiver';
import { ApiRecord, cymd } from '../api-record';
import { formatNotValid } from '../failures';
import { type Program, type ProgramContext, withErrorCode } from '../program';
import { qualifiedJournal } from './names';
import { remoteType, STATUS } from './receiver-information';

/** Fixed part; the key section, which begins with the number of keys, follows it. */
const FIXED = 448;
const KEY_ENTRY = 20;
const DIRECTORY_HEADER = 20;
const DIRECTORY_ENTRY = 128;
const PAGE = 4096;
const DIRECTORY = 1;
const MOST_KEYS = 3;

/** 0 receiver variable, 1 its length, 2 journal, 3 format, 4 information to retrieve, 5 error code. */
export const retrieveJournalInformation: Program = (context, parameters) =>
  withErrorCode(parameters, 5, () => {
    const format = parameters.text(3);
    if (format !== 'RJRN0100' && format !== 'RJRN0200') throw formatNotValid(format);
    const unit = format === 'RJRN0200' ? PAGE : 1;
    const journal = qualifiedJournal(context.partition, parameters, 2);
    authorize(context, journal);
    const sections = keysOf(parameters.bytes(4)).map((key) => section(context, journal, key));
    const whole = structure(context, journal, sections);
    const room = Math.min(parameters.number(1) * unit, parameters.room(0));
    whole.writeInt32BE(Math.ceil(Math.min(room, whole.length) / unit), 0);
    whole.writeInt32BE(Math.ceil(whole.length / unit), 4);
    parameters.write(0, whole.subarray(0, room));
  });

function authorize({ partition, job }: ProgramContext, { library, name }: Journal): void {
  const object = { library, name, type: '*JRN' };
  partition.authority.check(job.currentUser, object, '*OBJOPR');
  partition.authority.check(job.currentUser, object, '*READ');
}

/** @throws CpfFailure CPF6948 */
function keysOf(selection: Buffer): number[] {
  const count = selection.length < 4 ? 0 : selection.readInt32BE(0);
  const keys: number[] = [];
  for (let i = 0, at = 4; i < count; i++) {
    if (at + 12 > selection.length || selection.readInt32BE(at) < 12)
      throw new CpfFailure('CPF6948', 'Length of record not valid.');
    const key = selection.readInt32BE(at + 4);
    if (key < 1 || key > MOST_KEYS) throw new CpfFailure('CPF6946', `Key ${key} not valid.`);
    keys.push(key);
    at += selection.readInt32BE(at);
  }
  return keys;
}

interface Section {
  readonly key: number;
  readonly header: Buffer;
  readonly entries: readonly Buffer[];
}

/** Receivers with key 1; journaled objects (2) and remote journals (3) are counted as none. */
function section(context: ProgramContext, journal: Journal, key: number): Section {
  const receivers = key === DIRECTORY ? journal.receivers : [];
  const header = new ApiRecord(DIRECTORY_HEADER);
  const kilobytes = receivers.reduce((sum, r) => sum + sizeOf(r), 0);
  header.int(0, receivers.length).int(4, kilobytes).int(8, 1).text(12, 8, '');
  return { key, header: header.bytes, entries: receivers.map((r) => directoryEntry(context, r)) };
}

function directoryEntry({ partition }: ProgramContext, r: Receiver): Buffer {
  const record = new ApiRecord(DIRECTORY_ENTRY).text(0, 10, r.name).text(10, 10, r.library).text(20, 5, r.number);
  record.text(25, 13, cymd(r.attached)).text(38, 1, STATUS[r.status]).text(39, 13, cymd(r.saved));
  record.text(52, 8, partition.systemName).text(60, 8, '');
  return record.int(68, sizeOf(r)).bytes;
}

function sizeOf(r: Receiver): number {
  return Math.ceil(r.size / 1024);
}

function structure(context: ProgramContext, journal: Journal, sections: readonly Section[]): Buffer {
  const keyTable = new ApiRecord(4 + KEY_ENTRY * sections.length).int(0, sections.length);
  const parts: Buffer[] = [attributes(context, journal), keyTable.bytes];
  let end = FIXED + keyTable.bytes.length;
  for (const [i, { key, header, entries }] of sections.entries()) {
    const at = 4 + i * KEY_ENTRY;
    keyTable
      .int(at, key)
      .int(at + 4, end - (FIXED + at))
      .int(at + 8, header.length);
    keyTable.int(at + 12, entries.length).int(at + 16, DIRECTORY_ENTRY);
    parts.push(header, ...entries);
    end += header.length + entries.length * DIRECTORY_ENTRY;
  }
  return Buffer.concat(parts);
}

function attributes({ partition }: ProgramContext, journal: Journal): Buffer {
  const { attributes: a, attachedReceiver: attached } = journal;
  const { remote } = a;
  const bit = (on: boolean): string => (on ? '1' : '0');
  const record = new ApiRecord(FIXED).int(8, FIXED);
  record
    .text(12, 10, journal.name)
    .text(22, 10, journal.library)
    .int(32, 1)
    .text(36, 10, 'QSYSOPR')
    .text(46, 10, '*LIBL');
  record
    .text(56, 1, bit(a.manageReceivers === '*SYSTEM'))
    .text(57, 1, bit(a.deleteReceivers))
    .text(58, 7, '0000   ');
  record
    .text(65, 1, bit(remote !== undefined))
    .text(66, 1, remoteType(remote?.type))
    .text(67, 1, a.state === '*ACTIVE' ? '1' : '0')
    .text(68, 1, '0');
  record
    .text(69, 20, '')
    .text(89, 8, partition.systemName)
    .text(97, 10, remote?.name ?? '');
  record
    .text(107, 10, remote?.library ?? '')
    .text(117, 8, remote?.system ?? '')
    .text(125, 10, '')
    .text(135, 50, a.text);
  record.text(185, 1, '0').text(186, 1, a.minimize === '*NONE' ? '0' : a.minimize === '*FILE' ? '1' : '2');
  record.text(187, 8, '').text(195, 1, bit(a.cache)).int(196, 1);
  record
    .text(200, 10, attached.name)
    .text(210, 10, attached.library)
    .text(220, 8, partition.systemName)
    .text(228, 28, '');
  record.int(256, 10).int(260, 10).text(264, 10, '*SYSBAS').text(274, 20, '');
  const kept = ['*JOB', '*USR', '*PGM', '*PGMLIB', '*SYSSEQ', '*RMTADR', '*THD', '*LUW', '*XID'];
  record.text(294, 9, kept.map((word) => bit(a.fixedLengthData.includes(word))).join(''));
  return record.int(308, journal.files.length).int(312, journal.files.length).bytes;
}
