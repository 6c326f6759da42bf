/** `alerts`: who is told when something is wrong. */
import { z } from 'zod';
import { ALERT_RULE_NAMES, ALERT_RULES } from '../../model/watching/alert-rules';
import {
  decimalBetween,
  duration,
  expected,
  flag,
  maybe,
  oneOf,
  secret,
  section,
  someTimeOr,
  text,
  whole,
} from './scalars';

const SINK_NAME = /^[A-Za-z0-9_-]{1,60}$/;

const slack = z
  .strictObject({ url: secret.describe('Incoming webhook, https://hooks.slack.com/services/... ; it is a secret.') })
  .describe('A channel of Slack.');

const teams = z
  .strictObject({ url: secret.describe('Workflow webhook that posts an adaptive card; it is a secret.') })
  .describe('A channel of Microsoft Teams.');

const email = z
  .strictObject({
    host: text.describe('SMTP server.'),
    port: whole(1, 65535).default(587).describe('Its port.'),
    tls: oneOf(['starttls', 'implicit', 'off'])
      .default('starttls')
      .describe('starttls: as soon as connected, or not at all; implicit: from the first byte (port 465).'),
    ca: maybe(text).describe(
      'PEM file of the authority that signed its certificate, where the system does not know it.',
    ),
    user: maybe(text).describe('Who signs on.'),
    password: maybe(secret).describe('With which password.'),
    from: text.describe('Sender.'),
    to: z
      .array(text, { error: expected('a list of addresses') })
      .min(1)
      .describe('Who gets it.'),
  })
  .refine((e) => (e.user === null) === (e.password === null), { error: expected('user and password, or neither') })
  .describe('Mail by SMTP.');

const pagerduty = z
  .strictObject({
    routingKey: secret.describe('Integration key of an Events API v2 integration.'),
    url: text.default('https://events.pagerduty.com/v2/enqueue').describe('Where events go.'),
  })
  .describe('PagerDuty: an alert triggers, its end resolves.');

const webhook = z
  .strictObject({
    url: text.describe('Where the JSON goes.'),
    secret: secret.describe('`whsec_...`: signed as Standard Webhooks.'),
  })
  .describe('Any receiver: JSON, signed.');

const command = z
  .strictObject({
    run: z
      .array(text, { error: expected('a list: the program and its arguments') })
      .min(1, { error: expected('a list: the program and its arguments') })
      .describe('Program and arguments; the alert is JSON on its standard input.'),
    timeout: someTimeOr('10s').describe('It is ended after that.'),
  })
  .describe('A program of yours.');

const KINDS = ['slack', 'teams', 'email', 'pagerduty', 'webhook', 'command'] as const;

const sink = z
  .strictObject({
    slack: maybe(slack).describe('A channel of Slack.'),
    teams: maybe(teams).describe('A channel of Microsoft Teams.'),
    email: maybe(email).describe('Mail by SMTP.'),
    pagerduty: maybe(pagerduty).describe('PagerDuty: an alert triggers an incident, its end resolves it.'),
    webhook: maybe(webhook).describe('Any receiver: JSON, signed.'),
    command: maybe(command).describe('A program of yours.'),
    atLeast: oneOf(['warning', 'critical']).default('warning').describe('critical: warnings do not go there.'),
  })
  .refine((s) => KINDS.filter((kind) => s[kind] !== null).length === 1, {
    error: expected(`exactly one of ${KINDS.join(', ')}`),
  })
  .describe('One place that is told.');

const ruleOptions = z.strictObject({
  after: duration.optional().describe('How long the condition must hold.'),
  limit: decimalBetween(0, 1e12).optional().describe('What it is measured against, in the unit of the rule.'),
  severity: oneOf(['critical', 'warning']).optional().describe('How bad it is.'),
  to: z
    .array(text, { error: expected('a list of sinks') })
    .optional()
    .describe('Who is told; all where it is left out.'),
  repeat: duration.optional().describe('Told again while it lasts, after so long; 0s: never.'),
});

const rule = z.union([z.literal('off'), z.literal(false).transform(() => 'off' as const), ruleOptions], {
  error: expected('off, or { after, limit, severity, to, repeat }'),
});

const rules = z.strictObject(
  Object.fromEntries(
    ALERT_RULE_NAMES.map((name) => [name, rule.optional().describe(ALERT_RULES[name].means)]),
  ) as Record<(typeof ALERT_RULE_NAMES)[number], z.ZodOptional<typeof rule>>,
);

export const alertsSchema = z
  .strictObject({
    sinks: z
      .record(z.string().regex(SINK_NAME, { error: expected('a name of letters, digits, "_" and "-"') }), sink, {
        error: expected('sinks by name'),
      })
      .default({})
      .describe('Who is told, by name. None: alerts are shown by `status`, the API and the metrics only.'),
    rules: section(rules).describe('Rules that differ from their defaults.'),
    repeat: duration.prefault('4h').describe('An alert that lasts is told again after so long; 0s: never.'),
    resolved: flag.default(true).describe('Its end is told too.'),
    every: someTimeOr('10s').describe('How often the conditions are looked at.'),
    link: maybe(text).describe('Address under which people reach the console, put before the path in each message.'),
  })
  .describe('Alerts of the daemon itself; for Prometheus there are rules in config/prometheus.');
