/** Channels of Slack (incoming webhook, `text` in mrkdwn) and Microsoft Teams (workflow webhook, an adaptive card). */
import { type AlertMessage, headOf, linesOf } from '../message';
import type { SinkOptions } from '../options';
import { post } from './post';
import type { AlertSink } from './sink';

export function slackSink(name: string, { url }: NonNullable<SinkOptions['slack']>): AlertSink {
  return {
    name,
    send: (message, signal) => {
      const [head, ...lines] = [headOf(message), ...linesOf(message)].map(escaped);
      const text = [`*${head}*`, ...lines].join('\n');
      return post('Slack', { url: url.reveal(), body: JSON.stringify({ text }) }, signal);
    },
  };
}

/** The three characters that mrkdwn gives a meaning: https://api.slack.com/reference/surfaces/formatting#escaping */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function teamsSink(name: string, { url }: NonNullable<SinkOptions['teams']>): AlertSink {
  return {
    name,
    send: (message, signal) => post('Teams', { url: url.reveal(), body: JSON.stringify(cardOf(message)) }, signal),
  };
}

function cardOf(message: AlertMessage): unknown {
  const over = message.kind === 'ended';
  const color = over ? 'Good' : message.severity === 'critical' ? 'Attention' : 'Warning';
  const block = (text: string, more = {}) => ({ type: 'TextBlock', text, wrap: true, ...more });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [block(headOf(message), { weight: 'Bolder', color }), ...linesOf(message).map((line) => block(line))],
          actions: message.link === null ? [] : [{ type: 'Action.OpenUrl', title: 'Console', url: message.link }],
        },
      },
    ],
  };
}
