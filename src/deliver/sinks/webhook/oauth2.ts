/** OAuth 2.0 client credentials (RFC 6749 section 4.4): one token at a time, renewed before it ends. */
import { request } from 'undici';
import { CodedError } from '../../../errors/coded-error';
import type { OAuth2Options } from '../../options';
import { at, parseJson } from './json-path';

const RENEW_BEFORE_MS = 30_000;
const DEFAULT_LIFE_MS = 300_000;
const MAX_TOKEN_BYTES = 65_536;

export class TokenSource {
  private token: string | null = null;
  private renewAt = 0;
  private asking: Promise<string> | null = null;

  constructor(
    private readonly options: OAuth2Options,
    private readonly timeoutMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** The current token if there is one, without waiting. */
  current(): string | null {
    return this.now() < this.renewAt ? this.token : null;
  }

  /** @throws CodedError family `delivery` when the authorization server refuses or cannot be reached */
  get(): Promise<string> {
    const token = this.current();
    if (token !== null) return Promise.resolve(token);
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  /** The receiver did not accept it: the next request asks for a new one. */
  forget(): void {
    this.renewAt = 0;
  }

  private async ask(): Promise<string> {
    const { tokenUrl, clientId, clientSecret, scope, audience, authentication } = this.options;
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (scope !== null) form.set('scope', scope);
    if (audience !== null) form.set('audience', audience);
    const headers: Record<string, string> = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    };
    if (authentication === 'header') {
      const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret.reveal())}`;
      headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    } else {
      form.set('client_id', clientId);
      form.set('client_secret', clientSecret.reveal());
    }
    const timeout = { headersTimeout: this.timeoutMs, bodyTimeout: this.timeoutMs };
    const reply = await request(tokenUrl, { method: 'POST', headers, body: form.toString(), ...timeout }).catch((e) => {
      throw this.failure(`cannot be reached: ${e instanceof Error ? e.message : String(e)}`);
    });
    const body = await limited(reply.body);
    const answer = parseJson(body);
    const token = at(answer, 'access_token');
    if (reply.statusCode !== 200 || typeof token !== 'string') {
      const error = at(answer, 'error');
      throw this.failure(
        `answered ${reply.statusCode}${typeof error === 'string' ? ` (${error.slice(0, 60)})` : ''} without an access token`,
      );
    }
    const seconds = Number(at(answer, 'expires_in'));
    const life = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_LIFE_MS;
    this.token = token;
    this.renewAt = this.now() + Math.max(life / 2, life - RENEW_BEFORE_MS);
    return token;
  }

  private failure(what: string): CodedError {
    const { origin } = new URL(this.options.tokenUrl);
    return new CodedError({
      code: 'WEBHOOK_OAUTH2',
      family: 'delivery',
      message: `the authorization server ${origin} ${what}`,
      next: 'check tokenUrl, clientId, clientSecret, scope and audience of this destination',
    });
  }
}

async function limited(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_TOKEN_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
