/** LOBs behind locators: fetched in pieces, written before the statement that uses them (docs/protocol.md#9.6). */
import { textCodec } from '../../bytes/ccsid/registry';
import { CodedError } from '../../errors/coded-error';
import { lobLengthOf } from '../messages/database/db-reply';
import { retrieveLob, writeLob } from '../messages/database/lob';
import { ORS } from '../ors';
import type { FieldLayout } from '../rows/layout';
import { effectiveCcsid } from '../wire-text';
import type { Session } from './session';

const NO_COMPRESSION = 0xf0;
const YES = 0xf1;
const TRUNCATE = 0xf0;
const LOB_CCSID = 0xffff;
const NOTHING = Buffer.alloc(0);
/** Units asked for in one request; a LOB longer than this takes several. */
const PIECE = 1024 * 1024;

interface LobContext {
  readonly session: Session;
  readonly statement: number;
  readonly signal?: AbortSignal | undefined;
}

interface LobValue {
  readonly bytes: Buffer;
  /** 65535 is binary. */
  readonly ccsid: number;
}

/** The whole value. One round trip for a value of at most a mebibyte. @param column 1-based */
export async function readLob(
  context: LobContext,
  field: FieldLayout,
  handle: number,
  column: number,
): Promise<LobValue> {
  const pieces: Buffer[] = [];
  const unit = field.type === 'DBCLOB' ? 2 : 1;
  let ccsid = field.ccsid ?? LOB_CCSID;
  for (let offset = 0; ; ) {
    const piece = await readPiece(context, handle, column, offset);
    if (piece.bytes.length > 0) pieces.push(piece.bytes);
    ccsid = piece.ccsid ?? ccsid;
    offset += piece.bytes.length / unit;
    // The length is the server's promise; without one a short piece is the last.
    const ended = piece.total === null ? piece.bytes.length < PIECE * unit : offset >= piece.total;
    if (ended || piece.bytes.length === 0) break;
    if (field.lobMaxSize > 0 && offset > field.lobMaxSize) throw lobTooLong(column, offset, field.lobMaxSize);
  }
  return { bytes: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces), ccsid };
}

interface Piece {
  readonly bytes: Buffer;
  readonly ccsid: number | null;
  /** Current length of the whole value, in its units; null when the server did not say. */
  readonly total: number | null;
}

async function readPiece(context: LobContext, handle: number, column: number, offset: number): Promise<Piece> {
  const { session, statement, signal } = context;
  const reply = await session.request(
    'retrieve LOB data',
    (f) =>
      retrieveLob.request(
        { ...f, ors: session.ors(ORS.reply, ORS.resultData), statement },
        { handle, size: PIECE, offset, compression: NO_COMPRESSION, returnLength: YES, column },
      ),
    { statement, signal },
  );
  const { lobData, lobLength } = reply.parameters;
  const total = lobLength ? lobLengthOf(lobLength) : null;
  return {
    bytes: lobData?.bytes ?? NOTHING,
    ccsid: lobData?.ccsid ?? null,
    total: total === null ? null : Number(total),
  };
}

function lobTooLong(column: number, read: number, limit: number): CodedError {
  return new CodedError({
    code: 'LOB_TOO_LONG',
    message: `the LOB in column ${column} is said to hold at most ${limit}; ${read} have arrived and it goes on`,
    next: 'run again with --trace-wire FILE and report the frames',
    facts: { column, read, limit },
  });
}

/** The value in the form of the transport: text where the LOB is text, bytes where it is not. */
export function lobText(value: LobValue, field: FieldLayout, jobCcsid: number): string | Uint8Array {
  if (field.type === 'BLOB' || (field.ccsid === null && value.ccsid === LOB_CCSID)) return value.bytes;
  return textCodec(effectiveCcsid(field.ccsid ?? value.ccsid, jobCcsid)).decode(value.bytes);
}

/** Writes a parameter's value to the locator the server set aside for it. */
export async function writeLobParameter(
  context: LobContext,
  field: FieldLayout,
  handle: number,
  value: string | Uint8Array,
): Promise<void> {
  const bytes = typeof value === 'string' ? textBytes(field, value) : Buffer.from(value);
  const { session, statement, signal } = context;
  const unit = field.type === 'DBCLOB' ? 2 : 1;
  await session.request(
    'write LOB data',
    (f) =>
      writeLob.request(
        { ...f, ors: session.ors(ORS.reply, ORS.resultData), statement },
        {
          truncate: TRUNCATE,
          handle,
          size: bytes.length / unit,
          offset: 0,
          compression: NO_COMPRESSION,
          data: { ccsid: LOB_CCSID, bytes },
        },
      ),
    { statement, signal },
  );
}

function textBytes(field: FieldLayout, value: string): Buffer {
  if (field.ccsid !== null) return textCodec(field.ccsid).encode(value);
  throw new CodedError({
    code: 'PARAMETER_VALUE',
    message: `text was given for a ${field.type} parameter that takes bytes`,
    next: 'pass bytes',
  });
}
