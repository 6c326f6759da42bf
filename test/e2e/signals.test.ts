/** What signals do to a daemon: a stop ends in time whatever a receiver does, and SIGHUP ends nothing. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { insertOrder, Receiver, Site } from './site';

jest.setTimeout(60_000);

/** Below the ten seconds of `docker stop`. */
const STOP_MS = 8_000;

test('SIGTERM while a receiver is silent: ends within eight seconds, says what is left, and the next start delivers it', async () => {
  await using receiver = await Receiver.open();
  await using site = await Site.open();
  let asked: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    asked = resolve;
  });
  // takes the request and never answers
  const silent = createServer((request) => request.resume().once('end', () => asked()));
  await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready));
  try {
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    site.config({ destinations: { out: { webhook: { url, signing: 'none' } } } });
    const child = site.start(['run']);
    await child.says('reading journal');
    const connection = await site.connect();
    for (const n of [1, 2, 3]) await insertOrder(connection, `30000${n}`, null);
    await first;
    for (;;) {
      const status = JSON.parse((await site.cli(['status', '--json'])).stdout);
      if (status.destinations[0]?.pending === 3) break;
    }
    const from = performance.now();
    child.kill('SIGTERM');
    const ended = await child.ended;
    expect(performance.now() - from).toBeLessThan(STOP_MS);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/"destination":"out","deliveries":3,"msg":"left for the next start"/);
    site.config({ destinations: receiver.destination });
    const again = site.start(['run']);
    await receiver.seen(3);
    expect(receiver.arrivals.map(({ event }) => event.subject).sort()).toEqual(['300001', '300002', '300003']);
    again.kill('SIGTERM');
    expect((await again.ended).code).toBe(0);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});

test('SIGHUP reads log.level again and ends nothing, not even with a configuration that cannot be read', async () => {
  await using site = await Site.open();
  const text = site.config();
  const child = site.start(['run']);
  await child.says('reading journal');
  const connection = await site.connect();
  const order = async (number: string): Promise<void> => {
    await insertOrder(connection, number, null);
    await child.says(`"subject":"${number}"`);
  };
  const read = (level: string): void => {
    site.config({ rest: { log: { level } } });
    child.kill('SIGHUP');
  };
  writeFileSync(site.file, `${text}\nno: [such`);
  child.kill('SIGHUP');
  await child.says('SIGHUP: the configuration cannot be read, nothing is changed');
  await order('300001');
  read('error');
  await order('300002');
  expect(child.said('log.level is read again')).toBe(false);
  read('info');
  await child.says('log.level is read again');
  read('error');
  await order('300003');
  child.kill('SIGTERM');
  const ended = await child.ended;
  expect(ended.code).toBe(0);
  // said with info
  expect(ended.stderr).not.toContain('"msg":"stopped"');
});

test('SIGHUP while the first modules are loaded ends nothing', async () => {
  await using site = await Site.open();
  site.config();
  const probe = join(site.dir, 'probe.cjs');
  // a process that hears of no SIGHUP is ended by it on the spot
  writeFileSync(
    probe,
    `const Module = require('node:module');
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === './io') process.kill(process.pid, 'SIGHUP');
  return load.call(this, request, ...rest);
};
`,
  );
  const child = site.start(['run'], { NODE_OPTIONS: `--require=${probe}` });
  await child.says('reading journal');
  child.kill('SIGTERM');
  expect((await child.ended).code).toBe(0);
});
