/** What handlers of routes work with: the running daemon, its state file, and what is shared between requests. */
import type { Config } from '../config/config';
import type { RunningDaemon } from '../daemon/running';
import { CodedError } from '../errors/coded-error';
import { type StateFile, stateOver } from '../operate/state-file';
import { type Status, statusOf } from '../operate/status/status';
import type { SqlConnection } from '../transport/transport';

/** A look at everything is used for so long at least, and for so many times what it took: millions of deliveries are counted by it. */
const STATUS_MS = 250;
const STATUS_SHARE = 50;
/** Milliseconds an unused connection to the partition is kept. */
const KEEP_MS = 30_000;
/** Requests that may wait for the partition. */
const MOST_WAITING = 20;

export class Desk {
  readonly config: Config;
  readonly state: StateFile;
  private status_: { readonly status: Status; readonly until: number } | null = null;
  private connection: Promise<SqlConnection> | null = null;
  private idle: NodeJS.Timeout | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(readonly running: RunningDaemon) {
    this.config = running.config;
    this.state = stateOver(running.store, running.outbox);
    running.signal.addEventListener('abort', () => void this.drop(), { once: true });
  }

  /** No older than what it costs allows. */
  status(): Status {
    const began = performance.now();
    if (this.status_ && began < this.status_.until) return this.status_.status;
    const status = statusOf(this.config, this.state, Date.now(), true);
    const ended = performance.now();
    this.status_ = { status, until: ended + Math.max(STATUS_MS, STATUS_SHARE * (ended - began)) };
    return status;
  }

  /** Something in the state file was changed through this process. */
  changed(): void {
    this.status_ = null;
    this.running.dispatcher.operatorActed();
  }

  /** One question to the partition after the other, over one connection. @throws CodedError `API_BUSY` */
  partition<T>(ask: (connection: SqlConnection) => Promise<T>): Promise<T> {
    if (this.waiting >= MOST_WAITING) throw busy('twenty requests wait for the partition');
    this.waiting++;
    const answer = this.queue.then(() => this.ask(ask));
    this.queue = answer.catch(() => undefined);
    return answer.finally(() => this.waiting--);
  }

  private async ask<T>(ask: (connection: SqlConnection) => Promise<T>): Promise<T> {
    const { signal, transport } = this.running;
    signal.throwIfAborted();
    if (this.idle) clearTimeout(this.idle);
    this.connection ??= transport.connect({ signal, role: 'api' });
    try {
      return await ask(await this.connection);
    } catch (error) {
      if (!(error instanceof CodedError && error.family === 'config')) await this.drop();
      throw error;
    } finally {
      this.idle = setTimeout(() => void this.drop(), KEEP_MS);
      this.idle.unref();
    }
  }

  private async drop(): Promise<void> {
    if (this.idle) clearTimeout(this.idle);
    const { connection } = this;
    this.connection = null;
    await (await connection?.catch(() => null))?.close().catch(() => undefined);
  }
}

function busy(message: string): CodedError {
  return new CodedError({ code: 'API_BUSY', message, next: 'ask again in a moment' });
}

const working = new WeakMap<Desk, Set<string>>();

/** One caller at a time: for what reads a stretch of the journal again. @throws CodedError `API_BUSY` */
export async function alone<T>(desk: Desk, what: string, work: () => Promise<T>): Promise<T> {
  const under = working.get(desk) ?? new Set();
  working.set(desk, under);
  if (under.has(what)) throw busy(`the ${what} is being looked through for another caller`);
  under.add(what);
  try {
    return await work();
  } finally {
    under.delete(what);
  }
}
