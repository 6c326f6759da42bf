/** The transport a configuration asks for. */
import { fchmodSync, openSync, writeSync } from 'node:fs';
import type { Config } from '../config/config';
import { type FrameTracer, lineTracer } from '../hostserver/trace';
import { hostServerTransport } from '../transport/hostserver';
import { Jt400Transport } from '../transport/jt400';
import { ibmiConnectionString, OdbcTransport } from '../transport/odbc';
import type { SqlTransport } from '../transport/transport';

type Given<T> = { [K in keyof T]?: Exclude<T[K], null> };

/** The YAML says null for what was left out; the client wants it absent. */
function withoutNulls<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== null)) as Given<T>;
}

/** Appends annotated frames; written at once, so that a crash leaves the last ones. */
function fileTracer(file: string): FrameTracer {
  const fd = openSync(file, 'a', 0o600);
  // also one that is there already: names and positions are for the owner only
  fchmodSync(fd, 0o600);
  return lineTracer((text) => writeSync(fd, text));
}

interface ConnectOptions {
  /** File of `--trace-wire`. */
  readonly traceWire?: string | undefined;
}

export function transportOf(config: Config, options: ConnectOptions = {}): SqlTransport {
  const { partition } = config;
  const { host, user, port, signonPort, commandPort, tls, timeouts } = partition;
  switch (partition.transport) {
    case 'hostserver':
      return hostServerTransport({
        host,
        user,
        password: () => partition.password.reveal(),
        databasePort: port,
        signonPort,
        commandPort,
        tls: tls === 'off' ? 'off' : withoutNulls(tls),
        timeouts,
        ...(options.traceWire ? { tracer: fileTracer(options.traceWire) } : {}),
      });
    case 'jt400':
      return new Jt400Transport({
        host,
        user,
        // asked for at each connection, so that another one is used without a restart
        get password() {
          return partition.password.reveal();
        },
        tls: tls === 'off' ? 'off' : tls.ca ? { caFile: tls.ca } : {},
        ports: { database: port, signon: signonPort },
      });
    case 'odbc':
      return new OdbcTransport({
        get connectionString() {
          const given = partition.odbc?.connectionString?.reveal();
          return (
            given ?? ibmiConnectionString({ host, user, password: partition.password.reveal(), tls: tls !== 'off' })
          );
        },
        connectTimeoutMs: timeouts.connect,
      });
  }
}
