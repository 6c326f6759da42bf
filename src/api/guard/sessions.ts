/**
 * Sign-ins of the console. They live in memory: a restart of the daemon ends them. A session stands for its token as that is
 * now: a token that is revoked or expires ends its sessions with the next request.
 */
import { createHash, randomBytes } from 'node:crypto';

interface Session {
  /** Name of the token it was opened with. */
  readonly token: string;
  /** When that was made: a token revoked and made anew under the name is another one. */
  readonly tokenMadeAt: number;
  usedAt: number;
  readonly begunAt: number;
}

/** `__Host-`: only over TLS (or to this machine), for this very host, for all of it. */
const SESSION_COOKIE = '__Host-ibmi-cdc';

const IDLE_MS = 8 * 3_600_000;
const LONGEST_MS = 24 * 3_600_000;
const MOST = 1_000;

export class Sessions {
  private readonly sessions = new Map<string, Session>();

  constructor(private readonly now: () => number = Date.now) {}

  /** @returns what the cookie holds */
  open(token: { readonly name: string; readonly createdAt: number }): string {
    const id = randomBytes(32).toString('base64url');
    const now = this.now();
    if (this.sessions.size >= MOST) this.sessions.delete(this.sessions.keys().next().value!);
    this.sessions.set(keyOf(id), { token: token.name, tokenMadeAt: token.createdAt, usedAt: now, begunAt: now });
    return id;
  }

  /** @returns the token it was opened with; null where it is over or never was */
  find(id: string): { readonly token: string; readonly tokenMadeAt: number } | null {
    const session = this.sessions.get(keyOf(id));
    if (!session) return null;
    const now = this.now();
    if (now - session.usedAt > IDLE_MS || now - session.begunAt > LONGEST_MS) {
      this.sessions.delete(keyOf(id));
      return null;
    }
    session.usedAt = now;
    return session;
  }

  close(id: string): void {
    this.sessions.delete(keyOf(id));
  }
}

export function sessionCookie(id: string): string {
  return `${SESSION_COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${LONGEST_MS / 1000}`;
}

export const NO_SESSION = `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;

/** The id in a Cookie header, or null. */
export function sessionOf(cookies: string | undefined): string | null {
  for (const part of cookies?.split(';') ?? []) {
    const [name, value] = part.trim().split('=', 2);
    if (name === SESSION_COOKIE && value) return value;
  }
  return null;
}

/** By hash, so that no time a comparison takes says anything of an id. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
