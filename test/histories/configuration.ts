/** The configuration of a campaign's daemon: every table of every history, one destination. */
import { stringify } from 'yaml';
import type { Table } from './history';
import type { Settings } from './life';
import type { PartitionPlace } from './site';

export interface CampaignPlaces {
  readonly partition: PartitionPlace;
  readonly receiverUrl: string;
  readonly tables: readonly { readonly library: string; readonly table: Table }[];
}

/** Password and signing secret come from HISTORY_PASSWORD and HISTORY_SECRET. */
export function configuration(
  places: CampaignPlaces,
  { journal, webhook, storePayload, windowRows }: Settings,
): string {
  const { host, ports, user, caFile } = places.partition;
  const signing = { standardWebhooks: { secret: '${env:HISTORY_SECRET}' } };
  return stringify({
    version: 1,
    partition: {
      name: 'HISTORY',
      host,
      port: ports.databaseTls,
      signonPort: ports.signonTls,
      commandPort: ports.remoteCommandTls,
      user,
      password: '${env:HISTORY_PASSWORD}',
      tls: { ca: caFile },
    },
    state: 'state.sqlite',
    http: 'off',
    journal,
    policies: { start: 'earliest', unseenChanges: 'backfill' },
    destinations: { receiver: { storePayload, webhook: { url: places.receiverUrl, signing, ...webhook } } },
    tables: Object.fromEntries(
      places.tables.map(({ library, table }) => [
        `${library}/${table}`,
        { ...rule(library, table), ...special(library, table, windowRows) },
      ]),
    ),
  });
}

/** Rows of one id share a lane, whichever table they are in: header and lines of one order. */
function rule(library: string, table: Table): Record<string, unknown> {
  return {
    event: table.toLowerCase(),
    key: ['ID'],
    columns: { ID: true, VAL: true },
    traceKey: `${library}-{{ID}}`,
    onDelete: 'delete',
    uncommitted: table === 'LOOSE',
  };
}

function special(library: string, table: Table, pageRows: number): Record<string, unknown> {
  switch (table) {
    case 'SHELF': {
      const deletes = { schedule: '* * * * * *' };
      const window = { by: ['TS'], every: '50ms', margin: '0s', overlap: '30m', start: 'all', pageRows, deletes };
      return { capture: { window } };
    }
    case 'RELOAD':
    case 'GAPPY':
      return { cleared: 'delete' };
    case 'NIGHTLY':
      return { cleared: 'pause' };
    case 'PRICED': {
      const names = { table: `${library}/NAMES`, key: 'ID', value: 'VAL', ttl: '1h' };
      return { lookups: { names }, expressions: { NAMED: "lookup('names', ID)" } };
    }
    default:
      return {};
  }
}
