/** The remote command server, E008: start of a job, exchange of attributes, then commands and program calls (docs/protocol.md#11). */
import type { Socket } from 'node:net';
import type { CommandEngine, CommandSession } from '../../command-session';
import type { Faults } from '../faults';
import { type Outgoing, serveConnection } from '../job-connection';
import { JobStart } from '../job-start';
import { type JobName, type JobNumbers, qualified, type SystemIdentity } from '../system';
import { type MessageMoment, messageParameters } from './message-forms';
import { attributesReply, messagesReply, outputsReply } from './replies';
import { BadRequest, COMMAND_CODE, REQUEST, readCall, readCommand, readLanguageVersion } from './requests';

interface CommandServerOptions {
  readonly system: SystemIdentity;
  readonly commands: CommandEngine;
  readonly jobs: JobNumbers;
  readonly faults: Faults;
  readonly compressReplies: boolean;
  readonly onError: (error: unknown) => void;
  readonly onCommandJobStart: (job: CommandJob) => void;
  readonly onCommandJobEnd: (job: CommandJob) => void;
}

/** What the partition knows of a running job of this server. */
export interface CommandJob {
  /** `number/user/name`. */
  readonly name: string;
}

export function serveCommands(socket: Socket, options: CommandServerOptions): void {
  serveConnection(socket, 'command', options, (address, out) => new CommandConnection(options, address, out));
}

class CommandConnection {
  private readonly starting: JobStart;
  private job: (CommandJob & { readonly session: CommandSession }) | null = null;

  constructor(
    private readonly options: CommandServerOptions,
    remoteAddress: string,
    private readonly out: Outgoing,
  ) {
    this.starting = new JobStart(options, {
      service: 'command',
      program: 'QZRCSRVS',
      send: out.send,
      end: out.end,
      started: (name, user) => this.start(name, user, remoteAddress),
    });
  }

  private start(name: JobName, profile: string, remoteAddress: string): void {
    const session = this.options.commands.openSession({ ...name, profile, remoteAddress });
    this.job = { name: qualified(name), session };
    this.options.onCommandJobStart(this.job);
  }

  handle(frame: Buffer): void | Promise<void> {
    if (!this.job) return this.starting.handle(frame);
    const id = frame.readUInt16BE(18);
    if (id === REQUEST.endJob) return this.out.end();
    return this.out.send(this.answer(this.job.session, id, frame));
  }

  close(): void {
    const { job } = this;
    this.job = null;
    if (!job) return;
    this.options.onCommandJobEnd(job);
    job.session.end();
  }

  private answer(session: CommandSession, id: number, frame: Buffer): Buffer {
    const correlation = frame.readUInt32BE(12);
    try {
      if (id === REQUEST.exchangeAttributes) return this.attributes(frame, correlation);
      if (id === REQUEST.runCommand) return this.command(session, frame, correlation);
      if (id === REQUEST.callProgram) return this.call(session, frame, correlation);
      return messagesReply(id, correlation, COMMAND_CODE.requestNotValid);
    } catch (error) {
      if (error instanceof BadRequest) return messagesReply(id, correlation, error.returnCode);
      throw error;
    }
  }

  private attributes(frame: Buffer, correlation: number): Buffer {
    const languageVersion = readLanguageVersion(frame);
    const { jobCcsid, commandLevel: level } = this.options.system;
    const returnCode = /^\d{4}$/.test(languageVersion) ? COMMAND_CODE.done : COMMAND_CODE.nlvNotValid;
    return attributesReply(correlation, { returnCode, jobCcsid, languageVersion: '2924', level });
  }

  private command(session: CommandSession, frame: Buffer, correlation: number): Buffer {
    const { jobCcsid } = this.options.system;
    const { messageOption, command } = readCommand(frame, jobCcsid);
    const messages = session.run(command);
    if (!messages) return messagesReply(REQUEST.runCommand, correlation, COMMAND_CODE.done);
    const sent = messageParameters(messages, messageOption, jobCcsid, moment());
    return messagesReply(REQUEST.runCommand, correlation, COMMAND_CODE.commandFailed, sent);
  }

  private call(session: CommandSession, frame: Buffer, correlation: number): Buffer {
    const { system, compressReplies } = this.options;
    const { messageOption, library, program, parameters } = readCall(frame, system.jobCcsid);
    const outcome = session.call(library, program, parameters);
    if (outcome.kind === 'returned') return outputsReply(correlation, parameters, outcome.outputs, compressReplies);
    const code = outcome.kind === 'failed' ? COMMAND_CODE.programFailed : COMMAND_CODE.programUnresolved;
    const sent = messageParameters(outcome.messages, messageOption, system.jobCcsid, moment());
    return messagesReply(REQUEST.callProgram, correlation, code, sent);
  }
}

function moment(): MessageMoment {
  const now = new Date().toISOString();
  return { date: `1${now.slice(2, 10).replaceAll('-', '')}`, time: now.slice(11, 19).replaceAll(':', '') };
}
