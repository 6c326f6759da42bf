// @ts-check
// Events, receiver and signature of the benchmarks of webhook delivery.
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const KEYS = 10_000;
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr';
export const signing = {
  standardWebhooks: {
    secret: { reveal: () => SECRET },
    previousSecret: null,
    privateKey: null,
    previousPrivateKey: null,
  },
};

function body(n) {
  return Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id: id(n),
      type: 'order.updated',
      source: 'ibmi://PROD1/ORDLIB/ORDHDR',
      subject: String(n % KEYS),
      time: '2026-11-21T20:44:00.123456Z',
      datacontenttype: 'application/json',
      data: {
        op: 'update',
        key: { orderNumber: String(n % KEYS) },
        after: {
          orderNumber: String(n % KEYS),
          status: '20',
          amount: '1234.50',
          name: 'Müller "& Söhne"',
          text: 'x'.repeat(220),
        },
        changed: ['status'],
        meta: {
          mode: 'stream',
          table: 'ORDLIB/ORDHDR',
          journal: 'ORDLIB/ORDJRN',
          receiver: 'ORDLIB/ORDRCV0001',
          sequence: String(n),
          attempt: 1,
          decodeErrors: [],
        },
      },
    }),
  );
}
export function id(n) {
  return `evt_${String(n).padStart(12, '0')}`;
}
let serial = 0;
/** Number of the last event made. */
export const last = () => serial;

/** The next events of a journal, as mapping makes them. */
export function block(size) {
  const out = [];
  for (let i = 0; i < size; i++) {
    const n = ++serial;
    const bytes = BODIES[n % BODIES.length];
    out.push({
      id: id(n),
      type: 'order.updated',
      version: '1',
      table: 'ORDLIB/ORDHDR',
      rule: 'order',
      key: String(n % KEYS),
      traceKey: String(n % KEYS),
      destinations: ['crm'],
      priority: 'normal',
      body: bytes,
      attemptOffset: OFFSETS[n % BODIES.length],
      contentType: 'application/cloudevents+json',
      time: '2026-11-21T20:44:00.123456Z',
      journal: JOURNAL,
      position: { receiver: RECEIVER, sequence: BigInt(n) },
      tombstone: false,
      recordUrl: null,
      decodeErrors: 0,
    });
  }
  return out;
}
const JOURNAL = { library: 'ORDLIB', name: 'ORDJRN' };
const RECEIVER = { library: 'ORDLIB', name: 'ORDRCV0001' };
export const BODIES = Array.from({ length: 4096 }, (_, n) => body(n));
const OFFSETS = BODIES.map((b) => b.indexOf('"attempt":1') + 10);

/** A receiver in a process of its own. @param delay milliseconds before each answer */
export async function receiver(delay = 0) {
  const child = fork(join(here, '_webhook-receiver.mjs'), [String(delay)]);
  const { port } = await new Promise((done) => child.once('message', done));
  return {
    url: `http://127.0.0.1:${port}/hook`,
    origin: `http://127.0.0.1:${port}`,
    take: () =>
      new Promise((done) => {
        child.once('message', done);
        child.send({ cmd: 'take' });
      }),
    stop: () => child.disconnect(),
  };
}
