/** Who asks: by bearer token, or by the session of the console. */
import { CodedError } from '../../errors/coded-error';
import { mayAct, type Role } from '../../operators/role';
import type { ApiToken, Tokens } from '../../operators/tokens';
import type { Caller } from '../route';
import { type Sessions, sessionOf } from './sessions';

export interface Presented {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  readonly method: string;
  readonly address: string | null;
}

export class Callers {
  constructor(
    private readonly tokens: Tokens,
    readonly sessions: Sessions,
  ) {}

  /** @throws CodedError `API_TOKEN`, `API_ORIGIN` */
  who(presented: Presented): Caller {
    const bearer = bearerOf(presented.authorization);
    if (bearer !== null) return this.byToken(bearer, presented);
    const id = sessionOf(presented.cookie);
    if (id === null) throw noToken('no token was sent');
    const session = this.sessions.find(id);
    const token = session && this.tokens.named(session.token);
    if (!session || token?.createdAt !== session.tokenMadeAt) throw noToken('the session is over');
    checkOrigin(presented);
    return callerOf(token, 'console', presented);
  }

  byToken(bearer: string, presented: Presented): Caller {
    return callerOf(this.tokenOf(bearer), 'api', presented);
  }

  /** @throws CodedError `API_TOKEN` */
  tokenOf(bearer: string): ApiToken {
    const token = this.tokens.find(bearer);
    if (token === null) throw noToken('the token is not known: revoked, expired, or never made');
    try {
      this.tokens.used(token);
    } catch {
      // a full disk must not keep an operator from looking
    }
    return token;
  }
}

/** @throws CodedError `API_ROLE` */
export function checkRole({ who, role }: Caller, needed: Role): void {
  if (mayAct(role, needed)) return;
  throw new CodedError({
    code: 'API_ROLE',
    message: `${who} is ${role}; this needs ${needed}`,
    next: `use a token of role ${needed}`,
  });
}

/** The token of a header, or null where there is no such header. */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  return /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1] ?? '';
}

/**
 * A page of another origin must not act with the cookie of the console: SameSite keeps it from being sent, and this holds
 * where a browser does not know it.
 * @throws CodedError `API_ORIGIN`
 */
export function checkOrigin({ method, origin, host }: Pick<Presented, 'method' | 'origin' | 'host'>): void {
  if (method === 'GET' || method === 'HEAD') return;
  if (origin !== undefined && host !== undefined && hostOf(origin) === host.toLowerCase()) return;
  throw new CodedError({
    code: 'API_ORIGIN',
    message: `the request comes from ${origin === undefined ? 'no page that says where from' : 'a page of another origin'}`,
    next: 'open the console under the address it is served at',
  });
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

function callerOf({ name, role }: ApiToken, via: 'api' | 'console', { address }: Presented): Caller {
  return { who: name, role, via, from: address };
}

function noToken(message: string): CodedError {
  return new CodedError({
    code: 'API_TOKEN',
    message,
    next: 'send Authorization: Bearer TOKEN; ibmi-cdc token create makes one',
  });
}
