/**
 * Every metric of the daemon, defined once with its unit. Counters are born at zero; lags are born unknown (absent),
 * never at a reassuring 0.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import { LatencyHistogram } from './latency-histogram';

const LATENCY_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600];

export class Metrics {
  readonly registry = new Registry();

  /** A57 throughput. */
  readonly entriesRead = this.counter('ibmi_cdc_journal_entries_read_total', 'Journal entries read', ['journal']);
  readonly eventsWritten = this.counter('ibmi_cdc_events_written_total', 'Events committed to the outbox', ['table']);
  readonly changesFiltered = this.counter('ibmi_cdc_changes_filtered_total', 'Changes no rule wanted', [
    'table',
    'rule',
  ]);
  readonly changesQuarantined = this.counter('ibmi_cdc_changes_quarantined_total', 'Changes set aside', [
    'table',
    'code',
  ]);
  readonly eventsDelivered = this.counter('ibmi_cdc_events_delivered_total', 'Events a destination accepted', [
    'destination',
  ]);

  /** A57 latency. */
  readonly latency = new LatencyHistogram({
    name: 'ibmi_cdc_journal_to_delivered_seconds',
    help: 'From the journal entry to the accepting reply, seconds',
    label: 'destination',
    buckets: LATENCY_SECONDS,
    registry: this.registry,
  });

  /** A57 success, retry and dead-letter ratios. */
  readonly attempts = this.counter('ibmi_cdc_delivery_attempts_total', 'Finished delivery attempts', [
    'destination',
    'outcome',
  ]);
  readonly deadLetters = this.counter('ibmi_cdc_dead_letters_total', 'Events set aside as dead letters', [
    'destination',
    'reason',
  ]);
  readonly disabled = this.gauge('ibmi_cdc_destination_disabled', '1 after the destination answered 410', [
    'destination',
  ]);
  readonly denied = this.gauge(
    'ibmi_cdc_destination_denied',
    '1 while the destination answers 401 or 403: it refuses our credentials',
    ['destination'],
  );
  readonly paced = this.gauge(
    'ibmi_cdc_destination_paced_seconds',
    'Until the destination is asked again, as it wished',
    ['destination'],
  );
  readonly answerTime = new LatencyHistogram({
    name: 'ibmi_cdc_answer_seconds',
    help: 'From a request to its answer, its failure or its timeout, seconds',
    label: 'destination',
    buckets: LATENCY_SECONDS,
    registry: this.registry,
  });
  readonly answerP50 = this.gauge('ibmi_cdc_answer_p50_seconds', 'Half of the last 512 answers came within', [
    'destination',
  ]);
  readonly answerP95 = this.gauge('ibmi_cdc_answer_p95_seconds', '95 of 100 of the last 512 answers came within', [
    'destination',
  ]);
  readonly breaker = this.gauge('ibmi_cdc_circuit_breaker_state', '0 closed, 1 half open, 2 open', ['destination']);

  /** A57 schema drift. */
  readonly schemaChanges = this.counter('ibmi_cdc_schema_changes_total', 'Changes of a record format', ['table']);
  readonly decodeErrors = this.counter('ibmi_cdc_decode_errors_total', 'Fields that could not be decoded', [
    'table',
    'column',
  ]);

  /** C10: a table whose route is paused until an operator resumes it. */
  readonly tableHeld = this.gauge('ibmi_cdc_table_held', '1 while events of the table are kept, not delivered', [
    'table',
  ]);

  readonly tableGap = this.gauge(
    'ibmi_cdc_table_gap',
    '1 while changes of the table were not seen and nothing has settled it',
    ['table', 'reason'],
  );

  readonly stateFull = new Gauge({
    name: 'ibmi_cdc_state_disk_full',
    help: '1 while the disk of the state file is full and reading stands still',
    registers: [this.registry],
  });

  readonly quietCycle = this.gauge(
    'ibmi_cdc_quietest_open_cycle_seconds',
    'Since the newest entry of the open commit cycle that has been silent the longest',
    ['journal'],
  );
  readonly capturePaused = this.gauge(
    'ibmi_cdc_capture_paused',
    '1 while reading stands still because the backlog of the destination is full',
    ['destination'],
  );

  /** A57 backlog; journal lag and time to receiver loss. */
  readonly backlog = this.gauge('ibmi_cdc_backlog_events', 'Deliveries not yet settled', ['destination']);
  readonly positionLag = this.gauge('ibmi_cdc_position_lag_entries', 'Entries behind the end of the journal', [
    'journal',
  ]);
  readonly windowAge = this.gauge('ibmi_cdc_window_age_seconds', 'Since the last complete look at a window table', [
    'table',
  ]);
  readonly filterAtServer = this.gauge(
    'ibmi_cdc_filter_at_server',
    '1 while entries of foreign files are left out by the partition, 0 while we do it',
    ['journal'],
  );
  readonly readCost = this.gauge(
    'ibmi_cdc_read_cost_microseconds',
    'Measured time for one sequence number passed, by where foreign entries are left out',
    ['journal', 'place'],
  );
  readonly positionAge = this.gauge(
    'ibmi_cdc_position_age_seconds',
    'Since the read position last moved or proved idle',
    ['journal'],
  );
  readonly lagAge = this.gauge(
    'ibmi_cdc_lag_age_seconds',
    'Since the receivers were last looked at: age of lag and time to data loss',
    ['journal'],
  );
  readonly timeToDataLoss = this.gauge(
    'ibmi_cdc_time_to_data_loss_seconds',
    'Until the receiver still needed would go',
    ['journal'],
  );

  private counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<T extends string>(name: string, help: string, labelNames: T[]): Gauge<T> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
