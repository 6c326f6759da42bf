/** Dead letters: listed, shown with every attempt, queued again or dropped by an operator. */

import { existsSync } from 'node:fs';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { shownJson } from '../../model/exact-json';
import type { Facts } from '../../operators/operator-log';
import type { DeadLetter, DeadLetterFilter } from '../../outbox/letters/dead-letters';
import { type EventFilterOptions, eventFilterOf } from '../event-filter';
import { storedFilterOf } from '../event-table';
import { Slices, sumOf } from '../pages/slices';
import { openStateFile, type StateFile } from '../state-file';

export interface LetterWish extends EventFilterOptions {
  readonly destination?: string | undefined;
  readonly reason?: string | undefined;
  /** Numbers of letters. */
  readonly letter?: readonly number[] | undefined;
  /** Every letter; needed when nothing else is chosen. */
  readonly all?: boolean | undefined;
}

export type Letter = ReturnType<typeof letterOf>;

/** What was done, as `--json` prints it. */
export type Changed = { readonly queued: number } | { readonly dropped: number };

/** Letters read from the state file at once. */
const PAGE = 200;
/** A page of a server is handed over after this time, full or not. */
const LONGEST_MS = 1_500;
const NEVER = new AbortController().signal;

/**
 * The state file, once the destination of the wish is known: one of the configuration, or one that has letters.
 * @throws CodedError `DLQ_DESTINATION`, `STATE_MISSING`
 */
export function openLetters(config: Config, { destination }: { readonly destination?: string | undefined }): StateFile {
  const configured = destination === undefined || Object.hasOwn(config.destinations, destination);
  if (!configured && !existsSync(config.state)) throw noDestination(destination, config);
  const state = openStateFile(config);
  try {
    checkLetters(config, state, { destination });
    return state;
  } catch (error) {
    state[Symbol.dispose]();
    throw error;
  }
}

/** @throws CodedError `DLQ_DESTINATION` for a destination that is neither configured nor has letters */
export function checkLetters(
  { destinations, file }: Pick<Config, 'destinations' | 'file'>,
  { outbox }: StateFile,
  { destination }: { readonly destination?: string | undefined },
): void {
  if (destination === undefined || Object.hasOwn(destinations, destination)) return;
  if (outbox.history.backlog().some((b) => b.destination === destination)) return;
  throw noDestination(destination, { destinations, file });
}

/** Oldest first, page by page: any number of them. @param most at most so many */
export function* letters(config: Config, state: StateFile, wish: LetterWish, most: number): Generator<Letter> {
  const filter = letterFilter(config, state, wish);
  for (let after = 0, left = most; left > 0; ) {
    const page = state.outbox.deadLetters.list(filter, after, Math.min(PAGE, left));
    if (page.length === 0) return;
    for (const letter of page) yield letterOf(letter);
    left -= page.length;
    after = page.at(-1)!.no;
  }
}

/** @throws CodedError `DLQ_NUMBER` */
export function wholeLetter({ outbox }: StateFile, no: number) {
  const [letter] = outbox.deadLetters.list({ no: [no] });
  if (!letter) throw noLetter(no);
  const attemptsLog = outbox.history
    .attempts(letter.event.seq)
    .filter((a) => a.destination === letter.destination)
    .map(({ event: _event, ...attempt }) => ({ ...attempt, at: iso(attempt.at) }));
  return { ...letterOf(letter), response: letter.response, attemptsLog, body: bodyOf(letter) };
}

/** @throws CodedError `DLQ_WHAT`, before anything is opened: an empty choice never means all of them */
export function checkChoice(what: 'retry' | 'drop', wish: LetterWish): void {
  const { all, letter, destination, reason } = wish;
  const chosen = [...Object.values(eventFilterOf(wish)), letter, destination, reason].some((v) => v !== undefined);
  if (all || chosen) return;
  throw new CodedError({
    code: 'DLQ_WHAT',
    message: `nothing was chosen to ${what}`,
    next: 'choose by --letter, --destination, --reason, --id, --table, --key or time, or say --all',
  });
}

