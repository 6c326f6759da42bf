/** Events on standard output, one a line: for pipes, and for looking. */
import type { Writable } from 'node:stream';
import type { StdoutOptions } from '../options';
import { DELIVERED, type Delivery, type OutboundEvent, type Sink } from '../sink';

export class StdoutSink implements Sink {
  readonly label = 'stdout';

  constructor(
    private readonly out: Writable,
    private readonly options: StdoutOptions,
  ) {}

  async deliver(events: readonly OutboundEvent[]): Promise<Delivery> {
    const text = events.map((e) => this.line(e)).join('');
    await new Promise<void>((done, failed) => {
      this.out.write(text, (error) => (error ? failed(error) : done()));
    });
    return {
      outcomes: events.map(() => DELIVERED),
      exchange: { status: null, signature: null, response: null, error: null },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // the stream belongs to the process
  }

  private line({ event, body }: OutboundEvent): string {
    if (this.options.format === 'json') return `${body.toString()}\n`;
    return `${event.time}  ${event.type.padEnd(24)} ${event.key}\n${indent(JSON.stringify(JSON.parse(body.toString()), null, 2))}\n`;
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
