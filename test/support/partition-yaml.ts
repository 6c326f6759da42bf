/** `partition:` of a configuration that leads to a simulated partition: said once for all tests. */
import type { SimulatedPartition } from '../../src/simulator/simulated-partition';

type Place = Pick<SimulatedPartition, 'host' | 'ports' | 'user' | 'caFile'>;

export interface PartitionYamlOptions {
  readonly name?: string;
  /** As it is written, a reference as a rule. */
  readonly password?: string;
  readonly tls?: boolean;
}

/** Without a line end. */
export function partitionYaml({ host, ports, user, caFile }: Place, options: PartitionYamlOptions = {}): string {
  const { name = 'SIM', password = '${env:SIM_PASSWORD}', tls = false } = options;
  return `partition:
  name: ${name}
  host: ${host}
  port: ${tls ? ports.databaseTls : ports.database}
  signonPort: ${tls ? ports.signonTls : ports.signon}
  commandPort: ${tls ? ports.remoteCommandTls : ports.remoteCommand}
  user: ${user}
  password: ${password}
  tls: ${tls ? `{ ca: ${JSON.stringify(caFile)} }` : 'off'}`;
}
