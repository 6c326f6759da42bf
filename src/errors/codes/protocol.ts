/** Bytes of the host server that cannot be right. The connection is dropped: nothing is read out of a doubtful frame. */
import { ofFamily } from './entry';

const DROPPED =
  'The connection is dropped and nothing is taken out of the frame; a running daemon makes a new connection and reads the same place again.';
const REPORT = 'run again with --trace-wire FILE and report the frames if it happens again';

export const PROTOCOL_ERRORS = ofFamily('protocol', {
  BYTES_SHORT: {
    means: `A value of a frame needs more bytes than are there. ${DROPPED}`,
    next: REPORT,
  },
  FRAME_LENGTH: {
    means: `A frame announces a length that no frame has. Mostly the port is not that of a host server, or TLS is used on a port without it or the other way round. ${DROPPED}`,
    next: 'check that host and port name an IBM i host server, and that TLS is used exactly on the TLS port (9471, 9476)',
  },
  FRAME_HALF: {
    means: `The partition closed the connection in the middle of a frame. ${DROPPED}`,
    next: 'look at the log of the server job if it happens again',
  },
  FRAME_EXTRA: {
    means: `The partition sent bytes behind its last reply, before anything was asked: the length of that reply was wrong. ${DROPPED}`,
    next: REPORT,
  },
  FRAME_SERVER: {
    means: `A frame came from a server that is no host server. ${DROPPED}`,
    next: 'check that host and port name an IBM i host server',
  },
  FRAME_CORRELATION: {
    means: `A reply belongs to another request than the one that waits. ${DROPPED}`,
    next: REPORT,
  },
  REPLY_INCOMPLETE: {
    means:
      'The sign-on or database server left out what it must say of itself (seeds, level, attributes). No password was sent.',
    next: 'check that host and ports name the sign-on and database host servers of an IBM i',
  },
  PARAMETER_LENGTH: {
    means: `A parameter of a reply has a length that does not fit its frame. ${DROPPED}`,
    next: REPORT,
  },
  RLE_DATA: { means: `A compressed frame cannot be unpacked. ${DROPPED}`, next: REPORT },
  ROWS_FORMAT: { means: `Rows do not fit the format that was sent before them. ${DROPPED}`, next: REPORT },
  ROWS_LENGTH: { means: `Row data announce more bytes than there are. ${DROPPED}`, next: REPORT },
  VALUE_LENGTH: { means: `A value says it is longer than its field. ${DROPPED}`, next: REPORT },
  FIELD_LENGTH: { means: `A result column has a length that its type cannot have. ${DROPPED}`, next: REPORT },
  ENTRY_FORMAT: {
    means:
      'A reply of the retrieve journal entries API is not laid out as the format that was asked for. The reader stands still at its position; nothing of the reply was taken.',
    next: 'set `journal.reader: sql`; run again with --trace-wire FILE and report the frames',
  },
  ENTRY_TOO_LONG: {
    means:
      'A single journal entry does not fit the largest buffer the retrieve API is asked to fill (16 MiB). The reader stands still before it.',
    next: 'set `journal.reader: sql`',
  },
  LOB_TOO_LONG: { means: `A LOB goes on beyond the length that was announced. ${DROPPED}`, next: REPORT },
  TYPE_UNKNOWN: {
    means: 'A result column has an SQL type this client does not know. The statement was not read.',
    next: 'CAST the column to a common type, for example CAST(COL AS VARCHAR(100))',
  },
  FORMAT_MISSING: {
    means: 'The server did not describe the columns of a query; releases before IBM i 7.1 do not.',
    next: 'use IBM i 7.1 or later; else run again with --trace-wire FILE and report the frames',
  },
});
