/** Where an event is, and why nothing was sent: what the state file has by itself, before any journal is asked. */
import type { Config } from '../../config/config';
import { FATE, FATE_NAMES } from '../../journal/ledger/ledger';
import { LedgerTable } from '../../journal/ledger/table';
import { formatName, formatPosition, parseName } from '../../model/position';
import type { EventFilter } from '../../outbox/pages/filter';
import { entryFates, newestFates } from '../entry-fates';
import type { EventFilterOptions } from '../event-filter';
import { storedFilterOf } from '../event-table';
import type { StateFile } from '../state-file';
import { type EventLife, lifeOf } from './event-life';
import type { SearchWish } from './journal-search';

export interface TraceWish extends EventFilterOptions {
  /** Newest events, and newest changes of the key, that are shown. */
  readonly limit: number;
  /** Journal entries looked through for a key, newest first. */
  readonly depth?: bigint;
  /** With a key: the partition is not asked. */
  readonly offline: boolean;
}

/** How far back a journal is looked through unless the wish says otherwise. */
const BACK_MS = 24 * 3_600_000;
const DEPTH = 100_000n;

/** Stored events, oldest first. @throws CodedError `TRACE_TABLE` */
export function storedLives(config: Config, state: StateFile, wish: TraceWish): EventLife[] {
  return state.outbox.history
    .events(storedFilterAsked(config, state, wish), { newest: true, limit: wish.limit })
    .map((event) => lifeOf(event, state))
    .reverse();
}

/** Which stored events a wish means. @throws CodedError `TRACE_TABLE` */
export function storedFilterAsked(config: Config, state: StateFile, wish: TraceWish): EventFilter {
  return storedFilterOf(config, state, oneEntry(wish), 'TRACE_TABLE');
}

/** Whether the journal has something to add: only a key can be looked for in it. */
export function asksJournal({ key, id, type, offline }: TraceWish): boolean {
  return key !== undefined && id === undefined && type === undefined && !offline;
}

/** What is looked for in the journal. @param now milliseconds since 1970 */
export function searchOf(wish: TraceWish & { readonly key: string }, now: number): SearchWish & { span: string } {
  const { key, since, until, receiver, fromSequence, toSequence, limit, depth = DEPTH } = wish;
  const bounded = since !== undefined || receiver !== undefined || fromSequence !== undefined;
  const from = since ?? (bounded ? null : now - BACK_MS);
  return {
    key,
    since: from,
    until: until ?? null,
    receiver: receiver === undefined ? null : parseName(receiver),
    fromSequence: fromSequence ?? null,
    toSequence: toSequence ?? null,
    depth,
    limit,
    span: spanText(wish, from),
  };
}

function spanText({ since, until, receiver }: TraceWish, from: number | null): string {
  if (since === undefined && from !== null) return 'the last 24 hours';
  const parts = [
    receiver === undefined ? '' : `receiver ${receiver}`,
    from === null ? '' : `since ${new Date(from).toISOString()}`,
    until === undefined ? '' : `until ${new Date(until).toISOString()}`,
  ].filter((text) => text !== '');
  return parts.length === 0 ? 'the sequence numbers asked for' : parts.join(', ');
}

/** What the ledger has of the newest entries of a journal, whatever their keys. */
export interface LedgerView {
  readonly journal: string;
  readonly upTo: string;
  readonly depth: bigint;
  readonly fates: readonly { readonly fate: string; readonly entries: string }[];
}

export function ledgerViews({ store, checkpoints }: StateFile, { depth = DEPTH }: TraceWish): LedgerView[] {
  const ledger = new LedgerTable(store);
  return checkpoints.all().map(({ journal, read }) => ({
    journal: formatName(journal),
    upTo: formatPosition(read),
    depth,
    fates: newestFates(ledger, journal, read, depth).map((f) => ({ fate: f.fate, entries: f.entries.toString() })),
  }));
}

/** Neighbouring entries of one receiver with one fate. */
export interface FateOfEntries {
  readonly journal: string;
  readonly receiver: string;
  readonly fromSequence: string;
  readonly toSequence: string;
  readonly fate: string;
}

/** Fates of the journal entries that were asked for by number; empty when none of them was read, or none was asked for. */
export function fatesAsked({ store, checkpoints }: StateFile, wish: TraceWish): FateOfEntries[] {
  const receiver = wish.receiver === undefined ? null : parseName(wish.receiver);
  const first = wish.fromSequence ?? wish.toSequence;
  if (!receiver || first === undefined) return [];
  const ledger = new LedgerTable(store);
  return checkpoints.all().flatMap(({ journal }) =>
    entryFates(ledger, journal, receiver, first, wish.toSequence ?? first).map(({ from, to, fate }) => ({
      journal: formatName(journal),
      receiver: formatName(receiver),
      fromSequence: from.toString(),
      toSequence: to.toString(),
      fate,
    })),
  );
}

export function isPublished({ fate }: FateOfEntries): boolean {
  return fate === FATE_NAMES[FATE.published];
}

/** A sequence number alone is one entry, not everything from there on. */
function oneEntry(wish: TraceWish): TraceWish {
  const only = wish.fromSequence ?? wish.toSequence;
  return wish.receiver === undefined || only === undefined
    ? wish
    : { ...wish, fromSequence: only, toSequence: wish.toSequence ?? only };
}
