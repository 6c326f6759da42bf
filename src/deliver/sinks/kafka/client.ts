/** The kafkajs client of one destination. */
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type ISocketFactory, Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { ClientTls, KafkaOptions } from '../../options';
import { normalPin, pinFault, tlsOptions } from '../webhook/connector';

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
    ...(options.tls === 'off' ? {} : { ssl: { ...tlsOptions(options.tls) }, ...pinned(options.tls) }),
    ...(options.sasl === null ? {} : { sasl: saslOf(options.sasl) }),
  };
  return new Kafka(config);
}

/** With a pin the certificate is compared before kafkajs may write its first byte, which could be a password. */
function pinned(tls: ClientTls): { socketFactory?: ISocketFactory } {
  if (tls.fingerprint === null) return {};
  const pin = normalPin(tls.fingerprint);
  return {
    socketFactory: ({ host, port, ssl, onConnect }) => {
      const name = isIP(host) === 0 ? { servername: host } : {};
      const socket = connect({ host, port, ...name, ...ssl }, () => {
        const fault = pinFault(socket, pin);
        if (fault === null) onConnect();
        else socket.destroy(fault);
      });
      return socket.setKeepAlive(true, KEEP_ALIVE_MS);
    },
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
