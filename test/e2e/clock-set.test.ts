/** The built command line under a wall clock that is set while it works (libfaketime); its steady clock runs on. */
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describeWithJudge } from '../support/judges';
import { insertOrder, Site } from './site';

jest.setTimeout(90_000);

const LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`;

/** The wall clock of one process, as far off as a file says. */
class WallClock {
  private readonly file: string;
  readonly env: Readonly<Record<string, string>>;

  constructor(dir: string) {
    this.file = join(dir, 'clock');
    this.set('+0');
    this.env = {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param by signed, with `d` for days */
  set(by: string): void {
    writeFileSync(`${this.file}.new`, `${by}\n`);
    renameSync(`${this.file}.new`, this.file);
  }
}

describeWithJudge('the wall clock is set', { libfaketime: LIBRARY }, () => {
  test('back by a day: a window still compares its keys on its schedule', async () => {
    await using site = await Site.open();
    const clock = new WallClock(site.dir);
    const connection = await site.connect();
    await insertOrder(connection, '300001', null);
    site.config({
      tables: {
        'ORDLIB/ORDHDR': {
          event: 'order',
          key: ['ORDNO'],
          columns: { ORDNO: 'no' },
          onDelete: 'delete',
          to: ['out'],
          capture: {
            window: {
              by: ['ORDNO'],
              kind: 'sequence',
              every: '100ms',
              margin: '0s',
              start: 'all',
              deletes: { schedule: '*/2 * * * * *' },
            },
          },
        },
      },
    });
    const child = site.start(['run'], clock.env);
    await child.says('"subject":"300001"');
    clock.set('-1d');
    await connection.execute('DELETE FROM ORDLIB.ORDHDR WHERE ORDNO = ?', ['300001']);
    await child.says('"type":"order.deleted"');
    child.kill('SIGTERM');
    expect((await child.ended).code).toBe(0);
  });

  test('forward by a day: a backfill still waits for its destination', async () => {
    await using site = await Site.open();
    const clock = new WallClock(site.dir);
    let asked = 0;
    const server = createServer((request, response) => {
      request.resume().once('end', () => {
        // twice a second's wait, with a day in between by the wall
        if (++asked === 1) clock.set('+1d');
        response.writeHead(asked <= 2 ? 503 : 204, asked <= 2 ? { 'retry-after': '1' } : {}).end();
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      site.config({ destinations: { out: { webhook: { url, signing: 'none', concurrency: 1 } } } });
      const run = await site.cli(['backfill', '--table', 'ORDLIB/ORDHDR', '--json'], clock.env);
      expect(run.stderr).not.toMatch(/^error/m);
      const last = JSON.parse(run.stdout.trim().split('\n').at(-1)!);
      expect(last).toMatchObject({ state: 'done', pending: 0 });
      expect(last.rowsSent).toBeGreaterThan(0);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
