/** A request under way, and what its sink asks and learns of the pace meanwhile. */
import type { AttemptRecord, PendingDelivery } from '../model/delivery';
import type { Exchange, Hint, OutboundEvent, Pacing } from './sink';

export class Attempt implements Pacing {
  /** The head of its answer gave the pace: the whole answer gives the same again. */
  paceKnown = false;
  /** What was handed to the sink; null where it could not be made. */
  events: readonly OutboundEvent[] | null = null;

  /**
   * @param probe of a destination known to fail
   * @param at wall clock at which it started
   * @param startedAt the same moment on the steady clock
   */
  constructor(
    private readonly owner: Pacing,
    readonly batch: PendingDelivery[],
    readonly probe: boolean,
    readonly at: number,
    readonly startedAt: number,
  ) {}

  mayStart(): boolean {
    return this.owner.mayStart();
  }

  hinted(hint: Hint): void {
    this.paceKnown = true;
    this.owner.hinted(hint);
  }
}

/** As it is written down for the first event of a request. */
export function recordOf({ batch, at }: Attempt, exchange: Exchange, ms: number): AttemptRecord {
  const { status, request, signature, response, error } = exchange;
  return {
    attempt: batch[0]!.attempts + 1,
    at,
    ms,
    status,
    request: request ?? null,
    signature,
    response,
    error,
    batch: batch.length,
  };
}
