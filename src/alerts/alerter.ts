/**
 * Looks at what is wrong every few seconds, keeps the book of it, and tells the sinks: each alert once, again when it is worse
 * or has lasted, and its end. What a sink does not accept is told again later; nothing else waits for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../telemetry/logger';
import type { Alert, AlertBook, Told } from './alert-book';
import { type AlertFacts, conditionsOf } from './conditions';
import { type AlertMessage, messageOf } from './message';
import type { AlertOptions, SinkOptions } from './options';
import type { AlertSink } from './sinks/sink';

interface AlerterParts {
  readonly options: AlertOptions;
  readonly partition: string;
  readonly book: AlertBook;
  readonly facts: (now: number) => Promise<AlertFacts>;
  readonly sinkOf: (options: SinkOptions) => AlertSink;
  /** A message was accepted, or not. */
  readonly sent: (sink: string, accepted: boolean) => void;
  readonly raised: (alerts: readonly Alert[]) => void;
  /** A look that could not be written down: the disk is full. @returns false when it must end the daemon */
  readonly lost: (error: unknown) => boolean;
  readonly log: Logger;
  /** Wall clock. */
  readonly now?: () => number;
}

/** Pauses of a sink that does not accept. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 300_000;

interface Channel {
  readonly options: SinkOptions;
  readonly sink: AlertSink;
  /** Under way. */
  work: Promise<void> | null;
  notBefore: number;
  pause: number;
}

export class Alerter {
  private readonly channels: readonly Channel[];
  /** Of a message that was accepted and could not be written down, where that ends the daemon. */
  private failure: unknown = null;

  constructor(private readonly parts: AlerterParts) {
    this.channels = parts.options.sinks.map((options) => ({
      ...{ options, sink: parts.sinkOf(options) },
      ...{ work: null, notBefore: 0, pause: FIRST_PAUSE_MS },
    }));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { options, lost } = this.parts;
    while (!signal.aborted) {
      await sleep(options.every, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) break;
      try {
        await this.look();
        this.tell(signal);
      } catch (error) {
        if (!lost(error)) throw error;
      }
      if (this.failure !== null) throw this.failure;
    }
    await this.settled();
  }

  /** Brings the book up to date. */
  async look(): Promise<void> {
    const { options, book, facts, raised } = this.parts;
    const now = this.now();
    const conditions = conditionsOf(await facts(now), (rule) => options.rules[rule]);
    book.note(conditions, now, (rule) => options.rules[rule]?.after ?? 0);
    raised(book.raised());
  }

  /** Each sink on its own: one that hangs keeps no other from being told. */
  tell(signal: AbortSignal): void {
    const now = this.now();
    for (const channel of this.channels) {
      if (channel.work !== null || now < channel.notBefore) continue;
      const messages = this.outstanding(channel.options, now);
      if (messages.length === 0) continue;
      channel.work = this.deliver(channel, messages, signal)
        .catch((error: unknown) => {
          if (!this.parts.lost(error)) this.failure = error;
        })
        .finally(() => {
          channel.work = null;
        });
    }
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.channels.map(({ work }) => work));
  }

  private outstanding(sink: SinkOptions, now: number): { alert: Alert; message: AlertMessage }[] {
    const { book, options } = this.parts;
    const { partition } = this.parts;
    const about = { partition, link: options.link };
    const found: { alert: Alert; message: AlertMessage }[] = [];
    for (const alert of book.raised()) {
      const kind = this.isFor(alert, sink) ? this.kindOf(alert, book.told(alert.no, sink.name), now) : null;
      if (kind !== null) found.push({ alert, message: messageOf(alert, kind, about) });
    }
    for (const alert of options.resolved ? book.endUntold(sink.name) : [])
      found.push({ alert, message: messageOf(alert, 'ended', about) });
    return found;
  }

  private isFor({ rule, severity }: Alert, { name, atLeast }: SinkOptions): boolean {
    const chosen = this.parts.options.rules[rule];
    return (chosen?.to.includes(name) ?? false) && (atLeast === 'warning' || severity === 'critical');
  }

  private kindOf({ rule, level }: Alert, told: Told | null, now: number): AlertMessage['kind'] | null {
    if (told === null) return 'raised';
    if (level > told.level) return 'worse';
    const repeat = this.parts.options.rules[rule]?.repeat ?? 0;
    // a clock set back delays no repetition for ever
    const due = repeat > 0 && (now - told.at >= repeat || now < told.at);
    return due ? 'repeated' : null;
  }

  private async deliver(
    channel: Channel,
    messages: readonly { readonly alert: Alert; readonly message: AlertMessage }[],
    signal: AbortSignal,
  ): Promise<void> {
    const { book, sent, log } = this.parts;
    const { sink } = channel;
    for (const { alert, message } of messages) {
      if (signal.aborted) return;
      try {
        await sink.send(message, signal);
      } catch (error) {
        if (signal.aborted) return;
        sent(sink.name, false);
        const detail = error instanceof Error ? error.message : String(error);
        const next = `ibmi-cdc alerts test --sink ${sink.name}`;
        log.warn({ sink: sink.name, detail, retryInMs: channel.pause, next }, 'an alert could not be told');
        channel.notBefore = this.now() + channel.pause;
        channel.pause = Math.min(LONGEST_PAUSE_MS, channel.pause * 2);
        return;
      }
      channel.pause = FIRST_PAUSE_MS;
      sent(sink.name, true);
      book.wasTold(alert, sink.name, this.now());
    }
  }

  private now(): number {
    return (this.parts.now ?? Date.now)();
  }
}
