/** What the outbox must know of the configuration. */
import type { Config } from '../config/config';
import { lanesOf } from '../deliver/queue/queue-policy';
import type { OutboxDestination, OutboxOptions } from '../outbox/options';
import { aesSeal, parseSealKey, type Seal } from '../outbox/pages/seal';

const DAY_MS = 86_400_000;

/** @throws CodedError family config when the encryption key cannot be revealed or is no key */
export function outboxOptions(config: Config): OutboxOptions {
  const all = Object.values(config.destinations);
  const longest = (of: (d: (typeof all)[number]) => number): number => Math.max(...all.map(of));
  return {
    destinations: outboxDestinations(config),
    retention: {
      days: longest((d) => d.retention.delivered) / DAY_MS,
      logDays: longest((d) => d.retention.delivered) / DAY_MS,
      deadLetterDays: longest((d) => d.retention.deadLetters) / DAY_MS,
      maxBytes: longest((d) => d.retention.maxBytes),
    },
    ...(config.encryption ? { encryptionKey: parseSealKey(config.encryption.key.reveal()) } : {}),
  };
}

/** For rows that are kept beside the events; null where `encryption` is not set. @throws as {@link outboxOptions} */
export function rowSeal(config: Config): Seal | null {
  return config.encryption ? aesSeal(parseSealKey(config.encryption.key.reveal())) : null;
}

function outboxDestinations(config: Config): Readonly<Record<string, OutboxDestination>> {
  return Object.fromEntries(
    Object.entries(config.destinations).map(([name, d]) => [
      name,
      { lanes: lanesOf(d.lanes, d.kafka), storePayload: d.storePayload },
    ]),
  );
}
