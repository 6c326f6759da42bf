/** Entries written before an ALTER TABLE still decode after it, also when the daemon was down in between. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { CliProcess, cli } from '../support/daemon-process';
import { partitionYaml } from '../support/partition-yaml';

interface Event {
  readonly type: string;
  readonly data: { readonly after?: Record<string, unknown>; readonly meta: { readonly decodeErrors?: unknown[] } };
}

const CONFIG = (p: SimulatedPartition): string => `version: 1
${partitionYaml(p, { name: 'HIST', password: '${env:HIST_PASSWORD}', tls: true })}
state: state.sqlite
http: off
journal: { pollInterval: 100ms, maxPollInterval: 100ms }
destinations: { out: { stdout: {} } }
tables:
  HISTLIB/THING:
    event: thing
    key: [ID]
    to: [out]
`;

test('an ALTER while the daemon is down: old entries by the old format, new ones by the new', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-history-'));
  await using partition = await SimulatedPartition.start();
  const file = join(dir, 'ibmi-cdc.yaml');
  writeFileSync(file, CONFIG(partition));
  const env = { HIST_PASSWORD: partition.password };
  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) expect((await cli(['sql', '-c', file, statement], env)).stderr).toBe('');
  };
  try {
    await sql(
      'CREATE SCHEMA HISTLIB',
      'CREATE TABLE HISTLIB.THING (ID INTEGER NOT NULL PRIMARY KEY, NAME CHAR(10) NOT NULL)',
    );
    const first = new CliProcess(['run', '-c', file], env);
    await first.says('reading journal');
    await sql("INSERT INTO HISTLIB.THING VALUES (1, 'ONE')");
    await first.says('"ONE"');
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);

    await sql(
      "INSERT INTO HISTLIB.THING VALUES (2, 'TWO')",
      'ALTER TABLE HISTLIB.THING ADD COLUMN SIZE DECIMAL(7,2) NOT NULL DEFAULT 0',
      "INSERT INTO HISTLIB.THING VALUES (3, 'THREE', 12.50)",
    );
    const second = new CliProcess(['run', '-c', file], env);
    await second.says('"THREE"');
    second.kill('SIGTERM');
    const { stdout } = await second.ended;
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    const rows = events.filter((e) => e.type === 'thing.created');
    expect(rows.map((e) => e.data.after)).toEqual([
      { ID: 2, NAME: 'TWO' },
      { ID: 3, NAME: 'THREE', SIZE: '12.50' },
    ]);
    expect(rows.flatMap((e) => e.data.meta.decodeErrors ?? [])).toEqual([]);
    expect(events.map((e) => e.type)).toContain('schema.changed');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 120_000);
