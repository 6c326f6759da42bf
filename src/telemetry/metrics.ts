/** The metrics of the list, as prom-client counts them. What each of them means stands in {@link METRICS}. */
import { Counter, Gauge, Registry } from 'prom-client';
import { LatencyHistogram } from './latency-histogram';
import { METRICS } from './metric-list';

const LATENCY_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600];

interface Of<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

export class Metrics {
  readonly registry = new Registry();

  readonly entriesRead = this.counter(METRICS.entriesRead);
  readonly eventsWritten = this.counter(METRICS.eventsWritten);
  readonly changesFiltered = this.counter(METRICS.changesFiltered);
  readonly changesQuarantined = this.counter(METRICS.changesQuarantined);
  readonly eventsDelivered = this.counter(METRICS.eventsDelivered);
  readonly latency = this.histogram(METRICS.latency);
  readonly attempts = this.counter(METRICS.attempts);
  readonly deadLetters = this.counter(METRICS.deadLetters);
  readonly disabled = this.gauge(METRICS.disabled);
  readonly denied = this.gauge(METRICS.denied);
  readonly paced = this.gauge(METRICS.paced);
  readonly answerTime = this.histogram(METRICS.answerTime);
  readonly answerP50 = this.gauge(METRICS.answerP50);
  readonly answerP95 = this.gauge(METRICS.answerP95);
  readonly breaker = this.gauge(METRICS.breaker);
  readonly schemaChanges = this.counter(METRICS.schemaChanges);
  readonly notices = this.counter(METRICS.notices);
  readonly alertsRaised = this.gauge(METRICS.alertsRaised);
  readonly alertMessages = this.counter(METRICS.alertMessages);
  readonly decodeErrors = this.counter(METRICS.decodeErrors);
  readonly tableHeld = this.gauge(METRICS.tableHeld);
  readonly tableGap = this.gauge(METRICS.tableGap);
  readonly reconcileDifferences = this.gauge(METRICS.reconcileDifferences);
  readonly reconcileAge = this.gauge(METRICS.reconcileAge);
  readonly stateFull = this.gauge(METRICS.stateFull);
  readonly quietCycle = this.gauge(METRICS.quietCycle);
  readonly capturePaused = this.gauge(METRICS.capturePaused);
  readonly backlog = this.gauge(METRICS.backlog);
  readonly positionLag = this.gauge(METRICS.positionLag);
  readonly windowAge = this.gauge(METRICS.windowAge);
  readonly filterAtServer = this.gauge(METRICS.filterAtServer);
  readonly readCost = this.gauge(METRICS.readCost);
  readonly positionAge = this.gauge(METRICS.positionAge);
  readonly lagAge = this.gauge(METRICS.lagAge);
  readonly timeToDataLoss = this.gauge(METRICS.timeToDataLoss);

  private counter<T extends string>({ name, help, labels }: Of<T>): Counter<T> {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  private gauge<T extends string>({ name, help, labels }: Of<T>): Gauge<T> {
    return new Gauge({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  private histogram<T extends string>({ name, help, labels }: Of<T>): LatencyHistogram<T> {
    return new LatencyHistogram({ name, help, label: labels[0]!, buckets: LATENCY_SECONDS, registry: this.registry });
  }
}
