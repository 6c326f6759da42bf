/** The kafkajs client of one destination. */
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type ISocketFactory, Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { ClientTls, KafkaOptions } from '../../options';
import { normalPin, pinFault } from '../webhook/dial/connector';
import { TlsFiles } from '../webhook/dial/tls-files';

/**
 * How long one send is repeated inside kafkajs, under the same producer id and sequence number, so that the broker
 * recognises the repeat: some 25 seconds, enough for a broker to restart.
 */
export const SEND_RETRY = {
  initialRetryTime: 100,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 2_000,
  retries: 14,
} as const;

/** As kafkajs sets it itself. */
const KEEP_ALIVE_MS = 60_000;

export type KafkaNote = (level: 'debug' | 'warn', message: string) => void;

export function kafkaClient(options: KafkaOptions, note: KafkaNote): Kafka {
  const config: KafkaConfig = {
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: options.timeouts.connect,
    requestTimeout: options.timeouts.request,
    retry: SEND_RETRY,
    // kafkajs prints records of its own; ours go through the hooks
    logCreator: () => (entry) => note(entry.level <= 2 ? 'warn' : 'debug', entry.log.message),
    ...(options.tls === 'off' ? {} : { ssl: true, socketFactory: secured(options.tls, note) }),
    ...(options.sasl === null ? {} : { sasl: saslOf(options.sasl) }),
  };
  return new Kafka(config);
}

/**
 * TLS files are looked at again for each connection. With a pin the certificate is compared before kafkajs may write its first
 * byte, which could be a password; no session is resumed, so that each handshake shows it.
 */
function secured(tls: ClientTls, note: KafkaNote): ISocketFactory {
  const pin = tls.fingerprint === null ? null : normalPin(tls.fingerprint);
  const files = new TlsFiles(tls, (message) => note('warn', message));
  return ({ host, port, onConnect }) => {
    const servername = tls.serverName ?? (isIP(host) === 0 ? host : null);
    const socket = connect({
      host,
      port,
      secureContext: files.context(),
      ...(servername === null ? {} : { servername }),
      // one exact certificate is a narrower trust than any authority
      rejectUnauthorized: pin === null || tls.ca !== null,
    });
    socket.once('secureConnect', () => {
      const fault = pin === null ? null : pinFault(socket, pin);
      if (fault === null) onConnect();
      else socket.destroy(fault);
    });
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  };
}

/** The password is asked for at each new connection, so that another one is used without a restart. */
function saslOf(sasl: NonNullable<KafkaOptions['sasl']>): SASLOptions {
  const { mechanism, username } = sasl;
  const options = {
    mechanism,
    username,
    get password(): string {
      return sasl.password.reveal();
    },
  };
  return options as SASLOptions;
}
