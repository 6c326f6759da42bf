/** A log for what is said inside the transaction of a unit: once it has committed, as a unit may be rolled back and walked again. */
import type { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';

type Say = (facts: object, text: string) => void;

/** The part of a logger that those need who deal with units. */
export interface UnitLog {
  readonly info: Say;
  readonly warn: Say;
  readonly error: Say;
}

export function committedLog(store: Pick<Store, 'afterCommit'>, log: Logger): UnitLog {
  const say =
    (level: keyof UnitLog): Say =>
    (facts, text) =>
      store.afterCommit(() => log[level](facts, text));
  return { info: say('info'), warn: say('warn'), error: say('error') };
}
