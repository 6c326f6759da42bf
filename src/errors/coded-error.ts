/**
 * The one error type with which this product stops or refuses, and the exit codes that follow from its family.
 *
 * Codes, their families, what they mean and what to do are listed in `codes/`; one that is not listed does not compile.
 * A message says what was seen, what was expected and the next step; it never carries a secret or a row value.
 */

import { type ErrorCode, familyOf } from './codes';
import type { ErrorFamily } from './codes/entry';

/** Exit codes of the command line; the product surface promises them. */
export const EXIT = { done: 0, bug: 1, usage: 2, unreachable: 3, positionLost: 4, findings: 5 } as const;

const EXIT_BY_FAMILY: Record<ErrorFamily, number> = {
  config: EXIT.usage,
  signOn: EXIT.unreachable,
  transport: EXIT.unreachable,
  host: EXIT.unreachable,
  protocol: EXIT.unreachable,
  positionLost: EXIT.positionLost,
  decode: EXIT.findings,
  delivery: EXIT.unreachable,
  store: EXIT.unreachable,
  findings: EXIT.findings,
  bug: EXIT.bug,
};

/** Facts of an error: names, positions, counts. Never secrets, never row values. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | bigint | null | undefined>>;

interface CodedErrorOptions {
  /** Stable code such as `TLS_UNTRUSTED`; the family follows from it. */
  readonly code: ErrorCode;
  /** One sentence: what was seen and what was expected. */
  readonly message: string;
  /** What the reader should do now, with the exact CL, SQL or YAML where one helps. */
  readonly next?: string;
  readonly facts?: ErrorFacts;
  readonly cause?: unknown;
}

/** The only error type that leaves a module on purpose. Anything else that surfaces is a bug (exit 1). */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly family: ErrorFamily;
  readonly next: string | undefined;
  readonly facts: ErrorFacts;

  constructor(options: CodedErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = options.code;
    this.family = familyOf(options.code);
    this.next = options.next;
    this.facts = options.facts ?? {};
  }
}

export function isCoded(error: unknown): error is CodedError {
  return error instanceof CodedError;
}

/** Exit code for anything thrown; an uncoded error is a bug. */
export function exitCodeOf(error: unknown): number {
  return isCoded(error) ? exitCodeOfFamily(error.family) : EXIT.bug;
}

export function exitCodeOfFamily(family: ErrorFamily): number {
  return EXIT_BY_FAMILY[family];
}

/** An SQL error as Db2 for i reports it. `family` is `host`. */
export class SqlError extends CodedError {
  readonly sqlCode: number;
  readonly sqlState: string;
  /** IBM message id such as `SQL0204`, when the server sent one. */
  readonly messageId: string | null;
  readonly secondLevel: string | null;

  constructor(o: {
    sqlCode: number;
    sqlState: string;
    messageId?: string | null;
    message: string;
    secondLevel?: string | null;
    next?: string;
    facts?: ErrorFacts;
  }) {
    super({
      code: 'HOST_SQL',
      message: o.message,
      ...(o.next === undefined ? {} : { next: o.next }),
      facts: { ...o.facts, sqlCode: o.sqlCode, sqlState: o.sqlState, messageId: o.messageId ?? null },
    });
    this.name = 'SqlError';
    this.sqlCode = o.sqlCode;
    this.sqlState = o.sqlState;
    this.messageId = o.messageId ?? null;
    this.secondLevel = o.secondLevel ?? null;
  }
}

/** One message a command or program ended with, as DSPJOBLOG would show it. */
export interface JobMessage {
  /** `CPF7062`. */
  readonly id: string;
  /** 0..99. */
  readonly severity: number;
  readonly text: string;
  /** Second-level text; empty when the server sent none. */
  readonly help: string;
}

/** A command or program of the partition that failed: the messages of its job, in the order they were sent. `family` is `host`. */
export class HostMessageError extends CodedError {
  constructor(
    what: string,
    readonly messages: readonly JobMessage[],
    o: { readonly next?: string; readonly facts?: ErrorFacts } = {},
  ) {
    const texts = messages.map(({ id, text }) => `${id} ${text}`.trim());
    super({
      code: 'HOST_MESSAGE',
      message: `${what} failed${texts.length > 0 ? `: ${texts.join('; ')}` : ' and the partition sent no message'}`,
      ...(o.next === undefined ? {} : { next: o.next }),
      facts: { ...o.facts, messageId: messages[0]?.id ?? null },
    });
    this.name = 'HostMessageError';
  }

  /** Message ids in order, such as `CPF7053`. */
  get ids(): readonly string[] {
    return this.messages.map((m) => m.id);
  }
}

export function bug(message: string, facts?: ErrorFacts): CodedError {
  return new CodedError({ code: 'BUG', message, ...(facts ? { facts } : {}) });
}
