/** Any receiver: the message as JSON, signed as Standard Webhooks. */
import { createHash } from 'node:crypto';
import { signerOf } from '../../signatures/signer';
import type { SinkOptions } from '../options';
import { post } from './post';
import type { AlertSink } from './sink';

export function webhookSink(name: string, { url, secret }: NonNullable<SinkOptions['webhook']>): AlertSink {
  const none = { previousSecret: null, privateKey: null, previousPrivateKey: null };
  const signer = signerOf({ standardWebhooks: { secret, ...none } });
  return {
    name,
    send: (message, signal) => {
      const body = Buffer.from(JSON.stringify(message));
      // a message told again, as its answer was lost, is the same one
      const id = `alert_${createHash('sha256').update(body).digest('base64url').slice(0, 22)}`;
      const timestamp = Math.floor(Date.now() / 1000);
      const signed = signer.headers({ id, type: `alert.${message.kind}`, timestamp, body });
      const headers: Record<string, string> = {};
      for (let i = 0; i < signed.length; i += 2) headers[signed[i]!] = signed[i + 1]!;
      return post(`webhook ${new URL(url).host}`, { url, body: body.toString(), headers }, signal);
    },
  };
}
