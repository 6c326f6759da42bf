/** OAuth 2.0 client credentials (RFC 6749 section 4.4): one token at a time, renewed before it ends. */
import { types } from 'node:util';
import { steadyNow } from '../../../clock/steady-clock';
import { CodedError } from '../../../errors/coded-error';
import type { OAuth2Options } from '../../options';
import { jsonOf } from './answer/content';
import { at } from './answer/json-path';
import { describe } from './answer/judge';
import type { Reply, ReplyRequest } from './answer/reply';
import { Requests } from './answer/requests';
import { type ConnectOptions, connectionsTo } from './dial/connector';
import type { FileNews } from './dial/tls-files';

const RENEW_BEFORE_MS = 30_000;
const DEFAULT_LIFE_MS = 300_000;
const MAX_TOKEN_BYTES = 65_536;
/** RFC 6750 allows less: whatever else a server writes is its own affair. */
const SENDABLE = /^[\x21-\x7e]+$/;

export class TokenSource implements AsyncDisposable {
  private readonly url: URL;
  private readonly requests: Requests;
  private token: string | null = null;
  /** On the clock that never jumps. */
  private renewAt = 0;
  private asking: Promise<string> | null = null;

  /**
   * @param connect of the webhook: its proxy and its private networks hold for the authorization server too
   * @throws CodedError family `config` for a URL or file that cannot be used
   */
  constructor(
    private readonly options: OAuth2Options,
    connect: ConnectOptions,
    onFiles?: FileNews,
  ) {
    this.url = tokenUrl(options.tokenUrl);
    const connections = connectionsTo(this.url.origin, { ...connect, concurrency: 1, tls: options.tls }, onFiles);
    this.requests = new Requests(connections, connect.timeouts.response, MAX_TOKEN_BYTES);
  }

  /** The current token if there is one, without waiting. */
  current(): string | null {
    return steadyNow() < this.renewAt ? this.token : null;
  }

  /**
   * @param signal of the destination: ends the question
   * @throws CodedError family `delivery` when the authorization server refuses or cannot be reached
   */
  get(signal: AbortSignal): Promise<string> {
    const token = this.current();
    if (token !== null) return Promise.resolve(token);
    this.asking ??= this.ask(signal).finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  /** The receiver did not accept it: the next request asks for a new one, unless another has been asked for since. */
  forget(token: string): void {
    if (token === this.token) this.renewAt = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.requests.stop();
  }

  private async ask(signal: AbortSignal): Promise<string> {
    const { clientId, clientSecret, scope, audience, authentication } = this.options;
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (scope !== null) form.set('scope', scope);
    if (audience !== null) form.set('audience', audience);
    const headers: Record<string, string> = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'accept-encoding': 'identity',
    };
    if (authentication === 'header') {
      const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret.reveal())}`;
      headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    } else {
      form.set('client_id', clientId);
      form.set('client_secret', clientSecret.reveal());
    }
    const reply = await this.post(headers, form.toString(), signal).catch((e) => {
      throw this.failure(`cannot be reached: ${types.isNativeError(e) ? describe(e) : String(e)}`);
    });
    const read = jsonOf(reply, MAX_TOKEN_BYTES);
    const answer = read.ok ? read.value : undefined;
    const token = at(answer, 'access_token');
    if (reply.status !== 200 || typeof token !== 'string') {
      const error = at(answer, 'error');
      const unread = !read.ok && reply.status === 200 ? ` (${read.problem})` : '';
      const said = typeof error === 'string' ? ` (${error.slice(0, 60)})` : unread;
      throw this.failure(`answered ${reply.status}${said} without an access token`);
    }
    // no event could be sent with it, and none is to blame
    if (!SENDABLE.test(token)) throw this.failure('answered 200 without an access token that a header can carry');
    const seconds = Number(at(answer, 'expires_in'));
    const life = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_LIFE_MS;
    this.token = token;
    this.renewAt = steadyNow() + Math.max(life / 2, life - RENEW_BEFORE_MS);
    return token;
  }

  /** Ends within the timeout in all, however slowly the answer drips; redirects are not followed. */
  private post(headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Reply> {
    const { origin, pathname, search } = this.url;
    const list = Object.entries(headers).flat();
    const path = pathname + search;
    const request: ReplyRequest = { origin, path, method: 'POST', headers: list, body: Buffer.from(body) };
    const alone = { mayStart: () => true, headed: () => undefined };
    return new Promise((answered, failed) => this.requests.send(request, signal, { ...alone, answered, failed }));
  }

  private failure(what: string): CodedError {
    return new CodedError({
      code: 'WEBHOOK_OAUTH2',
      message: `the authorization server ${this.url.origin} ${what}`,
      next: 'check tokenUrl, clientId, clientSecret, scope and audience of this destination',
    });
  }
}

/** Not shown in an error: it may be as secret as the webhook's. */
function tokenUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  throw new CodedError({
    code: 'WEBHOOK_TOKEN_URL',
    message: `auth.oauth2.tokenUrl ${url?.username ? 'has a user and password in it' : 'is not an http(s) URL'}`,
    next: 'write a URL such as https://login.example.com/token; the credentials are clientId and clientSecret',
  });
}
