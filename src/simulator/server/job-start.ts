/**
 * How a connection of any host server but the sign-on server becomes a job: exchange of random seeds, then a user id with a
 * password substitute over those seeds (docs/protocol.md#4).
 */
import { randomSeedsReply, randomSeedsRequest } from '../../hostserver/messages/random-seeds';
import { startServerReply, startServerRequest } from '../../hostserver/messages/start-server';
import { newSeed } from '../../hostserver/password';
import { SIGNON_CODE } from '../../hostserver/return-codes';
import { wireText } from '../../hostserver/wire-text';
import { authenticate } from './authenticate';
import type { Faults, Service } from './faults';
import { type JobName, type JobNumbers, qualified, type SystemIdentity } from './system';

interface JobStartOptions {
  readonly system: SystemIdentity;
  readonly jobs: JobNumbers;
  readonly faults: Faults;
}

interface JobStarter {
  readonly service: Service;
  /** Job name of the server program: `QZDASSINIT`. */
  readonly program: string;
  readonly send: (frame: Buffer) => Promise<void> | undefined;
  readonly end: () => void;
  readonly started: (name: JobName, user: string) => void;
}

export class JobStart {
  private seeds: { client: Buffer; server: Buffer } | null = null;

  constructor(
    private readonly options: JobStartOptions,
    private readonly starter: JobStarter,
  ) {}

  handle(frame: Buffer): Promise<void> | undefined {
    const id = frame.readUInt16BE(18);
    if (id === randomSeedsRequest.id) return this.exchangeSeeds(frame);
    if (id === startServerRequest.id) return this.start(frame);
    this.starter.end(); // no job yet, and nothing else can be asked
    return undefined;
  }

  private exchangeSeeds(frame: Buffer): Promise<void> | undefined {
    const { header, template } = randomSeedsRequest.decode(frame);
    const server = newSeed();
    this.seeds = { client: Buffer.from(template.seed), server };
    return this.starter.send(
      randomSeedsReply.encode(
        { serverId: header.serverId, correlation: header.correlation, headerId: this.options.system.passwordLevel },
        { returnCode: 0, seed: server },
      ),
    );
  }

  private start(frame: Buffer): Promise<void> | undefined {
    const { header, template, parameters } = startServerRequest.decode(frame);
    const { system, faults, jobs } = this.options;
    const { service, program, send, started } = this.starter;
    const credentials = { userId: parameters.userId ?? null, substitute: parameters.substitute ?? null };
    const verdict = authenticate(system, credentials, this.seeds);
    const returnCode =
      verdict.returnCode === SIGNON_CODE.ok ? (faults.takeRefusal(service) ?? SIGNON_CODE.ok) : verdict.returnCode;
    const reply = { serverId: header.serverId, correlation: header.correlation };
    if (returnCode !== SIGNON_CODE.ok) return send(startServerReply.encode(reply, { returnCode }));
    const name = { number: jobs.next(), user: 'QUSER', name: program };
    started(name, verdict.user);
    if (template.sendReply !== 1) return undefined;
    return send(
      startServerReply.encode(
        reply,
        { returnCode },
        { userId: wireText(verdict.user.padEnd(10)), jobName: wireText(qualified(name)) },
      ),
    );
  }
}
