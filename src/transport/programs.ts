/**
 * Programs and commands of the partition, called beside SQL: what a transport offers that speaks the remote command server.
 *
 * Failures: HostMessageError (family host) with the messages of the program, CodedError of family transport, protocol or signOn.
 */
import type { JobMessage } from '../errors/coded-error';

/** `input` goes to the procedure, `output` bytes of it come back; with both it is in-out. */
export interface ProcedureParameter {
  readonly input?: Buffer;
  readonly output?: number;
}

export interface ProcedureCall {
  readonly library: string;
  /** Service program. */
  readonly program: string;
  /** Case matters. */
  readonly procedure: string;
  readonly returns: 'nothing' | 'integer';
  /** Its first parameter has to lie on a 16-byte boundary. */
  readonly aligned?: boolean;
  /** All by reference. */
  readonly parameters: readonly ProcedureParameter[];
}

/** One connection = one server job; calls run strictly one after the other. */
export interface ProgramConnection extends AsyncDisposable {
  /** `number/user/name`; null when the server did not name it. */
  readonly job: string | null;
  /**
   * What comes back of each parameter, in order; null for those that only go in. Zeros at the end of a value may be missing.
   * Giving up by `signal` ends the connection.
   */
  call(call: ProcedureCall, options?: { readonly signal?: AbortSignal }): Promise<(Buffer | null)[]>;
  /** Messages a CL command completed with. */
  command(text: string, options?: { readonly signal?: AbortSignal }): Promise<JobMessage[]>;
  /** True while the server answers. */
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
}
