/** Dead letters: listed, shown with every attempt, queued again or dropped by an operator. */
import { existsSync } from 'node:fs';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import type { DeadLetter, DeadLetterFilter } from '../../outbox/letters/dead-letters';
import { type EventFilterOptions, eventFilterOf } from '../event-filter';
import { storedFilterOf } from '../event-table';
import { openStateFile, type StateFile } from '../state-file';

export interface LetterWish extends EventFilterOptions {
  readonly destination?: string;
  readonly reason?: string;
  /** Numbers of letters. */
  readonly letter?: readonly number[];
  /** Every letter; needed when nothing else is chosen. */
  readonly all?: boolean;
}

export type Letter = ReturnType<typeof letterOf>;

/** Letters read from the state file at once. */
const PAGE = 200;

/**
 * The state file, once the destination of the wish is known: one of the configuration, or one that has letters.
 * @throws CodedError `DLQ_DESTINATION`, `STATE_MISSING`
 */
export function openLetters(config: Config, { destination }: Pick<LetterWish, 'destination'>): StateFile {
  const configured = destination === undefined || destination in config.destinations;
  if (!configured && !existsSync(config.state)) throw noDestination(destination, config);
  const state = openStateFile(config);
  if (configured || state.outbox.history.backlog().some((b) => b.destination === destination)) return state;
  state[Symbol.dispose]();
  throw noDestination(destination, config);
}

/** Oldest first, page by page: any number of them. @param most at most so many */
export function* letters(config: Config, state: StateFile, wish: LetterWish, most: number): Generator<Letter> {
  const filter = filterOf(config, state, wish);
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
export function retryLetters(config: Config, state: StateFile, wish: LetterWish): { readonly queued: number } {
  return { queued: state.outbox.deadLetters.retry(filterOf(config, state, wish)) };
}

/** Their events will not be delivered. */
export function dropLetters(config: Config, state: StateFile, wish: LetterWish): { readonly dropped: number } {
  return { dropped: state.outbox.deadLetters.drop(filterOf(config, state, wish)) };
}

function filterOf(config: Config, state: StateFile, wish: LetterWish): DeadLetterFilter {
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
  return body === null ? null : (JSON.parse(body.toString('utf8')) as unknown);
}

function noDestination(destination: string, config: Config): CodedError {
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
