/** Where a host server listens: what was configured, else what the port mapper says, else the usual port. */
import type { ServiceName } from '../../frame';
import { commandPortOf, databasePortOf, type HostServerOptions, signonPortOf } from './options';
import { askPort } from './port-mapper';

export async function signonAndDatabasePorts(
  options: HostServerOptions,
  signal?: AbortSignal,
): Promise<{ signon: number; database: number }> {
  const signon = await portOf(options, 'as-signon', signal);
  return { signon, database: await portOf(options, 'as-database', signal) };
}

/** @throws CodedError PORT_UNKNOWN, or of the transport */
export async function portOf(
  options: HostServerOptions,
  service: 'as-signon' | 'as-database' | 'as-rmtcmd',
  signal?: AbortSignal,
): Promise<number> {
  const { configured, usual } = PLACES[service];
  const given = options[configured];
  if (given !== undefined) return given;
  return options.portMapperPort === undefined ? usual(options) : askPort(options, service, signal);
}

const PLACES = {
  'as-signon': { configured: 'signonPort', usual: signonPortOf },
  'as-database': { configured: 'databasePort', usual: databasePortOf },
  'as-rmtcmd': { configured: 'commandPort', usual: commandPortOf },
} as const satisfies Partial<Record<ServiceName, unknown>>;
