// @ts-check
// The capture of the product, wired as the daemon does: host server client, journal reader, mappers, outbox.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist, MIXED_TABLES } from './_mixed-journal.mjs';

const { hostServerTransport } = dist('transport/hostserver.js');
const { readTables } = dist('catalog/catalog.js');
const { Backpressure } = dist('capture/backpressure.js');
const { JournalCapture } = dist('capture/capture.js');
const { journalsOf } = dist('capture/journals.js');
const { HeldRelease } = dist('capture/tables/held-release.js');
const { TableMapping } = dist('capture/tables/table-mapping.js');
const { STATE_SCHEMAS } = dist('daemon/schemas.js');
const { Remember } = dist('remember/remember.js');
const { DiskRoom } = dist('store/disk-room.js');
const { Store } = dist('store/store.js');
const { JOURNAL_NOTICES } = dist('model/notice-kinds.js');
const { Metrics } = dist('telemetry/metrics.js');
const { Outbox } = dist('outbox/outbox.js');
const { checkText } = dist('config/load.js');

const NOTICES = new Set(JOURNAL_NOTICES);
const QUIET = { child: () => QUIET };
for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) QUIET[level] = () => undefined;

export function mixedConfig(partition, more = {}, remember = true) {
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
    tables: Object.fromEntries(
      Object.entries(MIXED_TABLES).map(([name, t]) => [name, { ...t, remember, to: ['out'] }]),
    ),
    ...more,
  };
}

/**
 * Drives the product's own capture until the journal has no more. Milliseconds of each part come from one run: `wait` is for
 * the next block while nothing else could be done, the processor time of the client for arriving bytes included.
 * @param partition host, databasePort, signonPort, user, password
 */
export async function captureRun(partition, journal = {}, remember = true) {
  const config = configOf(partition, journal, remember);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const store = Store.open(join(folder, 's.sqlite'), STATE_SCHEMAS);
  const stop = new AbortController();
  try {
    const transport = transportTo(partition);
    const { capture, mapping, outbox, room } = await captureOf({ config, store, transport, signal: stop.signal });
    const clock = new Clock(capture);
    clock.connection(transport);
    clock.mapping(mapping);
    clock.writing(store, outbox);
    const cpuBefore = process.cpuUsage();
    const looks = setInterval(() => capture.state().reader?.caughtUp && stop.abort(), 10);
    try {
      await capture.run(stop.signal);
    } finally {
      clearInterval(looks);
      room[Symbol.dispose]();
    }
    const { user, system } = process.cpuUsage(cpuBefore);
    // a unit whose table was looked up in the middle is written twice, and committed once
    const stored = store.db.prepare('SELECT ifnull(sum(last - first + 1), 0) FROM outbox_page').pluck().get();
    return { ...clock.result(), stored, cpu: (user + system) / 1e6 };
  } finally {
    stop.abort();
    store.close();
    rmSync(folder, { recursive: true });
  }
}

function configOf(partition, journal, remember) {
  const env = { BENCH_PASSWORD: partition.password };
  const text = JSON.stringify(mixedConfig(partition, { journal }, remember));
  const { config, issues } = checkText(text, 'b.yaml', '/b.yaml', { env });
  if (!config) throw new Error(JSON.stringify(issues));
  return config;
}

function transportTo({ host, user, password, databasePort, signonPort, commandPort }) {
  const command = commandPort ? { commandPort } : {};
  return hostServerTransport({ host, user, password, tls: 'off', databasePort, signonPort, ...command });
}

