/** The password of each transport is that of the moment it connects, not that of the start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transportOf } from '../../src/assembly/connect';
import { loadConfig } from '../../src/config/load';

test.each([
  ['odbc', (options: { connectionString: string }) => options.connectionString],
  ['jt400', (options: { password: string }) => options.password],
])('%s', (transport, said) => {
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-'));
  try {
    const file = join(folder, 'c.yaml');
    const password = join(folder, 'password');
    writeFileSync(password, 'first');
    writeFileSync(
      file,
      `version: 1
partition: { name: P, host: h, user: u, password: "\${file:password}", transport: ${transport} }
destinations: { out: { stdout: {} } }
tables: { L/T: { event: order } }
`,
    );
    const config = loadConfig(file, { env: {} });
    const { options } = transportOf(config) as unknown as { options: never };
    expect(said(options)).toContain('first');
    writeFileSync(password, 'second');
    config.partition.password.lookAgain();
    expect(said(options)).toContain('second');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
