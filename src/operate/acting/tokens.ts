/** Tokens of the HTTP API: made, listed, revoked. */
import { CodedError } from '../../errors/coded-error';
import type { Role } from '../../operators/role';
import type { ApiToken } from '../../operators/tokens';
import { line, lines } from '../../telemetry/visible';
import type { StateFile } from '../state-file';

/** Times are ISO 8601, UTC. */
type TokenFacts = ReturnType<typeof factsOf>;

interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: string | null;
  /** Shown here and never again. */
  readonly token: string;
}

interface TokenWish {
  readonly name: string;
  readonly role: Role;
  /** Days until it ends; left out it does not. */
  readonly days?: number | undefined;
}

/** @throws CodedError `TOKEN_EXISTS` */
export function createToken({ tokens }: StateFile, { name, role, days }: TokenWish, now: number): NewToken {
  const expiresAt = days === undefined ? null : now + days * 86_400_000;
  const token = tokens.create(name, role, expiresAt);
  if (token === null)
    throw new CodedError({
      code: 'TOKEN_EXISTS',
      message: `there is a token named ${name} already`,
      next: `choose another name, or: ibmi-cdc token revoke ${name}`,
    });
  return { name, role, expiresAt: iso(expiresAt), token };
}

export function listTokens({ tokens }: StateFile): TokenFacts[] {
  return tokens.list().map(factsOf);
}

/** @throws CodedError `TOKEN_UNKNOWN` */
export function revokeToken({ tokens }: StateFile, name: string): { readonly revoked: string } {
  if (tokens.revoke(name)) return { revoked: name };
  throw new CodedError({
    code: 'TOKEN_UNKNOWN',
    message: `there is no token named ${name}`,
    next: 'ibmi-cdc token list shows those there are',
  });
}

export function createdText({ name, role, expiresAt, token }: NewToken): string {
  const end = expiresAt === null ? '' : `, until ${expiresAt}`;
  return lines([
    token,
    `token ${name}, role ${role}${end}; it is not shown again: keep it where its user looks for it`,
  ]);
}

export function tokenText({ name, role, createdAt, expiresAt, usedAt }: TokenFacts): string {
  const parts = [
    `made ${createdAt}`,
    expiresAt === null ? 'without end' : `until ${expiresAt}`,
    usedAt === null ? 'never used' : `last used ${usedAt}`,
  ];
  return line(`${name.padEnd(20)}  ${role.padEnd(8)}  ${parts.join(', ')}`);
}

function factsOf({ name, role, createdAt, expiresAt, usedAt }: ApiToken) {
  return { name, role, createdAt: iso(createdAt)!, expiresAt: iso(expiresAt), usedAt: iso(usedAt) };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
