/** Java exceptions to coded errors. The bridge puts the Java exception behind `cause` of the JavaScript one. */
import { CodedError, isCoded, SqlError } from '../../errors/coded-error';
import { firstLine, type JavaObject } from './jvm';

/** Never logs the statement or its parameters: only what the driver itself reports. */
export function fromJava(error: unknown, host: string): CodedError {
  if (isCoded(error)) return error;
  const cause = (error as { cause?: JavaObject } | null)?.cause;
  const ask = (method: string): unknown => {
    try {
      return cause?.[`${method}Sync`]?.();
    } catch {
      return undefined;
    }
  };
  const message = String(ask('getMessage') ?? firstLine(error));
  const state = ask('getSQLState');
  const code = ask('getErrorCode');
  if (typeof state !== 'string') {
    return new CodedError({ code: 'JT400_DRIVER', message: `JTOpen: ${message}`, cause: error });
  }
  if (state === '08004') {
    return new CodedError({
      code: 'SIGNON_REFUSED',
      message: `${host} refused the sign-on: ${message}`,
      next: 'check user, password and profile status on the partition (DSPUSRPRF); sign-on is not tried again by itself',
      cause: error,
    });
  }
  if (state.startsWith('08')) {
    return new CodedError({
      code: 'CONNECT_FAILED',
      message: `${host} cannot be reached through JTOpen: ${message}`,
      next: 'check host, ports 9476 and 9471 (TLS) and the CA certificate; `ibmi-cdc doctor` tests each',
      cause: error,
    });
  }
  const id = /^\[([A-Z]{3}[0-9A-F]{4})\]\s*/.exec(message);
  return new SqlError({
    sqlCode: typeof code === 'number' ? code : 0,
    sqlState: state,
    messageId: id?.[1] ?? null,
    message: id ? message.slice(id[0].length) : message,
  });
}
