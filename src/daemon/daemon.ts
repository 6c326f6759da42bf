/**
 * The composition root: opens what a configuration asks for in order (state file, destinations, partition, capture), runs
 * until asked to stop or until something that waiting cannot mend, and closes in reverse.
 */

import { setMaxListeners } from 'node:events';
import type { Writable } from 'node:stream';
import { transportOf } from '../assembly/connect';
import { outboxOptions, rowSeal } from '../assembly/outbox-options';
import { ReplayService } from '../capture/again/replay-service';
import { JournalCapture } from '../capture/capture';
import { FoldRemembered } from '../capture/fold-remembered';
import { journalsOf } from '../capture/journals';
import { Rebuilder } from '../capture/rebuild';
import { BackfillService } from '../capture/rows/backfill-service';
import { ReconcileService } from '../capture/rows/reconcile-service';
import { RowPublisher } from '../capture/rows/row-publisher';
import { WindowCapture } from '../capture/rows/window-capture';
import { HeldRelease } from '../capture/tables/held-release';
import { heldTable } from '../capture/tables/held-table';
import { TableMapping } from '../capture/tables/table-mapping';
import { zoneOffsetMinutes } from '../catalog/clock';
import type { TableFacts } from '../catalog/table-facts';
import { rememberNames } from '../catalog/table-names';
import { isLoopback } from '../config/checks/addresses';
import type { ClearedPolicy, Config } from '../config/config';
import { CredentialWatch } from '../config/credential-watch';
import { catalogKeys, contractOf } from '../contract/contract';
import { keepContract } from '../contract/contract-table';
import type { Dispatcher } from '../deliver/dispatcher';
import { isCoded } from '../errors/coded-error';
import type { JournalOptions } from '../journal/options';
import { GapTable } from '../journal/position/gap-table';
import { formatName } from '../model/position';
import { ShownCertificates } from '../model/watching/shown-certificates';
import { OperatorLog } from '../operators/operator-log';
import { osUser } from '../operators/os-user';
import { Outbox } from '../outbox/outbox';
import { Remember } from '../remember/remember';
import type { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import { Metrics } from '../telemetry/metrics';
import type { SqlConnection } from '../transport/transport';
import { Alerting } from './alerts/alerting';
import { Lags } from './alerts/lags';
import { createBackpressure, createDispatcher, createRecorder, logDamage, logLeft, logUnserved } from './delivery';
import { Health } from './health';
import { HttpServer } from './http-server';
import { deliverWhatIsSafe } from './last-deliveries';
import { Lookout } from './lookout';
import { recorderOf } from './recorder';
import type { ServeApi } from './running';
import { STATE_SCHEMAS } from './schemas';
import { StateKeeper } from './state-keeper';
import { findTables, tablesToCapture } from './tables-to-capture';

/** Where /metrics and /healthz are looked for first. */
const HTTP_PORT = 9474;

/** What is under way when a stop is asked for; with what closing takes it stays below the ten seconds of `docker stop`. */
const DRAIN_MS = 6_000;

interface DaemonParts {
  readonly config: Config;
  readonly log: Logger;
  /** Where destination `stdout` writes. */
  readonly stdout: Writable;
  readonly traceWire?: string | undefined;
  /** The configuration may break promises to receivers: `run --accept`. */
  readonly accept?: boolean;
  /** What answers beside metrics and health on the daemon's own server; left out, nothing else does. */
  readonly api?: ServeApi | undefined;
  /** Stops it as {@link Daemon.stop} does, and while it is still starting. */
  readonly signal?: AbortSignal;
}

/** What all stages of a daemon share. */
type SharedParts = StageParts & { readonly mapping: TableMapping };
type StageParts = Omit<
  ConstructorParameters<typeof JournalCapture>[0],
  'options' | 'cleared' | 'schemaDrift' | 'unseenChanges' | 'orphanCycleMs'
>;

export class Daemon implements AsyncDisposable {
  readonly metrics = new Metrics();
  private readonly abort = new AbortController();
  private readonly captures: JournalCapture[] = [];
  private readonly windows: WindowCapture[] = [];
  private running: Promise<void> = Promise.resolve();
  private state: StateKeeper | null = null;
  private dispatcher: Dispatcher | null = null;
  private outbox: Outbox | null = null;
  private rebuilder: Rebuilder | null = null;
  private http: HttpServer | null = null;
  private failure: unknown = null;
  private stopping: Promise<void> | null = null;
  /** Port of /metrics and /healthz; null while it is off. */
  httpPort: number | null = null;

  private readonly credentials: CredentialWatch;
  private readonly lags = new Lags();
  private readonly certificates = new ShownCertificates();
  private passwordDays: number | null = null;

  private constructor(private readonly parts: DaemonParts) {
    this.credentials = new CredentialWatch(parts.config, parts.log);
    // one listener a window, a journal, a connection: as many as there are tables
    setMaxListeners(0, this.abort.signal);
    parts.signal?.addEventListener('abort', () => this.abort.abort(), { once: true });
  }

  /**
   * Starts capture and delivery; resolves once reading of every journal has begun: on a first start its position is known a moment
   * later, which `/readyz` tells.
   * @throws CodedError whatever keeps it from starting, `CANCELLED` when that was the signal; nothing has been written then
   */
  static async start(parts: DaemonParts): Promise<Daemon> {
    const daemon = new Daemon(parts);
    try {
      await daemon.open();
      return daemon;
    } catch (error) {
      await daemon.close();
      throw error;
    }
  }

  /** Resolves when the daemon has ended on request. @throws CodedError what ended it otherwise */
  async finished(): Promise<void> {
    await this.running;
    await this.stop();
    if (this.failure) throw this.failure;
  }

  /** Stops reading, lets deliveries under way end, closes everything. */
  stop(): Promise<void> {
    this.stopping ??= this.close();
    return this.stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async open(): Promise<void> {
    const { config, log } = this.parts;
    const transport = transportOf(config, { traceWire: this.parts.traceWire });
    // the partition first: a wrong host, user or table must leave no state file behind
    await using connection = await transport.connect({ signal: this.abort.signal, role: 'catalog' });
    log.info(
      { host: config.partition.host, version: connection.server.version, job: connection.server.job },
      'signed on',
    );
    this.warnOfPassword(connection);
    const offset = await zoneOffsetMinutes(connection);
    const mappingOf = (tables: readonly TableFacts[]) => new TableMapping({ config, tables, offset, transport, log });
    const found = await findTables(connection, config, mappingOf);

    const state = new StateKeeper(config.state, STATE_SCHEMAS, {
      log,
      metrics: this.metrics,
      fail: (error) => this.fail(error),
    });
    this.state = state;
    const { store } = state;
    const tables = tablesToCapture(found, { config, log, store });
    const mapping = mappingOf(tables);
    this.keepPromises(store, tables);
    mapping.useHistory(store);
    const remember = new Remember(store);
    const damaged = (first: number, last: number): void => logDamage(log, first, last);
    const outbox = new Outbox(store, { ...outboxOptions(config), notes: remember, damaged });
    this.outbox = outbox;
    mapping.useHeld(heldTable(store, config));
    outbox.check();
    state.begin(outbox.lastPosition());
    const { room } = state;
    const journals = journalsOf(config, tables);
    const rebuilder = new Rebuilder({ transport, mapping, journals, tables: config.tables, signal: this.abort.signal });
    this.rebuilder = rebuilder;
    const recorder = createRecorder({ config, outbox, log });
    const dispatcher = createDispatcher({
      ...{ recorder, config, outbox, log },
      metrics: this.metrics,
      stdout: this.parts.stdout,
      onFatal: (error) => this.fail(error),
      rebuild: (event) => rebuilder.body(event),
      room,
      lags: this.lags,
    });
    this.dispatcher = dispatcher;
    await dispatcher.start();
    logUnserved({ config, outbox, log });
    const backpressure = createBackpressure({ config, outbox, metrics: this.metrics, log, signal: this.abort.signal });
    const held = new HeldRelease({ store, outbox, dispatcher, backpressure, mapping, metrics: this.metrics });
    const sinks = { transport, store, outbox, dispatcher, backpressure, room };
    const shared = { ...sinks, mapping, held, remember, log, metrics: this.metrics };
    const services = this.services(shared, this.addStages(shared, tables, journals));
    this.purgeNowAndThen(outbox);
    const health = this.healthOf(dispatcher, outbox, new GapTable(store));
    await this.listen(health, { ...shared, store });
    const series = recorderOf({ store, metrics: this.metrics, health, log });
    this.running = this.runCaptures([...services, held, recorder, series]);
  }

  /** What receivers were promised, and by which names the tables go. */
  private keepPromises(store: Store, tables: readonly TableFacts[]): void {
    const { config, log, accept = false } = this.parts;
    keepContract(store, contractOf(config, catalogKeys(tables)), { accept, log, now: Date.now });
    if (accept) noteAccepted(store, config);
    rememberNames(store, tables);
  }

  /** What runs beside the captures. */
  private services(shared: SharedParts, publisher: RowPublisher): { run(signal: AbortSignal): Promise<void> }[] {
    const parts = { ...shared, config: this.parts.config, publisher, streams: this.captures };
    return [
      new BackfillService(parts),
      new ReconcileService(parts),
      new ReplayService({ ...parts, delivery: shared }),
      new FoldRemembered(shared.remember),
      this.credentials,
      new Lookout({ ...shared, captures: this.captures }),
      this.alerting(shared),
    ];
  }

  private alerting({ store, outbox, dispatcher, room, metrics, log }: SharedParts): Alerting {
    const { captures, windows, credentials, lags, certificates } = this;
    return new Alerting({
      ...{ config: this.parts.config, store, outbox, dispatcher, room, metrics, log },
      ...{ captures, windows, credentials, lags, certificates },
      passwordDays: () => this.passwordDays,
    });
  }

  /** Captures of journals and of windows. @returns who publishes rows read by SQL */
  private addStages(
    shared: StageParts,
    tables: readonly TableFacts[],
    journals: readonly JournalOptions[],
  ): RowPublisher {
    const { config, log } = this.parts;
    const { schemaDrift, unseenChanges } = config.policies;
    const cleared = clearedPolicies(config, tables);
    const policies = { schemaDrift, unseenChanges, cleared, orphanCycleMs: config.journal.orphanCycle };
    for (const options of journals) this.captures.push(new JournalCapture({ ...shared, ...policies, options }));
    const publisher = new RowPublisher(shared);
    const seal = rowSeal(config);
    const { transport, store, outbox } = shared;
    for (const facts of tables) {
      const table = config.tables.find((t) => formatName(t.table) === formatName(facts.asked));
      if (table && table.capture !== 'journal')
        this.windows.push(
          new WindowCapture({ transport, store, publisher, holds: outbox.holds, seal, table, facts, log }),
        );
    }
    return publisher;
  }

  private async runCaptures(services: readonly { run(signal: AbortSignal): Promise<void> }[]): Promise<void> {
    const { signal } = this.abort;
    const stages = [...this.captures, ...this.windows, ...services];
    await Promise.all(
      stages.map((stage) =>
        this.untilItEnds(stage, signal).catch(async (error: unknown) => {
          await this.beforeTheEnd(error, signal);
          this.fail(error);
        }),
      ),
    );
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }

  /** A full disk ends no stage: it begins again once there is room. */
  private async untilItEnds(stage: { run(signal: AbortSignal): Promise<void> }, signal: AbortSignal): Promise<void> {
    const room = this.state?.room;
    for (;;) {
      try {
        return await stage.run(signal);
      } catch (error) {
        if (signal.aborted || !room?.met(error)) throw error;
        await room.room(signal);
      }
    }
  }

  private async beforeTheEnd(error: unknown, signal: AbortSignal): Promise<void> {
    const { outbox, parts } = this;
    if (outbox && isCoded(error) && error.family === 'positionLost' && !signal.aborted)
      await deliverWhatIsSafe(error, { outbox, log: parts.log, signal });
  }

  /** The first failure wins; everything else ends because of it. */
  private fail(error: unknown): void {
    if (!this.failure && !this.abort.signal.aborted) this.failure = this.state?.inWords(error) ?? error;
    this.abort.abort();
  }

  private async close(): Promise<void> {
    this.abort.abort();
    await this.running.catch(() => undefined);
    await this.http?.stop();
    await this.dispatcher?.stop(DRAIN_MS);
    await this.rebuilder?.close();
    if (this.outbox && !this.failure) logLeft(this.outbox, this.parts.log);
    this.certificates[Symbol.dispose]();
    this.state?.[Symbol.dispose]();
    this.http = this.dispatcher = this.state = null;
  }

  private warnOfPassword(connection: SqlConnection): void {
    const days = connection.server.passwordExpiresInDays;
    this.passwordDays = days;
    if (days !== null && days <= this.parts.config.partition.passwordWarnDays) {
      this.parts.log.warn({ days, user: this.parts.config.partition.user }, 'password expires soon');
    }
  }

  private healthOf(dispatcher: Dispatcher, outbox: Outbox, gaps: GapTable): Health {
    const { http } = this.parts.config;
    return new Health({
      captures: this.captures,
      windows: this.windows,
      dispatcher,
      outbox,
      gaps,
      credentials: this.credentials,
      ...(this.state ? { room: this.state.room } : {}),
      metrics: this.metrics,
      stalledAfterMs: http === 'off' ? 0 : http.stalledAfter,
    });
  }

  private async listen(health: Health, shared: SharedParts): Promise<void> {
    const { config, log, api, stdout } = this.parts;
    const { http } = config;
    if (http === 'off') return;
    const { store, outbox, dispatcher, transport } = shared;
    const { metrics } = this;
    const { signal } = this.abort;
    const running = { config, log, store, outbox, dispatcher, transport, metrics, health, stdout, signal };
    this.http = new HttpServer({
      metrics,
      source: health,
      beforeScrape: () => health.refreshGauges(),
      serveMetrics: http.metrics,
      token: http.token,
      api: api?.(running) ?? null,
    });
    if (http.token === null && !isLoopback(http.host)) {
      const next = 'set http.token, or http.host to 127.0.0.1';
      log.warn({ host: http.host, next }, 'other machines can read metrics and health without a token');
    }
    this.httpPort = await this.start(this.http, http.host, http.port);
    const served = `/metrics, /healthz${api ? ', /readyz and /v1' : ' and /readyz'}`;
    log.info({ host: http.host, port: this.httpPort }, `listening for ${served}`);
  }

  /** A port someone wrote down is that port or an error; the default one gives way to a second daemon on the machine. */
  private async start(server: HttpServer, host: string, port: number | null): Promise<number> {
    if (port !== null) return await server.start(host, port);
    try {
      return await server.start(host, HTTP_PORT);
    } catch (error) {
      if (!isCoded(error) || error.facts['reason'] !== 'EADDRINUSE') throw error;
      this.parts.log.warn({ host, port: HTTP_PORT }, 'the usual port for /metrics is taken, any free one is used');
      return await server.start(host, 0);
    }
  }

  /** Retention is no silent end either. */
  private logLettersGone(deadLetters: number): void {
    if (deadLetters === 0) return;
    const message = 'dead letters older than retention.deadLetters are gone: their events were never delivered';
    this.parts.log.warn({ deadLetters, next: 'ibmi-cdc dlq list shows those that are left' }, message);
  }

  private purgeNowAndThen(outbox: Outbox): void {
    const timer = setInterval(() => {
      try {
        let letters = 0;
        for (let more = true; more && !this.abort.signal.aborted; ) {
          const purged = outbox.purge();
          letters += purged.deadLetters;
          more = purged.more;
        }
        this.logLettersGone(letters);
      } catch (error) {
        // what is old goes when there is room to say so
        if (!this.state?.room.met(error)) this.fail(error);
      }
    }, 60_000);
    timer.unref();
    this.abort.signal.addEventListener('abort', () => clearInterval(timer));
  }
}

/** What receivers notice was an operator's decision. */
function noteAccepted(store: Store, { file }: Config): void {
  const operators = new OperatorLog(store);
  operators.end(operators.begin(osUser(), 'run.accept', { config: file }), 'done', {});
}

/** By the names that entries carry. */
function clearedPolicies(config: Config, tables: readonly TableFacts[]): ReadonlyMap<string, ClearedPolicy> {
  const byName = new Map(config.tables.map((t) => [formatName(t.table), t.cleared]));
  return new Map(tables.map((f) => [formatName(f.file), byName.get(formatName(f.asked)) ?? 'notice']));
}
