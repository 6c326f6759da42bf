/** What the outbox must know of the configured destinations. */
import type { Config } from '../config/config';
import type { OutboxDestination } from '../outbox/options';

export function outboxDestinations(config: Config): Readonly<Record<string, OutboxDestination>> {
  return Object.fromEntries(
    Object.entries(config.destinations).map(([name, d]) => [name, { lanes: d.lanes, storePayload: d.storePayload }]),
  );
}
