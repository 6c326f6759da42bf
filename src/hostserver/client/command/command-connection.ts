/**
 * One connection to the remote command server = one server job, QZRCSRVS: commands, programs, procedures of service programs.
 * Requests run strictly one after the other. This server cannot cancel: a request that is given up takes the connection with it.
 */
import { textCodec } from '../../../bytes/ccsid/registry';
import { CodedError, isCoded, type JobMessage } from '../../../errors/coded-error';
import { SERVER } from '../../frame';
import { pingRequest } from '../../messages/database/ping';
import {
  callProgramReply,
  callProgramRequest,
  commandAttributesReply,
  commandAttributesRequest,
  commandEndJob,
  runCommandReply,
  runCommandRequest,
} from '../../messages/remote-command';
import { Channel } from '../channel';
import { openSocket } from '../connect/open-socket';
import { type HostServerOptions, timeoutsOf } from '../connect/options';
import { portOf } from '../connect/ports';
import { channelOptions, type SignedOn } from '../connect/signon';
import { cancelled, closedHere, type Peer } from '../connect/socket-errors';
import { startServer } from '../connect/start-server';
import { attributesAccepted, COMMAND_CODE, commandRefused, messageTexts } from './command-errors';
import { type ProgramParameter, parameterValue, wireParameter } from './parameters';
import { CALLER, callerParameters, type ServiceProgramCall } from './service-program';

const CLIENT_CCSID = 13488;
const COMMAND_CCSID = 1200;
const LEVEL_WITH_UNICODE_COMMANDS = 10;

interface Called {
  /** For messages: `QSYS/QJOURNAL QjoRetrieveJournalEntries`. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes that may come back. */
  readonly wanted?: number;
}

/** What the job said of itself. */
interface CommandJob {
  /** `number/user/name`; null when the server did not name it. */
  readonly job: string | null;
  readonly ccsid: number;
  readonly level: number;
}

export class CommandConnection {
  private correlation = 1;
  private tail: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | null = null;

  private constructor(
    private readonly options: HostServerOptions,
    private readonly channel: Channel,
    readonly job: CommandJob,
  ) {}

