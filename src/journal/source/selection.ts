/** Selection of QjoRetrieveJournalEntries: u32 count, then records of u32 length, key, length of the data, data. Keys as RCVJRNE names them. */
import { textCodec } from '../../bytes/ccsid/registry';
import { ByteWriter } from '../../bytes/writer';
import type { QualifiedName } from '../../model/position';
import type { WindowRange } from './entry-source';

const KEY = {
  receiverRange: 1,
  from: 2,
  to: 4,
  entries: 6,
  codes: 7,
  types: 8,
  cycle: 12,
  nullLength: 15,
  files: 16,
  formatMinimized: 22,
} as const;

/** A call takes at most this many file names. */
export const MOST_FILES = 300;

export interface WantedEntries extends WindowRange {
  /** The range goes on from `receiver` to the one that is attached; `to` is then null. */
  readonly toAttached?: boolean;
  readonly types?: readonly string[];
  /** At most this many entries. */
  readonly most?: number;
  readonly cycle?: bigint;
  /** Entries of other files are left out; those without a file, and commitment control, are not. */
  readonly files?: readonly QualifiedName[];
}

export function selectionBytes(s: WantedEntries): Buffer {
  const { library, name } = s.receiver;
  const first = char(name, 10) + char(library, 10);
  const last = s.toAttached ? char('*CURRENT', 20) : first;
  const records: [key: number, data: Buffer][] = [
    [KEY.receiverRange, text(first + last)],
    [KEY.from, text(s.from === null ? char('*FIRST', 20) : String(s.from).padStart(20))],
    [KEY.to, text(s.to === null ? char('*LAST', 20) : String(s.to).padStart(20))],
    // the indicators as long as they are, behind their number
    [KEY.nullLength, text(char('*VARLEN', 10))],
    // fields that were not recorded have their place and the indicator 9, as DISPLAY_JOURNAL gives them
    [KEY.formatMinimized, text(char('*YES', 10))],
  ];
  if (s.most !== undefined) records.push([KEY.entries, word(s.most)]);
  if (s.cycle !== undefined) records.push([KEY.cycle, text(String(s.cycle).padStart(20))]);
  if (s.types)
    records.push([KEY.types, Buffer.concat([word(s.types.length), text(s.types.map((t) => char(t, 10)).join(''))])]);
  if (s.files) records.push([KEY.codes, ownCodes()], [KEY.files, fileList(s.files)]);
  const writer = new ByteWriter(256).u32(records.length);
  for (const [key, data] of records)
    writer
      .u32(12 + data.length)
      .u32(key)
      .u32(data.length)
      .raw(data);
  return writer.bytes();
}

/** Codes the stages know; of commitment control and the journal itself whatever the file, since they name none. */
function ownCodes(): Buffer {
  const codes: [string, string][] = [
    ['R', '*ALLSLT'],
    ['F', '*ALLSLT'],
    ['D', '*ALLSLT'],
    ['C', '*IGNFILSLT'],
    ['J', '*IGNFILSLT'],
  ];
  return Buffer.concat([word(codes.length), ...codes.map(([code, which]) => text(char(code, 10) + char(which, 10)))]);
}

function fileList(files: readonly QualifiedName[]): Buffer {
  const names = files.map(({ library, name }) => text(char(name, 10) + char(library, 10) + char('*ALL', 10)));
  return Buffer.concat([word(files.length), ...names]);
}

function char(value: string, length: number): string {
  return value.padEnd(length);
}

function text(value: string): Buffer {
  return textCodec(37).encode(value);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
