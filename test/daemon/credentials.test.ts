/** A credential that is replaced while the daemon runs. */
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.table('STOCK');
});
afterEach(() => desk[Symbol.asyncDispose]());

test('a new one is used, a broken one is told once in the log and as long as it is so in /readyz and status', async () => {
  const file = join(dirname(desk.config), 'token');
  writeFileSync(file, 'first');
  desk.write('http: { port: 0, token: "${file:token}" }\ntables:\n  ORDLIB/STOCK: { event: stock }\n');
  const daemon = await desk.start();
  const metrics = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`, { headers })).status;
  };
  const warnings = async (): Promise<unknown> => {
    const answer = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/readyz`)).json();
    return (answer as { warnings?: unknown }).warnings;
  };
  const told = () => desk.log.filter((line) => line['place'] === 'http.token');
  expect(await metrics('first')).toBe(200);
  writeFileSync(file, 'second\n');
  for (const end = Date.now() + 20_000; (await metrics('second')) !== 200 && Date.now() < end; await pause(50));
  expect(await metrics('second')).toBe(200);
  expect(await warnings()).toBeUndefined();

  writeFileSync(file, Buffer.of(0xfc, 0x0a));
  await desk.until('told', () => told().length === 1);
  expect(told()[0]).toMatchObject({
    level: 'warn',
    seen: `\${file:token}: file ${file} is not UTF-8 (line 1, column 1), expected UTF-8: save it again as UTF-8`,
  });
  expect(await metrics('second')).toBe(200);
  expect(await warnings()).toEqual([
    { name: 'credential http.token', detail: expect.stringContaining('is not UTF-8 (line 1, column 1)') },
  ]);
  expect((await desk.cli('status')).out).toMatch(/^credential http\.token {2}CANNOT BE USED: .* is not UTF-8/m);

  writeFileSync(file, 'third');
  await desk.until('can be used again', () => told().length === 2);
  expect(await metrics('third')).toBe(200);
  expect(await warnings()).toBeUndefined();
  rmSync(file);
  await desk.until('missing', () => told().length === 3);
  expect(await metrics('third')).toBe(200);
});
