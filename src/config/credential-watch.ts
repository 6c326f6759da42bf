/** Looks at every secret of a running daemon now and then: one that has become useless is reported while the value before still works. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../telemetry/logger';
import type { Config } from './config';
import { formatPath } from './issue';
import { eachSecret } from './references';
import type { Secret } from './secret';

const EVERY_MS = 2_000;

/** A secret whose present value cannot be used. */
interface StaleSecret {
  /** As in `destinations.crm.webhook.auth.bearer.token`. */
  readonly path: string;
  /** Reference and problem, never the value. */
  readonly detail: string;
}

export class CredentialWatch {
  private readonly secrets = new Map<string, Secret>();
  private readonly reported = new Map<string, string>();

  constructor(
    config: Pick<Config, 'partition' | 'destinations' | 'http'>,
    private readonly log: Logger,
  ) {
    const { partition, destinations, http } = config;
    // the key of the state file and those of masks are read once: another value would be another identity
    eachSecret({ partition, destinations, http }, (secret, path) => {
      if (!secret.literal) this.secrets.set(formatPath(path), secret);
    });
  }

  /** Until the signal; also keeps the answers of programs young while nothing is delivered. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.secrets.size > 0) {
      this.look();
      await pause(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Logs what has changed since the last look. */
  look(): void {
    const stale = new Map(this.stale().map(({ path, detail }) => [path, detail]));
    for (const [secret, detail] of stale) {
      if (this.reported.get(secret) === detail) continue;
      const next = 'correct the file or the program; the value before is used until then';
      this.log.warn({ place: secret, seen: detail, next }, 'a credential changed and cannot be used');
    }
    for (const place of this.reported.keys()) {
      if (!stale.has(place)) this.log.info({ place }, 'a credential can be used again');
    }
    this.reported.clear();
    for (const [place, detail] of stale) this.reported.set(place, detail);
  }

  stale(): StaleSecret[] {
    return [...this.secrets].flatMap(([path, secret]) => {
      const fault = secret.fault();
      return fault ? [{ path, detail: `${fault.reference}: ${fault.problem}` }] : [];
    });
  }
}

/**
 * Secrets in files that cannot be used as they are now. For a command beside the daemon: the environment and the programs
 * of its shell may be others, the files are the same.
 */
export function unusableFiles({
  partition,
  destinations,
  http,
}: Pick<Config, 'partition' | 'destinations' | 'http'>): StaleSecret[] {
  const found: StaleSecret[] = [];
  eachSecret({ partition, destinations, http }, (secret, path) => {
    if (!secret.source.startsWith('${file:')) return;
    const fault = secret.fault();
    const problem = fault ? fault.problem : secret.judge();
    if (problem !== null) found.push({ path: formatPath(path), detail: `${secret.source}: ${problem}` });
  });
  return found;
}
