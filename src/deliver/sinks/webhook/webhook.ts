/**
 * Events as signed HTTP requests: one event a request, or a JSON array of them. Only 2xx is success, redirects are never
 * followed, and every request ends within its timeout.
 */
import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { StoredEvent } from '../../../model/delivery';
import type { WebhookOptions } from '../../options';
import type { Delivery, Exchange, OutboundEvent, Outcome, Sink } from '../sink';
import { connectionsTo } from './connector';
import { Credentials } from './credentials';
import { withMember } from './json-path';
import { judgeError, judgeReply, rateOf } from './judge';
import { TokenSource } from './oauth2';
import type { Asker, Reply, ReplyRequest } from './reply';
import { Requests } from './requests';
import { type Signer, signerOf } from './signer';
import { urlTemplate } from './url-template';

const gzipped = promisify(gzip);
/** What the delivery log keeps of a reply. */
const LOGGED_REPLY = 2048;
const LOGGED_HEAD = 1024;
const NOTHING = Buffer.alloc(0);
const UNSHOWN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'set-cookie',
  'transfer-encoding',
]);

export interface WebhookContext {
  /** Sent as `user-agent`. */
  readonly agent: string;
  /** False keeps bodies of replies out of the log: they may repeat a payload that must not rest on this disk. Default true. */
  readonly keepReplies?: boolean;
  readonly now?: () => number;
}

export class WebhookSink implements Sink {
  /** Origin only: the path may be a secret. */
  readonly label: string;
  readonly host: string;
  private readonly signer: Signer;
  private readonly requests: Requests;
  private readonly tokens: TokenSource | null;
  private readonly pathOf: (event: StoredEvent) => string;
  private readonly credentials: Credentials;
  private readonly now: () => number;

  /** @throws CodedError family `config` for a URL, key or file that cannot be used */
  constructor(
    private readonly options: WebhookOptions,
    private readonly context: WebhookContext,
  ) {
    this.now = context.now ?? Date.now;
    const url = urlTemplate(options.url, options.auth.apiKey);
    this.label = url.origin;
    this.host = url.host;
    this.pathOf = url.pathOf;
    this.signer = signerOf(options.signing, this.now);
    const connections = connectionsTo(url.origin, options);
    this.requests = new Requests(connections, options.timeouts.response, options.maxResponseBytes);
    this.tokens = options.auth.oauth2 ? new TokenSource(options.auth.oauth2, options, this.now) : null;
    this.credentials = new Credentials(options, context.agent);
  }

  deliver(events: readonly OutboundEvent[], signal: AbortSignal): Promise<Delivery> {
    if (this.tokens !== null || this.options.gzip) return this.deliverSlowly(events, signal);
    // the common way makes no promise but the one it returns
    return new Promise((resolve) => {
      const posting = new Posting(this, events, resolve);
      try {
        const { request, signed } = this.requestOf(events, null);
        posting.signed = signed;
        this.requests.send(request, signal, posting);
      } catch (error) {
        posting.failed(error);
      }
    });
  }

  /** With a token that may have to be asked for, or a body that has to be compressed. */
  private async deliverSlowly(events: readonly OutboundEvent[], signal: AbortSignal): Promise<Delivery> {
    let signature: string | null = null;
    const once = async (): Promise<Reply> => {
      const { request, signed } = this.requestOf(events, (await this.tokens?.get(signal)) ?? null);
      signature = signed;
      const body = this.options.gzip ? await gzipped(request.body) : request.body;
      return new Promise((answered, failed) => this.requests.send({ ...request, body }, signal, { answered, failed }));
    };
    try {
      let reply = await once();
      if (reply.status === 401 && this.tokens) {
        this.tokens.forget();
        reply = await once();
      }
      return this.answered(events, reply, signature);
    } catch (error) {
      return this.failed(events, error, signature);
    }
  }

