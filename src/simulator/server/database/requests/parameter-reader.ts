/** Rows of parameters, CP 381F, as the descriptor of 1E00 lays them out (reference 8.2, 9.1), to values of the engine. */
import { textCodec } from '../../../../bytes/ccsid/registry';
import { decodeDecfloat } from '../../../../bytes/decfloat';
import { decodePacked } from '../../../../bytes/packed';
import { decodeZoned } from '../../../../bytes/zoned';
import { COMPRESSED_ROWS, type ExtendedData, rowArea } from '../../../../hostserver/formats/result-data';
import { xmlTextOf } from '../../../partition/files/xml-document';
import { type SessionValue, SqlFailure } from '../../../sql-session';
import { decodeStored } from '../../../stored-text';
import { type LobTable, lobValue } from '../replies/lob-table';
import { isoDate, isoTime, isoTimestamp } from '../replies/moment-text';
import { type ColumnSettings, isVarying, SQL_TYPE } from '../replies/wire-column';

/** What is needed of a descriptor's field, whichever of its forms it came in. */
export interface ParameterField {
  readonly type: number;
  readonly length: number;
  readonly scale: number;
  readonly precision: number;
  readonly ccsid: number;
}

const BYTES = 65535;
const GRAPHIC_BYTES = 2;

/** Every row of `data`. @throws SqlFailure for data that contradict themselves or a locator that is not there */
export function readParameters(
  data: ExtendedData,
  fields: readonly ParameterField[],
  settings: ColumnSettings,
  lobs: LobTable,
): SessionValue[][] {
  const compressed = (data.flags & COMPRESSED_ROWS) !== 0;
  if (data.columns !== fields.length)
    throw new SqlFailure(
      -313,
      '07001',
      `Number of parameters is ${data.columns}, the descriptor has ${fields.length}.`,
    );
  const { indicatorSize, rowsAt } = rowArea(data, !compressed);
  const rows: SessionValue[][] = [];
  let at = rowsAt;
  for (let r = 0; r < data.rows; r++) {
    const start = at;
    const row: SessionValue[] = [];
    for (let c = 0; c < fields.length; c++) {
      const field = fields[c]!;
      const length = compressed && isShortened(field.type) ? varyingLength(data.data, at, field) : field.length;
      if (at + length > data.data.length)
        throw new SqlFailure(-302, '22001', `Data of parameter ${c + 1} end too soon.`);
      const indicator = indicatorSize === 0 ? 0 : data.data.readInt16BE((r * fields.length + c) * 2);
      // -5 DEFAULT and -7 UNASSIGNED stand for no value, as -1 does
      row.push(indicator < 0 ? null : readField(data.data, at, field, settings, lobs));
      at += length;
    }
    if (!compressed) at = start + data.rowSize;
    rows.push(row);
  }
  return rows;
}

/** In requests VARBINARY keeps its full length, unlike in replies: seen with JTOpen 21.0.6. */
function isShortened(type: number): boolean {
  return isVarying(type) && (type & ~1) !== SQL_TYPE.varbinary;
}

function varyingLength(data: Buffer, at: number, field: ParameterField): number {
  const type = field.type & ~1;
  const unit = type === SQL_TYPE.vargraphic || type === SQL_TYPE.longVargraphic ? GRAPHIC_BYTES : 1;
  return at + 2 > data.length ? field.length : 2 + data.readUInt16BE(at) * unit;
}

function readField(
  data: Buffer,
  at: number,
  f: ParameterField,
  settings: ColumnSettings,
  lobs: LobTable,
): SessionValue {
  switch (f.type & ~1) {
    case SQL_TYPE.char:
    case SQL_TYPE.graphic:
      return characters(data.subarray(at, at + f.length), f.ccsid, settings);
    case SQL_TYPE.varchar:
    case SQL_TYPE.longVarchar:
    case SQL_TYPE.datalink:
      return characters(sized(data, at, f, 2, 1), f.ccsid, settings);
    case SQL_TYPE.vargraphic:
    case SQL_TYPE.longVargraphic:
      return characters(sized(data, at, f, 2, GRAPHIC_BYTES), f.ccsid, settings);
    case SQL_TYPE.binary:
      return Buffer.from(data.subarray(at, at + f.length));
    case SQL_TYPE.varbinary:
    case SQL_TYPE.rowid:
      return Buffer.from(sized(data, at, f, 2, 1));
    case SQL_TYPE.blob:
      return Buffer.from(sized(data, at, f, 4, 1));
    case SQL_TYPE.clob:
      return characters(sized(data, at, f, 4, 1), f.ccsid, settings);
    case SQL_TYPE.dbclob:
      return characters(sized(data, at, f, 4, GRAPHIC_BYTES), f.ccsid, settings);
    case SQL_TYPE.date:
      return isoDate(text(data, at, f, settings), settings.dateFormat);
    case SQL_TYPE.time:
      return isoTime(text(data, at, f, settings));
    case SQL_TYPE.timestamp:
      return isoTimestamp(text(data, at, f, settings));
    case SQL_TYPE.blobLocator:
    case SQL_TYPE.clobLocator:
    case SQL_TYPE.dbclobLocator:
      return lobValue(lobs.get(data.readUInt32BE(at)));
    // which encoding it is in, the document says
    case SQL_TYPE.xml:
    case SQL_TYPE.xmlLocator:
      return xmlTextOf(lobs.get(data.readUInt32BE(at)).bytes);
    default:
      return readNumber(data, at, f);
  }
}

function readNumber(data: Buffer, at: number, f: ParameterField): SessionValue {
  switch (f.type & ~1) {
    case SQL_TYPE.decimal:
      return decodePacked(data, at, f.precision, f.scale);
    case SQL_TYPE.numeric:
      return decodeZoned(data, at, f.precision, f.scale);
    case SQL_TYPE.smallint:
      return data.readInt16BE(at);
    case SQL_TYPE.integer:
      return data.readInt32BE(at);
    case SQL_TYPE.bigint:
      return data.readBigInt64BE(at).toString();
    case SQL_TYPE.float:
      return f.length === 4 ? data.readFloatBE(at) : data.readDoubleBE(at);
    case SQL_TYPE.decfloat:
      return decodeDecfloat(data, at, f.length === 8 ? 8 : 16);
    case SQL_TYPE.boolean:
      return data[at] !== 0xf0;
    default:
      throw new SqlFailure(-804, '07002', `SQLDA not valid: type ${f.type}.`, [String(f.type)]);
  }
}

/** The used part of a varying field; a length beyond the field is the client's mistake. */
function sized(data: Buffer, at: number, f: ParameterField, prefix: 2 | 4, unit: number): Buffer {
  const used = (prefix === 2 ? data.readUInt16BE(at) : data.readUInt32BE(at)) * unit;
  if (used + prefix > f.length)
    throw new SqlFailure(-311, '22501', 'Length of a varying-length parameter is not valid.');
  return data.subarray(at + prefix, at + prefix + used);
}

function characters(bytes: Buffer, ccsid: number, settings: ColumnSettings): SessionValue {
  if (ccsid === BYTES) return Buffer.from(bytes);
  return decodeStored(ccsid === 0 ? settings.jobCcsid : ccsid, bytes);
}

function text(data: Buffer, at: number, f: ParameterField, settings: ColumnSettings): string {
  const ccsid = f.ccsid === 0 || f.ccsid === BYTES ? settings.jobCcsid : f.ccsid;
  return textCodec(ccsid).decode(data, at, at + f.length);
}