  /** @param signedOn of the sign-on server: the password is not asked for again. @throws CodedError */
  static async open(options: HostServerOptions, signedOn: SignedOn, signal?: AbortSignal): Promise<CommandConnection> {
    const port = await portOf(options, 'as-rmtcmd', signal);
    const peer: Peer = { host: options.host, port, service: 'remote command server', tls: options.tls !== 'off' };
    const channel = new Channel(await openSocket(peer, options, signal), peer, channelOptions(options, 'command'));
    const onAbort = (): void => channel.abandon(cancelled('connecting', signal?.reason));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const job = await startServer(channel, SERVER.remoteCommand, options, signedOn);
      return new CommandConnection(options, channel, { job, ...(await exchangeAttributes(channel, options)) });
    } catch (error) {
      void channel.end(null);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Null while the connection works. */
  get failed(): CodedError | null {
    return this.channel.failed;
  }

  /**
   * Runs a CL command. @returns the messages it completed with
   * @throws HostMessageError with its messages when it failed
   */
  async runCommand(command: string, signal?: AbortSignal): Promise<JobMessage[]> {
    const { level, ccsid } = this.job;
    const parameters =
      level >= LEVEL_WITH_UNICODE_COMMANDS
        ? { command: { ccsid: COMMAND_CCSID, bytes: textCodec(COMMAND_CCSID).encode(command) } }
        : { commandInJobCcsid: textCodec(ccsid).encode(command) };
    const what = `command ${command.trim().split(/[\s(]/, 1)[0]}`;
    const frame = await this.exchange({ what, signal }, (correlation) =>
      runCommandRequest.encode(
        { serverId: SERVER.remoteCommand, correlation },
        { messageOption: this.messageOption },
        parameters,
      ),
    );
    const reply = this.decoded(() => runCommandReply.decode(frame));
    if (reply.template.returnCode !== COMMAND_CODE.ok) throw this.refused(reply, what);
    return messageTexts(reply, ccsid);
  }

  /**
   * Calls a program. @returns what came back of each parameter, in order; null for those that only go in. Zeros at the end of a
   * value may be missing. Values are views of the reply.
   * @throws HostMessageError with its messages when it failed
   */
  async callProgram(
    name: { readonly library: string; readonly program: string },
    parameters: readonly ProgramParameter[],
    called: Called,
  ): Promise<(Buffer | null)[]> {
    const wire = parameters.map((p) => wireParameter(p, this.job.level));
    const wanted = parameters.reduce((sum, p) => sum + (p.output ?? 0), 0);
    const frame = await this.exchange({ ...called, wanted }, (correlation) =>
      callProgramRequest.encode(
        { serverId: SERVER.remoteCommand, correlation },
        {
          program: textCodec(37).encode(name.program.padEnd(10)),
          library: textCodec(37).encode(name.library.padEnd(10)),
          messageOption: this.messageOption,
          parameterCount: wire.length,
        },
        { parameters: wire },
      ),
    );
    const reply = this.decoded(() => callProgramReply.decode(frame));
    if (reply.template.returnCode !== COMMAND_CODE.ok) throw this.refused(reply, called.what);
    return this.decoded(() => returned(parameters, reply.parameters.parameters ?? [], called.what));
  }

  /** Calls a procedure. @returns as {@link callProgram}, of the procedure's own parameters */
  async callProcedure(call: ServiceProgramCall, signal?: AbortSignal): Promise<(Buffer | null)[]> {
    const parameters = callerParameters(call);
    const what = `${call.library}/${call.program} ${call.procedure}`;
    const values = await this.callProgram(CALLER, parameters, { what, signal });
    return values.slice(parameters.length - call.parameters.length);
  }

  /** True while the server answers. */
  async isAlive(): Promise<boolean> {
    try {
      await this.exchange({ what: 'ping' }, (correlation) =>
        pingRequest.encode({ serverId: SERVER.remoteCommand, correlation }, {}),
      );
      return true;
    } catch {
      return false;
    }
  }

  /** Ends the server job and closes the socket. Never throws; may be called again. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const { channel } = this;
    if (channel.failed) return channel.end(null);
    const impatient = setTimeout(
      () => channel.abandon(closedHere(channel.peer, 'it was closed here')),
      timeoutsOf(this.options).cancel,
    );
    await this.tail;
    clearTimeout(impatient);
    await channel.end(commandEndJob.encode({ serverId: SERVER.remoteCommand, correlation: 0 }, {}));
  }

  private exchange(called: Called, build: (correlation: number) => Buffer): Promise<Buffer> {
    const turn = this.tail.then(() => this.exchangeNow(called, build));
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  private async exchangeNow(
    { what, signal, wanted = 0 }: Called,
    build: (correlation: number) => Buffer,
  ): Promise<Buffer> {
    const { channel } = this;
    if (signal?.aborted) throw cancelled(what, signal.reason);
    if (this.closing) throw channel.failed ?? closedHere(channel.peer, 'it was closed here');
    const onAbort = (): void => channel.abandon(cancelled(what, signal?.reason));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.correlation = this.correlation >= 0x7fffffff ? 2 : this.correlation + 1;
    const { correlation } = this;
    try {
      return await channel.exchange(build(correlation), {
        correlation,
        what,
        wanted,
        timeoutMs: timeoutsOf(this.options).query,
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** A reply that contradicts itself leaves nothing to trust: the connection is dropped with it. */
  private decoded<T>(decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      if (isCoded(error)) this.channel.abandon(error);
      throw error;
    }
  }

  private refused(reply: Parameters<typeof commandRefused>[0], what: string): CodedError {
    return commandRefused(reply, what, this.options.user, this.job.ccsid);
  }

  /** Up to ten messages, in the form of the server's level. */
  private get messageOption(): number {
    const { level } = this.job;
    return level >= 11 ? 5 : level === 10 ? 3 : 0;
  }
}

async function exchangeAttributes(
  channel: Channel,
  options: HostServerOptions,
): Promise<Pick<CommandJob, 'ccsid' | 'level'>> {
  const frame = await channel.exchange(
    commandAttributesRequest.encode(
      { serverId: SERVER.remoteCommand, correlation: 1 },
      { clientCcsid: CLIENT_CCSID, nlv: textCodec(37).encode('2924'), clientVersion: 1, reserved: 0 },
    ),
    { correlation: 1, what: 'exchange attributes', timeoutMs: timeoutsOf(options).signOn },
  );
  const reply = commandAttributesReply.decode(frame);
  const { returnCode, jobCcsid, level } = reply.template;
  if (!attributesAccepted(returnCode))
    throw commandRefused({ template: reply.template, parameters: {} }, 'exchange attributes', options.user, 37);
  return { ccsid: jobCcsid, level };
}

function returned(
  parameters: readonly ProgramParameter[],
  values: readonly (Parameters<typeof parameterValue>[0] | null)[],
  what: string,
): (Buffer | null)[] {
  let next = 0;
  return parameters.map(({ output }) => {
    if (output === undefined || output === 0) return null;
    const value = values[next++];
    if (value) return parameterValue(value);
    throw new CodedError({
      code: 'REPLY_INCOMPLETE',
      message: `the reply to ${what} has ${values.length} parameters; more were to come back`,
      next: 'run again with --trace-wire FILE and report the frames',
    });
  });
}
