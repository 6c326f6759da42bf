/** Where a webhook may dial. */
import { lookup } from 'node:dns';
import type { PrivateNetworks } from '../../src/deliver/options';
import { guardOf } from '../../src/deliver/sinks/webhook/guard';
import { Bench, hook, QUICK } from './support/bench';
import { draft } from './support/drafts';
import { Receiver } from './support/receiver';

test.each([
  ['deny', 'hooks.example.com', '93.184.216.34', true],
  ['deny', 'hooks.example.com', '2606:2800:220:1:248:1893:25c8:1946', true],
  ['deny', '127.0.0.1', '127.0.0.1', false],
  ['as-written', '127.0.0.1', '127.0.0.1', true],
  ['as-written', '127.0.0.1', '127.0.0.2', false],
  ['as-written', 'localhost', '::1', true],
  ['as-written', 'localhost', '127.0.0.1', true],
  ['as-written', 'localhost', '10.0.0.1', false],
  ['as-written', 'hooks.example.com', '127.0.0.1', false],
  ['as-written', 'hooks.example.com', '10.1.2.3', false],
  ['as-written', 'hooks.example.com', '172.16.0.1', false],
  ['as-written', 'hooks.example.com', '192.168.1.1', false],
  ['as-written', 'hooks.example.com', '169.254.169.254', false],
  ['as-written', 'hooks.example.com', '100.64.0.1', false],
  ['as-written', 'hooks.example.com', '0.0.0.0', false],
  ['as-written', 'hooks.example.com', '224.0.0.1', false],
  ['as-written', 'hooks.example.com', 'fe80::1', false],
  ['as-written', 'hooks.example.com', 'fd00::1', false],
  ['as-written', 'hooks.example.com', '::ffff:127.0.0.1', false],
  ['as-written', 'hooks.example.com', '64:ff9b::7f00:1', false],
  ['as-written', '[::1]', '::1', true],
  ['allow', 'hooks.example.com', '10.1.2.3', true],
  [['10.1.0.0/16'], 'inside.example.com', '10.1.2.3', true],
  [['10.1.0.0/16'], 'inside.example.com', '10.2.2.3', false],
  [['10.1.0.0/16'], 'inside.example.com', '::ffff:10.1.2.3', true],
  [['fd00::/8', '10.9.9.9'], 'inside.example.com', 'fd12::1', true],
  [['fd00::/8', '10.9.9.9'], 'inside.example.com', '10.9.9.9', true],
] as [PrivateNetworks, string, string, boolean][])(
  '%j, url host %s, dialled %s: %s',
  (networks, host, address, open) => {
    expect(guardOf(networks, host).refuses(address) === null).toBe(open);
  },
);

test('a range that is none is a config error', () => {
  expect(() => guardOf(['10.1.0.0/99'], 'h')).toThrow(/expected an address range/);
});

test('a name is judged by the address that is dialled', async () => {
  // whatever the machine resolves its own name to, it is not a public address
  const found = await new Promise<Error | null>((done) =>
    guardOf('as-written', 'hooks.example.com').lookup('localhost', { all: true }, (error) => done(error)),
  );
  expect(found?.message).toMatch(/localhost leads to .* a loopback address/);
  await new Promise<void>((done) => lookup('localhost', () => done()));
});

test('a refused address is not dialled; the event waits and says why', async () => {
  await using receiver = await Receiver.start();
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { privateNetworks: 'deny', retry: { ...QUICK, schedule: [0, 5] } }) },
  });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(receiver.got).toHaveLength(0);
  expect(bench.outbox.deadLetters.list({})[0]!.message).toMatch(
    /127\.0\.0\.1, a loopback address; expected a public one/,
  );
});
