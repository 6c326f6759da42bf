/** What goes out with every request of a destination: its fixed headers and its credentials, looked up again as they change. */
import { CodedError } from '../../../errors/coded-error';
import type { SecretText } from '../../../signatures/options';
import { basicCredentials } from '../../../signatures/verify-auth';
import type { WebhookOptions } from '../../options';

/** Shorter ones would mask half a text. */
const SHORTEST_MASKED = 6;
/** Headers that are credentials whatever their value was written as. */
const CREDENTIAL_NAME = /auth|cookie|key|token|secret|passw|credential|session|signature/i;
const MASK = '***';

export interface CurrentCredentials {
  /** Header names and values alternating. */
  readonly headers: readonly string[];
  /** The same as `name: value` lines without what is secret, for the delivery log. */
  readonly shown: string;
  /** A Content-Type among them: it takes the place of the event's own. */
  readonly ownContentType: boolean;
  /** What must not come back into the log, longest first. */
  readonly masked: readonly string[];
}

export class Credentials {
  private readonly secrets: readonly SecretText[];
  private texts: readonly string[];
  private made: CurrentCredentials;

  /**
   * @param ofUrl texts of the URL that are as secret
   * @throws CodedError family `config` for a secret that leads nowhere, or a value no header can carry
   */
  constructor(
    private readonly options: WebhookOptions,
    private readonly agent: string,
    private readonly ofUrl: readonly string[],
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
    const list = fixedHeaders(this.options, this.agent);
    return {
      headers: list.flatMap(({ name, value }) => [name, value]),
      shown: list.map(({ name, shown }) => `${name.toLowerCase()}: ${shown}`).join('\n'),
      ownContentType: list.some(({ name }) => name.toLowerCase() === 'content-type'),
      masked: maskedTexts(this.options, this.ofUrl),
    };
  }
}

function secretsOf({ auth, headers }: WebhookOptions): SecretText[] {
  const { basic, bearer, apiKey, bodyToken, oauth2 } = auth;
  return [basic?.password, bearer?.token, apiKey?.value, bodyToken?.value, oauth2?.clientSecret]
    .concat(Object.values(headers))
    .filter((secret): secret is SecretText => secret !== undefined);
}

interface FixedHeader {
  readonly name: string;
  readonly value: string;
  /** As the delivery log shows it. */
  readonly shown: string;
}

function fixedHeaders({ auth, headers }: WebhookOptions, agent: string): FixedHeader[] {
  const { basic, bearer, apiKey } = auth;
  const has = (name: string): boolean => Object.keys(headers).some((own) => own.toLowerCase() === name);
  const list: FixedHeader[] = [];
  const add = (name: string, value: string, shown = value): void => void list.push({ name, value, shown });
  if (!has('user-agent')) add('user-agent', agent);
  // where nothing is said any coding of the reply is allowed
  if (!has('accept-encoding')) add('accept-encoding', 'identity');
  if (basic) add('authorization', `Basic ${basicCredentials(basic.user, basic.password.reveal())}`, `Basic ${MASK}`);
  if (bearer) add('authorization', `Bearer ${bearer.token.reveal()}`, `Bearer ${MASK}`);
  if (apiKey?.header) add(apiKey.header, apiKey.value.reveal(), MASK);
  for (const [name, secret] of Object.entries(headers)) {
    add(name, secret.reveal(), isSecret(name, secret) ? MASK : secret.reveal());
  }
  for (const { name, value } of list) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw badHeader(name);
  }
  return list;
}

/** Looked up elsewhere, or named as a credential. */
function isSecret(name: string, { literal }: SecretText): boolean {
  return literal !== true || CREDENTIAL_NAME.test(name);
}

function badHeader(name: string): CodedError {
  return new CodedError({
    code: 'WEBHOOK_HEADER',
    message: `the value of header ${name} has a character no header can carry: a line end, a control character or one beyond Latin-1; expected one line of Latin-1`,
    next: 'if the value comes from a file or a program, make sure it is the value alone',
  });
}

function maskedTexts({ auth, headers }: WebhookOptions, ofUrl: readonly string[]): string[] {
  const { basic, bearer, apiKey, bodyToken, oauth2 } = auth;
  const secrets = [basic?.password, bearer?.token, apiKey?.value, bodyToken?.value, oauth2?.clientSecret]
    .concat(Object.entries(headers).flatMap(([name, secret]) => (isSecret(name, secret) ? [secret] : [])))
    .flatMap((secret) => (secret ? [secret.reveal()] : []));
  const pair = basic ? [basicCredentials(basic.user, basic.password.reveal())] : [];
  return [...new Set([...secrets, ...pair, ...ofUrl])]
    .filter((text) => text.length >= SHORTEST_MASKED)
    .sort((x, y) => y.length - x.length);
}

/** Receivers echo what they were sent. @param secrets longest first */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, MASK), text);
}
