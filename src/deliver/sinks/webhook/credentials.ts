/** What goes out with every request of a destination: its fixed headers and its credentials, looked up again as they change. */
import { CodedError } from '../../../errors/coded-error';
import type { SecretText, WebhookOptions } from '../../options';
import { basicCredentials } from '../../verify-auth';

/** Shorter ones would mask half a text. */
const SHORTEST_MASKED = 6;

export interface CurrentCredentials {
  /** Header names and values alternating. */
  readonly headers: readonly string[];
  /** A Content-Type among them: it takes the place of the event's own. */
  readonly ownContentType: boolean;
  /** What must not come back into the log, longest first. */
  readonly masked: readonly string[];
}

export class Credentials {
  private readonly secrets: readonly SecretText[];
  private texts: readonly string[];
  private made: CurrentCredentials;

  /** @throws CodedError family `config` for a secret that leads nowhere, or a value no header can carry */
  constructor(
    private readonly options: WebhookOptions,
    private readonly agent: string,
  ) {
    this.secrets = secretsOf(options);
    this.texts = this.secrets.map((secret) => secret.reveal());
    this.made = this.make();
  }

  /** Made again only when a secret has another value. */
  current(): CurrentCredentials {
    const { secrets, texts } = this;
    for (let i = 0; i < secrets.length; i++) {
      if (secrets[i]!.reveal() === texts[i]) continue;
      this.texts = secrets.map((secret) => secret.reveal());
      this.made = this.make();
      break;
    }
    return this.made;
  }

  /** The receiver does not accept them: files and programs are asked again before the next request. */
  lookAgain(): void {
    for (const secret of this.secrets) secret.lookAgain?.();
  }

  private make(): CurrentCredentials {
    const headers = fixedHeaders(this.options, this.agent);
    const ownContentType = headers.some(([name]) => name.toLowerCase() === 'content-type');
    return { headers: headers.flat(), ownContentType, masked: maskedTexts(this.options, this.texts) };
  }
}

function secretsOf({ auth, headers }: WebhookOptions): SecretText[] {
  const { basic, bearer, apiKey, bodyToken, oauth2 } = auth;
  return [basic?.password, bearer?.token, apiKey?.value, bodyToken?.value, oauth2?.clientSecret]
    .concat(Object.values(headers))
    .filter((secret): secret is SecretText => secret !== undefined);
}

function fixedHeaders({ auth, headers }: WebhookOptions, agent: string): [string, string][] {
  const { basic, bearer, apiKey } = auth;
  const list: [string, string][] = [];
  if (!Object.keys(headers).some((name) => name.toLowerCase() === 'user-agent')) list.push(['user-agent', agent]);
  if (basic) list.push(['authorization', `Basic ${basicCredentials(basic.user, basic.password.reveal())}`]);
  if (bearer) list.push(['authorization', `Bearer ${bearer.token.reveal()}`]);
  if (apiKey?.header) list.push([apiKey.header, apiKey.value.reveal()]);
  for (const [name, value] of Object.entries(headers)) list.push([name, value.reveal()]);
  for (const [name, value] of list) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw badHeader(name);
  }
  return list;
}

function badHeader(name: string): CodedError {
  return new CodedError({
    code: 'WEBHOOK_HEADER',
    family: 'config',
    message: `the value of header ${name} has a character no header can carry: a line end, a control character or one beyond Latin-1; expected one line of Latin-1`,
    next: 'if the value comes from a file or a program, make sure it is the value alone',
  });
}

function maskedTexts({ auth: { basic } }: WebhookOptions, texts: readonly string[]): string[] {
  const pair = basic ? [basicCredentials(basic.user, basic.password.reveal())] : [];
  return [...new Set([...texts, ...pair])]
    .filter((text) => text.length >= SHORTEST_MASKED)
    .sort((x, y) => y.length - x.length);
}
