/**
 * Events as signed HTTP requests: one event a request, or a JSON array of them. Only 2xx is success, redirects are never
 * followed, and every request ends within its timeout.
 */
import { hash } from 'node:crypto';
import { promisify, types } from 'node:util';
import { gzip } from 'node:zlib';
import type { StoredEvent } from '../../../model/delivery';
import { type Signer, signerOf } from '../../../signatures/signer';
import type { WebhookOptions } from '../../options';
import {
  type Delivery,
  type Exchange,
  type FullExchange,
  type OutboundEvent,
  type Outcome,
  type Pacing,
  type Sink,
  UNSENT,
} from '../../sink';
import { rateOf } from './answer/hints';
import { namesOf } from './answer/json-path';
import { hintOf, judgeError, judgeReply } from './answer/judge';
import { loggedReply, wholeReply } from './answer/logged';
import { type Asker, HELD_BACK, type Reply, type ReplyRequest } from './answer/reply';
import { Requests } from './answer/requests';
import { Credentials, withoutSecrets } from './credentials';
import { connectionsTo } from './dial/connector';
import type { FileNews } from './dial/tls-files';
import { headerLines, LeadingHeaders } from './leading-headers';
import { TokenSource } from './oauth2';
import { withMember } from './splice';
import { type UrlTemplate, urlTemplate } from './url-template';

const gzipped = promisify(gzip);
/** What results of items need of a reply: a few hundred bytes each are usual. */
const ITEM_RESULT_BYTES = 4_096;
const MOST_REPLY_BYTES = 16_777_216;

interface WebhookContext {
  /** Sent as `user-agent`. */
  readonly agent: string;
  /** False keeps bodies of replies out of the log: they may repeat a payload that must not rest on this disk. Default true. */
  readonly keepReplies?: boolean;
  /** Wall clock. */
  readonly now?: () => number;
  /** Whether an operator asks for requests and answers in full. */
  readonly wantsAll?: () => boolean;
  /** Called for files that changed or cannot be used. */
  readonly onFiles?: FileNews;
}

/** One request ready to go, and what the delivery log shows of it. */
interface Prepared {
  readonly request: ReplyRequest;
  readonly sent: SentHeaders;
}

interface SentHeaders {
  /** The same for every request. */
  readonly standing: string;
  readonly own: string;
}

export class WebhookSink implements Sink {
  /** Origin only: the path may be a secret. */
  readonly label: string;
  readonly host: string;
  /** Events of one URL go out together, where the URL depends on them. */
  readonly groupOf: Sink['groupOf'];
  private readonly url: UrlTemplate;
  private readonly signer: Signer;
  private readonly requests: Requests;
  private readonly tokens: TokenSource | null;
  private readonly credentials: Credentials;
  private readonly leading: LeadingHeaders;
  private readonly bodyTokenAt: readonly string[];
  private readonly now: () => number;

  /** @throws CodedError family `config` for a URL, key or file that cannot be used */
  constructor(
    private readonly options: WebhookOptions,
    private readonly context: WebhookContext,
  ) {
    this.now = context.now ?? Date.now;
    const url = urlTemplate(options.url, options.auth.apiKey);
    this.url = url;
    this.label = url.origin;
    this.host = url.host;
    this.groupOf = url.varies && options.batch.mode !== 'event' ? (event) => groupIn(url, event) : undefined;
    this.signer = signerOf(options.signing);
    const connections = connectionsTo(url.origin, options, context.onFiles);
    this.requests = new Requests(connections, options.timeouts.response, replyLimit(options));
    this.tokens = options.auth.oauth2 ? new TokenSource(options.auth.oauth2, options, context.onFiles) : null;
    this.credentials = new Credentials(options, context.agent, url.secrets);
    this.leading = new LeadingHeaders({ batch: options.batch.mode !== 'event', gzip: options.gzip });
    this.bodyTokenAt = namesOf(options.auth.bodyToken?.path ?? '');
  }

  deliver(events: readonly OutboundEvent[], signal: AbortSignal, pacing: Pacing = FREE): Promise<Delivery> {
    if (this.tokens !== null || this.options.gzip) return this.deliverSlowly(events, signal, pacing);
    // the common way makes no promise but the one it returns
    return new Promise((resolve) => {
      const posting = new Posting(this, events, pacing, resolve);
      try {
        const { request, sent } = this.requestOf(events, null);
        posting.sent = sent;
        this.requests.send(request, signal, posting);
      } catch (error) {
        posting.failed(error);
      }
    });
  }

  /** With a token that may have to be asked for, or a body that has to be compressed. */
  private async deliverSlowly(
    events: readonly OutboundEvent[],
    signal: AbortSignal,
    pacing: Pacing,
  ): Promise<Delivery> {
    let headers: SentHeaders | null = null;
    let token: string | null = null;
    const once = async (): Promise<Reply> => {
      token = (await this.tokens?.get(signal)) ?? null;
      const { request, sent } = this.requestOf(events, token);
      headers = sent;
      const body = this.options.gzip ? await gzipped(request.body) : request.body;
      const mayStart = (): boolean => pacing.mayStart();
      const headed = (head: Reply): void => this.headed(head, pacing);
      return new Promise((answered, failed) =>
        this.requests.send({ ...request, body }, signal, { mayStart, headed, answered, failed }),
      );
    };
    try {
      let reply = await once();
      if (reply.status === 401 && this.tokens && token !== null) {
        this.tokens.forget(token);
        reply = await once();
      }
      return this.answered(events, reply, headers);
    } catch (error) {
      return this.failed(events, error, headers);
    }
  }

  /** The head of a reply that may ask for a pause. */
  headed(head: Reply, pacing: Pacing): void {
    const hint = hintOf(head, this.options, this.now());
    if (hint !== null) pacing.hinted(hint);
  }

