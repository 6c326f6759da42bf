/**
 * The connections of one origin, each with one request at a time. The sender says itself when a connection is free again:
 * its next request then goes out a turn of the event loop earlier than through a pool, which sees it only later.
 */
import type { Dispatcher } from 'undici';

export interface Connection {
  readonly dispatcher: Dispatcher;
  /** Requests it has not finished with; more than one only when all were taken. */
  requests: number;
  /** How often it was dialled: a request that goes out without another dial goes over a kept connection. */
  dials: number;
  /** A request is on its way and the head of its reply has not come. */
  awaiting: boolean;
  /** Some byte of its reply has come. */
  heard: boolean;
}

export class Connections {
  private readonly all: Connection[] = [];
  private readonly free: Connection[] = [];
  private turn = 0;

  /** @param most connections open at once; with more requests than that, they wait for one another */
  constructor(
    private readonly open: (connection: Omit<Connection, 'dispatcher'>) => Dispatcher,
    private readonly most: number,
  ) {}

  /** The one used last, as the receiver is the least likely to have closed it. */
  take(): Connection {
    const connection = this.free.pop() ?? this.another();
    connection.requests++;
    return connection;
  }

  /** Once for each {@link take}, when the connection is through with the request. */
  give(connection: Connection): void {
    if (--connection.requests === 0) this.free.push(connection);
  }

  async destroy(): Promise<void> {
    await Promise.all(this.all.map(({ dispatcher }) => dispatcher.destroy()));
  }

  private another(): Connection {
    if (this.all.length >= this.most) return this.all[this.turn++ % this.most]!;
    const facts = { requests: 0, dials: 0, awaiting: false, heard: false };
    const connection: Connection = Object.assign(facts, { dispatcher: this.open(facts) });
    this.all.push(connection);
    return connection;
  }
}
