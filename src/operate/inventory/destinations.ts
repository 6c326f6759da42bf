/** The destinations of a configuration, each with how it stands now. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config, DestinationConfig } from '../../config/config';
import { formatPath } from '../../config/issue';
import { eachSecret } from '../../config/references';
import type { Dispatcher } from '../../deliver/dispatcher';
import type { DestinationStatus, Status } from '../status/status';

type DestinationFacts = ReturnType<typeof factsOf>;
type Couriers = ReturnType<Dispatcher['status']>;

/** Of the configuration first, then those that are no longer in it and still have deliveries or letters. */
export function destinationsOf(config: Config, status: Status, couriers: Couriers): DestinationFacts[] {
  const configured = Object.values(config.destinations);
  const stood = new Map(status.destinations.map((d) => [d.destination, d]));
  const gone = status.destinations.filter(
    (d) => !(d.destination in config.destinations) && d.pending + d.held + d.deadLetters > 0,
  );
  return [
    ...configured.map((d) => factsOf(d.name, d, stood.get(d.name) ?? null, couriers[d.name] ?? null)),
    ...gone.map((d) => factsOf(d.destination, null, d, null)),
  ];
}

/** How old its secrets are: that of a file is known. Names of places, never values. */
export function secretAges({ folder }: Config, destination: DestinationConfig, now: number) {
  const found: { path: string; source: string; changedAt: string | null; ageDays: number | null }[] = [];
  eachSecret(destination, (secret, path) => {
    const { source } = secret;
    const changed = changedAt(source, folder);
    found.push({
      path: formatPath(['destinations', destination.name, ...path]),
      source,
      changedAt: changed === null ? null : new Date(changed).toISOString(),
      ageDays: changed === null ? null : Math.floor(Math.max(0, now - changed) / 86_400_000),
    });
  });
  return found;
}

function changedAt(source: string, folder: string): number | null {
  const file = /^\$\{file:([^}]+)\}$/.exec(source)?.[1];
  if (file === undefined) return null;
  try {
    return Math.floor(statSync(resolve(folder, file.trim())).mtimeMs);
  } catch {
    return null;
  }
}

function factsOf(
  name: string,
  config: DestinationConfig | null,
  stood: DestinationStatus | null,
  courier: Couriers[string] | null,
) {
  return {
    name,
    configured: config !== null,
    kind: config === null ? null : config.webhook ? 'webhook' : config.kafka ? 'kafka' : 'stdout',
    /** Host of a webhook, brokers of a cluster: where events go, without what may be secret in a URL. */
    address: addressOf(config),
    lanes: config?.lanes ?? null,
    storePayload: config?.storePayload ?? null,
    pending: stood?.pending ?? 0,
    waitingLanes: stood?.waitingLanes ?? 0,
    held: stood?.held ?? 0,
    deadLetters: stood?.deadLetters ?? 0,
    oldestPending: stood?.oldestPending ?? null,
    disabled: stood?.disabled ?? null,
    failing: stood?.failing ?? null,
    denied: stood?.denied ?? null,
    pacedUntil: stood?.pacedUntil ?? null,
    pacedBecause: stood?.pacedBecause ?? null,
    answerMs: stood?.answerMs ?? null,
    /** What the daemon has of it in memory; null where none serves it. */
    courier: courier && {
      state: courier.state,
      breaker: courier.breaker,
      inFlight: courier.inFlight,
      inMemory: courier.inMemory,
    },
  };
}

function addressOf(config: DestinationConfig | null): string | null {
  if (config?.kafka) return config.kafka.brokers.join(', ');
  if (!config?.webhook) return null;
  const { url } = config.webhook;
  // a template may stand in it, and user or path may be secret
  return /^https?:\/\/(?:[^/@]*@)?([^/?#]+)/i.exec(String(url))?.[1] ?? null;
}
