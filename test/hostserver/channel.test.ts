/** When bytes leave: requests at once, whatever work is queued in promises; frames without reply with the next request. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Channel } from '../../src/hostserver/client/channel';
import { SERVER } from '../../src/hostserver/frame';

let server: Server;
let client: Socket;
let accepted: Socket;
let channel: Channel;

/** A frame of nothing but its head. */
function frame(correlation: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(20, 0);
  bytes.writeUInt16BE(SERVER.sql, 6);
  bytes.writeUInt32BE(correlation, 12);
  return bytes;
}

beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = once(server, 'connection') as Promise<[Socket]>;
  client = connect((server.address() as { port: number }).port, '127.0.0.1');
  await once(client, 'connect');
  [accepted] = await connection;
  channel = new Channel(
    client,
    { host: '127.0.0.1', port: 1, service: 'database host server', tls: false },
    { label: 'database' },
  );
});

afterEach(async () => {
  client.destroy();
  accepted.destroy();
  server.close();
  await once(server, 'close');
});

test('a request has left before the caller goes on', async () => {
  const reply = channel.exchange(frame(1), { correlation: 1, what: 'fetch', timeoutMs: 0 });
  // handed to the system: nothing is kept until the promises of this turn are done
  expect(client.writableLength).toBe(0);
  expect(client.writableCorked).toBe(0);
  accepted.write(frame(1));
  expect((await reply).readUInt32BE(12)).toBe(1);
});

test('a frame without reply waits for the request behind it, so that both travel together', async () => {
  channel.post(frame(1));
  expect(client.writableLength).toBe(20);
  const reply = channel.exchange(frame(2), { correlation: 2, what: 'open', timeoutMs: 0 });
  expect(client.writableLength).toBe(0);
  accepted.write(frame(2));
  await reply;
});

test('a frame without reply leaves by itself when nothing follows it', async () => {
  channel.post(frame(7));
  const [bytes] = (await once(accepted, 'data')) as [Buffer];
  expect(bytes.readUInt32BE(12)).toBe(7);
});
