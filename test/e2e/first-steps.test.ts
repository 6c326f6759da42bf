/** From `simulate` to `run` in one go: what `init` writes works as it is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Site } from './site';

jest.setTimeout(60_000);

test('init with the ports and the CA of a simulated partition, then run', async () => {
  await using site = await Site.open();
  const { host, ports, user, password, caFile } = site.partition;
  const port = ['--port', String(ports.databaseTls), '--signon-port', String(ports.signonTls)];
  const made = await site.cli(['init', '--host', host, ...port, '--user', user, '--tls-ca', caFile, '--to', 'stdout']);
  expect(made.code).toBe(0);
  mkdirSync(join(site.dir, 'secrets'));
  writeFileSync(join(site.dir, 'secrets', 'ibmi-password'), password);
  expect((await site.cli(['validate', '--strict'])).stdout).toMatch(/valid, 1 table, 1 rule, 0 warnings/);
  const run = site.start(['run']);
  await run.says('reading journal');
  const partition = await site.connect();
  await partition.execute("UPDATE ORDLIB.ORDHDR SET STS = '90' WHERE ORDNO = (SELECT MIN(ORDNO) FROM ORDLIB.ORDHDR)");
  await run.says('"type":"order.updated"');
});
