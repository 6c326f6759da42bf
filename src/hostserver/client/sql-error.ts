/** A refused request as an SqlError: SQLCODE, SQLSTATE, message id, both levels of text, and what to do (docs/protocol.md#10.1). */
import { textCodec } from '../../bytes/ccsid/registry';
import { CodedError, SqlError } from '../../errors/coded-error';
import { readTokens } from '../formats/sqlca';
import type { DbReply, DbReplyParts } from '../messages/database/db-reply';
import { RETURN_CLASS } from '../ors';
import { textOf, type WireText } from '../wire-text';

/** True when the reply says that the request failed; end of data and warnings are not failures. */
export function isRefused(reply: DbReply): boolean {
  const { returnClass, returnCode } = reply.template;
  return returnClass !== RETURN_CLASS.ok && returnCode < 0;
}

const NEXT: Readonly<Record<number, string>> = {
  [-104]: 'correct the statement at the token named in the message',
  [-204]: 'check library and object name, and that the user may see it: DSPOBJAUT OBJ(LIB/FILE) OBJTYPE(*FILE)',
  [-205]: 'check the column names: SELECT * FROM QSYS2.SYSCOLUMNS2 WHERE TABLE_SCHEMA = ...',
  [-206]: 'check the column names: SELECT * FROM QSYS2.SYSCOLUMNS2 WHERE TABLE_SCHEMA = ...',
  [-501]: 'open the cursor again',
  [-551]: 'grant the authority: GRTOBJAUT OBJ(LIB/FILE) OBJTYPE(*FILE) USER(...) AUT(*USE)',
  [-552]: 'grant the authority named in the message to the user',
  [-901]: 'look at the job log of the server job for the system error behind it',
  [-904]: 'find who holds the resource: WRKOBJLCK',
  [-913]: 'find who holds the lock, WRKOBJLCK or WRKRCDLCK, or wait longer',
  [-952]: 'the statement was ended from outside; run it again',
  [-7008]: 'journal the file first: STRJRNPF FILE(LIB/FILE) JRN(LIB/JRN) IMAGES(*BOTH)',
};

/** @param refused reply with the code; `texts` parts of the reply to the request for its texts, null when there was none */
export function sqlError(refused: DbReply, texts: DbReplyParts | null, jobCcsid: number, what: string): CodedError {
  const { returnClass, returnCode } = refused.template;
  const area = texts?.sqlca ?? refused.parameters.sqlca ?? null;
  const sqlState = area ? textCodec(jobCcsid).decode(area.sqlState).trim() : '';
  const messageId = optionalText(texts?.messageId, jobCcsid);
  const first = optionalText(texts?.firstLevelText, jobCcsid);
  const second = optionalText(texts?.secondLevelText, jobCcsid);
  if (returnClass === RETURN_CLASS.attributes) return attributesRefused(returnCode, what);
  const tokens = area ? readTokens(area).map((token) => textCodec(jobCcsid).decode(token)) : [];
  return new SqlError({
    sqlCode: returnCode,
    sqlState: sqlState === '' ? '58004' : sqlState,
    messageId,
    message:
      first === null
        ? `${what} failed with SQLCODE ${returnCode}${tokens.length > 0 ? ` (${tokens.join(', ')})` : ''}`
        : prefixed(messageId, first),
    secondLevel: second,
    ...(NEXT[returnCode] === undefined ? {} : { next: NEXT[returnCode] }),
    facts: { request: what, returnClass },
  });
}

function prefixed(messageId: string | null, text: string): string {
  return messageId === null ? text : `${messageId} ${text}`;
}

function optionalText(text: WireText | null | undefined, jobCcsid: number): string | null {
  if (!text || text.bytes.length === 0) return null;
  const words = textOf(text, jobCcsid).trim();
  return words === '' ? null : words;
}

function attributesRefused(returnCode: number, what: string): CodedError {
  return new CodedError({
    code: 'ATTRIBUTES_REFUSED',
    message: `the database server refused ${what} with class 7, code ${returnCode}`,
    next:
      returnCode === -704
        ? 'the relational database does not exist: WRKRDBDIRE shows those that do'
        : 'look at the job log of the server job',
    facts: { returnCode },
  });
}
