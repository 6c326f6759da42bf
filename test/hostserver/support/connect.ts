/** A connection to a scripted server. */
import type { HostServerOptions } from '../../../src/hostserver/client/connect/options';
import { hostServerTransport } from '../../../src/transport/hostserver';
import type { SqlConnection } from '../../../src/transport/transport';
import type { FakeServer } from './fake-server';

export function optionsFor(fake: FakeServer, options: Partial<HostServerOptions> = {}): HostServerOptions {
  return {
    host: '127.0.0.1',
    user: 'CDCUSER',
    password: 'demo-secret',
    tls: 'off',
    signonPort: fake.ports.signon,
    databasePort: fake.ports.database,
    ...options,
  };
}

export function connectTo(
  fake: FakeServer,
  options: Partial<HostServerOptions> = {},
  signal?: AbortSignal,
): Promise<SqlConnection> {
  return hostServerTransport(optionsFor(fake, options)).connect(signal ? { signal } : {});
}
