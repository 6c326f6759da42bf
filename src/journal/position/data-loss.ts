/**
 * Time to data loss: hours until the receiver we still need would be deleted, if receivers keep vanishing and entries
 * keep being written and read at the present rates.
 *
 * All inputs are in JOURNAL_RECEIVER_INFO and in our own counters. Retention is what the journal shows: the age of its
 * oldest readable receiver. An attached receiver is never deleted, so one that is alone, or a young journal none of whose
 * receivers was ever deleted, shows no retention yet.
 */
import type { Position } from '../../model/position';
import type { ReceiverChain } from './chain';

export interface LossForecast {
  /** Entries written to the journal a second, over the readable chain; null for an empty one. */
  readonly writtenPerSecond: number | null;
  /** Entries between our position and the head; null when its receiver cannot be read any more. */
  readonly behind: bigint | null;
  /** Age in hours of the oldest entry we still need. */
  readonly ageHours: number;
  /** Hours of history the partition keeps, as seen now. */
  readonly retentionHours: number;
  /**
   * Hours until what we need is gone; null when we catch up first, nothing is pending, or no retention shows yet. 0 means
   * at risk now.
   */
  readonly hoursToLoss: number | null;
  /** Bytes of receivers still needed, where the partition reports sizes. */
  readonly neededKb: bigint | null;
}

/**
 * @param now the partition's own clock, `YYYY-MM-DDTHH:MM:SS.ffffff`
 * @param readPerSecond entries a second we read while behind; null when unknown
 */
export function forecastLoss(
  chain: ReceiverChain,
  position: Position,
  now: string,
  readPerSecond: number | null,
): LossForecast {
  const readable = chain.readableChain();
  const oldest = readable[0];
  const needed = readable.findIndex(
    (r) => r.name.name === position.receiver.name && r.name.library === position.receiver.library,
  );
  const behind = chain.entriesAfter(position);
  const nowMs = ms(now);
  const retentionHours = oldest ? (nowMs - ms(oldest.attached)) / HOUR : 0;
  const written = writtenPerSecond(readable, nowMs);
  const current = needed >= 0 ? readable[needed]! : null;
  const ageHours = current ? (nowMs - ms(interpolated(current, position.sequence, now))) / HOUR : retentionHours;
  // attached, and nothing before it was ever deleted
  const kept = needed === readable.length - 1 && (needed === 0 || !oldest?.previous);
  // an unknown receiver is gone, or was never there: what we need may be lost already
  const hoursToLoss =
    behind === null ? 0 : behind === 0n || kept ? null : timeLeft(retentionHours, ageHours, written, readPerSecond);
  return {
    writtenPerSecond: written,
    behind,
    ageHours,
    retentionHours,
    hoursToLoss,
    neededKb: needed < 0 ? null : sum(readable.slice(needed).map((r) => r.sizeKb)),
  };
}

const HOUR = 3_600_000;

/**
 * The age of what we need grows by one hour an hour while standing, and by `1 - read/written` while reading. It is lost
 * when the age reaches the retention.
 */
function timeLeft(retention: number, age: number, written: number | null, read: number | null): number | null {
  const margin = Math.max(0, retention - age);
  if (read === null || written === null || written <= 0) return margin;
  const growth = 1 - read / written;
  return growth <= 0 ? null : margin / growth;
}

function writtenPerSecond(chain: ReturnType<ReceiverChain['readableChain']>, nowMs: number): number | null {
  // The last day gives today's rate; older receivers give last week's.
  const recent = chain.filter((r) => nowMs - ms(r.detached ?? r.attached) < 24 * HOUR || r.detached === null);
  const first = recent[0];
  if (!first) return null;
  const entries = recent.reduce((n, r) => n + Number(r.last - r.first + 1n), 0);
  const seconds = (nowMs - ms(first.attached)) / 1000;
  return seconds > 0 ? entries / seconds : null;
}

/** When the entry was about written, between attach and detach of its receiver. */
function interpolated(
  receiver: { attached: string; detached: string | null; first: bigint; last: bigint },
  sequence: bigint,
  now: string,
): string {
  const span = Number(receiver.last - receiver.first) || 1;
  const share = Math.min(1, Math.max(0, Number(sequence - receiver.first) / span));
  const from = ms(receiver.attached);
  const to = ms(receiver.detached ?? now);
  return new Date(from + (to - from) * share).toISOString();
}

function sum(sizes: readonly (bigint | null)[]): bigint | null {
  return sizes.some((s) => s === null) ? null : sizes.reduce<bigint>((a, s) => a + (s ?? 0n), 0n);
}

/** Of two moments of the partition's clock. */
export function secondsBetween(from: string, to: string): number {
  return (ms(to) - ms(from)) / 1000;
}

/** The partition's clock has no zone; read as UTC it is good for differences. */
function ms(timestamp: string): number {
  return Date.parse(`${timestamp.slice(0, 19)}Z`);
}
