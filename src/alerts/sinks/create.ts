/** Sinks as they are configured. */
import type { SinkOptions } from '../options';
import { slackSink, teamsSink } from './chat';
import { commandSink } from './command';
import { emailSink } from './email';
import { pagerdutySink } from './pagerduty';
import type { AlertSink } from './sink';
import { webhookSink } from './webhook';

export function sinkOf(options: SinkOptions): AlertSink {
  const { name, slack, teams, email, pagerduty, webhook, command } = options;
  if (slack) return slackSink(name, slack);
  if (teams) return teamsSink(name, teams);
  if (email) return emailSink(name, email);
  if (pagerduty) return pagerdutySink(name, pagerduty);
  if (webhook) return webhookSink(name, webhook);
  return commandSink(name, command!);
}
