/** Mail by SMTP. */
import { readFileSync } from 'node:fs';
import { type AlertMessage, headOf, linesOf } from '../message';
import type { EmailOptions } from '../options';
import type { AlertSink } from './sink';

const TIMEOUT_MS = 10_000;

export function emailSink(name: string, options: EmailOptions): AlertSink {
  return { name, send: (message) => send(options, message) };
}

async function send(options: EmailOptions, message: AlertMessage): Promise<void> {
  const { host, port, from, to } = options;
  // loaded with the first mail: most configurations have none
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...{ host, port, secure: options.tls === 'implicit' },
    ...{ requireTLS: options.tls === 'starttls', ignoreTLS: options.tls === 'off' },
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...(options.ca === null ? {} : { tls: { ca: readFileSync(options.ca, 'utf8') } }),
    ...(options.user === null ? {} : { auth: { user: options.user, pass: options.password!.reveal() } }),
  });
  try {
    await transport.sendMail({
      ...{ from, to: [...to] },
      subject: headOf(message),
      text: [message.summary, '', ...linesOf(message), ''].join('\n'),
      // one thread an alert
      references: `<${Buffer.from(message.key).toString('base64url')}@ibmi-cdc>`,
      headers: { 'auto-submitted': 'auto-generated' },
    });
  } catch (error) {
    const { code, responseCode } = error as { code?: string; responseCode?: number };
    throw new Error(`SMTP server ${host}:${port}: ${responseCode ?? code ?? 'cannot be reached'}`);
  } finally {
    transport.close();
  }
}
