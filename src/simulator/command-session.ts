/**
 * The seam inside the simulated partition between its remote command server (wire) and what runs behind it: CL commands and
 * the programs of QSYS. Parameters are bytes, as a program on the system would see them in storage.
 */
import type { JobIdentity } from './sql-session';

/** A message as it lies on a program message queue. */
export interface CommandMessage {
  /** `CPF9801`. */
  readonly id: string;
  /** Two digits: `15` escape, `02` diagnostic, `01` completion. */
  readonly type: string;
  /** 0 to 99. */
  readonly severity: number;
  readonly file: string;
  readonly library: string;
  readonly text: string;
  readonly help: string;
  /** Substitution variables one after the other, EBCDIC. */
  readonly data: Buffer;
}

export interface CallParameter {
  readonly direction: 'in' | 'out' | 'inout' | 'null';
  /** Bytes of storage the caller gives the parameter. */
  readonly length: number;
  /** `length` bytes; zeros for an output parameter. */
  readonly data: Buffer;
}

export type CallOutcome =
  /** One buffer for each output parameter, in order; what is missing at its end is zeros. */
  | { readonly kind: 'returned'; readonly outputs: readonly Buffer[] }
  /** `unresolved`: there is no such program; `failed`: it ended by an escape message. */
  | { readonly kind: 'unresolved' | 'failed'; readonly messages: readonly CommandMessage[] };

/** One job of the remote command server. Not shared between connections. */
export interface CommandSession {
  /** @returns messages of the failure, or null when the command was done */
  run(command: string): readonly CommandMessage[] | null;
  call(library: string, program: string, parameters: readonly CallParameter[]): CallOutcome;
  /** Ends the job; what the programs hold for it (pointer handles) is given back. */
  end(): void;
}

export interface CommandEngine {
  openSession(job: JobIdentity): CommandSession;
}
