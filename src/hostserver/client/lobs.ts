/** LOBs behind locators: fetched in pieces, written before the statement that uses them (section 9.6). */
import { textCodec } from '../../bytes/ccsid/registry';
import { CodedError } from '../../errors/coded-error';
import { retrieveLob, writeLob } from '../messages/lob';
import { ORS } from '../ors';
import type { FieldLayout } from '../rows/layout';
import { effectiveCcsid } from '../wire-text';
import type { Session } from './session';

const NO_COMPRESSION = 0xf0;
const YES = 0xf1;
const TRUNCATE = 0xf0;
const LOB_CCSID = 0xffff;
/** Units asked for in one request; a LOB longer than this takes several. */
const PIECE = 1024 * 1024;

export interface LobContext {
  readonly session: Session;
  readonly statement: number;
  readonly signal?: AbortSignal | undefined;
}

export interface LobValue {
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
  for (let offset = 0; ; offset += PIECE) {
    const piece = await readPiece(context, handle, column, offset);
    ccsid = piece?.ccsid ?? ccsid;
    if (piece) pieces.push(piece.bytes);
    if (!piece || piece.bytes.length < PIECE * unit) break;
  }
  return { bytes: Buffer.concat(pieces), ccsid };
}

async function readPiece(
  context: LobContext,
  handle: number,
  column: number,
  offset: number,
): Promise<LobValue | null> {
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
  return reply.parameters.lobData ?? null;
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
    family: 'config',
    message: `text was given for a ${field.type} parameter that takes bytes`,
    next: 'pass bytes',
  });
}
