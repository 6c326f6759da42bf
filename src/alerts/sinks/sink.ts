/** One place that is told. */
import type { AlertMessage } from '../message';

export interface AlertSink {
  readonly name: string;
  /** Resolves once it has been accepted. @throws Error with words that may be logged: no secret in them */
  send(message: AlertMessage, signal: AbortSignal): Promise<void>;
}
