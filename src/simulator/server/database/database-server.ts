/** The database server: seeds, start of a server job, then one request after the other (protocol reference 4 and 6). */
import type { Socket } from 'node:net';
import { ByteReader } from '../../../bytes/reader';
import { DB_FIXED_LENGTH, dbRequestTemplate } from '../../../hostserver/db-frame';
import { HEADER_LENGTH, SERVER } from '../../../hostserver/frame';
import { endJob } from '../../../hostserver/messages/connection';
import { dbReply } from '../../../hostserver/messages/database/db-reply';
import { randomSeedsReply, randomSeedsRequest } from '../../../hostserver/messages/random-seeds';
import { startServerReply, startServerRequest } from '../../../hostserver/messages/start-server';
import { has, ORS } from '../../../hostserver/ors';
import { newSeed } from '../../../hostserver/password';
import { SIGNON_CODE } from '../../../hostserver/return-codes';
import { compressReply, compressRle, expandFrame, isRequestCompressed } from '../../../hostserver/rle';
import { wireText } from '../../../hostserver/wire-text';
import { authenticate } from '../authenticate';
import { FrameSocket } from '../frame-socket';
import { type JobNumbers, qualified } from '../system';
import { DatabaseJob, type JobContext } from './database-job';
import { sqlcaOf } from './replies/sql-result';
import { dispatch } from './requests/dispatch';
import { type RequestAnswer, type Request, wants } from './requests/request';

/** Replies below this are never worth compressing. */
const COMPRESS_FROM = 1024;
/** A compressed reply has to be this much shorter, or it only costs time on both sides. */
const WORTHWHILE = 0.5;
const SAMPLE = 2048;

interface DatabaseServerOptions extends JobContext {
  readonly jobs: JobNumbers;
  readonly secure: boolean;
  /** Compresses replies when the client allows it and it pays. */
  readonly compressReplies: boolean;
  readonly onJobStart: (job: DatabaseJob) => void;
  readonly onJobEnd: (job: DatabaseJob) => void;
}

export function serveDatabase(socket: Socket, options: DatabaseServerOptions): void {
  const connection = new DatabaseConnection(options, socket.remoteAddress ?? '', {
    send: (frame) => frames.send(frame),
    end: () => frames.end(),
  });
  const frames: FrameSocket = new FrameSocket({
    socket,
    service: 'database',
    faults: options.faults,
    onFrame: (frame) => connection.handle(frame),
    onClose: () => connection.close(),
    onError: options.onError,
  });
}

interface Outgoing {
  readonly send: (frame: Buffer) => Promise<void> | undefined;
  readonly end: () => void;
}

class DatabaseConnection {
  private seeds: { client: Buffer; server: Buffer } | null = null;
  private job: DatabaseJob | null = null;

  constructor(
    private readonly options: DatabaseServerOptions,
    private readonly remoteAddress: string,
    private readonly out: Outgoing,
  ) {}

  handle(frame: Buffer): void | Promise<void> {
    const id = frame.readUInt16BE(18);
    if (this.job) return id === endJob.id ? this.out.end() : this.serve(this.job, frame);
    if (id === randomSeedsRequest.id) return this.exchangeSeeds(frame);
    if (id === startServerRequest.id) return this.start(frame);
    return this.out.end(); // no job yet, and nothing else can be asked
  }

  close(): void {
    const job = this.job;
    this.job = null;
    if (!job) return;
    this.options.onJobEnd(job);
    job.end();
  }

  private exchangeSeeds(frame: Buffer): Promise<void> | undefined {
    const { header, template } = randomSeedsRequest.decode(frame);
    const server = newSeed();
    this.seeds = { client: Buffer.from(template.seed), server };
    return this.out.send(
      randomSeedsReply.encode(
        { serverId: header.serverId, correlation: header.correlation, headerId: this.options.system.passwordLevel },
        { returnCode: 0, seed: server },
      ),
    );
  }

  private start(frame: Buffer): Promise<void> | undefined {
    const { header, template, parameters } = startServerRequest.decode(frame);
    const { system, faults, jobs, secure } = this.options;
    const credentials = { userId: parameters.userId ?? null, substitute: parameters.substitute ?? null };
    const verdict = authenticate(system, credentials, this.seeds);
    const returnCode =
      verdict.returnCode === SIGNON_CODE.ok ? (faults.takeRefusal() ?? SIGNON_CODE.ok) : verdict.returnCode;
    const reply = { serverId: header.serverId, correlation: header.correlation };
    if (returnCode !== SIGNON_CODE.ok) return this.out.send(startServerReply.encode(reply, { returnCode }));
    const name = { number: jobs.next(), user: 'QUSER', name: secure ? 'QZDASSINIT' : 'QZDASOINIT' };
    this.job = new DatabaseJob(this.options, name, verdict.user, this.remoteAddress);
    this.options.onJobStart(this.job);
    if (template.sendReply !== 1) return undefined;
    return this.out.send(
      startServerReply.encode(
        reply,
        { returnCode },
        { userId: wireText(verdict.user.padEnd(10)), jobName: wireText(qualified(name)) },
      ),
    );
  }

  private serve(job: DatabaseJob, frame: Buffer): void | Promise<void> {
    const request = requestOf(frame);
    const answer = dispatch(job, request);
    if (answer instanceof Promise) return answer.then((a) => this.reply(job, request, a));
    return this.reply(job, request, answer);
  }

  private reply(job: DatabaseJob, request: Request, answer: RequestAnswer): Promise<void> | undefined {
    if (!wants(request, ORS.reply)) return undefined;
    const { template } = request;
    const sqlca =
      answer.result && wants(request, ORS.sqlca) ? { sqlca: sqlcaOf(answer.result, job.settings.jobCcsid) } : {};
    const bits = answer.varying ? (template.ors | ORS.variableFieldsCompressed) >>> 0 : template.ors;
    const frame = dbReply.encode(
      { serverId: SERVER.sql, correlation: request.correlation },
      {
        ors: bits,
        flags: 0,
        returnOrs: template.returnOrs,
        function: request.id,
        dataFunction: request.id,
        returnClass: answer.returnClass,
        returnCode: answer.returnCode,
      },
      { ...answer.parts, ...sqlca },
    );
    return this.out.send(this.compressed(request, frame));
  }

  private compressed(request: Request, frame: Buffer): Buffer {
    const allowed = this.options.compressReplies && has(request.template.ors, ORS.replyMayBeCompressed);
    if (!allowed || frame.length < COMPRESS_FROM || !promising(frame)) return frame;
    const shorter = compressReply(frame);
    return shorter.length <= frame.length * WORTHWHILE ? shorter : frame;
  }
}

/** Compressing costs more than building the rows did: a sample from the middle says whether to try. */
function promising(frame: Buffer): boolean {
  const middle = Math.max(DB_FIXED_LENGTH, (frame.length - SAMPLE) >> 1);
  const sample = frame.subarray(middle, middle + SAMPLE);
  return compressRle(sample).length <= sample.length * WORTHWHILE;
}

function requestOf(received: Buffer): Request {
  const frame = isRequestCompressed(received) ? expandFrame(received) : received;
  const template = dbRequestTemplate.read(
    new ByteReader(frame, 'database request', HEADER_LENGTH, Math.min(DB_FIXED_LENGTH, frame.length)),
  );
  return {
    id: frame.readUInt16BE(18),
    serverId: frame.readUInt16BE(6),
    correlation: frame.readUInt32BE(12),
    template,
    frame,
  };
}
