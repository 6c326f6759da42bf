/** A disk that is full: a small file system of its own, which only root may make. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allRows } from '../../src/transport/transport';
import { insertOrder, Receiver, Site } from './site';

jest.setTimeout(120_000);

function mounted(folder: string, size: string): boolean {
  mkdirSync(folder, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0;
}

const probe = join('/tmp', `ibmi-cdc-mount-${process.pid}`);
const may = process.getuid?.() === 0 && mounted(probe, '64k');
if (may) spawnSync('umount', [probe]);
rmSync(probe, { recursive: true, force: true });
// only root may mount a small file system: others skip this visibly; in CI a skipped test is a failure
const onSmallDisk = may ? test : test.skip;

/** Fills what is left but `keep` bytes. */
function fill(folder: string, keep = 0): void {
  const { bavail, bsize } = statfsSync(folder);
  try {
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - keep), 1));
  } catch {
    // to the last byte
  }
}

async function onDisk(work: (site: Site, receiver: Receiver, disk: string) => Promise<void>): Promise<void> {
  await using receiver = await Receiver.open();
  const site = await Site.open();
  const disk = join(site.dir, 'state');
  mounted(disk, '6m');
  try {
    site.config({ destinations: receiver.destination, rest: { http: { host: '127.0.0.1', port: 0 } } });
    await work(site, receiver, disk);
  } finally {
    await site.stopAll();
    spawnSync('umount', ['-l', disk]);
    await site[Symbol.asyncDispose]();
  }
}

onSmallDisk('full at the start: said as it is, exit 3', async () => {
  await onDisk(async (site, _receiver, disk) => {
    fill(disk);
    const ended = await site.cli(['run', '--log-level', 'fatal']);
    expect(ended.stderr).toMatch(/^error STORE_FULL: .*disk is full/);
    expect(ended.code).toBe(3);
  });
});

onSmallDisk('full while running: delivery goes on, reading stands still, and goes on by itself', async () => {
  await onDisk(async (site, receiver, disk) => {
    const connection = await site.connect();
    const child = site.start(['run']);
    await child.says('reading journal');
    const release = receiver.hold();
    for (let n = 0; n < 5; n++) await insertOrder(connection, String(310_000 + n), null);
    await receiver.seen(1);
    // all of them are captured: with the disk full nothing more is
    for (;;) {
      const status = JSON.parse((await site.cli(['status', '--json'])).stdout);
      if (status.destinations[0]?.pending === 5) break;
    }
    fill(disk);
    // what is captured now cannot be written
    for (const n of [1, 2, 3]) await connection.execute(`UPDATE ORDLIB.ORDHDR SET REMARK = 'full ${n}'`);
    await child.says('the disk of the state file is full');
    release();
    await receiver.seen(5);
    const port = child.value(/"port":(\d+)/);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('its disk is full')]);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('ibmi_cdc_state_disk_full 1');
    expect((await site.cli(['status'])).stdout).toContain('DISK FULL since');
    rmSync(join(disk, 'ballast'));
    await child.says('has room again');
    const rows = await allRows(await connection.query('SELECT COUNT(*) FROM ORDLIB.ORDHDR'));
    const updated = (): number =>
      new Set(receiver.arrivals.filter(({ event }) => event.data.after?.['remark'] === 'full 3').map((a) => a.event.id))
        .size;
    while (updated() < Number(rows[0]![0])) await receiver.seen(receiver.arrivals.length + 1);
    child.kill('SIGTERM');
    expect((await child.ended).code).toBe(0);
    expect(child.said('bug')).toBe(false);
  });
});
