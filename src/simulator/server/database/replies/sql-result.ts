/** The last result of a statement: what the SQLCA says and the message texts 1F00 may ask for afterwards (reference 10). */
import { textCodec } from '../../../../bytes/ccsid/registry';
import { encodePacked } from '../../../../bytes/packed';
import { type CodedError, isCoded } from '../../../../errors/coded-error';
import { packTokens, type Sqlca } from '../../../../hostserver/formats/sqlca';
import { SqlFailure, type Warning } from '../../../sql-session';

export interface SqlResult {
  readonly sqlCode: number;
  readonly sqlState: string;
  readonly messageId: string;
  readonly text: string;
  readonly secondLevel: string;
  readonly tokens: readonly string[];
  /** SQLERRD 1 to 6. */
  readonly errd: readonly [number, number, number, number, number, number];
  /** Identity value of the row an INSERT made. */
  readonly generatedKey?: string;
}

export const FINE: SqlResult = {
  sqlCode: 0,
  sqlState: '00000',
  messageId: '',
  text: '',
  secondLevel: '',
  tokens: [],
  errd: [0, 0, 0, 0, 0, 0],
};

export const END_OF_DATA: SqlResult = {
  ...FINE,
  sqlCode: 100,
  sqlState: '02000',
  messageId: 'SQL0100',
  text: 'Row not found.',
};

export function updated(count: number): SqlResult {
  return { ...FINE, errd: [0, 0, count, 0, 0, 0] };
}

/** Anything thrown as an SQL result. What is not an SqlFailure is a fault of the simulation and becomes SQL0901. */
export function failed(error: unknown, errd: Partial<Record<3 | 5 | 6, number>> = {}): SqlResult {
  const failure = error instanceof SqlFailure ? error : systemError(error);
  return {
    sqlCode: failure.sqlCode,
    sqlState: failure.sqlState,
    messageId: failure.messageId,
    text: failure.message,
    secondLevel: failure.secondLevel,
    tokens: failure.tokens,
    errd: [0, 0, errd[3] ?? 0, 0, errd[5] ?? 0, errd[6] ?? 0],
  };
}

export function warned(warning: Warning, count: number): SqlResult {
  return {
    ...updated(count),
    sqlCode: warning.sqlCode,
    sqlState: warning.sqlState,
    messageId: `SQL${String(Math.abs(warning.sqlCode)).padStart(4, '0')}`,
    text: warning.text,
    tokens: warning.tokens ?? [],
  };
}

/** What the client's own bytes caused is an SQL error it should see; anything else is SQL0901. */
function systemError(error: unknown): SqlFailure {
  if (isClientFault(error)) return new SqlFailure(-302, '22001', `Conversion error on a parameter: ${error.message}`);
  const what = error instanceof Error ? error.message : String(error);
  return new SqlFailure(-901, '58004', `SQL system error: ${what}`);
}

/** A CCSID we do not know, digits that are none, a length that contradicts itself: not ours to mend. */
export function isClientFault(error: unknown): error is CodedError {
  return isCoded(error) && (error.family === 'decode' || error.family === 'protocol');
}

/** Product and module that raised the result; a name of this simulation's own. */
const PRODUCT = 'QSQSIMUL';
/** Where clients look for the identity value, counted from the start of the SQLCA. */
const GENERATED_KEY_AT = 72;
const TOKENS_AT = 18;
const KEY_DIGITS = 30;

export function sqlcaOf(result: SqlResult, jobCcsid: number): Sqlca {
  const codec = textCodec(jobCcsid);
  const { tokenLength, tokens } = packTokens(result.tokens.map((token) => codec.encode(token)));
  if (result.generatedKey !== undefined && /^-?\d+$/.test(result.generatedKey)) {
    encodePacked(result.generatedKey, KEY_DIGITS, 0).copy(tokens, GENERATED_KEY_AT - TOKENS_AT);
  }
  const [d1, d2, d3, d4, d5, d6] = result.errd;
  return {
    eyecatcher: Buffer.concat([codec.encode('SQLCA '), codec.encode('  ')]),
    byteCount: 136,
    sqlCode: result.sqlCode,
    tokenLength,
    tokens,
    product: codec.encode(PRODUCT),
    errd: { d1, d2, d3, d4, d5, d6 },
    warnings: codec.encode(' '.repeat(11)),
    sqlState: codec.encode(result.sqlState.padEnd(5)),
    extra: undefined,
  };
}
