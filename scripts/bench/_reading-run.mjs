// @ts-check
// The journal reader alone, as capture drives it: units in order, each with ledger and checkpoint in one transaction, what is in
// them looked at and thrown away. No mapping, no outbox.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist, MIXED_TABLES } from './_mixed-journal.mjs';

const { STATE_SCHEMAS } = dist('daemon/schemas.js');
const { Store } = dist('store/store.js');
const { JournalReader } = dist('journal/reader/reader.js');
const { journalOptions } = dist('journal/options.js');
const { chooseWay } = dist('journal/source/way.js');
const { hostServerTransport } = dist('transport/hostserver.js');

const named = (name) => ({ library: name.split('/')[0], name: name.split('/')[1] });

function optionsOf(journal) {
  const tables = Object.keys(MIXED_TABLES).map((name) => ({
    ...{ file: named(name), uncommitted: false, member: null, massDelete: null },
  }));
  return journalOptions({ journal: named('ORDLIB/ORDJRN'), tables, start: 'earliest', ...journal });
}

/** @param partition where to find it. @returns seconds from the first unit to the last, and processor time with the start */
export async function readingRun(partition, journal = {}) {
  const { host, user, password, databasePort, signonPort, commandPort } = partition;
  const transport = hostServerTransport({ host, user, password, tls: 'off', databasePort, signonPort, commandPort });
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const store = Store.open(join(folder, 's.sqlite'), STATE_SCHEMAS);
  const stop = new AbortController();
  const connection = await transport.connect();
  try {
    const options = optionsOf(journal);
    const cpuBefore = process.cpuUsage();
    const { programs, way } = await chooseWay(connection, options, stop.signal);
    const reader = new JournalReader({
      ...{ connection, store, options, way, onIdle: () => stop.abort() },
      ...(programs ? { programs } : {}),
    });
    let changes = 0;
    let begun = 0;
    let ended = 0;
    for await (const unit of reader.units(stop.signal)) {
      if (begun === 0) begun = performance.now();
      store.transaction(() => {
        for (const item of unit.items()) if (!('kind' in item)) changes++;
        unit.commit();
      });
      ended = performance.now();
    }
    const { user: inUser, system } = process.cpuUsage(cpuBefore);
    return { changes, seconds: (ended - begun) / 1000, cpu: (inUser + system) / 1e6 };
  } finally {
    await connection.close();
    store.close();
    rmSync(folder, { recursive: true });
  }
}
