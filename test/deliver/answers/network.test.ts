/** Where a request may go: metadata services, IPv4 inside IPv6, and what NO_PROXY leaves out. */
import { guardOf } from '../../../src/deliver/sinks/webhook/dial/guard';
import { isExempt } from '../../../src/deliver/sinks/webhook/dial/proxies';
import { Bench, hook, QUICK } from '../support/bench';
import { draft } from '../support/drafts';
import { TunnelProxy } from '../support/proxy';
import { Receiver } from '../support/receiver';

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  'fd00:ec2::254',
  'FD00:EC2:0::254',
  '168.63.129.16',
  '192.0.0.192',
  '::ffff:169.254.169.254',
  '::169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
];

test.each(METADATA)('%s is refused whatever privateNetworks says, also as written', (address) => {
  for (const networks of [
    'deny',
    'as-written',
    'allow',
    ['0.0.0.0/0', '::/0'],
    ['169.254.0.0/16', 'fd00::/8'],
  ] as const) {
    expect(guardOf(networks, address).refuses(address)).toBe('cloud metadata');
  }
});

test('the very address in the list is meant', () => {
  expect(guardOf(['169.254.169.254'], 'h').refuses('169.254.169.254')).toBeNull();
  expect(guardOf(['169.254.169.254/32'], 'h').refusesName('metadata.google.internal')).toBeNull();
  expect(guardOf(['fd00:ec2::254'], 'h').refuses('fd00:ec2::254')).toBeNull();
  expect(guardOf(['169.254.169.254'], 'h').refuses('100.100.100.200')).toBe('cloud metadata');
});

test.each(['metadata.google.internal', 'METADATA.google.internal.', 'metadata', 'instance-data'])(
  'the name %s is refused',
  (host) => {
    for (const networks of ['deny', 'as-written', 'allow'] as const) {
      expect(guardOf(networks, host).refusesName(host)).toBe('cloud metadata');
    }
    expect(guardOf('allow', host).refusesName('example.com')).toBeNull();
  },
);

test.each([
  ['::7f00:1', 'loopback'],
  ['::10.1.2.3', 'private'],
  ['::192.168.0.1', 'private'],
  ['::1', 'loopback'],
  ['::', 'unspecified'],
  ['::ffff:10.0.0.1', 'private'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['::93.184.216.34', null],
  ['2606:2800:220:1::1', null],
])('%s is judged as %s', (address, kind) => {
  expect(guardOf('deny', 'h').refuses(address)).toBe(kind);
  if (kind !== null) expect(guardOf('as-written', 'hooks.example.com').refuses(address)).toBe(kind);
});

test.each([
  ['http://169.254.169.254/latest/meta-data', /169\.254\.169\.254, a cloud metadata address/],
  ['http://[::7f00:1]:1/', /a loopback address/],
  ['http://metadata.google.internal/x', /a cloud metadata address/],
])('%s is not dialled', async (url, expected) => {
  const networks = url.includes('7f00') ? 'deny' : 'allow';
  await using bench = await Bench.start({
    webhooks: { crm: hook(url, { privateNetworks: networks, retry: { ...QUICK, schedule: [0] } }) },
  });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(bench.outbox.deadLetters.list({})[0]!.message).toMatch(expected);
});

describe('NO_PROXY', () => {
  test.each<[string, string, boolean]>([
    ['*', 'https://a.example.com', true],
    ['.example.com, 127.0.0.0/8', 'http://127.0.0.1:8080', true],
    ['.example.com,127.0.0.0/8', 'http://128.0.0.1', false],
    ['10.0.0.0/8', 'http://10.255.3.4', true],
    ['10.0.0.0/33', 'http://10.255.3.4', false],
    ['fd00::/8', 'http://[fd12::1]:80', true],
    ['[fd00::]/8', 'http://[fd12::1]:80', true],
    ['fd00::/8', 'http://10.0.0.1', false],
    ['0.0.0.0/0', 'http://ten.example.com', false],
    ['.example.com', 'https://a.example.com', true],
    ['.example.com', 'https://example.com', true],
    ['example.com', 'https://a.b.example.com', true],
    ['example.com', 'https://notexample.com', false],
    ['*.example.com', 'https://a.example.com', true],
    ['EXAMPLE.com.', 'https://example.COM', true],
    ['example.com:8443', 'https://example.com:8443', true],
    ['example.com:8443', 'https://example.com', false],
    ['example.com:443', 'https://example.com', true],
    ['example.com:80', 'http://example.com', true],
    ['127.0.0.1', 'http://127.0.0.1:9', true],
    ['127.0.0.1:9', 'http://127.0.0.1:9', true],
    ['127.0.0.1:8', 'http://127.0.0.1:9', false],
    ['7.0.0.1', 'http://127.0.0.1', false],
    ['::1', 'http://[::1]:8080', true],
    ['[::1]', 'http://[::1]:8080', true],
    ['[::1]:8080', 'http://[::1]:8080', true],
    ['[::1]:80', 'http://[::1]:8080', false],
    ['0:0:0:0:0:0:0:1', 'http://[::1]', true],
    ['a b\tc.example', 'http://c.example', true],
    [' , ,', 'http://c.example', false],
    ['', 'http://c.example', false],
    ['.', 'http://c.example', false],
  ])('%j and %s: %s', (list, origin, exempt) => {
    expect(isExempt(new URL(origin), list)).toBe(exempt);
  });

  test.each<[string, number]>([
    ['.example.com, 127.0.0.0/8', 0],
    ['10.0.0.0/8', 1],
  ])('%j: %i tunnels', async (list, tunnels) => {
    const before = { ...process.env };
    await using proxy = await TunnelProxy.start();
    await using receiver = await Receiver.start();
    Object.assign(process.env, { http_proxy: proxy.url.slice('http://'.length), no_proxy: list });
    try {
      await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { proxy: 'env' }) } });
      bench.publish([draft(1)]);
      await bench.settled();
      expect(receiver.got).toHaveLength(1);
      expect(proxy.tunnels).toHaveLength(tunnels);
    } finally {
      process.env = before;
    }
  });
});
