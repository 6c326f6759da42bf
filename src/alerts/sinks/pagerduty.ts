/** PagerDuty Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview */
import { type AlertMessage, headOf } from '../message';
import type { SinkOptions } from '../options';
import { post } from './post';
import type { AlertSink } from './sink';

/** Longest of each that the API takes. */
const LONGEST_SUMMARY = 1024;
const LONGEST_KEY = 255;

export function pagerdutySink(name: string, options: NonNullable<SinkOptions['pagerduty']>): AlertSink {
  const { routingKey, url } = options;
  return {
    name,
    send: (message, signal) => {
      const event = { routing_key: routingKey.reveal(), dedup_key: message.key.slice(-LONGEST_KEY), ...actOf(message) };
      return post('PagerDuty', { url, body: JSON.stringify(event) }, signal);
    },
  };
}

function actOf(message: AlertMessage): object {
  if (message.kind === 'ended') return { event_action: 'resolve' };
  const { partition, severity, since, rule, subject, next, link } = message;
  return {
    event_action: 'trigger',
    payload: {
      summary: headOf(message).slice(0, LONGEST_SUMMARY),
      source: partition,
      ...{ severity, timestamp: since, component: subject, class: rule },
      custom_details: { next },
    },
    links: link === null ? [] : [{ href: link, text: 'Console' }],
  };
}
