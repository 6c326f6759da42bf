/** The database server: seeds, start of a server job, then one request after the other (protocol reference 4 and 6). */
import type { Socket } from 'node:net';
import { ByteReader } from '../../../bytes/reader';
import { DB_FIXED_LENGTH, dbRequestTemplate } from '../../../hostserver/db-frame';
import { HEADER_LENGTH, SERVER } from '../../../hostserver/frame';
import { endJob } from '../../../hostserver/messages/connection';
import { dbReply } from '../../../hostserver/messages/database/db-reply';
import { has, ORS } from '../../../hostserver/ors';
import { compressReply, compressRle, expandFrame, isRequestCompressed } from '../../../hostserver/rle';
import { type Outgoing, serveConnection } from '../job-connection';
import { JobStart } from '../job-start';
import type { JobNumbers } from '../system';
import { DatabaseJob, type JobContext } from './database-job';
import { sqlcaOf } from './replies/sql-result';
import { dispatch } from './requests/dispatch';
import { type Request, type RequestAnswer, wants } from './requests/request';

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
  serveConnection(socket, 'database', options, (address, out) => new DatabaseConnection(options, address, out));
}

class DatabaseConnection {
  private readonly starting: JobStart;
  private job: DatabaseJob | null = null;

  constructor(
    private readonly options: DatabaseServerOptions,
    remoteAddress: string,
    private readonly out: Outgoing,
  ) {
    this.starting = new JobStart(options, {
      service: 'database',
      program: options.secure ? 'QZDASSINIT' : 'QZDASOINIT',
      send: out.send,
      end: out.end,
      started: (name, user) => {
        this.job = new DatabaseJob(options, name, user, remoteAddress);
        options.onJobStart(this.job);
      },
    });
  }

  handle(frame: Buffer): void | Promise<void> {
    if (!this.job) return this.starting.handle(frame);
    return frame.readUInt16BE(18) === endJob.id ? this.out.end() : this.serve(this.job, frame);
  }

  close(): void {
    const job = this.job;
    this.job = null;
    if (!job) return;
    this.options.onJobEnd(job);
    job.end();
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
