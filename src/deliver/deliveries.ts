/** Writes down what came of one delivery. */
import type { AttemptRecord, PendingDelivery } from '../model/delivery';
import type { Denials } from './denials';
import type { DeliveryHooks } from './hooks';
import type { Retries, RetryMoment } from './limits/retries';
import { sizeOf } from './queue/lanes';
import type { Settler } from './settler';
import type { Outcome } from './sink';

interface DeliveriesParts {
  readonly name: string;
  readonly settler: Settler;
  readonly hooks: DeliveryHooks;
  readonly retries: Retries;
  readonly denials: Denials;
  /** True once a stopped daemon has ended its own requests. */
  readonly aborted: () => boolean;
}

export class Deliveries {
  constructor(private readonly parts: DeliveriesParts) {}

  /** Returns milliseconds until it is to be tried again, 0 when it is settled. */
  settle(delivery: PendingDelivery, outcome: Outcome, record: AttemptRecord, moment: RetryMoment): number {
    const { name, settler, hooks, retries, denials, aborted } = this.parts;
    delivery.attempts++;
    if (delivery.firstAt === 0) delivery.firstAt = record.at;
    if (outcome.is === 'delivered') {
      denials.forget(delivery.pos);
      settler.push({ is: 'delivered', delivery, record });
      hooks.delivered?.(name, delivery.event.time, delivery.event.appendedAt, sizeOf(delivery));
      return 0;
    }
    if (outcome.is === 'retry') {
      // a stopped daemon's own abort is no failure
      const pause = aborted() ? 1 : retries.pauseOf(delivery, outcome, moment);
      if (pause !== null) {
        settler.push({ is: 'retry', delivery, record, dueAt: Math.round(moment.wall + pause), pause });
        return pause;
      }
    }
    this.bury(delivery, outcome, record);
    return 0;
  }

  private bury(delivery: PendingDelivery, outcome: Exclude<Outcome, { is: 'delivered' }>, record: AttemptRecord): void {
    const { name, settler, hooks, denials } = this.parts;
    const [reason, message] = outcome.is === 'rejected' ? [outcome.reason, outcome.why] : ['exhausted', outcome.why];
    denials.forget(delivery.pos);
    settler.push({ is: 'dead', delivery, record, reason, message });
    hooks.deadLettered?.(name, reason);
    hooks.note?.('error', 'dead letter', {
      destination: name,
      event: delivery.event.id,
      reason,
      why: message,
      attempts: delivery.attempts,
    });
  }
}
