/**
 * The headers of a request before its signature. They are the same for most requests that follow each other, so they are made,
 * and written down for the delivery log, once for all of these.
 */
import type { OutboundEvent } from '../../sink';
import type { CurrentCredentials } from './credentials';

interface Leading {
  /** Names and values alternating; not to be changed. */
  readonly headers: readonly string[];
  /** The same as `name: value` lines without what is secret. */
  readonly shown: string;
}

interface LeadingOptions {
  /** A list of events. */
  readonly batch: boolean;
  readonly gzip: boolean;
}

export class LeadingHeaders {
  private made: Leading | null = null;
  private fixed: CurrentCredentials | null = null;
  private attempt = 0;
  private contentType = '';
  private version: string | null = null;

  constructor(private readonly options: LeadingOptions) {}

  of(events: readonly OutboundEvent[], fixed: CurrentCredentials): Leading {
    const { attempt, event } = events[0]!;
    const version = sharedVersion(events);
    const known = fixed === this.fixed && attempt === this.attempt && event.contentType === this.contentType;
    if (known && version === this.version && this.made !== null) return this.made;
    this.fixed = fixed;
    this.attempt = attempt;
    this.contentType = event.contentType;
    this.version = version;
    this.made = this.make(fixed);
    return this.made;
  }

  private make(fixed: CurrentCredentials): Leading {
    const { contentType, version } = this;
    const own = ['webhook-attempt', String(this.attempt)];
    if (!fixed.ownContentType) own.push('content-type', this.options.batch ? batchType(contentType) : contentType);
    if (version !== null && /^[\x21-\x7e]+$/.test(version)) own.push('webhook-event-version', version);
    if (this.options.gzip) own.push('content-encoding', 'gzip');
    return { headers: [...fixed.headers, ...own], shown: `${fixed.shown}\n${headerLines(own)}` };
  }
}

/** Null when the events have several: a header speaks of the whole request. */
function sharedVersion(events: readonly OutboundEvent[]): string | null {
  const { version } = events[0]!.event;
  for (let i = 1; i < events.length; i++) if (events[i]!.event.version !== version) return null;
  return version;
}

function batchType(contentType: string): string {
  return contentType.replace('application/cloudevents+json', 'application/cloudevents-batch+json');
}

/** @param headers names and values alternating */
export function headerLines(headers: readonly string[]): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${i === 0 ? '' : '\n'}${headers[i]}: ${headers[i + 1]}`;
  return text;
}