/** Queued in order; a running daemon takes them up at once. */
export async function retryLetters(
  config: Config,
  state: StateFile,
  wish: LetterWish,
  signal: AbortSignal = NEVER,
): Promise<{ readonly queued: number }> {
  return { queued: await sumOf(state.outbox.deadLetters.retrySteps(letterFilter(config, state, wish)), signal) };
}

/** Their events will not be delivered. */
export async function dropLetters(
  config: Config,
  state: StateFile,
  wish: LetterWish,
  signal: AbortSignal = NEVER,
): Promise<{ readonly dropped: number }> {
  return { dropped: await sumOf(state.outbox.deadLetters.dropSteps(letterFilter(config, state, wish)), signal) };
}

/** How many there are to be queued again or dropped. */
export async function countLetters(
  config: Config,
  state: StateFile,
  wish: LetterWish,
  signal: AbortSignal,
): Promise<number> {
  const slices = new Slices(signal);
  let count = 0;
  for (const { matches } of state.outbox.deadLetters.scan(letterFilter(config, state, wish), 0)) {
    if (matches) count++;
    await slices.step();
  }
  return count;
}

/** Oldest first after a number. @returns `next` null where nothing is left; a page that ended by its time may have none */
export async function lettersPage(
  config: Config,
  state: StateFile,
  wish: LetterWish & { readonly after: number; readonly limit: number },
  signal: AbortSignal,
): Promise<{ readonly items: readonly Letter[]; readonly next: number | null }> {
  const { deadLetters } = state.outbox;
  const slices = new Slices(signal);
  const items: Letter[] = [];
  for (const { no, matches } of deadLetters.scan(letterFilter(config, state, wish), wish.after)) {
    if (items.length === wish.limit || slices.spent > LONGEST_MS) return { items, next: no - 1 };
    const [letter] = matches ? deadLetters.list({ no: [no] }) : [];
    if (letter) items.push(letterOf(letter));
    await slices.step();
  }
  return { items, next: null };
}

/** The wish as the operators' log has it. */
export function letterScope(wish: LetterWish): Facts {
  const { letter, destination, reason, all } = wish;
  return { ...eventFilterOf(wish), letter, destination, reason, all };
}

function letterFilter(config: Config, state: StateFile, wish: LetterWish): DeadLetterFilter {
  const { letter, destination, reason } = wish;
  return {
    ...storedFilterOf(config, state, wish),
    ...(letter === undefined ? {} : { no: letter }),
    ...(destination === undefined ? {} : { destination }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function letterOf(letter: DeadLetter) {
  const { no, destination, reason, message, status, attempts, event } = letter;
  return {
    no,
    destination,
    reason,
    message,
    status,
    attempts,
    firstAt: letter.firstAt === 0 ? null : iso(letter.firstAt),
    deadAt: iso(letter.deadAt),
    id: event.id,
    type: event.type,
    table: event.table,
    key: event.key,
    traceKey: event.traceKey,
    time: event.time,
    receiver: event.receiver,
    sequence: event.sequence,
    recordUrl: event.recordUrl,
  };
}

function bodyOf(letter: DeadLetter): unknown {
  const { body } = letter.event;
  return body === null ? null : shownJson(body.toString('utf8'));
}

function noDestination(destination: string, config: Pick<Config, 'destinations' | 'file'>): CodedError {
  return new CodedError({
    code: 'DLQ_DESTINATION',
    message: `no destination ${destination}; ${config.file} has ${Object.keys(config.destinations).join(', ')}`,
    next: 'name one of these',
  });
}

function noLetter(no: number): CodedError {
  return new CodedError({
    code: 'DLQ_NUMBER',
    message: `there is no dead letter ${no}`,
    next: 'ibmi-cdc dlq list shows those there are',
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
