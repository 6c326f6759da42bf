/** The first minute with the product: the demo ends with nothing lost, nothing twice, and says so. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli } from '../support/daemon-process';

interface Summary {
  readonly changes: number;
  readonly delivered: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

const line = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

test('as JSON: every event, then the summary', async () => {
  const ended = await cli(['demo', '--seconds', '3', '--rate', '40', '--json']);
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' });
  const lines = ended.stdout.trim().split('\n').map(line);
  const events = lines.filter((l) => 'event' in l);
  const summary = lines.at(-1)!['summary'] as Summary;
  expect(summary).toMatchObject({ duplicates: 0, lost: 0, invented: 0, outOfOrder: 0, badSignatures: 0 });
  // how many there are in three seconds is the machine's affair
  expect(summary.changes).toBeGreaterThan(0);
  expect(events).toHaveLength(summary.changes);
  expect(summary.delivered).toBe(summary.changes);
  expect(summary.latencyMs.p50).toBeGreaterThan(0);
  expect(summary.latencyMs.p99).toBeGreaterThanOrEqual(summary.latencyMs.p50);
});

test('for a person: a line an event, the summary in words; --dir keeps what was made and can be used again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-demo-'));
  try {
    for (let round = 0; round < 2; round++) {
      const ended = await cli(['demo', '--seconds', '2', '--dir', dir]);
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' });
      expect(ended.stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}order\.created +\d+ .* ORDHDR +seq \d+ +\d+ ms$/m);
      expect(ended.stdout).toMatch(/^duplicates +0$/m);
      expect(ended.stdout).toMatch(/^lost +0$/m);
      expect(ended.stdout).not.toContain('\u001b');
    }
    expect(readdirSync(dir).sort()).toEqual(['ibmi-cdc.yaml', 'partition', 'state']);
    const config = readFileSync(join(dir, 'ibmi-cdc.yaml'), 'utf8');
    expect(config).not.toMatch(/whsec_|cdcpwd/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
