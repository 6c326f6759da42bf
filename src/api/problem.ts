/** Errors as `application/problem+json` (RFC 9457) with the codes that the command line shows, too. */
import { type CodedError, isCoded } from '../errors/coded-error';
import { type ErrorCode, pageOf } from '../errors/codes';
import type { ErrorFamily } from '../errors/codes/entry';

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** The next step; null where there is none to name. */
  readonly next: string | null;
  /** Each mistake of a request. */
  readonly errors?: readonly { readonly at: string; readonly message: string }[];
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not what the API expects',
  401: 'A token is needed',
  403: 'The token does not allow it',
  404: 'There is no such thing',
  405: 'The route has no such method',
  409: 'It does not stand so that this could be done',
  413: 'The request is too large',
  415: 'The body is not JSON',
  429: 'Too many requests',
  500: 'A mistake of this program',
  502: 'The partition or the destination does not answer as it should',
  503: 'Not now',
};

/** Of codes whose family does not say it. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  API_TOKEN: 401,
  API_ROLE: 403,
  API_ORIGIN: 403,
  API_PATH: 404,
  API_EVENT: 404,
  API_IMAGE: 404,
  API_JOURNAL: 404,
  API_DESTINATION: 404,
  API_METRIC: 404,
  API_BACKFILL: 404,
  API_REPLAY: 404,
  DEBUG_NONE: 404,
  DEBUG_MANY: 409,
  REPLAY_TABLE: 404,
  REPLAY_GONE: 409,
  API_RECORD: 404,
  API_METHOD: 405,
  API_TOO_LARGE: 413,
  API_MEDIA_TYPE: 415,
  API_RATE: 429,
  API_BUSY: 503,
  TOKEN_UNKNOWN: 404,
  TOKEN_EXISTS: 409,
  DLQ_NUMBER: 404,
  DLQ_DESTINATION: 404,
  TABLE_UNKNOWN: 404,
  TRACE_TABLE: 404,
  BACKFILL_TABLE: 404,
  REPLAY_DESTINATION: 404,
  SEND_TEST_DESTINATION: 404,
  TABLE_NOT_PAUSED: 409,
  DESTINATION_NOT_DISABLED: 409,
  RESUME_CONFIGURED: 409,
  CANCELLED: 503,
};

const STATUS_OF_FAMILY: Readonly<Record<ErrorFamily, number>> = {
  config: 400,
  signOn: 502,
  transport: 502,
  host: 502,
  protocol: 502,
  positionLost: 503,
  decode: 502,
  delivery: 502,
  store: 503,
  findings: 409,
  bug: 500,
};

function statusOfCode(code: ErrorCode, family: ErrorFamily): number {
  return STATUS[code] ?? STATUS_OF_FAMILY[family];
}

/** @param stopping the daemon ends: what it meets then is no mistake of its own */
export function problemOf(thrown: unknown, stopping: boolean): Problem {
  if (isCoded(thrown)) return codedProblem(thrown);
  if (stopping)
    return { ...plain(503, 'CANCELLED'), detail: 'the daemon is stopping', next: 'ask again when it runs again' };
  // nothing of a mistake of ours goes out: it may name anything
  return { ...plain(500, 'BUG'), detail: 'a mistake of this program; its log has it', next: 'please report it' };
}

function codedProblem(error: CodedError): Problem {
  const status = statusOfCode(error.code, error.family);
  const errors = mistakesOf(error);
  return {
    ...plain(status, error.code),
    detail: error.message,
    next: error.next ?? null,
    ...(errors === null ? {} : { errors }),
  };
}

function plain(status: number, code: ErrorCode) {
  return { type: pageOf(code), title: TITLES[status] ?? 'An error', status, code };
}

const MISTAKES = new WeakMap<CodedError, Problem['errors']>();

/** Lists the mistakes of a request with the error that names them. */
export function withMistakes(error: CodedError, mistakes: NonNullable<Problem['errors']>): CodedError {
  MISTAKES.set(error, mistakes);
  return error;
}

function mistakesOf(error: CodedError): NonNullable<Problem['errors']> | null {
  return MISTAKES.get(error) ?? null;
}
