/**
 * A procedure of a service program is called through program QSYS/QZRUCLSP: seven parameters say which and how, the procedure's
 * own follow (docs/protocol.md#11.1).
 */
import { textCodec } from '../../../bytes/ccsid/registry';
import type { ProgramParameter } from './parameters';

export interface ServiceProgramCall {
  readonly library: string;
  /** Service program. */
  readonly program: string;
  /** Case matters. */
  readonly procedure: string;
  readonly returns: 'nothing' | 'integer';
  /** Puts the first parameter of the procedure on a 16-byte boundary, as receivers of QjoRetrieveJournalEntries must be. */
  readonly aligned?: boolean;
  /** All by reference. */
  readonly parameters: readonly ProgramParameter[];
}

export const CALLER = { program: 'QZRUCLSP', library: 'QSYS' } as const;

const BY_REFERENCE = 2;
const ERROR_CODE_BYTES = 8;
const BOUNDARY = 16;
/** An integer is asked for together with errno. */
const RETURN = { nothing: { format: 0, bytes: 4 }, integer: { format: 3, bytes: 8 } } as const;

export function callerParameters(call: ServiceProgramCall): ProgramParameter[] {
  const { parameters } = call;
  const returned = RETURN[call.returns];
  const inputs = [
    qualified(call.program, call.library),
    Buffer.concat([ebcdic(call.procedure), Buffer.alloc(1)]),
    word(returned.format),
    Buffer.concat(parameters.map(() => word(BY_REFERENCE))),
    word(parameters.length),
  ];
  const length = inputs.reduce((sum, bytes) => sum + bytes.length, ERROR_CODE_BYTES + returned.bytes);
  const padding = call.aligned ? (BOUNDARY - (length % BOUNDARY)) % BOUNDARY : 0;
  return [
    ...inputs.map((input) => ({ input })),
    { output: ERROR_CODE_BYTES + padding },
    { output: returned.bytes },
    ...parameters,
  ];
}

/** CHAR(10) name and CHAR(10) library, CCSID 37: names are invariant. */
function qualified(name: string, library: string): Buffer {
  return ebcdic(`${name.padEnd(10)}${library.padEnd(10)}`);
}

function ebcdic(text: string): Buffer {
  return textCodec(37).encode(text);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
