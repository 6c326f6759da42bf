// Capture as the daemon wires it: host server client, journal reader, mappers, outbox; one transaction a unit.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist, MIXED_TABLES } from './_mixed-journal.mjs';

const { hostServerTransport } = dist('transport/hostserver.js');
const { readTables } = dist('catalog/catalog.js');
const { journalsOf } = dist('capture/journals.js');
const { TableMapping } = dist('capture/tables/table-mapping.js');
const { JournalReader } = dist('journal/reader/reader.js');
const { CHECKPOINT_SCHEMA } = dist('journal/position/checkpoint-table.js');
const { LEDGER_SCHEMA } = dist('journal/ledger/table.js');
const { isNotice } = dist('journal/cycle/unit.js');
const { Store } = dist('store/store.js');
const { Outbox } = dist('outbox/outbox.js');
const { OUTBOX_SCHEMA } = dist('outbox/schema.js');
const { checkText } = dist('config/load.js');
const { Logger } = loggerOf();

function loggerOf() {
  const quiet = { child: () => quiet };
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) quiet[level] = () => undefined;
  return { Logger: quiet };
}

export function mixedConfig(partition, more = {}) {
  return {
    version: 1,
    partition: {
      ...{ name: 'BENCH', host: partition.host, user: partition.user, password: '${env:BENCH_PASSWORD}' },
      ...{ port: partition.databasePort, signonPort: partition.signonPort, tls: 'off' },
    },
    state: 'state.sqlite',
    policies: { start: 'earliest' },
    http: 'off',
    destinations: { out: { stdout: {} } },
    tables: Object.fromEntries(Object.entries(MIXED_TABLES).map(([name, t]) => [name, { ...t, to: ['out'] }])),
    ...more,
  };
}

/**
 * Reads until the journal has no more. Milliseconds of each part come from one run: `wait` is for the next block while
 * nothing else could be done, the processor time of the client for arriving bytes included.
 * @param partition host, databasePort, signonPort, user, password
 */
export async function captureRun(partition, journal = {}) {
  const env = { BENCH_PASSWORD: partition.password };
  const { config, issues } = checkText(JSON.stringify(mixedConfig(partition, { journal })), 'b.yaml', '/b.yaml', {
    env,
  });
  if (!config) throw new Error(JSON.stringify(issues));
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const store = Store.open(join(folder, 's.sqlite'), [OUTBOX_SCHEMA, CHECKPOINT_SCHEMA, LEDGER_SCHEMA]);
  const transport = hostServerTransport({
    ...{ host: partition.host, user: partition.user, password: partition.password, tls: 'off' },
    ...{ databasePort: partition.databasePort, signonPort: partition.signonPort },
  });
  const connection = await transport.connect();
  const abort = new AbortController();
  try {
    const tables = await readTables(
      connection,
      config.tables.map((t) => t.table),
    );
    const mapping = new TableMapping({ config, tables, offset: 0, transport, log: Logger });
    const outbox = new Outbox(store, { destinations: { out: {} } });
    const [options] = journalsOf(config, tables);
    const ms = { wait: 0, map: 0, outbox: 0, commit: 0 };
    const reader = new JournalReader({
      connection: watched(connection, ms),
      store,
      options,
      onIdle: () => abort.abort(),
    });
    let events = 0;
    let bytes = 0;
    function* drafts(unit) {
      mapping.beginUnit();
      for (const item of unit.items()) {
        if (isNotice(item)) continue;
        const began = performance.now();
        const outcome = mapping.map(item);
        ms.map += performance.now() - began;
        if (outcome.is !== 'mapped') throw new Error(JSON.stringify(outcome));
        for (const event of outcome.events) {
          events++;
          bytes += event.body.length;
          yield event;
        }
      }
      yield* mapping.endUnit();
    }
    let units = 0;
    let firstUnit = 0;
    let seenBefore = 0;
    let seconds = 0;
    const cpuBefore = process.cpuUsage();
    for await (const unit of reader.units(abort.signal)) {
      // the first unit tells where reading begins, the second holds the first block
      if (units++ === 1) {
        firstUnit = performance.now();
        seenBefore = reader.state().entriesSeen;
        Object.assign(ms, { wait: 0, map: 0, outbox: 0, commit: 0 });
      }
      const began = performance.now();
      const mapped = ms.map;
      let appended = began;
      store.transaction(() => {
        outbox.append(drafts(unit));
        appended = performance.now();
        unit.commit();
      });
      ms.outbox += appended - began - (ms.map - mapped);
      ms.commit += performance.now() - appended;
      seconds = (performance.now() - firstUnit) / 1000;
    }
    const { user, system } = process.cpuUsage(cpuBefore);
    const entries = reader.state().entriesSeen;
    const read = seconds * 1000 - ms.wait - ms.map - ms.outbox - ms.commit;
    return {
      ...{ entries, events, units, seconds, rate: (entries - seenBefore) / seconds },
      ...{ cpu: (user + system) / 1e6, ms: { ...ms, read }, bodyBytes: Math.round(bytes / events) },
    };
  } finally {
    abort.abort();
    await connection.close().catch(() => undefined);
    store.close();
    rmSync(folder, { recursive: true });
  }
}

/** The connection, with the time its consumer waits for blocks of the journal. */
function watched(connection, ms) {
  async function* timed(blocks) {
    const iterator = blocks[Symbol.asyncIterator]();
    try {
      for (;;) {
        const began = performance.now();
        const { value, done } = await iterator.next();
        ms.wait += performance.now() - began;
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  const statementOf = (statement) => ({
    columns: statement.columns,
    query: (...args) => statement.query(...args),
    execute: (...args) => statement.execute(...args),
    close: () => statement.close(),
    queryRaw: async (...args) => {
      const began = performance.now();
      const result = await statement.queryRaw(...args);
      ms.wait += performance.now() - began;
      return { columns: result.columns, blocks: () => timed(result.blocks()), close: () => result.close() };
    },
  });
  return {
    server: connection.server,
    prepare: async (...args) => statementOf(await connection.prepare(...args)),
    query: (...args) => connection.query(...args),
    execute: (...args) => connection.execute(...args),
    close: () => connection.close(),
  };
}