/** Capture put together as the daemon does; delivery hears of nothing. */
async function captureOf({ config, store, transport, signal }) {
  const connection = await transport.connect();
  const names = config.tables.map((t) => t.table);
  const tables = await readTables(connection, names).finally(() => connection.close());
  const mapping = new TableMapping({ config, tables, offset: 0, transport, log: QUIET });
  mapping.useHistory(store);
  const remember = new Remember(store);
  const outbox = new Outbox(store, { destinations: { out: {} }, notes: remember });
  const metrics = new Metrics();
  const dispatcher = { offer: () => undefined };
  const measure = (name) => outbox.pending.of(name);
  const backpressure = new Backpressure({ limits: {}, measure, metrics, log: QUIET, signal });
  const room = new DiskRoom(store, () => undefined);
  const held = new HeldRelease({ store, outbox, dispatcher, backpressure, mapping, metrics });
  const [options] = journalsOf(config, tables);
  const { schemaDrift, unseenChanges } = config.policies;
  const capture = new JournalCapture({
    ...{ transport, store, outbox, dispatcher, backpressure, room, mapping, held, remember, options, metrics },
    ...{ schemaDrift, unseenChanges, orphanCycleMs: config.journal.orphanCycle },
    ...{ cleared: new Map(), log: QUIET },
  });
  return { capture, mapping, outbox, room };
}

/** Where the time of a run goes: the parts are the product's, their calls are timed from outside. */
class Clock {
  ms = { wait: 0, map: 0, outbox: 0, commit: 0 };
  events = 0;
  bytes = 0;
  units = 0;
  begun = 0;
  /** Of the unit under way, without notices of whole tables: one that is rolled back, because the partition has to be asked first, is written again. */
  written = { events: 0, bytes: 0 };
  seenBefore = 0;
  seconds = 0;

  constructor(capture) {
    this.capture = capture;
    capture.watch({
      observe: () => undefined,
      committed: () => {
        this.units++;
        this.events += this.written.events;
        this.bytes += this.written.bytes;
        this.seconds = (performance.now() - this.begun) / 1000;
      },
    });
  }

  /** From now on its connections tell how long they are waited for. */
  connection(transport) {
    const connect = transport.connect.bind(transport);
    transport.connect = async (...args) => watched(await connect(...args), this.ms);
  }

  mapping(mapping) {
    const beginUnit = mapping.beginUnit.bind(mapping);
    mapping.beginUnit = (...args) => {
      this.beginUnit();
      beginUnit(...args);
    };
    for (const name of ['map', 'endUnit']) {
      const work = mapping[name].bind(mapping);
      mapping[name] = (...args) => {
        const began = performance.now();
        const made = work(...args);
        this.ms.map += performance.now() - began;
        return made;
      };
    }
  }

  /** The first unit tells where reading begins, the second holds the first block. */
  beginUnit() {
    if (this.units !== 1 || this.begun > 0) return;
    this.begun = performance.now();
    this.seenBefore = this.capture.state().reader.entriesSeen;
    Object.assign(this.ms, { wait: 0, map: 0, outbox: 0, commit: 0 });
  }

  writing(store, outbox) {
    const [transaction, append] = [store.transaction.bind(store), outbox.append.bind(outbox)];
    let inside = 0;
    outbox.append = (drafts, onRepeated) => {
      const [began, mapped] = [performance.now(), this.ms.map];
      const appended = append(this.counted(drafts), onRepeated);
      inside = performance.now() - began;
      this.ms.outbox += inside - (this.ms.map - mapped);
      return appended;
    };
    store.transaction = (work, counted) => {
      if (store.db.inTransaction) return transaction(work, counted);
      inside = 0;
      const began = performance.now();
      const done = transaction(work, counted);
      this.ms.commit += performance.now() - began - inside;
      return done;
    };
  }

  *counted(drafts) {
    this.written = { events: 0, bytes: 0 };
    for (const draft of drafts) {
      if (!NOTICES.has(draft.type)) {
        this.written.events++;
        this.written.bytes += draft.body.length;
      }
      yield draft;
    }
  }

  result() {
    const { ms, events, bytes, units, seconds } = this;
    const entries = this.capture.state().reader.entriesSeen;
    const read = seconds * 1000 - ms.wait - ms.map - ms.outbox - ms.commit;
    const rate = (entries - this.seenBefore) / seconds;
    return { entries, events, units, seconds, rate, ms: { ...ms, read }, bodyBytes: Math.round(bytes / events) };
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
    // waiting for its replies is counted as reading
    ...(connection.programs ? { programs: (...args) => connection.programs(...args) } : {}),
    close: () => connection.close(),
  };
}
