/** What the API answers, by the schemas it answers by: only types, nothing of the daemon is bundled. */
import type { z } from 'zod';
import type * as events from '../../api/schemas/events';
import type * as operators from '../../api/schemas/operators';
import type * as standing from '../../api/schemas/standing';

export type StatusView = z.output<typeof standing.status>;
export type ReadJournal = z.output<typeof standing.journal>;
export type Table = z.output<typeof standing.table>;
export type DestinationView = z.output<typeof standing.destination>;
export type ListedEvent = z.output<typeof events.listedEvent>;
export type WholeEvent = z.output<typeof events.wholeEvent>;
export type LetterView = z.output<typeof events.letter>;
export type WholeLetter = z.output<typeof events.wholeLetter>;
export type ImageView = z.output<typeof events.entryImage>;
export type Trace = z.output<typeof events.trace>;
export type Series = z.output<typeof operators.series>;
export type SessionView = z.output<typeof operators.session>;

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
export type WholeTable = z.output<typeof standing.wholeTable>;
export type ReceiverList = z.output<typeof standing.receivers>;
export type SentRequest = z.output<typeof events.sentRequest>;
export type TriedMapping = z.output<typeof events.triedMapping>;
export type BackfillView = z.output<typeof operators.backfill>;
export type ReplayView = z.output<typeof operators.replayJob>;
export type ActionView = z.output<typeof operators.loggedAction>;
export type TestView = z.output<typeof operators.testReport>;
