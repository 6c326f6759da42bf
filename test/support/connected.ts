/** A connection of a test's own to its simulated partition, beside those of the daemon: plain sockets. */
import type { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { hostServerTransport } from '../../src/transport/hostserver';
import type { SqlConnection } from '../../src/transport/transport';

export function connected(partition: SimulatedPartition): Promise<SqlConnection> {
  return hostServerTransport({
    host: partition.host,
    user: partition.user,
    password: () => partition.password,
    databasePort: partition.ports.database,
    signonPort: partition.ports.signon,
    tls: 'off',
  }).connect();
}
