/**
 * Requests under way: each has a signal that ends with its connection or with the daemon. Signals joined by AbortSignal.any
 * would be remembered by the daemon's for as long as it runs.
 */
import type { ServerResponse } from 'node:http';

export class UnderWay {
  private readonly open = new Set<AbortController>();

  /** @param signal of the daemon */
  constructor(private readonly signal: AbortSignal) {
    const end = (): void => {
      for (const request of this.open) request.abort(signal.reason);
    };
    signal.addEventListener('abort', end, { once: true });
  }

  /** @returns aborted when the answer has left, its connection has broken, or the daemon stops */
  begin(response: ServerResponse): AbortSignal {
    const request = new AbortController();
    if (this.signal.aborted || response.closed) {
      request.abort(this.signal.reason);
      return request.signal;
    }
    this.open.add(request);
    response.once('close', () => {
      this.open.delete(request);
      request.abort();
    });
    return request.signal;
  }

  get size(): number {
    return this.open.size;
  }
}
