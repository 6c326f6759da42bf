/**
 * What the daemon raises an alert for. Names are those of `alerts.rules` in the YAML; what is configured goes before the
 * defaults here. docs/alerts.md has them as a table, which a test compares with this list.
 */

export type AlertSeverity = 'critical' | 'warning';

interface AlertRuleEntry {
  readonly severity: AlertSeverity;
  /** The condition must hold for so long, milliseconds. */
  readonly after: number;
  /** What it is measured against; null where there is nothing to choose. */
  readonly limit: { readonly default: number; readonly unit: string } | null;
  readonly means: string;
}

const MINUTE = 60_000;

export const ALERT_RULES = {
  'position-stands-still': {
    ...{ severity: 'critical', after: 2 * MINUTE, limit: null },
    means: 'A journal is not read: the partition cannot be asked, or capture has stopped.',
  },
  'data-loss-near': {
    ...{ severity: 'critical', after: 0, limit: { default: 24, unit: 'hours' } },
    means: 'A receiver that is still needed may be deleted in less than so many hours.',
  },
  'max-lag': {
    ...{ severity: 'critical', after: MINUTE, limit: null },
    means: 'Events reach a destination, or those of a table any of its destinations, later than its `maxLag`.',
  },
  'window-stands-still': {
    ...{ severity: 'warning', after: 2 * MINUTE, limit: null },
    means: 'A table without a journal has not been looked at when it was due.',
  },
  'destination-failing': {
    ...{ severity: 'warning', after: 5 * MINUTE, limit: null },
    means:
      'A destination accepts nothing. Told again when 50, 70, 90 and 100 % of its retry schedule have passed, from 90 % on as critical: then events become dead letters.',
  },
  'destination-denied': {
    ...{ severity: 'critical', after: 0, limit: null },
    means: 'A destination refuses our credentials.',
  },
  'destination-disabled': {
    ...{ severity: 'critical', after: 0, limit: null },
    means: 'A destination wants no more events (410), or was disabled at a limit.',
  },
  'dead-letters': {
    ...{ severity: 'critical', after: 0, limit: { default: 0, unit: 'dead letters' } },
    means: 'More than so many dead letters of a destination wait for a decision.',
  },
  'changes-quarantined': {
    ...{ severity: 'critical', after: 0, limit: null },
    means: 'A change could not become an event and was set aside.',
  },
  'decode-errors': {
    ...{ severity: 'warning', after: 0, limit: { default: 0, unit: 'fields an hour' } },
    means: 'More than so many fields of a column could not be decoded within an hour.',
  },
  'table-paused': {
    ...{ severity: 'critical', after: 0, limit: null },
    means: 'Events of a table are kept, not delivered, until someone decides.',
  },
  'table-gap': {
    ...{ severity: 'critical', after: 0, limit: null },
    means: 'Changes of a table were not seen.',
  },
  'mass-delete': {
    ...{ severity: 'warning', after: 0, limit: null },
    means: 'Far more rows of a table were deleted than its `deleteGuard` takes for usual, or it was cleared.',
  },
  'schema-changed': {
    ...{ severity: 'warning', after: 0, limit: null },
    means: 'The record format of a table has changed: tell who owns the receivers.',
  },
  'state-disk-full': {
    ...{ severity: 'critical', after: 0, limit: null },
    means: 'The disk of the state file is full, reading stands still.',
  },
  'credential-unusable': {
    ...{ severity: 'warning', after: MINUTE, limit: null },
    means: 'A file or program of a secret gives no usable value; the value before is used.',
  },
  'password-expires': {
    ...{ severity: 'warning', after: 0, limit: { default: 14, unit: 'days' } },
    means: 'The password of the profile expires in less than so many days.',
  },
  'certificate-expires': {
    ...{ severity: 'warning', after: 0, limit: { default: 21, unit: 'days' } },
    means: 'The certificate that a receiver or the partition showed expires in less than so many days.',
  },
  'reconcile-differences': {
    ...{ severity: 'warning', after: 0, limit: null },
    means: 'A comparison found rows that receivers do not have as they are.',
  },
  'unusual-rate': {
    ...{ severity: 'warning', after: 0, limit: { default: 4, unit: 'standard deviations' } },
    means:
      'A table wrote far more or fewer events within an hour than in the same hour of the weeks before; known after four weeks, and only where the usual number is 100 at least.',
  },
} as const satisfies Readonly<Record<string, AlertRuleEntry>>;

export type AlertRule = keyof typeof ALERT_RULES;

export const ALERT_RULE_NAMES = Object.keys(ALERT_RULES) as [AlertRule, ...AlertRule[]];
