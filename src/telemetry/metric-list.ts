/**
 * Every metric of the daemon, with what it means and what to alert on. docs/reference/metrics.md is made of this list by
 * scripts/reference.mjs. Counters are born at zero; ages and lags are born unknown (absent), never at a reassuring 0.
 */

interface MetricEntry {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly unit: string;
  /** One line, as Prometheus shows it. */
  readonly help: string;
  /** What moves it, and what it does not say. */
  readonly means: string;
  /** A condition worth waking someone for, or why there is none. */
  readonly alert: string;
}

const CAPTURE = {
  entriesRead: {
    name: 'ibmi_cdc_journal_entries_read_total',
    type: 'counter',
    labels: ['journal'],
    unit: 'entries',
    help: 'Journal entries read',
    means: 'Entries of whatever kind, counted when their unit is committed.',
    alert: 'none of its own: an idle journal does not move it. See the position age.',
  },
  eventsWritten: {
    name: 'ibmi_cdc_events_written_total',
    type: 'counter',
    labels: ['table'],
    unit: 'events',
    help: 'Events committed to the outbox',
    means: 'One for each event, however many destinations it goes to; journal, windows and backfill together.',
    alert: 'a table that is busy by day and writes nothing for an hour of the day.',
  },
  changesFiltered: {
    name: 'ibmi_cdc_changes_filtered_total',
    type: 'counter',
    labels: ['table', 'rule'],
    unit: 'changes',
    help: 'Changes no rule wanted',
    means: 'The label names the rule and the clause that said no, such as `order:whenChanged`.',
    alert: 'none; when events are missed, this says which clause kept them back.',
  },
  changesQuarantined: {
    name: 'ibmi_cdc_changes_quarantined_total',
    type: 'counter',
    labels: ['table', 'code'],
    unit: 'changes',
    help: 'Changes set aside',
    means: 'A change that could not become an event. `ibmi-cdc status` has the last place, errors.md the code.',
    alert: 'any increase: each is a change that no receiver has.',
  },
  schemaChanges: {
    name: 'ibmi_cdc_schema_changes_total',
    type: 'counter',
    labels: ['table'],
    unit: 'changes of a record format',
    help: 'Changes of a record format',
    means: 'A file was altered, which events after it show; a `schema.changed` notice goes out with it.',
    alert: 'any increase, to whoever owns the receivers.',
  },
  notices: {
    name: 'ibmi_cdc_notices_total',
    type: 'counter',
    labels: ['table', 'kind'],
    unit: 'notices',
    help: 'Notices about whole tables',
    means:
      'What happened to a table as such: created, cleared, a burst of deletes, a changed format. The kind is the type of the event.',
    alert: 'an increase of `table.mass-delete`, `table.cleared` or `table.truncated` that nobody announced.',
  },
  decodeErrors: {
    name: 'ibmi_cdc_decode_errors_total',
    type: 'counter',
    labels: ['table', 'column'],
    unit: 'fields',
    help: 'Fields that could not be decoded',
    means:
      'Counted once for each change, however many rules met the field. The row went out, unless `onError` says otherwise.',
    alert: 'an increase in a column that had none before.',
  },
  tableHeld: {
    name: 'ibmi_cdc_table_held',
    type: 'gauge',
    labels: ['table'],
    unit: '0 or 1',
    help: '1 while events of the table are kept, not delivered',
    means: 'The table is paused: a burst of deletes, a changed format, a cleared file. Events are kept in order.',
    alert: '1: it stays so until `ibmi-cdc resume --table`.',
  },
  tableGap: {
    name: 'ibmi_cdc_table_gap',
    type: 'gauge',
    labels: ['table', 'reason'],
    unit: '0 or 1',
    help: '1 while changes of the table were not seen and nothing has settled it',
    means: 'Journaling ended, or the file was deleted, renamed, moved or restored. The reason is the notice of it.',
    alert: '1: backfill the table, or accept the gap.',
  },
  reconcileDifferences: {
    name: 'ibmi_cdc_reconcile_differences',
    type: 'gauge',
    labels: ['table', 'kind'],
    unit: 'rows or keys',
    help: 'Differences the last comparison of the table left',
    means: 'Kinds `different`, `missing` and `extra`; 0 where they were repaired. Absent until a comparison has ended.',
    alert: 'above zero: `ibmi-cdc reconcile --table --list` names them, `--repair` makes them good.',
  },
  reconcileAge: {
    name: 'ibmi_cdc_reconcile_last_seconds',
    type: 'gauge',
    labels: ['table'],
    unit: 'seconds since 1970',
    help: 'When the last comparison of the table ended',
    means: 'Scheduled or asked for. Absent until one has ended.',
    alert: 'older than twice the interval of the schedule.',
  },
  stateFull: {
    name: 'ibmi_cdc_state_disk_full',
    type: 'gauge',
    labels: [],
    unit: '0 or 1',
    help: '1 while the disk of the state file is full and reading stands still',
    means: 'Nothing is lost: what cannot be written down is not read.',
    alert: '1 for a minute.',
  },
  quietCycle: {
    name: 'ibmi_cdc_quietest_open_cycle_seconds',
    type: 'gauge',
    labels: ['journal'],
    unit: 'seconds',
    help: 'Since the newest entry of the open commit cycle that has been silent the longest',
    means: 'Changes of a cycle leave when it commits. Absent while no cycle is open.',
    alert: 'above an hour: a job forgot to commit.',
  },
  capturePaused: {
    name: 'ibmi_cdc_capture_paused',
    type: 'gauge',
    labels: ['destination'],
    unit: '0 or 1',
    help: '1 while reading stands still because the backlog of the destination is full',
    means:
      'The limit of its backlog (`pending`) is reached: what feeds it is not read on until less than nine tenths are left.',
    alert: '1 for five minutes, the more so when time to data loss shrinks.',
  },
  positionLag: {
    name: 'ibmi_cdc_position_lag_entries',
    type: 'gauge',
    labels: ['journal'],
    unit: 'entries',
    help: 'Entries behind the end of the journal',
    means: 'Sequence numbers between the read position and the newest entry. Absent while it is not known.',
    alert: 'growing for fifteen minutes.',
  },
  positionAge: {
    name: 'ibmi_cdc_position_age_seconds',
    type: 'gauge',
    labels: ['journal'],
    unit: 'seconds',
    help: 'Since the read position last moved or proved idle',
    means: 'Small while the reader works, also over an idle journal. It grows when the partition cannot be asked.',
    alert: 'above two minutes (`http.stalledAfter`).',
  },
  lagAge: {
    name: 'ibmi_cdc_lag_age_seconds',
    type: 'gauge',
    labels: ['journal'],
    unit: 'seconds',
    help: 'Since the receivers were last looked at: age of lag and time to data loss',
    means: 'How old the two figures are that come from looking at the receivers.',
    alert: 'above ten minutes: do not trust the lag any more.',
  },
  timeToDataLoss: {
    name: 'ibmi_cdc_time_to_data_loss_seconds',
    type: 'gauge',
    labels: ['journal'],
    unit: 'seconds',
    help: 'Until the receiver still needed would go',
    means: 'Judged by how long receivers were kept so far. Absent while nothing threatens the receiver.',
    alert: 'below four hours: afterwards it is POSITION_LOST.',
  },
  windowAge: {
    name: 'ibmi_cdc_window_age_seconds',
    type: 'gauge',
    labels: ['table'],
    unit: 'seconds',
    help: 'Since the last complete look at a window table',
    means: 'Absent before the first look is complete.',
    alert: 'above three times the interval of the window.',
  },
  filterAtServer: {
    name: 'ibmi_cdc_filter_at_server',
    type: 'gauge',
    labels: ['journal'],
    unit: '0 or 1',
    help: '1 while entries of foreign files are left out by the partition, 0 while we do it',
    means: 'Chosen by measuring, unless `journal.filter` says which.',
    alert: 'none.',
  },
  readCost: {
    name: 'ibmi_cdc_read_cost_microseconds',
    type: 'gauge',
    labels: ['journal', 'place'],
    unit: 'microseconds for one sequence number',
    help: 'Measured time for one sequence number passed, by where foreign entries are left out',
    means: 'What the choice above rests on: place is `server` or `client`.',
    alert: 'none.',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

const DELIVERY = {
  eventsDelivered: {
    name: 'ibmi_cdc_events_delivered_total',
    type: 'counter',
    labels: ['destination'],
    unit: 'events',
    help: 'Events a destination accepted',
    means: 'Events whose acceptance was recorded by the answer.',
    alert: 'standing still while the backlog grows.',
  },
  latency: {
    name: 'ibmi_cdc_journal_to_delivered_seconds',
    type: 'histogram',
    labels: ['destination'],
    unit: 'seconds',
    help: 'From the journal entry to the accepting reply, seconds',
    means:
      'By the clock of the partition for its beginning and of this machine for its end: a difference of the clocks is in it.',
    alert: 'the 95th percentile above what the receivers were promised.',
  },
  attempts: {
    name: 'ibmi_cdc_delivery_attempts_total',
    type: 'counter',
    labels: ['destination', 'outcome'],
    unit: 'requests',
    help: 'Finished delivery attempts',
    means: 'outcome is `delivered`, `retry`, `rejected` or `gone`: the worst of a batch.',
    alert: 'more than half of them `retry` over ten minutes.',
  },
  deadLetters: {
    name: 'ibmi_cdc_dead_letters_total',
    type: 'counter',
    labels: ['destination', 'reason'],
    unit: 'events',
    help: 'Events set aside as dead letters',
    means: 'The reasons are in errors.md; `ibmi-cdc dlq list` has the letters.',
    alert: 'any increase: each is an event that the receiver does not have.',
  },
  disabled: {
    name: 'ibmi_cdc_destination_disabled',
    type: 'gauge',
    labels: ['destination'],
    unit: '0 or 1',
    help: '1 after the destination answered 410',
    means: 'It takes no more events until `ibmi-cdc resume --destination`.',
    alert: '1.',
  },
  denied: {
    name: 'ibmi_cdc_destination_denied',
    type: 'gauge',
    labels: ['destination'],
    unit: '0 or 1',
    help: '1 while the destination answers 401 or 403: it refuses our credentials',
    means: 'Delivery to it stands still, and one event is tried every `circuitBreaker.probeEvery`.',
    alert: '1 for a minute.',
  },
  paced: {
    name: 'ibmi_cdc_destination_paced_seconds',
    type: 'gauge',
    labels: ['destination'],
    unit: 'seconds',
    help: 'Until the destination is asked again, as it wished',
    means: '429 or Retry-After: the receiver asked for a pause. 0 where it did not.',
    alert: 'above zero for an hour while the backlog grows.',
  },
  answerTime: {
    name: 'ibmi_cdc_answer_seconds',
    type: 'histogram',
    labels: ['destination'],
    unit: 'seconds',
    help: 'From a request to its answer, its failure or its timeout, seconds',
    means: 'Of requests, not of events: a batch is one.',
    alert: 'the 95th percentile near the timeout of the destination.',
  },
  answerP50: {
    name: 'ibmi_cdc_answer_p50_seconds',
    type: 'gauge',
    labels: ['destination'],
    unit: 'seconds',
    help: 'Half of the last 512 answers came within',
    means: 'For whoever looks without a query language.',
    alert: 'none.',
  },
  answerP95: {
    name: 'ibmi_cdc_answer_p95_seconds',
    type: 'gauge',
    labels: ['destination'],
    unit: 'seconds',
    help: '95 of 100 of the last 512 answers came within',
    means: 'For whoever looks without a query language.',
    alert: 'near the timeout of the destination.',
  },
  breaker: {
    name: 'ibmi_cdc_circuit_breaker_state',
    type: 'gauge',
    labels: ['destination'],
    unit: '0, 1 or 2',
    help: '0 closed, 1 half open, 2 open',
    means: 'Open: the receiver failed again and again and is only probed. Events wait.',
    alert: '2 for ten minutes.',
  },
  backlog: {
    name: 'ibmi_cdc_backlog_events',
    type: 'gauge',
    labels: ['destination'],
    unit: 'deliveries',
    help: 'Deliveries not yet settled',
    means: 'Waiting, in retry and held ones together.',
    alert: 'growing for fifteen minutes.',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

const ALERTS = {
  alertsRaised: {
    name: 'ibmi_cdc_alerts_raised',
    type: 'gauge',
    labels: ['rule', 'severity'],
    unit: 'alerts',
    help: 'Alerts of the daemon itself that last',
    means: 'By rule of `alerts.rules`; absent where nothing is wrong. `ibmi-cdc alerts list` names them.',
    alert: 'none where the daemon tells people itself; else any.',
  },
  alertMessages: {
    name: 'ibmi_cdc_alert_messages_total',
    type: 'counter',
    labels: ['sink', 'outcome'],
    unit: 'messages',
    help: 'Messages about alerts, accepted and failed',
    means: 'One that failed is sent again later, and counted again.',
    alert: 'an increase of `failed`: nobody is told what is wrong.',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

export const METRICS = { ...CAPTURE, ...DELIVERY, ...ALERTS };

/** In the order of the reference page. */
export const METRIC_GROUPS: readonly { readonly title: string; readonly metrics: readonly MetricEntry[] }[] = [
  { title: 'Capture', metrics: Object.values(CAPTURE) },
  { title: 'Delivery', metrics: Object.values(DELIVERY) },
  { title: 'Alerts', metrics: Object.values(ALERTS) },
];
