/**
 * What a failed call of DISPLAY_JOURNAL or of the retrieve API means. SQLCODE -443 alone says nothing: the CPF id or the message
 * text does, and none of them proves that a position is lost.
 *
 * Source: message ids of QjoRetrieveJournalEntries, as the API sends them and as carried in the tokens of SQL0443.
 */
import { HostMessageError, SqlError } from '../../errors/coded-error';

export type JournalFailure =
  /** CPF9802, 9820, 9822, SQL0551: the profile lacks authority. Not a loss. */
  | 'not authorized'
  /** CPF7054: the range we asked for is wrong (end before start). Our mistake or a race at the head; not a loss. */
  | 'bad range'
  /** CPF7053, "SEQUENCE NOT FOUND", CPF9801/9810/9812, CPF7025: look into the receiver directory before judging. */
  | 'maybe lost'
  /** CPF7062: nothing matched. */
  | 'nothing'
  /** CPF7060: a filtered object does not exist or was never journaled in the range. */
  | 'object missing'
  | 'other';

/** Tested in order: a text about authority also names an object that "was not found" on some levels. */
const SIGNS: readonly [RegExp, JournalFailure][] = [
  [/CPF98(02|20|22)|not authorized|SQL0551/i, 'not authorized'],
  [/CPF7062/i, 'nothing'],
  [/CPF7060/i, 'object missing'],
  [/CPF7054/i, 'bad range'],
  [/CPF7053|CPF7074|CPF98(01|10|12)|CPF7025|SEQUENCE.*NOT FOUND|RECEIVER.*NOT FOUND|not found/i, 'maybe lost'],
];

export function journalFailureOf(error: unknown): JournalFailure {
  if (error instanceof HostMessageError)
    return meaningOf(error.messages.map(({ id, text }) => `${id} ${text}`).join(' '));
  if (!(error instanceof SqlError)) return 'other';
  if (error.sqlCode === -551) return 'not authorized';
  const text = `${error.messageId ?? ''} ${error.message} ${error.secondLevel ?? ''}`;
  if (error.sqlCode !== -443 && !/CPF/.test(text)) return 'other';
  return meaningOf(text);
}

function meaningOf(text: string): JournalFailure {
  return SIGNS.find(([sign]) => sign.test(text))?.[1] ?? 'other';
}
