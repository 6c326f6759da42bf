/**
 * Is a position lost? Only on positive proof; never from a CPF7054 or a -443 alone.
 *
 * Proof is: the receiver is listed with bounds that do not hold the position, or FREED, or the chain breaks behind it;
 * or it is not listed although other receivers of the journal are, and asking for it by name says "not found" rather
 * than "not authorized" (missing authority shows as absence in JOURNAL_RECEIVER_INFO).
 */
import { CodedError } from '../errors/coded-error';
import { formatName, formatPosition, type Position, type QualifiedName } from '../model/position';
import type { ReceiverChain } from './chain';
import { readable } from './chain';
import type { JournalFailure } from './host-error';

export type Verdict =
  | { readonly is: 'readable' }
  /** Nothing is proved: try again later, change nothing. */
  | { readonly is: 'unknown'; readonly why: string }
  | { readonly is: 'not authorized' }
  | { readonly is: 'lost'; readonly why: string };

/**
 * @param probe asks for the receiver by name; only called when it is not listed. `null` means it answered.
 */
export async function judgePosition(
  position: Position,
  chain: ReceiverChain,
  probe: () => Promise<JournalFailure | null>,
): Promise<Verdict> {
  const name = formatName(position.receiver);
  const receiver = chain.get(position.receiver);
  if (receiver) {
    if (!readable(receiver)) return { is: 'lost', why: `receiver ${name} is ${receiver.status}` };
    if (position.sequence === 0n || receiver.last === 0n) return { is: 'readable' };
    if (position.sequence < receiver.first && receiver.status === 'PARTIAL')
      return { is: 'lost', why: `receiver ${name} is PARTIAL and begins at ${receiver.first}` };
    // One before the first is "everything of it is still to come".
    if (position.sequence + 1n < receiver.first || position.sequence > receiver.last)
      return {
        is: 'lost',
        why: `receiver ${name} holds ${receiver.first} to ${receiver.last} only: it was re-created`,
      };
    return { is: 'readable' };
  }
  if (chain.receivers.length === 0)
    return { is: 'unknown', why: 'no receiver of the journal is visible to this profile' };
  const answer = await probe();
  if (answer === 'not authorized') return { is: 'not authorized' };
  if (answer === 'maybe lost') return { is: 'lost', why: `receiver ${name} no longer exists` };
  return { is: 'unknown', why: `receiver ${name} is not listed, and asking for it answered "${answer ?? 'entries'}"` };
}

/** What each way out costs, told before anything is decided. */
export interface LossChoices {
  readonly journal: QualifiedName;
  readonly position: Position;
  readonly why: string;
  readonly earliest: { readonly from: Position; readonly entries: bigint } | null;
  readonly latest: Position | null;
  /** Entries a second this connection was seen to read; null when unknown. */
  readonly entriesPerSecond: number | null;
}

export function positionLostError(c: LossChoices): CodedError {
  const earliest = c.earliest
    ? `earliest: goes on at ${formatPosition(c.earliest.from)} and reads ${c.earliest.entries} entries${hours(c)}`
    : 'earliest: no readable receiver is left';
  const latest = c.latest
    ? `latest: goes on after ${formatPosition(c.latest)}, nothing of the gap is read`
    : 'latest: no receiver attached';
  return new CodedError({
    code: 'POSITION_LOST',
    family: 'positionLost',
    message: `journal ${formatName(c.journal)}: entries after ${formatPosition(c.position)} are gone: ${c.why}`,
    next: `decide and set onPositionLost for this journal, then start again. ${earliest}. ${latest}. backfill: as latest, and every mapped table is read again. stop: this. To keep receivers: CHGJRN JRN(${formatName(c.journal)}) DLTRCV(*NO)`,
    facts: {
      journal: formatName(c.journal),
      position: formatPosition(c.position),
      earliest: c.earliest ? formatPosition(c.earliest.from) : null,
      earliestEntries: c.earliest ? c.earliest.entries : null,
      latest: c.latest ? formatPosition(c.latest) : null,
    },
  });
}

function hours(c: LossChoices): string {
  if (!c.earliest || !c.entriesPerSecond || c.entriesPerSecond <= 0) return '';
  return `, about ${(Number(c.earliest.entries) / c.entriesPerSecond / 3600).toFixed(1)} hours at the measured ${Math.round(c.entriesPerSecond)} entries/s`;
}

export function notAuthorized(journal: QualifiedName, receiver: QualifiedName, cause: unknown): CodedError {
  return new CodedError({
    code: 'JOURNAL_NOT_AUTHORIZED',
    family: 'host',
    message: `the profile may not read journal ${formatName(journal)} or its receiver ${formatName(receiver)}`,
    next: `GRTOBJAUT OBJ(${formatName(receiver)}) OBJTYPE(*JRNRCV) USER(<profile>) AUT(*USE); GRTOBJAUT OBJ(${formatName(journal)}) OBJTYPE(*JRN) USER(<profile>) AUT(*USE *OBJEXIST). New receivers need it too: set the library's CRTAUT or an authorization list`,
    facts: { journal: formatName(journal), receiver: formatName(receiver) },
    cause,
  });
}
