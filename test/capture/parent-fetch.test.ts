/** An event of a parent that carries the parent's row: as the parent's own events show it, read once, with when it was read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { checkText } from '../../src/config/load';
import { checkMapping } from '../../src/map/plan/check';
import { Desk, type SentEvent } from '../support/desk';

jest.setTimeout(120_000);

async function site(more = '', debounce = 'commit'): Promise<Desk> {
  const desk = await Desk.open();
  await desk.sql(
    'CREATE TABLE ORDLIB.HEAD (CO CHAR(3) NOT NULL, NO DECIMAL(7, 0) NOT NULL, ODATE DECIMAL(7, 0) NOT NULL, AMT DECIMAL(9, 2), MAIL VARCHAR(40), PRIMARY KEY (CO, NO))',
  );
  await desk.sql('CREATE TABLE ORDLIB.LINE (CO CHAR(3), NO DECIMAL(9, 2), POS INTEGER NOT NULL, QTY INTEGER NOT NULL)');
  for (const t of ['HEAD', 'LINE'])
    await desk.cl(`STRJRNPF FILE(ORDLIB/${t}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
  desk.write(`policies: { start: latest }
tables:
  ORDLIB/HEAD:
    event: order
    key: [CO, NO]
    include: "*"
    columns: { CO: company, NO: number, ODATE: { as: orderDate, date: cyymmdd } }
    expressions: { gross: "AMT * 1.19", size: "lookup('sizes', CO)" }
    lookups: { sizes: { table: ORDLIB/SIZES, key: CO, value: SIZE } }
    mask: { MAIL: { truncate: 2 } }
    ${more}
  ORDLIB/LINE:
    name: lines
    parent: { event: order, table: ORDLIB/HEAD, key: { company: CO, number: NO }, changed: lines, debounce: ${debounce}, fetch: true }
`);
  await desk.sql('CREATE TABLE ORDLIB.SIZES (CO CHAR(3) NOT NULL PRIMARY KEY, SIZE VARCHAR(9) NOT NULL)');
  await desk.sql("INSERT INTO ORDLIB.SIZES VALUES ('A', 'large')");
  return desk;
}

async function started(desk: Desk): Promise<void> {
  await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
}

interface ParentMeta {
  readonly state: string;
  readonly receiver: string | null;
  readonly sequence: string | null;
}

const ofLines = (desk: Desk): SentEvent[] =>
  desk.sent.filter((e) => (e.data as { changed?: unknown[] }).changed?.includes('lines'));
const readOf = (e: SentEvent): ParentMeta => e.data.meta!['parentRow'] as ParentMeta;

test('the row is that of the parent’s own events, with the position of its reading', async () => {
  await using desk = await site();
  await desk.sql("INSERT INTO ORDLIB.HEAD VALUES ('A', 7, 1261121, 10.00, 'someone@example.com')");
  await started(desk);
  await desk.sql("INSERT INTO ORDLIB.LINE VALUES ('A', 7, 1, 5)");
  await desk.until('its lines', () => ofLines(desk).length === 1);
  const [event] = ofLines(desk);
  await desk.sql("UPDATE ORDLIB.HEAD SET MAIL = 'somebody@example.com' WHERE NO = 7");
  await desk.until('itself', () => desk.sent.some((e) => e.type === 'order.updated' && e !== event));
  const own = desk.sent.find((e) => e.type === 'order.updated' && e !== event)!;
  expect(event!.data.after).toEqual(own.data.after);
  expect(event!.data.after).toMatchObject({ orderDate: '2026-11-21', gross: '11.9000', size: 'large', MAIL: 'so' });
  const { state, receiver, sequence } = readOf(event!);
  expect([state, receiver]).toEqual(['read', event!.data.meta!['receiver']]);
  // it has what the journal had when it was read: the child's change, and nothing that came later
  expect(BigInt(sequence!)).toBeGreaterThanOrEqual(BigInt(event!.data.meta!['sequence'] as string));
  expect(BigInt(sequence!)).toBeLessThan(BigInt(own.data.meta!['sequence'] as string));
});

test('many parents, missing ones, null keys and keys of another scale; a field that cannot be decoded', async () => {
  await using desk = await site();
  for (let no = 1; no <= 120; no++)
    await desk.sql(`INSERT INTO ORDLIB.HEAD VALUES ('A', ${no}, 1261121, ${no}.25, NULL)`);
  await desk.sql("INSERT INTO ORDLIB.HEAD VALUES ('B', 1, 9999999, NULL, NULL)");
  await started(desk);
  await desk.admin.setAutocommit(false);
  for (let no = 1; no <= 120; no++) await desk.sql(`INSERT INTO ORDLIB.LINE VALUES ('A', ${no}, 1, 5)`);
  for (const [co, no] of [
    ["'B'", '1'],
    ["'C'", '1'],
    ["'A'", 'NULL'],
    ["'A'", '1.5'],
  ])
    await desk.sql(`INSERT INTO ORDLIB.LINE VALUES (${co}, ${no}, 1, 5)`);
  await desk.admin.commit();
  await desk.admin.setAutocommit(true);
  await desk.until('all', () => ofLines(desk).length === 124);
  const seen = ofLines(desk);
  const whole = seen.slice(0, 120);
  expect(whole.map((e) => [readOf(e).state, e.data.after!['AMT']])).toEqual(
    Array.from({ length: 120 }, (_, i) => ['read', `${i + 1}.25`]),
  );
  expect(seen.slice(120).map((e) => [e.subject, readOf(e).state, e.data.after === null])).toEqual([
    ['B/1.00', 'read', false],
    ['C/1.00', 'missing', true],
    ['A/', 'null key', true],
    ['A/1.50', 'missing', true],
  ]);
  const bad = seen[120]!;
  expect(bad.data.after).toMatchObject({ orderDate: null });
  expect(bad.data.meta!['decodeErrors']).toEqual([expect.objectContaining({ column: 'ODATE' })]);
});

test('a row larger than its destinations take is left out, and said to be', async () => {
  await using desk = await site();
  const file = readFileSync(desk.config, 'utf8');
  writeFileSync(desk.config, file.replace('stdout: {}', 'payloadLimit: { max: 700B }, stdout: {}'));
  await desk.sql("INSERT INTO ORDLIB.HEAD VALUES ('A', 7, 1261121, 10.00, NULL)");
  await started(desk);
  await desk.sql("INSERT INTO ORDLIB.LINE VALUES ('A', 7, 1, 5)");
  await desk.until('its lines', () => ofLines(desk).length === 1);
  const [event] = ofLines(desk);
  expect([event!.data.after, readOf(event!).state]).toEqual([null, 'too large']);
  expect(readOf(event!).sequence).toMatch(/^\d+$/);
});

test('what cannot be asked delays the event, and loses and doubles none', async () => {
  await using desk = await site('', '300ms');
  await desk.sql("INSERT INTO ORDLIB.HEAD VALUES ('A', 7, 1261121, 10.00, NULL)");
  await started(desk);
  // the rule of the parent looks something up in a table that is not there: nothing can be said of the row
  await desk.sql('DROP TABLE ORDLIB.SIZES');
  await desk.sql("INSERT INTO ORDLIB.LINE VALUES ('A', 7, 1, 5)");
  await desk.until('it waits', () => desk.value('SELECT count(*) FROM held_change') === 1);
  await desk.partition.restart();
  const later = await desk.connect();
  await later.execute('UPDATE ORDLIB.LINE SET QTY = 6 WHERE POS = 1');
  await desk.until('it still waits', () =>
    desk.log.some((l) => String(l['msg']).startsWith('not reading the journal')),
  );
  expect(ofLines(desk)).toEqual([]);
  await later.execute('CREATE TABLE ORDLIB.SIZES (CO CHAR(3) NOT NULL PRIMARY KEY, SIZE VARCHAR(9) NOT NULL)');
  await later.execute("INSERT INTO ORDLIB.SIZES VALUES ('A', 'small')");
  await desk.until('its lines', () => ofLines(desk).length > 0);
  await later.execute('UPDATE ORDLIB.HEAD SET AMT = 11 WHERE NO = 7');
  await desk.until('itself', () =>
    desk.sent.some((e) => e.data.after?.['AMT'] === '11.00' && !ofLines(desk).includes(e)),
  );
  await later.close();
  expect(ofLines(desk).every((e) => e.data.after!['size'] === 'small')).toBe(true);
  const ids = desk.sent.map((e) => (e as unknown as { id: string }).id);
  expect(new Set(ids).size).toBe(ids.length);
  await desk.until('nothing waits', () => desk.value('SELECT count(*) FROM held_change') === 0);
});

const HEAD = 'ORDLIB/HEAD: { event: order, key: [CO, NO], columns: { CO: company, NO: true } }';
const FETCH = 'parent: { event: order, table: ORDLIB/HEAD, key: { company: CO, NO: NO }, fetch: true }';

test.each([
  ['as it should be', HEAD, FETCH, '', []],
  ['no table of its own', 'ORDLIB/ELSE: { event: order }', FETCH, '', [/ORDLIB|parent.table with a rule/]],
  ['another entity', HEAD.replace('event: order', 'event: sale'), FETCH, '', [/with event: order/]],
  ['other names', HEAD, FETCH.replace('company: CO', 'co: CO'), '', [/name the key .*: company, NO/]],
  ['a masked key', HEAD, `${FETCH}, mask: { NO: redact }`, '', [/without mask or date/]],
  ['a dated key', HEAD, `${FETCH}, columns: { NO: { date: cyymmdd } }`, '', [/without mask or date/]],
  ['a template', HEAD, `${FETCH}, envelope: { template: { id: "{{id}}" } }`, '', [/they say when the row was read/]],
  ['nothing stored', HEAD, FETCH, 'storePayload: false, ', [/storePayload: true of out/]],
])('validate: %s', (_what, head, line, destination, expected) => {
  const text = `version: 1
partition: { name: P, host: h, user: u, password: p, tls: off }
state: s.sqlite
destinations: { out: { ${destination}stdout: {} } }
tables:
  ${head}
  ORDLIB/LINE: { name: lines, ${line} }
`;
  const { issues } = checkText(text, 'c.yaml', '/nowhere/c.yaml', { env: {}, references: 'tolerate', checkMapping });
  const found = issues.flatMap((i) => (i.code === 'CFG_PARENT_FETCH' ? [i.expected] : []));
  expect(found).toEqual(expected.map((e) => expect.stringMatching(e)));
});
