// The hostile receiver on raw sockets, and what it knows in truth: which events it accepted, refused, and how often it was asked.
import { createServer } from 'node:net';
import { answerFor } from './answers.mjs';

/** Timers of two sides of one process. */
const SLACK_MS = 20;

export class HostileReceiver {
  /** By endpoint: what is known of each event, and when it may be asked again. */
  endpoints = new Map();
  kinds = {};
  requests = 0;
  /** Rests asked for, the last of each connection, and requests that did not keep to them. */
  rests = 0;
  resting = new WeakMap();
  early = [];
  sockets = new Set();

  constructor(random, isPoison) {
    this.random = random;
    this.isPoison = isPoison;
    this.server = createServer((socket) => this.serve(socket));
  }

  async start() {
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.port = this.server.address().port;
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }

  /** @param asks what is asked of the body of a reply there: `nothing`, `ok` or `items` */
  endpoint(name, asks) {
    this.endpoints.set(name, {
      asks,
      yes: new Set(),
      maybe: new Set(),
      no: new Set(),
      denials: new Map(),
    });
    return `http://127.0.0.1:${this.port}/${name}`;
  }

  serve(socket) {
    let bytes = Buffer.alloc(0);
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = bytes.toString('latin1', 0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (bytes.length < end + 4 + length) return;
      const body = bytes.subarray(end + 4, end + 4 + length);
      bytes = bytes.subarray(end + 4 + length);
      this.asked(socket, head, JSON.parse(body.toString('utf8')));
    });
  }

  asked(socket, head, json) {
    const now = performance.now();
    const name = head.split(' ')[1].slice(1);
    const endpoint = this.endpoints.get(name);
    const ids = (Array.isArray(json) ? json : [json]).map((event) => event.id);
    this.requests++;
    this.checkPace(name, socket, now);
    const answer = answerFor(this.random, ids, endpoint.asks, ids.some(this.isPoison));
    this.kinds[answer.kind] = (this.kinds[answer.kind] ?? 0) + 1;
    this.remember(endpoint, ids, answer);
    this.send(socket, answer, () => {
      if (answer.throttle) this.rest(socket, answer);
    });
  }

  /** From before its last byte is written. */
  rest(socket, { rest, head }) {
    this.rests++;
    this.resting.set(socket, { until: performance.now() + rest, head });
  }

  /**
   * No request comes in a time the receiver asked to be left alone in. Judged by those on the connection of that answer, the
   * first that a sender would use again: they prove that it was read, while others may have been under way, however long.
   */
  checkPace(name, socket, now) {
    const rest = this.resting.get(socket);
    if (rest && now < rest.until - SLACK_MS) {
      const early = Math.round(rest.until - now);
      this.early.push(`${name} was asked ${early} ms too early after ${JSON.stringify(rest.head.slice(0, 300))}`);
    }
  }

  /** What is said is known before it is sent: a sender that is faster than this bookkeeping must not be wronged. */
  remember(endpoint, ids, { verdicts }) {
    for (const [i, id] of ids.entries()) {
      const verdict = verdicts[i];
      if (verdict === 'yes') endpoint.yes.add(id);
      else if (verdict === 'either') endpoint.maybe.add(id);
      // a batch that is refused is halved: only a refusal of the event alone, or of its item, speaks of it
      else if (verdict === 'no' && (ids.length === 1 || endpoint.asks === 'items')) endpoint.no.add(id);
      else if (verdict === 'denied') endpoint.denials.set(id, (endpoint.denials.get(id) ?? 0) + 1);
    }
  }

  send(socket, { head, body, ends }, beforeLast) {
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
    const pieces = this.pieces(bytes);
    const end = () => {
      if (ends === 'fin') socket.end();
      // behind what was written, so that it is read first
      else if (ends === 'reset') setTimeout(() => socket.resetAndDestroy(), bytes.length === 0 ? 0 : 40);
    };
    const next = () => {
      const piece = pieces.shift();
      if (pieces.length === 0) beforeLast();
      if (piece === undefined || socket.destroyed) return end();
      return socket.write(piece, () => (pieces.length > 0 ? setImmediate(next) : end()));
    };
    next();
  }

  pieces(bytes) {
    if (bytes.length === 0) return [];
    if (this.random.chance(0.8)) return [bytes];
    const out = [];
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + this.random.below(this.random.chance(0.5) ? 8 : bytes.length);
      out.push(bytes.subarray(at, at + size));
      at += size;
      if (out.length > 40) {
        out.push(bytes.subarray(at));
        break;
      }
    }
    return out.filter((piece) => piece.length > 0);
  }
}
