/** What a running daemon shows to the rooms above it, which answer requests on its server. */
import type { Writable } from 'node:stream';
import type { Config } from '../config/config';
import type { Dispatcher } from '../deliver/dispatcher';
import type { Outbox } from '../outbox/outbox';
import type { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import type { Metrics } from '../telemetry/metrics';
import type { SqlTransport } from '../transport/transport';
import type { ApiServer, HealthSource } from './http-server';

export interface RunningDaemon {
  readonly config: Config;
  readonly log: Logger;
  /** The daemon's own hold on its state file: whatever is written through it must be followed by `dispatcher.operatorActed()`. */
  readonly store: Store;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly transport: SqlTransport;
  readonly metrics: Metrics;
  readonly health: HealthSource;
  /** Where destination `stdout` writes. */
  readonly stdout: Writable;
  /** Aborted as the daemon begins to stop. */
  readonly signal: AbortSignal;
}

export type ServeApi = (running: RunningDaemon) => ApiServer;