  /** What a reply means. */
  answered(events: readonly OutboundEvent[], reply: Reply, sent: SentHeaders | null): Delivery {
    const now = this.now();
    const rate = rateOf(reply, now);
    const { status } = reply;
    if (status === 401 || status === 403) this.credentials.lookAgain();
    const outcomes = judgeReply(reply, events, this.options, { now, limit: this.requests.maxBytes });
    const error = sharedWhy(outcomes);
    const token = this.tokens?.current();
    const secrets = this.credentials.current().masked;
    const keepBody = this.context.keepReplies !== false;
    const kept = { keepBody, secrets: token ? [token, ...secrets] : secrets };
    const response = loggedReply(reply, kept);
    const exchange: Mutable<Exchange> = {
      status,
      request: sent?.standing ?? null,
      signature: sent?.own ?? null,
      response,
      error,
    };
    if (rate !== null) exchange.rate = rate;
    if (this.wantsAll) exchange.full = this.fullOf(events, reply, kept.secrets);
    return { outcomes, exchange };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.requests.stop();
    await this.tokens?.[Symbol.asyncDispose]();
  }

  /** What an attempt without a reply means. */
  failed(events: readonly OutboundEvent[], error: unknown, sent: SentHeaders | null): Delivery {
    if (error === HELD_BACK) return UNSENT;
    const failure = types.isNativeError(error) ? error : new Error(String(error));
    const outcome = judgeError(failure, this.options);
    const exchange: Mutable<Exchange> = {
      status: null,
      request: sent?.standing ?? null,
      signature: sent?.own ?? null,
      response: null,
      error: outcome.is === 'delivered' ? null : outcome.why,
    };
    if (this.wantsAll) exchange.full = this.fullOf(events, null, this.credentials.current().masked);
    return { outcomes: events.map(() => outcome), exchange };
  }

  private get wantsAll(): boolean {
    return this.context.wantsAll?.() ?? false;
  }

  /** Made again rather than kept: it is asked for seldom. */
  private fullOf(events: readonly OutboundEvent[], reply: Reply | null, secrets: readonly string[]): FullExchange {
    const { method, batch, auth } = this.options;
    const bodies = events.map(({ body }) => (auth.bodyToken ? withMember(body, this.bodyTokenAt, '***') : body));
    const keepBody = this.context.keepReplies !== false;
    const answer = reply && wholeReply(reply, { keepBody, secrets }, this.requests.maxBytes);
    return {
      method,
      url: withoutSecrets(`${this.label}${this.url.pathOf(events[0]!.event)}`, secrets),
      body: batch.mode === 'event' ? bodies[0]! : arrayOf(bodies),
      response: answer?.text ?? null,
      cut: answer?.cut ?? false,
    };
  }

  private requestOf(events: readonly OutboundEvent[], token: string | null): Prepared {
    const first = events[0]!;
    const { event } = first;
    const batch = this.options.batch.mode !== 'event';
    const body = this.bodyOf(events, batch);
    const id = batch ? batchId(events) : event.id;
    const timestamp = Math.floor(this.now() / 1000);
    const leading = this.leading.of(events, this.credentials.current());
    const signed = this.signer.headers({ id, type: event.type, timestamp, body });
    const own = headerLines(signed);
    const headers = leading.headers.concat(signed);
    if (token !== null) headers.push('authorization', `Bearer ${token}`);
    return {
      request: { origin: this.label, path: this.url.pathOf(event), method: this.options.method, headers, body },
      sent: { standing: leading.shown, own: token === null ? own : `${own}\nauthorization: Bearer ***` },
    };
  }

  private bodyOf(events: readonly OutboundEvent[], batch: boolean): Buffer {
    const { bodyToken } = this.options.auth;
    if (!batch && bodyToken === null) return events[0]!.body;
    const bodies = events.map(({ body }) =>
      bodyToken ? withMember(body, this.bodyTokenAt, bodyToken.value.reveal()) : body,
    );
    return batch ? arrayOf(bodies) : bodies[0]!;
  }
}

/** One that cannot be sent stands alone, so that it takes no other with it. */
function groupIn(url: UrlTemplate, event: StoredEvent): string {
  try {
    return url.pathOf(event);
  } catch {
    return `\n${event.id}`;
  }
}

function replyLimit({ maxResponseBytes, batch: { itemResults, maxRecords } }: WebhookOptions): number {
  if (itemResults === null) return maxResponseBytes;
  return Math.max(maxResponseBytes, Math.min(MOST_REPLY_BYTES, 65_536 + ITEM_RESULT_BYTES * maxRecords));
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** The pace of a receiver to which nothing else is sent. */
const FREE: Pacing = { mayStart: () => true, hinted: () => undefined };

/** One attempt on its way. */
class Posting implements Asker {
  sent: SentHeaders | null = null;

  constructor(
    private readonly sink: WebhookSink,
    private readonly events: readonly OutboundEvent[],
    private readonly pacing: Pacing,
    private readonly resolve: (delivery: Delivery) => void,
  ) {}

  mayStart(): boolean {
    return this.pacing.mayStart();
  }

  headed(head: Reply): void {
    this.sink.headed(head, this.pacing);
  }

  answered(reply: Reply): void {
    try {
      this.resolve(this.sink.answered(this.events, reply, this.sent));
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error: unknown): void {
    this.resolve(this.sink.failed(this.events, error, this.sent));
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

/** What came of the request as a whole, where it was not delivered; items of a batch have reasons of their own. */
function sharedWhy(outcomes: readonly Outcome[]): string | null {
  const [first] = outcomes;
  if (!first || first.is === 'delivered') return null;
  return outcomes.every((o) => o.is !== 'delivered' && o.why === first.why) ? first.why : null;
}
