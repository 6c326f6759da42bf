import { connect } from 'node:net';
import { createPortMapper } from '../../../src/simulator/server/port-mapper';

const PORTS: Record<string, number> = { 'as-signon': 8476, 'as-signon-s': 9476, 'as-database': 8471 };

async function ask(port: number, pieces: string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const piece of pieces) await new Promise<void>((done) => socket.write(piece, () => done()));
  await new Promise((done) => socket.on('close', done));
  return Buffer.concat(chunks).toString('hex');
}

test.each([
  [['as-signon'], '2b0000211c'],
  [['as-signon', '-s'], '2b00002504'],
  [['as-', 'database'], '2b00002117'],
  [['as-hostcnn-s'], '2d00000000'],
  [['nonsense'], '2d00000000'],
])('%j is answered %s', async (pieces, reply) => {
  const server = createPortMapper((service) => PORTS[service] ?? null);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  expect(await ask(port, pieces)).toBe(reply);
  await new Promise((done) => server.close(done));
});
