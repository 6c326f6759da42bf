/** Parameter 5 of QjoRetrieveJournalEntries: selection records by key, as RCVJRNE names them. */

import type { ReadRequest } from '../../partition/contract';
import { CpfFailure } from '../../partition/failures';
import { textFrom } from '../program';

export interface EntrySelection {
  readonly request: ReadRequest;
  /** NBRENT. */
  readonly limit: number;
  /** NULLINDLEN: null is *VARLEN, the default. */
  readonly nullLength: number | null;
  /** FMTMINDTA(*YES): entries minimized on field boundaries come with every field in its place. */
  readonly formatMinimized: boolean;
}

const KEY = {
  receiverRange: 1,
  fromEntry: 2,
  fromTime: 3,
  toEntry: 4,
  toTime: 5,
  entries: 6,
  codes: 7,
  types: 8,
  job: 9,
  program: 10,
  user: 11,
  commitCycle: 12,
  dependent: 13,
  include: 14,
  nullLength: 15,
  files: 16,
  objects: 17,
  formatMinimized: 22,
} as const;
const LAST_KEY = 22;
const MOST_RECEIVERS_FIELDS = 40;

/** @throws CpfFailure CPF6946 for a structure that contradicts itself, CPF7054 for bounds that are none */
export function readSelection(
  data: Buffer,
  journal: { readonly library: string; readonly name: string },
): EntrySelection {
  const records = recordsOf(data);
  const text = (key: number): string | null => {
    const record = records.get(key);
    return record ? textFrom(record) : null;
  };
  const files = filesOf(records.get(KEY.files)) ?? objectsOf(records.get(KEY.objects));
  const codes = codesOf(records.get(KEY.codes));
  const word = (key: number) => unlessSpecial(text(key));
  return {
    request: {
      journalLibrary: journal.library,
      journalName: journal.name,
      ...receiverRange(records.get(KEY.receiverRange)),
      startingSequence: sequenceOf(text(KEY.fromEntry)),
      endingSequence: sequenceOf(text(KEY.toEntry)),
      startingTimestamp: momentOf(text(KEY.fromTime)),
      endingTimestamp: momentOf(text(KEY.toTime)),
      ...(codes ? { codes: codes.map(([code]) => code) } : {}),
      codesOfAnyObject: codes?.filter(([, which]) => which !== '*ALLSLT').map(([code]) => code) ?? [],
      types: listOf(records.get(KEY.types), 10).map((item) => textFrom(item)),
      ...(files ? { objects: files } : {}),
      job: jobOf(text(KEY.job)),
      program: word(KEY.program),
      user: word(KEY.user),
      commitCycle: cycleOf(text(KEY.commitCycle)),
      dependent: text(KEY.dependent) !== '*NONE',
    },
    limit: countOf(records.get(KEY.entries)),
    nullLength: nullLengthOf(text(KEY.nullLength)),
    formatMinimized: text(KEY.formatMinimized) === '*YES',
  };
}

function recordsOf(data: Buffer): Map<number, Buffer> {
  const records = new Map<number, Buffer>();
  if (data.length < 4) return records;
  const count = data.readInt32BE(0);
  for (let i = 0, at = 4; i < count; i++) {
    if (at + 12 > data.length) throw structureNotValid();
    const length = data.readInt32BE(at);
    const key = data.readInt32BE(at + 4);
    const dataLength = data.readInt32BE(at + 8);
    if (length < 12 || dataLength < 0 || 12 + dataLength > length || at + 12 + dataLength > data.length)
      throw structureNotValid();
    if (key < 1 || key > LAST_KEY) throw new CpfFailure('CPF6948', `Key ${key} of the selection is not valid.`);
    records.set(key, data.subarray(at + 12, at + 12 + dataLength));
    at += length;
  }
  return records;
}

/** NBRENT; all of them when it is not given. */
function countOf(record: Buffer | undefined): number {
  if (!record) return Number.POSITIVE_INFINITY;
  if (record.length < 4) throw structureNotValid();
  return record.readInt32BE(0);
}

/** A count, then as many items of `width` bytes. */
function listOf(record: Buffer | undefined, width: number): Buffer[] {
  if (!record) return [];
  const count = record.length < 4 ? -1 : record.readInt32BE(0);
  if (count < 0 || 4 + count * width > record.length) throw structureNotValid();
  return Array.from({ length: count }, (_, i) => record.subarray(4 + i * width, 4 + (i + 1) * width));
}

