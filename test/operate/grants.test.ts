/**
 * The CL that `grants` prints, run on a partition that gives the public nothing: with all of it the profile reads, without any
 * one command it does not, and after the way back nothing of it is left.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Desk } from '../support/desk';

jest.setTimeout(120_000);

const SHUT = [
  'GRTOBJAUT OBJ(ORDLIB/*ALL) OBJTYPE(*FILE) USER(*PUBLIC) AUT(*EXCLUDE)',
  'GRTOBJAUT OBJ(ORDLIB/*ALL) OBJTYPE(*JRN) USER(*PUBLIC) AUT(*EXCLUDE)',
  'GRTOBJAUT OBJ(ORDLIB/*ALL) OBJTYPE(*JRNRCV) USER(*PUBLIC) AUT(*EXCLUDE)',
  'GRTOBJAUT OBJ(ORDLIB) OBJTYPE(*LIB) USER(*PUBLIC) AUT(*EXCLUDE)',
];

interface Report {
  readonly grants: readonly { readonly purpose: string; readonly cl: string; readonly undo: string | null }[];
  readonly notes: readonly string[];
}

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  for (const cl of SHUT) await desk.cl(cl);
  write();
});
afterEach(() => desk[Symbol.asyncDispose]());

function write(user?: string): void {
  const unit = `lookups: { name: { table: ORDLIB/CUSMAS, key: CUSNO, value: NAME1 } }, expressions: { name: "lookup('name', CUSNO)" }`;
  desk.write(`tables: { ORDLIB/ORDHDR: { event: order, ${unit} } }\n`);
  if (user === undefined) return;
  const own = readFileSync(desk.config, 'utf8').replace(/user: \w+\n.*\n/, `user: ${user}\n  password: readerpw\n`);
  writeFileSync(desk.config, own);
}

/** Commands of a CL source member: comments left out, continued lines joined. */
function commandsOf(source: string): string[] {
  expect(source.split('\n').filter((line) => line.length > 70)).toEqual([]);
  return source
    .replaceAll(/\/\*.*?\*\/\n/gs, '')
    .replaceAll(/ \+\n\s*/g, ' ')
    .trim()
    .split('\n');
}

/** Checks of the profile that failed. */
async function failing(): Promise<string[]> {
  const { out } = await desk.cli('doctor', '--json');
  const checks = out
    .trim()
    .split('\n')
    .flatMap((line) => {
      const parsed = JSON.parse(line) as { findings?: Check[] } & Check;
      return parsed.findings ?? [parsed];
    });
  return checks.filter((c) => c.level === 'error').map((c) => c.code);
}

interface Check {
  readonly level: string;
  readonly code: string;
}

test('all of it is enough, and each command is needed', async () => {
  const report = await desk.json<Report>('grants', '--user', 'READER');
  for (const { cl } of report.grants) await desk.cl(cl);
  await desk.cl("CHGUSRPRF USRPRF(READER) PASSWORD('readerpw')");
  write('READER');
  expect(await failing()).toEqual([]);
  const objects = report.grants.filter((g) => /^(GRTOBJAUT|ADDAUTLE)/.test(g.cl));
  expect(objects.map((g) => g.purpose)).toEqual([
    'library ORDLIB',
    'file ORDLIB/ORDHDR',
    'file ORDLIB/CUSMAS',
    'journal ORDLIB/ORDJRN',
    'the profile may use what the list secures',
    'receivers ORDLIB/ORDRCV*',
  ]);
  for (const { purpose, cl, undo } of objects) {
    await desk.cl(undo!);
    expect([purpose, (await failing()).length > 0]).toEqual([purpose, true]);
    await desk.cl(cl);
  }
  expect(await failing()).toEqual([]);
  // a receiver that did not exist when the list was made
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)');
  await desk.start();
  await desk.until('a position', () => JSON.stringify(desk.log).includes('reading journal'));
  await desk.sql("UPDATE ORDLIB.ORDHDR SET STS = '77' WHERE ORDNO = (SELECT MIN(ORDNO) FROM ORDLIB.ORDHDR)");
  await desk.until('the change', () => desk.sent.some((e) => e.type === 'order.updated'));
});

test('the member runs as it is printed, and so does the way back', async () => {
  const there = commandsOf((await desk.cli('grants', '--user', 'READER')).out);
  const report = await desk.json<Report>('grants', '--user', 'READER');
  expect(there).toEqual(report.grants.map((g) => g.cl));
  for (const cl of there) await desk.cl(cl);
  await desk.cl("CHGUSRPRF USRPRF(READER) PASSWORD('readerpw')");
  const back = commandsOf((await desk.cli('grants', '--user', 'READER', '--revoke')).out);
  expect(back).toEqual([...report.grants].reverse().map((g) => g.undo));
  for (const cl of back) await desk.cl(cl);
  // neither list nor profile is left
  for (const cl of there.filter((c) => /^CRT/.test(c))) await desk.cl(cl);
  await desk.cl("CHGUSRPRF USRPRF(READER) PASSWORD('readerpw')");
  write('READER');
  expect((await failing()).length).toBeGreaterThan(0);
});

test('a lookup that cannot be answered is found by doctor', async () => {
  const lookups = { gone: 'ORDLIB/NOTTHERE, key: A, value: B', column: 'ORDLIB/CUSMAS, key: CUSNO, value: NAMEX' };
  const yaml = Object.entries(lookups).map(([name, rest]) => `${name}: { table: ${rest} }`);
  desk.write(`tables: { ORDLIB/ORDHDR: { event: order, lookups: { ${yaml.join(', ')} } } }\n`);
  const { out, code } = await desk.cli('doctor');
  expect(code).toBe(5);
  expect(out).toMatch(/ORDLIB\/ORDHDR lookups.gone: LOOKUP_TABLE: .*NOTTHERE/);
  expect(out).toMatch(/ORDLIB\/ORDHDR lookups.column: LOOKUP_COLUMN: .*no column NAMEX/);
});

test('without the partition, from the configuration and the command line', async () => {
  const { out, code } = await desk.cli('grants', '--offline', '--journal', 'ORDLIB/ORDJRN', '--json');
  expect(code).toBe(0);
  const report = JSON.parse(out) as Report;
  expect(report.grants.map((g) => g.cl)).toContain('GRTOBJAUT OBJ(ORDLIB/*ALL) OBJTYPE(*JRNRCV) AUTL(CDCRCV)');
  const unknown = JSON.parse((await desk.cli('grants', '--offline', '--json')).out) as Report;
  expect(unknown.notes[0]).toMatch(/--journal LIB\/JRN/);
  const refused = await desk.cli('grants', '--user', 'much too long a name');
  expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/--user/) });
});
