/** The sign-on server: exchange attributes, retrieve sign-on information, end (docs/protocol.md#3). */
import type { Socket } from 'node:net';
import { SERVER } from '../../hostserver/frame';
import {
  exchangeAttributesReply,
  exchangeAttributesRequest,
  versionNumber,
} from '../../hostserver/messages/exchange-attributes';
import { type SignonDate, signonInfoReply, signonInfoRequest } from '../../hostserver/messages/signon-info';
import { newSeed } from '../../hostserver/password';
import { SIGNON_CODE } from '../../hostserver/return-codes';
import { wireText } from '../../hostserver/wire-text';
import { authenticate } from './authenticate';
import type { Faults } from './faults';
import { FrameSocket } from './frame-socket';
import { refusalMessages } from './refusal-message';
import { type JobNumbers, qualified, type SystemIdentity } from './system';

const DAY_MS = 86_400_000;
/** Days before the end of a password from which the server speaks of it (QPWDEXPWRN). */
const EXPIRATION_WARNING_DAYS = 7;

interface SignOnServerOptions {
  readonly system: SystemIdentity;
  readonly jobs: JobNumbers;
  readonly faults: Faults;
  readonly onError: (error: unknown) => void;
}

/** Serves one connection until the client ends it. */
export function serveSignOn(socket: Socket, options: SignOnServerOptions): void {
  const session = new SignOnSession(options, {
    send: (frame) => frames.send(frame),
    end: () => frames.end(),
  });
  const frames: FrameSocket = new FrameSocket({
    socket,
    service: 'signon',
    faults: options.faults,
    onFrame: (frame) => session.handle(frame),
    onClose: () => {},
    onError: options.onError,
  });
}

class SignOnSession {
  private readonly seeds: { client: Buffer | null; server: Buffer } = { client: null, server: newSeed() };
  private readonly jobName;

  constructor(
    private readonly options: SignOnServerOptions,
    private readonly out: { readonly send: (frame: Buffer) => Promise<void> | undefined; readonly end: () => void },
  ) {
    this.jobName = qualified({ number: options.jobs.next(), user: 'QUSER', name: 'QZSOSIGN' });
  }

  handle(frame: Buffer): void | Promise<void> {
    const id = frame.readUInt16BE(18);
    if (id === exchangeAttributesRequest.id) return this.exchange(frame);
    if (id === signonInfoRequest.id) return this.info(frame);
    return this.out.end(); // 7006, or a request this server has no reply id for
  }

  private exchange(frame: Buffer): Promise<void> | undefined {
    const { header, parameters } = exchangeAttributesRequest.decode(frame);
    const { system } = this.options;
    this.seeds.client = parameters.seed ? Buffer.from(parameters.seed) : null;
    return this.out.send(
      exchangeAttributesReply.encode(
        { serverId: SERVER.signon, correlation: header.correlation },
        { returnCode: 0 },
        {
          version: versionNumber(system.version),
          level: system.signonLevel,
          seed: this.seeds.server,
          passwordLevel: system.passwordLevel,
          jobName: wireText(this.jobName),
        },
      ),
    );
  }

  private info(frame: Buffer): Promise<void> | undefined {
    const { header, parameters } = signonInfoRequest.decode(frame);
    const { system } = this.options;
    const credentials = { userId: parameters.userId ?? null, substitute: parameters.substitute ?? null };
    const { client, server } = this.seeds;
    const { returnCode, user } = authenticate(system, credentials, client && { client, server });
    const reply = { serverId: SERVER.signon, correlation: header.correlation };
    if (returnCode !== SIGNON_CODE.ok) {
      const messages = parameters.returnMessages === 1 ? refusalMessages(returnCode, user) : [];
      return this.out.send(
        signonInfoReply.encode(
          reply,
          { returnCode },
          messages.length > 0 ? { messageCount: messages.length, messages } : {},
        ),
      );
    }
    const expiresInDays = system.users.get(user)?.expiresInDays;
    const now = Date.now();
    return this.out.send(
      signonInfoReply.encode(
        reply,
        { returnCode },
        {
          currentDate: wireDate(now),
          previousDate: wireDate(now - DAY_MS),
          ...(expiresInDays === undefined ? {} : { passwordExpires: wireDate(now + expiresInDays * DAY_MS) }),
          expirationWarningDays: EXPIRATION_WARNING_DAYS,
          serverCcsid: system.jobCcsid,
          userId: wireText(user.padEnd(10)),
        },
      ),
    );
  }
}

function wireDate(ms: number): SignonDate {
  const d = new Date(ms);
  return {
    year: d.getUTCFullYear(),
    month: d.getUTCMonth() + 1,
    day: d.getUTCDate(),
    hour: d.getUTCHours(),
    minute: d.getUTCMinutes(),
    second: d.getUTCSeconds(),
    filler: 0,
  };
}