function receiverRange(record: Buffer | undefined): Partial<ReadRequest> {
  if (!record) return {};
  if (record.length < 10 || record.length > MOST_RECEIVERS_FIELDS) throw structureNotValid();
  const [starting, startingLibrary, ending, endingLibrary] = [0, 10, 20, 30].map((at) => textFrom(record, at, at + 10));
  return {
    startingReceiver: starting || '*CURRENT',
    startingReceiverLibrary: startingLibrary || null,
    endingReceiver: ending || null,
    endingReceiverLibrary: endingLibrary || null,
  };
}

/** *FIRST and *LAST are the ends of the range themselves. */
function sequenceOf(text: string | null): bigint | null {
  const value = text?.trim() ?? '';
  if (value === '' || value === '*FIRST' || value === '*LAST') return null;
  if (!/^\d{1,20}$/.test(value)) throw new CpfFailure('CPF7054', 'FROM and TO values not valid.');
  return BigInt(value);
}

/** `yyyy-mm-dd-hh.mm.ss.uuuuuu`. */
function momentOf(text: string | null): string | null {
  if (text === null || text.trim() === '') return null;
  const m = /^(\d{4}-\d\d-\d\d)-(\d\d)\.(\d\d)\.(\d\d)(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!m) throw new CpfFailure('CPF7054', 'FROM and TO values not valid.');
  return `${m[1]}T${m[2]}:${m[3]}:${m[4]}.${(m[5] ?? '').padEnd(6, '0')}`;
}

/** Code and what is to be done with the object selection; null when all codes are wanted. */
function codesOf(record: Buffer | undefined): [code: string, which: string][] | null {
  const listed = listOf(record, 20).map((item): [string, string] => [
    textFrom(item, 0, 10),
    textFrom(item, 10, 20) || '*ALLSLT',
  ]);
  if (listed.length === 0 || listed.some(([code]) => code === '*ALL')) return null;
  return listed.flatMap(([code, which]): [string, string][] =>
    code === '*CTL'
      ? [
          ['J', '*IGNFILSLT'],
          ['F', which],
        ]
      : [[code, which]],
  );
}

function filesOf(record: Buffer | undefined): { library: string; name: string; member: string }[] | null {
  const listed = listOf(record, 30).map((item) => ({
    name: textFrom(item, 0, 10),
    library: textFrom(item, 10, 20),
    member: textFrom(item, 20, 30) || '*FIRST',
  }));
  return listed.length === 0 || listed.some(({ name }) => name === '*ALLFILE') ? null : listed;
}

/** OBJ: name, library, type and member, of files alone. */
function objectsOf(record: Buffer | undefined): { library: string; name: string; member: string }[] | null {
  const listed = listOf(record, 40).map((item) => {
    const [name, library, type, member] = [0, 10, 20, 30].map((at) => textFrom(item, at, at + 10));
    if (type !== '*FILE') throw new CpfFailure('CPF7060', 'Object not found or not journaled in the receiver range.');
    return { name: name!, library: library!, member: member || '*FIRST' };
  });
  return listed.length === 0 ? null : listed;
}

/** `*ALL`, a job name, or name(10) user(10) number(6). */
function jobOf(text: string | null): string | null {
  const value = unlessSpecial(text);
  if (value === null || value.length <= 10) return value;
  const [name, user, number] = [value.slice(0, 10), value.slice(10, 20), value.slice(20, 26)].map((t) => t.trim());
  return `${number}/${user}/${name}`;
}

function cycleOf(text: string | null): bigint | null {
  const value = unlessSpecial(text?.trim() ?? null);
  return value === null || !/^\d+$/.test(value) ? null : BigInt(value);
}

function nullLengthOf(text: string | null): number | null {
  const value = text?.trim() ?? '';
  if (value === '' || value === '*VARLEN') return null;
  const length = Number(value);
  if (!Number.isInteger(length) || length < 1 || length > 8000)
    throw new CpfFailure('CPF6947', `Null value indicators length ${value} not valid.`);
  return length;
}

function unlessSpecial(text: string | null): string | null {
  return text === null || text === '' || text.startsWith('*') ? null : text;
}

function structureNotValid(): CpfFailure {
  return new CpfFailure('CPF6946', 'Journal entries to retrieve: structure not valid.');
}
