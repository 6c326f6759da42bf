/**
 * Qp0lGetAttr of QSYS/QP0LLIB2: attributes of an object by its path, as IBM's FileAttributes class asks for them. Libraries and
 * files of QSYS are known; of their attributes the type and where they are journaled.
 */
import { textCodec } from '../../../bytes/ccsid/registry';
import type { Journal } from '../../partition/journal/journal';
import { ApiRecord } from '../api-record';
import type { ParameterList, Program, ProgramContext } from '../program';

const NO_SUCH_PATH = 3025;
/** Path name structure: CCSID, country, language, reserved, type, length, delimiter, reserved; then the path. */
const PATH = 32;
const ENTRY = 16;
const OBJECT_TYPE = 0;
const JOURNAL = 40;
const JOURNAL_LENGTH = 68;
const AFTER_IMAGES = 0x20;
const BEFORE_IMAGES = 0x40;

/** 0 path, 1 wanted attributes, 2 buffer (out), 3 its size, 4 size needed (out), 5 bytes returned (out), 6 follow links. */
export const getPathAttributes: Program = (context, parameters) => {
  const object = objectAt(context, pathOf(parameters.bytes(0)));
  if (!object) return { value: -1, errno: NO_SUCH_PATH };
  const attributes = linked([typeAttribute(object), journalAttribute(object)]);
  const fits = attributes.length <= parameters.number(3);
  number(parameters, 4, attributes.length);
  number(parameters, 5, fits ? attributes.length : 0);
  if (fits) parameters.write(2, attributes);
  return { value: 0 };
};

interface PathObject {
  readonly type: '*LIB' | '*FILE';
  readonly journal: Journal | null;
  readonly identifier: Uint8Array | null;
  readonly images: number;
  /** Seconds since 1970. */
  readonly since: number;
}

function pathOf(structure: Buffer): string {
  if (structure.length < PATH) return '';
  const length = structure.readInt32BE(16);
  try {
    return textCodec(structure.readInt32BE(0)).decode(structure.subarray(PATH, PATH + Math.max(0, length)));
  } catch {
    return ''; // a CCSID nobody knows names nothing
  }
}

/** `/QSYS.LIB/ORDLIB.LIB`, `/QSYS.LIB/ORDLIB.LIB/ORDHDR.FILE`. */
function objectAt({ partition }: ProgramContext, path: string): PathObject | null {
  const m = /^\/QSYS\.LIB\/([^/]+)\.LIB(?:\/([^/]+)\.FILE(?:\/[^/]+\.MBR)?)?\/?$/i.exec(path);
  if (!m) return null;
  const library = m[1]!.toUpperCase();
  const record = partition.fileStore.libraries.get(library);
  if (!record) return null;
  if (!m[2]) {
    const journal = partition.journals().find((j) => j.id === record.inheritJournal) ?? null;
    return { type: '*LIB', journal, identifier: null, images: AFTER_IMAGES, since: seconds(journal?.created ?? null) };
  }
  const file = partition.file(library, m[2].toUpperCase());
  if (!file) return null;
  const images = file.images === '*BOTH' ? AFTER_IMAGES | BEFORE_IMAGES : AFTER_IMAGES;
  return {
    type: '*FILE',
    journal: file.journal,
    identifier: file.journalIdentifier,
    images,
    since: seconds(file.journalStart),
  };
}

function typeAttribute({ type }: PathObject): ApiRecord {
  return new ApiRecord(ENTRY + 16).int(4, OBJECT_TYPE).int(8, 10).text(ENTRY, 10, type);
}

function journalAttribute({ journal, identifier, images, since }: PathObject): ApiRecord {
  const record = new ApiRecord(ENTRY + JOURNAL_LENGTH + 12).int(4, JOURNAL).int(8, JOURNAL_LENGTH);
  if (!journal) return record;
  record.bytes[ENTRY] = 1;
  record.bytes[ENTRY + 1] = images;
  if (identifier) record.put(ENTRY + 2, identifier);
  record
    .text(ENTRY + 12, 10, journal.name)
    .text(ENTRY + 22, 10, journal.library)
    .int(ENTRY + 32, since);
  return record.text(ENTRY + 36, 30, '');
}

/** Each entry says where the next one begins; the last says 0. */
function linked(records: readonly ApiRecord[]): Buffer {
  let end = 0;
  for (const [i, record] of records.entries()) {
    end += record.bytes.length;
    if (i < records.length - 1) record.int(0, end);
  }
  return Buffer.concat(records.map((record) => record.bytes));
}

function seconds(timestamp: string | null): number {
  return timestamp === null ? 0 : Math.floor(Date.parse(`${timestamp.slice(0, 19)}Z`) / 1000);
}

function number(parameters: ParameterList, index: number, value: number): void {
  parameters.write(index, new ApiRecord(4).int(0, value).bytes);
}