  /** What a reply means. */
  answered(events: readonly OutboundEvent[], reply: Reply, signature: string | null): Delivery {
    const now = this.now();
    const rate = rateOf(reply, now);
    const { status } = reply;
    const outcomes = judgeReply(reply, events, this.options, now);
    const error = sharedWhy(outcomes);
    const token = this.tokens?.current();
    const kept = this.context.keepReplies === false ? NOTHING : reply.body;
    const { masked } = this.credentials.current();
    const response = loggedReply(reply, kept, error !== null, token ? [token, ...masked] : masked);
    return { outcomes, exchange: { status, signature, response, error, ...(rate ? { rate } : {}) } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.requests.stop();
    await this.tokens?.[Symbol.asyncDispose]();
  }

  /** What an attempt without a reply means. */
  failed(events: readonly OutboundEvent[], error: unknown, signature: string | null): Delivery {
    const failure = error instanceof Error ? error : new Error(String(error));
    const outcome = judgeError(failure, this.options);
    const exchange: Exchange = {
      status: null,
      signature,
      response: null,
      error: outcome.is === 'delivered' ? null : outcome.why,
    };
    return { outcomes: events.map(() => outcome), exchange };
  }

  private requestOf(
    events: readonly OutboundEvent[],
    token: string | null,
  ): { readonly request: ReplyRequest; readonly signed: string } {
    const first = events[0]!;
    const batch = this.options.batch.mode !== 'event';
    const body = this.bodyOf(events, batch);
    const id = batch ? batchId(events) : first.event.id;
    const timestamp = Math.floor(this.now() / 1000);
    const signed = this.signer.headers({ id, type: first.event.type, timestamp, body });
    const { contentType } = first.event;
    const type = batch ? batchType(contentType) : contentType;
    const fixed = this.credentials.current();
    const headers = [...fixed.headers, 'webhook-attempt', String(first.attempt), ...signed];
    if (!fixed.ownContentType) headers.push('content-type', type);
    if (token !== null) headers.push('authorization', `Bearer ${token}`);
    if (this.options.gzip) headers.push('content-encoding', 'gzip');
    return {
      request: { origin: this.label, path: this.pathOf(first.event), method: this.options.method, headers, body },
      signed: lines(signed),
    };
  }

  private bodyOf(events: readonly OutboundEvent[], batch: boolean): Buffer {
    const { bodyToken } = this.options.auth;
    const bodies = events.map(({ body }) =>
      bodyToken ? withMember(body, bodyToken.path, bodyToken.value.reveal()) : body,
    );
    return batch ? arrayOf(bodies) : bodies[0]!;
  }
}

/** One attempt on its way. */
class Posting implements Asker {
  signed: string | null = null;

  constructor(
    private readonly sink: WebhookSink,
    private readonly events: readonly OutboundEvent[],
    private readonly resolve: (delivery: Delivery) => void,
  ) {}

  answered(reply: Reply): void {
    try {
      this.resolve(this.sink.answered(this.events, reply, this.signed));
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error: unknown): void {
    this.resolve(this.sink.failed(this.events, error, this.signed));
  }
}

/** `[a,b,c]` of JSON texts. */
function arrayOf(bodies: readonly Buffer[]): Buffer {
  let bytes = bodies.length + 1;
  for (const body of bodies) bytes += body.length;
  const out = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const body of bodies) {
    out[at] = at === 0 ? OPEN : COMMA;
    at += 1 + body.copy(out, at + 1);
  }
  out[at] = CLOSE;
  return out;
}

const OPEN = 0x5b;
const COMMA = 0x2c;
const CLOSE = 0x5d;

/** The same events make the same batch id, so that a repeat of the whole batch is recognised. */
function batchId(events: readonly OutboundEvent[]): string {
  if (events.length === 1) return events[0]!.event.id;
  let ids = '';
  for (const { event } of events) ids += `${event.id}\n`;
  return `batch_${hash('sha256', ids, 'base64url').slice(0, 27)}`;
}

function batchType(contentType: string): string {
  return contentType.replace('application/cloudevents+json', 'application/cloudevents-batch+json');
}

/** What came of the request as a whole, where it was not delivered; items of a batch have reasons of their own. */
function sharedWhy(outcomes: readonly Outcome[]): string | null {
  const [first] = outcomes;
  if (!first || first.is === 'delivered') return null;
  return outcomes.every((o) => o.is !== 'delivered' && o.why === first.why) ? first.why : null;
}

/** @param refused with the headers then, which name the request on the receiver's side */
function loggedReply(reply: Reply, kept: Buffer, refused: boolean, secrets: readonly string[]): string | null {
  const body = kept.length === 0 ? '' : kept.toString('utf8', 0, LOGGED_REPLY);
  const head = refused ? headOf(reply) : '';
  const text = head === '' || body === '' ? head + body : `${head}\n\n${body}`;
  // receivers echo what they were sent
  return text === '' ? null : secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

function headOf(reply: Reply): string {
  const shown = Object.entries(reply.headers).filter(([name]) => !UNSHOWN.has(name));
  return shown
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join('\n')
    .slice(0, LOGGED_HEAD);
}

function lines(headers: readonly string[]): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${i === 0 ? '' : '\n'}${headers[i]}: ${headers[i + 1]}`;
  return text;
}
