/** One database request as its handler sees it, and what the handler answers. */
import type { DbRequestTemplate } from '../../../../hostserver/db-frame';
import type { DbReplyParts } from '../../../../hostserver/messages/database/db-reply';
import { has, RETURN_CLASS } from '../../../../hostserver/ors';
import type { SqlResult } from '../replies/sql-result';

export interface Request {
  readonly id: number;
  readonly serverId: number;
  readonly correlation: number;
  readonly template: DbRequestTemplate;
  /** Whole, and expanded if it came compressed. */
  readonly frame: Buffer;
}

export interface RequestAnswer {
  readonly returnClass: number;
  readonly returnCode: number;
  readonly parts: DbReplyParts;
  /** The rows are variable-field compressed. */
  readonly varying?: boolean;
  /** Sent with the parts when the client asked for the SQLCA. */
  readonly result?: SqlResult;
}

export const DONE: RequestAnswer = { returnClass: RETURN_CLASS.ok, returnCode: 0, parts: {} };

/** An SQL outcome: fine is class 0, everything else class 1 with the SQLCODE. */
export function sqlAnswer(result: SqlResult, parts: DbReplyParts = {}): RequestAnswer {
  const returnClass = result.sqlCode === 0 ? RETURN_CLASS.ok : RETURN_CLASS.sql;
  return { returnClass, returnCode: result.sqlCode, parts, result };
}

export function wants(request: Request, bit: number): boolean {
  return has(request.template.ors, bit);
}
