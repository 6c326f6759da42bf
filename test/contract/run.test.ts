/** A daemon refuses a configuration that breaks a promise, `plan --diff` says which, `run --accept` takes it up. */
import { Desk } from '../support/desk';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
}, 60_000);
afterAll(async () => desk?.[Symbol.asyncDispose]());

const tables = (key: string, more = ''): string =>
  `tables:\n  ORDLIB/ORDLIN: { event: line, key: ${key}${more} }\n  ORDLIB/CUSMAS: { event: customer }\n`;

test('from the first start to an accepted change', async () => {
  desk.write(tables('[ORDNO, LINNO]'));
  expect((await desk.cli('plan', '--diff')).out).toContain('no daemon has run on this state file yet');
  await (await desk.start()).stop();
  expect(await desk.json('plan', '--diff')).toMatchObject({ diff: [] });

  desk.write(tables('[ORDNO, LINNO]', ', mask: { PRICE: redact }'));
  const masked = await desk.cli('plan', '--diff');
  expect(masked).toMatchObject({ code: 0 });
  expect(masked.out).toContain('noticed  tables.ORDLIB/ORDLIN.rules.');
  await (await desk.start()).stop();
  expect(desk.log.filter((l) => String(l['msg']).startsWith('configuration changed'))).toHaveLength(1);
  expect(await desk.json('plan', '--diff')).toMatchObject({ diff: [] });

  desk.write(tables('[ORDNO]', ', mask: { PRICE: redact }'));
  const broken = await desk.cli('plan', '--diff');
  expect(broken.code).toBe(5);
  expect(broken.out).toContain('BREAKS A PROMISE  tables.ORDLIB/ORDLIN.key\n  was ORDNO, LINNO\n  is  ORDNO\n');
  await expect(desk.start()).rejects.toMatchObject({ code: 'CONTRACT_BROKEN', family: 'config' });
  // the refusal has written nothing
  expect((await desk.cli('plan', '--diff')).code).toBe(5);
  await (await desk.start({ accept: true })).stop();
  expect(await desk.json('plan', '--diff')).toMatchObject({ diff: [] });
}, 90_000);

test('a table that is locked away for a while keeps its promise', async () => {
  desk.write(tables('[ORDNO]', ', mask: { PRICE: redact }'));
  await desk.cl('RNMOBJ OBJ(ORDLIB/CUSMAS) OBJTYPE(*FILE) NEWOBJ(CUSOLD)');
  await (await desk.start({ accept: false })).stop();
  await desk.cl('RNMOBJ OBJ(ORDLIB/CUSOLD) OBJTYPE(*FILE) NEWOBJ(CUSMAS)');
  await (await desk.start()).stop();
  expect(await desk.json('plan', '--diff')).toMatchObject({ diff: [] });
}, 60_000);

test('the same key in another spelling, or left to the catalog, breaks nothing', async () => {
  for (const key of ['    key: [ordno, linno]\n', '    key: ["LINNO", ORDNO]\n', '', '    key: [ORDNO, LINNO]\n']) {
    desk.write(`tables:\n  ORDLIB/ORDLIN:\n    event: line\n${key}`);
    const swapped = key.includes('"LINNO"');
    const start = desk.start({ accept: key.includes('ordno') });
    if (swapped) await expect(start).rejects.toMatchObject({ code: 'CONTRACT_BROKEN' });
    else await (await start).stop();
  }
}, 60_000);
