/** A daemon with many tables asks the partition no more than one with few: 120 tables start in seconds. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { checkText } from '../../src/config/load';
import { Daemon } from '../../src/daemon/daemon';
import { runCommand } from '../../src/simulator/partition/cl/run';
import { column, type FileDef } from '../../src/simulator/partition/files/definitions';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { createLogger } from '../../src/telemetry/logger';
import { partitionYaml } from '../support/partition-yaml';

jest.setTimeout(60_000);

const FILES = 500;
const nameOf = (i: number): string => `T${String(i + 1).padStart(4, '0')}`;

let partition: SimulatedPartition;
/** What was prepared since it was last emptied. */
let statements: string[] = [];

beforeAll(async () => {
  partition = await SimulatedPartition.start();
  const inside = partition.inside!;
  const job = inside.openJob({ name: 'SETUP', user: 'QPGMR', number: '000009', remoteAddress: '' });
  inside.transaction(() => {
    runCommand(inside, job, 'CRTLIB LIB(MANYLIB)');
    for (let i = 0; i < FILES; i++) {
      inside.createFile(job, fileNamed(nameOf(i)));
      runCommand(inside, job, `STRJRNPF FILE(MANYLIB/${nameOf(i)}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
    }
  });
  job.end();
  const { engine } = partition;
  const openSession = engine.openSession.bind(engine);
  jest.spyOn(engine, 'openSession').mockImplementation((identity) => {
    const session = openSession(identity);
    const prepare = session.prepare.bind(session);
    session.prepare = (sql) => {
      statements.push(sql);
      return prepare(sql);
    };
    return session;
  });
});
afterAll(() => partition?.stop());

function fileNamed(name: string): FileDef {
  return {
    library: 'MANYLIB',
    name,
    text: name,
    recordFormat: `${name}R`,
    columns: [column('KEYNO', 'DECIMAL', 9), column('TXT', 'CHAR', 20)],
    keys: [{ name: `${name}_PK`, kind: 'primary', unique: true, columns: ['KEYNO'] }],
  };
}

function configOf(count: number, folder: string): string {
  const tables = Array.from(
    { length: count },
    (_, i) => `  MANYLIB/${nameOf(i)}: { event: thing, columns: { TXT: text } }`,
  );
  return `version: 1
${partitionYaml(partition, { password: partition.password })}
state: ${join(folder, 'state.sqlite')}
http: off
destinations:
  out: { stdout: {} }
tables:
${tables.join('\n')}
`;
}

/** Statements from sign-on until the journal is being read. */
async function statementsToStart(count: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-start-'));
  try {
    const { config, issues } = checkText(configOf(count, folder), 'c.yaml', join(folder, 'c.yaml'), { env: {} });
    if (!config) throw new Error(JSON.stringify(issues));
    let note: (until: string[]) => void;
    const reading = new Promise<string[]>((resolve) => {
      note = resolve;
    });
    // taken as the line is written: a turn later the reader may have asked more
    const said = new Writable({
      write: (line: Buffer, _encoding, done) => {
        if (line.includes('reading journal')) note([...statements]);
        done();
      },
    });
    statements = [];
    await using daemon = await Daemon.start({ config, log: createLogger('info', said), stdout: new PassThrough() });
    return (await Promise.race([reading, daemon.finished()])) ?? [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('as many statements for 500 tables as for three', async () => {
  const few = await statementsToStart(3);
  const many = await statementsToStart(FILES);
  const kinds = (list: readonly string[]): string[] =>
    list.map((sql) => /\bFROM\s+[\w.]+/i.exec(sql)?.[0] ?? sql).sort();
  expect(kinds(many)).toEqual(kinds(few));
  expect(few.length).toBeGreaterThan(5);
  expect(few.length).toBeLessThan(15);
});
