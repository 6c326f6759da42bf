/** node-jt400 itself, as its users write it, against the simulated partition over TLS. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { describeWithJudge } from '../support/judges';
import { BUNDLED_JTOPEN, judgeNeeds, trustStore } from './jtopen';

const NATIVE = join(__dirname, '..', '..', 'node_modules', 'java', 'build', 'Release');
const needs = { ...judgeNeeds(BUNDLED_JTOPEN), 'the native part of node-jt400': existsSync(NATIVE) };

describeWithJudge('node-jt400', needs, () => {
  test('signs on, reads, writes, commits, rolls back and reports errors', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-nodejt-'));
    await using partition = await SimulatedPartition.start();
    const settings = {
      host: 'localhost',
      user: partition.user,
      password: partition.password,
      signon: partition.ports.signonTls,
      database: partition.ports.databaseTls,
      trustStore: trustStore(partition.caFile, folder),
    };
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(__dirname, 'node-jt400-user.cjs'),
      JSON.stringify(settings),
    ]);
    rmSync(folder, { recursive: true, force: true });
    const answer = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
    expect(answer['wrong']).toContain('Password is incorrect');
    expect(answer).toMatchObject({
      count: [{ N: '500' }],
      prepared: [{ ORDNO: '100002' }],
      inserted: 1,
      batch: [1, 1],
      rows: [
        { ID: '1', NAME: 'eins', PRICE: '12.50', BORN: '2024-02-29' },
        { ID: '2', NAME: 'kept', PRICE: '1.25', BORN: '1999-12-31' },
        { ID: '3', NAME: 'drei', PRICE: '-1.00', BORN: '2000-01-01' },
      ],
      streamed: 500,
    });
    expect(answer['error']).toContain('NOWHERE in ORDLIB type *FILE not found');
    expect(partition.errors).toEqual([]);
  });
});
