// @ts-check
// The hostile receiver on raw sockets, and what it knows in truth: which events it accepted, refused, and how often it was asked.
import { createServer } from 'node:net';
import { answerFor } from './answers.mjs';

/** Timers of two sides of one process. */
const SLACK_MS = 20;
/**
 * Sender and receiver share one event loop: a head written in one turn is read in the next, and what had started before comes in
 * the turns after it: one for each connection that is being made (libuv accepts one a turn, there are 41), two to read. Turns
 * count whatever the load of the machine; the time is for a kernel that carries bytes between two sockets later than at once.
 */
const TURNS = 60;
const CARRIED_MS = 10;

export class HostileReceiver {
  /** By endpoint: what is known of each event, and when it may be asked again. */
  endpoints = new Map();
  kinds = {};
  requests = 0;
  /** Rests asked for; those that nobody read, as the sender had given the request up; requests that did not keep to them. */
  rests = 0;
  unread = 0;
  early = [];
  sockets = new Set();

  constructor(random, isPoison) {
    this.random = random;
    this.isPoison = isPoison;
    // without Nagle: what is written is on its way, or a rest would be in force before the sender can have read of it
    this.server = createServer({ noDelay: true }, (socket) => this.serve(socket));
  }

  async start() {
    await new Promise((done) => this.server.listen(0, '127.0.0.1', () => done(undefined)));
    this.port = /** @type {import('node:net').AddressInfo} */ (this.server.address()).port;
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
      until: 0,
      head: '',
    });
    return `http://127.0.0.1:${this.port}/${name}`;
  }

  serve(socket) {
    let bytes = Buffer.alloc(0);
    let began = 0;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (bytes.length === 0) began = performance.now();
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = bytes.toString('latin1', 0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (bytes.length < end + 4 + length) return;
      const body = bytes.subarray(end + 4, end + 4 + length);
      bytes = bytes.subarray(end + 4 + length);
      this.asked(socket, { head, began, json: JSON.parse(body.toString('utf8')) });
    });
  }

  asked(socket, { head, began, json }) {
    const name = head.split(' ')[1].slice(1);
    const endpoint = this.endpoints.get(name);
    const ids = (Array.isArray(json) ? json : [json]).map((event) => event.id);
    this.requests++;
    this.checkPace(name, endpoint, began);
    const answer = answerFor(this.random, ids, endpoint.asks, ids.some(this.isPoison));
    this.kinds[answer.kind] = (this.kinds[answer.kind] ?? 0) + 1;
    this.remember(endpoint, ids, answer);
    const go = () => this.send(socket, answer, () => this.rest(socket, endpoint, answer));
    if (answer.after > 0) setTimeout(go, answer.after);
    else go();
  }

  /** The last byte of a head that asks for a rest has been written: in force once the sender has read it. */
  rest(socket, endpoint, { rest, head }) {
    const written = performance.now();
    let gone = socket.destroyed;
    socket.once('close', () => {
      gone = true;
    });
    const turn = (left) => {
      if (left > 0 || performance.now() < written + CARRIED_MS) return setImmediate(turn, left - 1);
      this.rests++;
      // such an answer leaves its connection open: one that is closed was closed at the deadline of its request
      if (gone) this.unread++;
      else if (written + rest > endpoint.until) Object.assign(endpoint, { until: written + rest, head });
    };
    turn(TURNS);
  }

  /** No request starts on any connection to an endpoint that has asked to be left alone. @param began its first byte came */
  checkPace(name, { until, head }, began) {
    if (began >= until - SLACK_MS) return;
    const early = Math.round(until - began);
    this.early.push(`${name} was asked ${early} ms too early after ${JSON.stringify(head.slice(0, 300))}`);
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

  /** @param headed called when the last byte of the head of an answer that asks for a rest has been written */
  send(socket, { head, body, ends, throttle, between }, headed) {
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
    // a rest is asked for by the head alone, whatever its body does
    const pieces = throttle
      ? [...this.pieces(bytes.subarray(0, head.length)), ...this.pieces(bytes.subarray(head.length))]
      : this.pieces(bytes);
    const end = () => {
      if (ends === 'fin') socket.end();
      // behind what was written, so that it is read first
      else if (ends === 'reset') setTimeout(() => socket.resetAndDestroy(), bytes.length === 0 ? 0 : 40);
    };
    let sent = 0;
    const next = () => {
      const piece = pieces.shift();
      if (piece === undefined || socket.destroyed) return end();
      const before = sent;
      sent += piece.length;
      socket.write(piece, () => {
        if (pieces.length === 0) end();
        else if (throttle && sent === head.length && between > 0) setTimeout(next, between);
        else setImmediate(next);
      });
      if (throttle && before < head.length && sent >= head.length) headed();
      return undefined;
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
