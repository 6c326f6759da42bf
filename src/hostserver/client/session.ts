/**
 * One connection to the database server = one server job. Requests run strictly one after the other; a request that is
 * aborted or overdue is cancelled on the server, so that the connection stays usable.
 */
import { type CodedError, isCoded } from '../../errors/coded-error';
import type { DbRequestFields } from '../db-frame';
import { cancel, endJob, testConnection } from '../messages/connection';
import { commit, rollback } from '../messages/database/commit';
import type { DbReply } from '../messages/database/db-reply';
import { sendResultsSet } from '../messages/database/results-set';
import { NO, setServerAttributes, YES } from '../messages/database/server-attributes';
import { ORS, ors, RETURN_CLASS } from '../ors';
import { openSocket } from './connect/open-socket';
import { type HostServerOptions, type Timeouts, timeoutsOf } from './connect/options';
import { signonAndDatabasePorts } from './connect/ports';
import { type SignedOn, signOn } from './connect/signon';
import { cancelled, closedHere, type Peer, requestTimeout } from './connect/socket-errors';
import { decodeReply, type ServerJob, startServerJob } from './server-job';
import { isRefused, sqlError } from './sql-error';

interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Statement whose handle the request uses: its error text is fetched from there. Default 0, the connection. */
  readonly statement?: number;
}

type RequestBuilder = (fields: Pick<DbRequestFields, 'correlation'>) => Buffer;

const MAX_STATEMENT = 9_998;
const LEVEL_WITH_CANCEL = 5;

export class Session {
  private correlation = 1;
  private tail: Promise<unknown> = Promise.resolve();
  private readonly idle: NodeJS.Timeout | null;
  private readonly statements = new Set<number>();
  private readonly timeouts: Timeouts;
  private autocommit = true;
  private uncommitted = false;
  private closing: Promise<void> | null = null;

  private constructor(
    readonly options: HostServerOptions,
    readonly signedOn: SignedOn,
    readonly job: ServerJob,
    private readonly peer: Peer,
  ) {
    this.timeouts = timeoutsOf(options);
    this.idle =
      this.timeouts.idle > 0
        ? setTimeout(() => void this.close('it was idle too long'), this.timeouts.idle).unref()
        : null;
  }

  /** Signs on once and starts a server job. @throws CodedError */
  static async open(options: HostServerOptions, signal?: AbortSignal): Promise<Session> {
    const ports = await signonAndDatabasePorts(options, signal);
    const peer: Peer = {
      host: options.host,
      port: ports.database,
      service: 'database host server',
      tls: options.tls !== 'off',
    };
    let opening: Promise<Awaited<ReturnType<typeof openSocket>>> | null = null;
    try {
      // The second connection is opened while the first one signs on: a round trip less, and no password is sent on it yet.
      const signedOn = await signOn(options, ports.signon, signal, () => {
        opening = openSocket(peer, options, signal);
        opening.catch(() => undefined);
      });
      const socket = await (opening ?? openSocket(peer, options, signal));
      const job = await startServerJob({ socket, peer, label: 'database' }, options, signedOn, signal);
      return new Session(options, signedOn, job, peer);
    } catch (error) {
      void (opening as Promise<{ destroy(): void }> | null)?.then(
        (socket) => socket.destroy(),
        () => undefined,
      );
      throw error;
    }
  }

  /** ORS bitmap of a request, with the wish for compressed replies when that is on. */
  ors(...bits: readonly number[]): number {
    return ors(...bits, this.options.compression ? ORS.replyMayBeCompressed : 0);
  }

  /** Sends a request without reply. */
  post(build: RequestBuilder): void {
    if (!this.closing) this.job.channel.post(build({ correlation: this.nextCorrelation() }));
  }

