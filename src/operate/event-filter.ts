/** The options by which commands name stored events: id, type, table, key, time, journal range. */
import { type Command, InvalidArgumentError } from 'commander';
import type { EventFilter } from '../outbox/pages/filter';

export interface EventFilterOptions {
  readonly id?: string[] | undefined;
  readonly type?: string | undefined;
  readonly table?: string | undefined;
  readonly key?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly receiver?: string | undefined;
  readonly fromSequence?: bigint | undefined;
  readonly toSequence?: bigint | undefined;
}

export function withEventFilter(command: Command): Command {
  return command
    .option('--id <id...>', 'event ids')
    .option('--type <type>', 'event type, such as order.updated')
    .option('--table <lib/file>', 'table')
    .option('--key <key>', 'row key or trace key')
    .option('--since <time>', 'written to the outbox at or after, ISO 8601', instant)
    .option('--until <time>', 'written to the outbox before, ISO 8601', instant)
    .option('--receiver <lib/name>', 'journal receiver')
    .option('--from-sequence <n>', 'first sequence number of the receiver', sequence)
    .option('--to-sequence <n>', 'last sequence number of the receiver', sequence);
}

export function eventFilterOf(o: EventFilterOptions): EventFilter {
  const { id, type, table, key, since, until, receiver, fromSequence, toSequence } = o;
  return { id, type, table, key, since, until, receiver, fromSequence, toSequence };
}

function instant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a time such as 2026-11-21T08:00:00Z');
  return ms;
}

function sequence(text: string): bigint {
  if (!/^\d{1,20}$/.test(text)) throw new InvalidArgumentError('expected a sequence number');
  return BigInt(text);
}
