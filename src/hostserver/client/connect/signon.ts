/** The sign-on server: who are you, and what kind of system am I talking to (docs/protocol.md#3). One attempt, no more. */
import { CodedError } from '../../../errors/coded-error';
import { SERVER } from '../../frame';
import { exchangeAttributesReply, exchangeAttributesRequest, versionText } from '../../messages/exchange-attributes';
import {
  authenticationForm,
  type SignonDate,
  signonEndJob,
  signonInfoReply,
  signonInfoRequest,
} from '../../messages/signon-info';
import { newSeed, passwordSubstitute, passwordToken, userIdBytes } from '../../password';
import { textOf } from '../../wire-text';
import { Channel } from '../channel';
import { openSocket } from './open-socket';
import { type HostServerOptions, passwordOf, timeoutsOf } from './options';
import { signonRefused } from './signon-errors';
import type { Peer } from './socket-errors';

export interface SignedOn {
  /** X'00VVRRMM'. */
  readonly version: number;
  readonly versionText: string;
  readonly passwordLevel: number;
  /** For the substitutes of the connections that follow; never printed. */
  readonly token: Buffer;
  readonly ccsid: number;
  readonly passwordExpiresInDays: number | null;
  /** Job of the sign-on server, when the server named it. */
  readonly job: string | null;
}

const CLIENT_VERSION = 1;
const CLIENT_LEVEL = 10;
const CLIENT_CCSID = 1200;
/** From this server level on, error messages may be asked for. */
const LEVEL_WITH_MESSAGES = 5;

/**
 * @param afterAttributes called when the system has answered and before the password is sent
 * @throws CodedError family signOn for a refusal, else transport or protocol
 */
export async function signOn(
  options: HostServerOptions,
  port: number,
  signal?: AbortSignal,
  afterAttributes?: () => void,
): Promise<SignedOn> {
  const peer: Peer = { host: options.host, port, service: 'sign-on host server', tls: options.tls !== 'off' };
  const channel = new Channel(await openSocket(peer, options, signal), peer, channelOptions(options, 'signon'));
  const onAbort = (): void =>
    channel.abandon(new CodedError({ code: 'CANCELLED', message: 'signing on was cancelled on request' }));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const result = await exchange(channel, options, afterAttributes);
    // Nothing waits for this close: the database connection is what the caller wants.
    void channel.end(signonEndJob.encode({ serverId: SERVER.signon }, {}));
    return result;
  } catch (error) {
    void channel.end(signonEndJob.encode({ serverId: SERVER.signon }, {}));
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

export function channelOptions(
  options: HostServerOptions,
  label: string,
): { label: string; maxFrame?: number; tracer?: NonNullable<HostServerOptions['tracer']> } {
  return {
    label,
    ...(options.maxFrame === undefined ? {} : { maxFrame: options.maxFrame }),
    ...(options.tracer === undefined ? {} : { tracer: options.tracer }),
  };
}

async function exchange(channel: Channel, options: HostServerOptions, afterAttributes?: () => void): Promise<SignedOn> {
  const timeoutMs = timeoutsOf(options).signOn;
  const seed = newSeed();
  const attributes = exchangeAttributesReply.decode(
    await channel.exchange(
      exchangeAttributesRequest.encode(
        { serverId: SERVER.signon },
        {},
        { version: CLIENT_VERSION, level: CLIENT_LEVEL, seed },
      ),
      { correlation: null, what: 'exchange attributes', timeoutMs },
    ),
  );
  const { returnCode } = attributes.template;
  if (returnCode !== 0) throw signonRefused(returnCode, options.user);
  const { version, level, seed: serverSeed, passwordLevel, jobName } = attributes.parameters;
  if (!version || !serverSeed) throw incomplete('version or seed');
  afterAttributes?.();

  const token = passwordToken(passwordLevel ?? 0, options.user, passwordOf(options));
  const substitute = passwordSubstitute(passwordLevel ?? 0, options.user, token, { client: seed, server: serverSeed });
  const info = signonInfoReply.decode(
    await channel.exchange(
      signonInfoRequest.encode(
        { serverId: SERVER.signon, correlation: 1 },
        { form: authenticationForm(substitute.length) },
        {
          clientCcsid: CLIENT_CCSID,
          substitute,
          userId: userIdBytes(options.user),
          ...((level ?? 0) >= LEVEL_WITH_MESSAGES ? { returnMessages: 1 } : {}),
        },
      ),
      { correlation: 1, what: 'sign-on', timeoutMs },
    ),
  );
  if (info.template.returnCode !== 0)
    throw signonRefused(info.template.returnCode, options.user, info.parameters.messages ?? []);
  return {
    version,
    versionText: versionText(version),
    passwordLevel: passwordLevel ?? 0,
    token,
    ccsid: info.parameters.serverCcsid ?? 37,
    passwordExpiresInDays: daysUntil(info.parameters.currentDate, info.parameters.passwordExpires),
    job: jobName ? textOf(jobName) : null,
  };
}

const DAY_MS = 86_400_000;

/** Whole days between two dates of the server's own clock. */
function daysUntil(now: SignonDate | null | undefined, expires: SignonDate | null | undefined): number | null {
  if (!expires || expires.year === 0) return null;
  const from = now && now.year > 0 ? dateMs(now) : Date.now();
  return Math.floor((dateMs(expires) - from) / DAY_MS);
}

function dateMs(date: SignonDate): number {
  return Date.UTC(date.year, date.month - 1, date.day, date.hour, date.minute, date.second);
}

function incomplete(what: string): CodedError {
  return new CodedError({
    code: 'REPLY_INCOMPLETE',
    message: `the sign-on server sent no ${what}; without it no password can be sent`,
    next: 'check that host and port name the sign-on host server of an IBM i',
  });
}