  /**
   * One request and its reply, after those asked for before.
   * @throws SqlError when the server refuses it, its texts fetched; CodedError CANCELLED, REQUEST_TIMEOUT, CONNECTION_LOST, ...
   */
  request(what: string, build: RequestBuilder, options: RequestOptions = {}): Promise<DbReply> {
    return this.inTurn(async () => {
      const reply = await this.exchange(what, build, options.signal);
      if (!isRefused(reply)) return reply;
      throw await this.describeRefusal(reply, what, options.statement ?? 0);
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(work);
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  private async exchange(what: string, build: RequestBuilder, signal?: AbortSignal): Promise<DbReply> {
    if (signal?.aborted) throw cancelled(what, signal.reason);
    if (this.closing) throw this.job.channel.failed ?? closedHere(this.peer, 'it was closed here');
    this.idle?.refresh();
    const correlation = this.nextCorrelation();
    const watch = this.watch(what, signal);
    try {
      const frame = await this.job.channel.exchange(build({ correlation }), { correlation, what, timeoutMs: 0 });
      if (watch.interruption) throw watch.interruption;
      return this.decode(frame);
    } finally {
      watch.stop();
      this.idle?.refresh();
    }
  }

  /** A reply that contradicts itself leaves nothing to trust: the connection is dropped with it. */
  private decode(frame: Buffer): DbReply {
    try {
      return decodeReply(frame);
    } catch (error) {
      if (isCoded(error)) this.job.channel.abandon(error);
      throw error;
    }
  }

  /** Interrupts the running request when its time is over or its signal aborts: by cancel first, by force after a while. */
  private watch(what: string, signal?: AbortSignal): { interruption: CodedError | null; stop(): void } {
    const { query } = this.timeouts;
    let force: NodeJS.Timeout | null = null;
    const watch = { interruption: null as CodedError | null, stop };
    const interrupt = (error: CodedError): void => {
      if (watch.interruption) return;
      watch.interruption = error;
      const abandon = (): void => this.job.channel.abandon(error);
      force = setTimeout(abandon, this.timeouts.cancel);
      this.cancelRunning().catch(abandon);
    };
    const timer = query > 0 ? setTimeout(() => interrupt(requestTimeout(this.peer, what, query)), query) : null;
    const onAbort = (): void => interrupt(cancelled(what, signal?.reason));
    signal?.addEventListener('abort', onAbort, { once: true });
    function stop(): void {
      if (timer) clearTimeout(timer);
      if (force) clearTimeout(force);
      signal?.removeEventListener('abort', onAbort);
    }
    return watch;
  }

  /** Section 12: a second connection, without signing on again, names this job and cancels what it runs. */
  private async cancelRunning(): Promise<void> {
    if (this.job.functionalLevel < LEVEL_WITH_CANCEL || this.job.identifier.bytes.length !== 26)
      throw closedHere(this.peer, 'the server cannot cancel');
    const socket = await openSocket(this.peer, this.options);
    const second = await startServerJob({ socket, peer: this.peer, label: 'cancel' }, this.options, this.signedOn);
    try {
      await second.channel.exchange(
        cancel.request({ correlation: 2, ors: this.ors(ORS.reply) }, { job: this.job.identifier }),
        { correlation: 2, what: 'cancel', timeoutMs: this.timeouts.cancel },
      );
    } finally {
      await second.channel.end(endJob.request({ correlation: 0, ors: 0 }));
    }
  }

  private async describeRefusal(refused: DbReply, what: string, statement: number): Promise<CodedError> {
    const wanted = this.ors(ORS.reply, ORS.messageId, ORS.firstLevelText, ORS.secondLevelText, ORS.sqlca);
    const texts = await this.exchange(`the text of the refusal of ${what}`, (fields) =>
      sendResultsSet.request({ ...fields, ors: wanted, statement }),
    )
      .then((reply) => (isRefused(reply) ? null : reply.parameters))
      // The refusal itself is what counts; a connection that breaks now fails at its next use.
      .catch(() => null);
    return sqlError(refused, texts, this.job.text.jobCcsid, what);
  }

  private nextCorrelation(): number {
    this.correlation = this.correlation >= 0x7fffffff ? 2 : this.correlation + 1;
    return this.correlation;
  }

  /** Lowest free statement id. @throws CodedError when 9,998 statements are open */
  takeStatement(): number {
    for (let id = 1; id <= MAX_STATEMENT; id++) {
      if (!this.statements.has(id)) {
        this.statements.add(id);
        return id;
      }
    }
    throw closedHere(this.peer, `${MAX_STATEMENT} statements are open`);
  }

  freeStatement(id: number): void {
    this.statements.delete(id);
  }

  /** Remembers that there is something to roll back. */
  touch(): void {
    if (!this.autocommit) this.uncommitted = true;
  }

  /** Off starts commitment control at *CHG; on ends it. */
  async setAutocommit(on: boolean): Promise<void> {
    const parameters = on
      ? { autocommit: YES, commitmentLevel: 0, locatorPersistence: 0 }
      : { autocommit: NO, commitmentLevel: 2, locatorPersistence: 1 };
    await this.request('set server attributes', (f) =>
      setServerAttributes.request({ ...f, ors: this.ors(ORS.reply, ORS.serverAttributes) }, parameters),
    );
    this.autocommit = on;
    if (on) this.uncommitted = false;
  }

  /** 0 *NONE, 1 *CS, 2 *CHG, 3 *ALL, 4 *RR. */
  async setCommitmentLevel(commitmentLevel: 0 | 1 | 2 | 3 | 4): Promise<void> {
    await this.request('set server attributes', (f) =>
      setServerAttributes.request({ ...f, ors: this.ors(ORS.reply, ORS.serverAttributes) }, { commitmentLevel }),
    );
  }

  /** Open cursors stay open. */
  async commit(): Promise<void> {
    await this.request('commit', (f) => commit.request({ ...f, ors: this.ors(ORS.reply, ORS.sqlca) }, { hold: 1 }));
    this.uncommitted = false;
  }

  async rollback(): Promise<void> {
    await this.request('rollback', (f) => rollback.request({ ...f, ors: this.ors(ORS.reply) }, { hold: 1 }));
    this.uncommitted = false;
  }

  /** True when the server answers as a living database server does. */
  async isAlive(): Promise<boolean> {
    try {
      const reply = await this.inTurn(() =>
        this.exchange('test connection', (f) => testConnection.request({ ...f, ors: this.ors(ORS.reply) })),
      );
      return reply.template.returnClass === RETURN_CLASS.attributes && reply.template.returnCode === -201;
    } catch {
      return false;
    }
  }

  /** Rolls back open work, ends the server job, closes the socket. Never throws; may be called again. */
  close(why = 'it was closed here'): Promise<void> {
    this.closing ??= this.end(why);
    return this.closing;
  }

  private async end(why: string): Promise<void> {
    if (this.idle) clearTimeout(this.idle);
    const { channel } = this.job;
    if (channel.failed) return channel.end(null);
    // A request that is still running must not hold up the end for long.
    const impatient = setTimeout(() => channel.abandon(closedHere(this.peer, why)), this.timeouts.cancel);
    await this.inTurn(async () => {
      if (!this.uncommitted) return;
      const correlation = this.nextCorrelation();
      await channel
        .exchange(rollback.request({ correlation, ors: this.ors(ORS.reply) }, { hold: 1 }), {
          correlation,
          what: `rollback before the end (${why})`,
          timeoutMs: this.timeouts.cancel,
        })
        .catch(() => undefined);
    });
    clearTimeout(impatient);
    await channel.end(endJob.request({ correlation: 0, ors: 0 }));
  }
}
