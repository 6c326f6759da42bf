/**
 * Is a position lost? Only on positive proof; never from a CPF7054 or a -443 alone.
 *
 * Proof is: the receiver is listed with bounds that do not hold the position, or FREED, or the chain breaks behind it;
 * or it is not listed although other receivers of the journal are, and asking for it by name says "not found" rather
 * than "not authorized" (missing authority shows as absence in JOURNAL_RECEIVER_INFO).
 */
import { CodedError } from '../../errors/coded-error';
import { formatName, formatPosition, type Position, type QualifiedName } from '../../model/position';
import type { JournalFailure } from '../entry/host-error';
import type { ReceiverChain } from './chain';
import { readable } from './chain';
import { secondsBetween } from './data-loss';

type Verdict =
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
    // One before the first is "everything of it is still to come".
    if (position.sequence + 1n < receiver.first && receiver.status === 'PARTIAL')
      return { is: 'lost', why: `receiver ${name} is PARTIAL and begins at ${receiver.first}` };
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

/** What each way out costs, shown before anything is decided. */
export interface LossChoices {
  readonly journal: QualifiedName;
  /** Last entry dealt with. */
  readonly position: Position;
  readonly why: string;
  /** The oldest entry that can be read, entries from there to the end, and hours since it was written. */
  readonly earliest: { readonly from: Position; readonly entries: bigint; readonly hours: number } | null;
  readonly latest: Position | null;
  /** Hours whose entries cannot be read any more; null when unknown. */
  readonly goneHours: number | null;
  /** Tables a backfill would read whole. */
  readonly tables: number;
  /** Entries a second this journal was last seen to be read at; null when unknown. */
  readonly entriesPerSecond: number | null;
}

export interface LossFacts extends Pick<LossChoices, 'journal' | 'position' | 'why' | 'latest' | 'tables'> {
  readonly entriesPerSecond: number | null;
  readonly chain: ReceiverChain;
  /** The partition's clock, `YYYY-MM-DDTHH:MM:SS`; empty when it did not say. */
  readonly clock: string;
  /** Seconds since something was last read. */
  readonly silentSeconds: number | null;
}

export function lossChoices({ chain, clock, silentSeconds, ...facts }: LossFacts): LossChoices {
  const oldest = chain.oldestReadable();
  if (!oldest) return { ...facts, earliest: null, goneHours: null };
  const from = { receiver: oldest.name, sequence: 0n };
  const entries = chain.entriesAfter({ ...from, sequence: oldest.first - 1n }) ?? 0n;
  const hours = clock === '' ? 0 : Math.max(0, secondsBetween(oldest.attached, clock) / 3600);
  const goneHours = silentSeconds === null || clock === '' ? null : Math.max(0, silentSeconds / 3600 - hours);
  return { ...facts, earliest: { from, entries, hours }, goneHours };
}

/** The ways out as one text. */
export function lossText(c: LossChoices): string {
  const gone = c.goneHours === null ? '' : `Gone for good is what was written in about ${hoursText(c.goneHours)}. `;
  const earliest = c.earliest
    ? `earliest: goes on at ${formatPosition(c.earliest.from)} and reads ${c.earliest.entries} entries of the last ${hoursText(c.earliest.hours)}${readingTime(c)}`
    : 'earliest: no readable receiver is left';
  const skipped = c.earliest ? `these ${c.earliest.entries} entries are skipped, too` : 'nothing of the gap is read';
  const latest = c.latest
    ? `latest: goes on after ${formatPosition(c.latest)}, ${skipped}`
    : 'latest: no receiver attached';
  return `${gone}${earliest}. ${latest}. backfill: as latest, and ${c.tables === 1 ? 'the mapped table is' : `all ${c.tables} mapped tables are`} read whole. stop: this. To keep receivers: CHGJRN JRN(${formatName(c.journal)}) DLTRCV(*NO)`;
}

export function positionLostError(c: LossChoices): CodedError {
  return new CodedError({
    code: 'POSITION_LOST',
    message: `journal ${formatName(c.journal)}: entries after ${formatPosition(c.position)} are gone: ${c.why}`,
    next: `decide, set policies.positionLost, start again, and set it back to stop. ${lossText(c)}`,
    facts: {
      journal: formatName(c.journal),
      position: formatPosition(c.position),
      earliest: c.earliest ? formatPosition(c.earliest.from) : null,
      earliestEntries: c.earliest ? c.earliest.entries : null,
      earliestHours: c.earliest ? c.earliest.hours : null,
      goneHours: c.goneHours,
      latest: c.latest ? formatPosition(c.latest) : null,
    },
  });
}

function readingTime(c: LossChoices): string {
  if (!c.earliest || !c.entriesPerSecond || c.entriesPerSecond <= 0) return '';
  const hours = Number(c.earliest.entries) / c.entriesPerSecond / 3600;
  return `, which takes about ${hoursText(hours)} at the measured ${Math.round(c.entriesPerSecond)} entries/s`;
}

function hoursText(hours: number): string {
  return `${hours < 10 ? hours.toFixed(1) : Math.round(hours)} hours`;
}

export function notAuthorized(journal: QualifiedName, receiver: QualifiedName, cause: unknown): CodedError {
  return new CodedError({
    code: 'JOURNAL_NOT_AUTHORIZED',
    message: `the profile may not read journal ${formatName(journal)} or its receiver ${formatName(receiver)}`,
    next: `GRTOBJAUT OBJ(${formatName(receiver)}) OBJTYPE(*JRNRCV) USER(<profile>) AUT(*USE); GRTOBJAUT OBJ(${formatName(journal)}) OBJTYPE(*JRN) USER(<profile>) AUT(*USE *OBJEXIST). New receivers need it too: set the library's CRTAUT or an authorization list`,
    facts: { journal: formatName(journal), receiver: formatName(receiver) },
    cause,
  });
}
