/** Destinations: the event stays in the outbox and is tried again, or becomes a dead letter that `ibmi-cdc dlq` shows. */
import { ofFamily, type WordEntry } from './entry';

const WAITS = 'The events wait in order and are tried again by the retry schedule.';

export const DELIVERY_ERRORS = ofFamily('delivery', {
  WEBHOOK_TLS: {
    means: `The certificate or the TLS of a receiver is not acceptable; the message says what is wrong with it. Nothing was sent. ${WAITS}`,
    next: 'have the certificate mended, or name its CA in tls.ca of the destination',
  },
  WEBHOOK_PIN: {
    means: `The certificate of a receiver is not the one that tls.fingerprint pins. Nothing was sent. ${WAITS}`,
    next: 'if the receiver has a new certificate on purpose, set tls.fingerprint to the one seen',
  },
  WEBHOOK_PRIVATE_NETWORK: {
    means: `The name of a receiver leads to an address that webhooks may not dial: a private network, this machine, or the metadata service of a cloud. Nothing was sent. ${WAITS}`,
    next: 'if the receiver is meant to be inside, set privateNetworks: [its range] for this destination',
  },
  WEBHOOK_PROXY_FAILED: {
    means: `The proxy cannot be reached, or refused to connect to the receiver. ${WAITS}`,
    next: 'check proxy of this destination, its credentials, and what the proxy allows',
  },
  WEBHOOK_OAUTH2: {
    means: `The authorization server gave no token. ${WAITS}`,
    next: 'check tokenUrl, clientId, clientSecret, scope and audience of this destination',
  },
  WEBHOOK_BODY_TOKEN: {
    means:
      'auth.bodyToken puts a token into the JSON object of the body, and the body of this event is no JSON object.',
    next: 'leave auth.bodyToken out for this envelope, or use a header',
  },
  KAFKA_POSITION: {
    means:
      'Exactly-once delivery begins by reading the committed position, and the cluster did not give it. Nothing was sent; it is asked again.',
    next: 'check brokers, tls, sasl and the rights on transactionalId and group',
  },
  SEND_TEST_REFUSED: {
    means:
      '`send-test` reached the destination, which did not accept the test event. Nothing of the outbox was touched.',
    next: 'compare signature and response with what the receiver expects; `ibmi-cdc listen --from` verifies as it would',
  },
});

/** `reason` of a dead letter: `dlq list --reason`, and label of `ibmi_cdc_dead_letters_total`. */
export const DEAD_LETTER_REASONS = {
  exhausted: {
    means:
      'Every attempt of the retry schedule failed for a passing reason (no answer, 429, 5xx), or the receiver refused our credentials for longer than the schedule lasts.',
    next: 'when the receiver is well again: ibmi-cdc dlq retry --destination NAME --reason exhausted',
  },
  'http-NNN': {
    means:
      'The receiver answered with this status, which says that a repeat cannot help: `http-400`, `http-422` and others.',
    next: 'read its answer with `ibmi-cdc dlq show NO`, mend the receiver or the mapping, then `dlq retry`',
  },
  'bad-request': {
    means: 'The request cannot be made of this event: a header or the URL would not be valid.',
    next: 'mend the template or the header of the destination, then `dlq retry`',
  },
  timeout: {
    means: 'No answer came in time, for a destination that must not be asked again about the same event.',
    next: 'look whether the receiver has the event, then `dlq retry` or `dlq drop`',
  },
  network: {
    means: 'The connection broke, for a destination that must not be asked again about the same event.',
    next: 'look whether the receiver has the event, then `dlq retry` or `dlq drop`',
  },
  'source-gone': {
    means: 'Payloads are not stored, and the row of this event can no longer be read from the journal.',
    next: 'backfill the rows concerned, then `dlq drop`',
  },
  'url-path': {
    means:
      'A value of the row would lead to another path of the URL than its template says: an empty segment, `.` or `..`.',
    next: 'take the value out of the path, or put it into the query, then `dlq retry`',
  },
  damaged: {
    means: 'The stored payload was altered on the disk: its checksum is wrong. It is never sent.',
    next: 'look after the disk; backfill the rows concerned, then `dlq drop`',
  },
  dropped: {
    means: 'An operator gave the event up with its destination: `resume --destination NAME --drop`.',
    next: 'nothing; `dlq retry` takes it back',
  },
  held: {
    means: 'An operator gave up what was held of a paused table: `resume --table LIB/FILE --drop`.',
    next: 'nothing; `dlq retry` takes it back',
  },
  'message-too-large': {
    means: 'Kafka refuses the record: it is larger than the broker or topic allows.',
    next: 'raise max.message.bytes of the topic, or send less of the row (thin events), then `dlq retry`',
  },
  'record-list-too-large': {
    means: 'Kafka refuses the batch, which holds this one record: it is larger than the broker allows.',
    next: 'raise message.max.bytes of the broker, or send less of the row, then `dlq retry`',
  },
  'invalid-topic-exception': {
    means: 'Kafka has no topic of this name and cannot have one.',
    next: 'correct topic of the destination, then `dlq retry`',
  },
  'invalid-record': {
    means: 'The broker refuses the record, for example one without a key in a compacted topic.',
    next: 'look at the settings of the topic and the log of the broker, then `dlq retry`',
  },
  'invalid-timestamp': {
    means: 'The time of the record is further from the clock of the broker than the topic allows.',
    next: 'set message.timestamp.type=LogAppendTime for the topic, then `dlq retry`',
  },
} as const satisfies Readonly<Record<string, WordEntry>>;
