/** A host-server client of bare frames: for what a well-behaved client would never send, or never looks at. */
import { connect, type Socket } from 'node:net';
import { ByteReader } from '../../src/bytes/reader';
import { type DbReplyTemplate, dbReplyTemplate } from '../../src/hostserver/db-frame';
import { SERVER } from '../../src/hostserver/frame';
import { Framer } from '../../src/hostserver/framer';
import { type DbReplyParts, dbReply } from '../../src/hostserver/messages/database/db-reply';
import { randomSeedsReply, randomSeedsRequest } from '../../src/hostserver/messages/random-seeds';
import { startServerReply, startServerRequest } from '../../src/hostserver/messages/start-server';
import { newSeed, passwordSubstitute, passwordToken, userIdBytes } from '../../src/hostserver/password';
import { expandFrame, isReplyCompressed } from '../../src/hostserver/rle';

export interface RawReply {
  readonly template: DbReplyTemplate;
  readonly parts: DbReplyParts;
  readonly correlation: number;
  readonly compressed: boolean;
}

export class RawClient {
  private readonly frames: Buffer[] = [];
  private waiting: (() => void) | null = null;
  closed = false;
  /** Why the frames that came could not be told apart. */
  problem: unknown = null;

  private constructor(readonly socket: Socket) {
    const framer = new Framer();
    socket.on('data', (chunk) => {
      try {
        framer.push(chunk, (frame) => this.frames.push(Buffer.from(frame)));
      } catch (error) {
        this.problem = error;
        socket.destroy();
      }
      this.waiting?.();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.waiting?.();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  /** A started server job. Returns the return code of F002. */
  async start(user: string, password: string, level = 3): Promise<number> {
    const client = newSeed();
    this.send(randomSeedsRequest.encode({ serverId: SERVER.sql, headerId: 0x0300 }, { seed: client }));
    const { template } = randomSeedsReply.decode(await this.frame());
    const seeds = { client, server: Buffer.from(template.seed) };
    const substitute = passwordSubstitute(level, user, passwordToken(level, user, password), seeds);
    this.send(
      startServerRequest.encode(
        { serverId: SERVER.sql, headerId: 0x0200 },
        { form: 3, sendReply: 1 },
        { substitute, userId: userIdBytes(user) },
      ),
    );
    return startServerReply.decode(await this.frame()).template.returnCode;
  }

  /** Frames that have come and were not asked for yet. */
  get pending(): number {
    return this.frames.length;
  }

  send(frame: Buffer): void {
    this.socket.write(frame);
  }

  /** The next frame, or an error when the connection ends first. */
  async frame(): Promise<Buffer> {
    while (this.frames.length === 0) {
      if (this.closed) throw new Error('connection closed');
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
    return this.frames.shift()!;
  }

  async reply(): Promise<RawReply> {
    const received = await this.frame();
    const compressed = isReplyCompressed(received);
    const frame = compressed ? expandFrame(received) : received;
    const template = dbReplyTemplate.read(new ByteReader(frame, 'reply', 20, 40));
    return { template, parts: dbReply.decode(frame).parameters, correlation: frame.readUInt32BE(12), compressed };
  }

  async request(frame: Buffer): Promise<RawReply> {
    this.send(frame);
    return this.reply();
  }

  /** Resolves once the server has ended the connection. */
  async ended(): Promise<void> {
    while (!this.closed) {
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }
}
