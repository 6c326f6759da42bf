/**
 * Differences between configurations against the mapper itself: whatever it makes differently of the same entries is told, and
 * another id, key or lane is called a broken promise.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config';
import { loadConfig } from '../../src/config/load';
import { contractOf } from '../../src/contract/contract';
import { type ContractDifference, contractDifferences } from '../../src/contract/difference';
import { fixedClock } from '../../src/map/event/clock';
import { Mapper } from '../../src/map/mapper';
import { checkMapping } from '../../src/map/plan/check';
import type { Change, RecordImage } from '../../src/model/change';
import type { RecordFormat } from '../../src/model/record-format';
import { rowImage } from '../../src/record/rows/row-image';

const FORMAT: RecordFormat = {
  table: 'LIB/ORD',
  columns: [
    { name: 'NO', type: 'DECIMAL', length: 7, scale: 0, ccsid: null, nullable: false },
    { name: 'LINE', type: 'DECIMAL', length: 3, scale: 0, ccsid: null, nullable: false },
    { name: 'STS', type: 'CHAR', length: 2, scale: 0, ccsid: 37, nullable: false },
    { name: 'DAT', type: 'DECIMAL', length: 7, scale: 0, ccsid: null, nullable: false },
  ],
};

const BASE = `version: 1
partition: { name: P, host: h.invalid, user: U, password: "\${env:PW}" }
destinations:
  a: { webhook: { url: "https://a.example.com/x", signing: { stripe: { secret: "\${env:PW}" } } } }
  b: { stdout: {} }
tables:
  LIB/ORD:
    key: [NO, LINE]
    rules:
      - { name: main, event: order, columns: { NO: number, STS: status, DAT: { as: date, date: cyymmdd } }, mask: { STS: redact }, onDelete: delete, to: [a, b] }
      - { name: second, event: line, to: [b] }
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-contract-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string): Config {
  const file = join(folder, 'c.yaml');
  writeFileSync(file, yaml);
  return loadConfig(file, {
    env: { PW: 'whsec_0123456789abcdef0123456789abcdef' },
    references: 'tolerate',
    checkMapping,
  });
}

const differences = (yaml: string): ContractDifference[] =>
  contractDifferences(
    contractOf(load(BASE), (_, written) => written ?? ['NO']),
    contractOf(load(yaml), (_, written) => written ?? ['NO']),
  );

/** As a journal entry has it: without a format of its own. */
function imageOf(sts: string): RecordImage {
  const { format: _, ...image } = rowImage(FORMAT, { NO: '7', LINE: '2', STS: sts, DAT: '1261121' });
  return image;
}

/** What the mapper makes of an insert, an update and a delete. */
function told(yaml: string): { identity: string[]; seen: string[] } {
  const config = load(yaml);
  const mapper = new Mapper({ partition: config.partition.name, clock: fixedClock(0), product: 'x', now: () => 0 });
  const [table] = config.tables;
  mapper.setTable(table!, FORMAT, table!.key ?? ['NO']);
  const row = (sts: string) => ({ is: 'image' as const, image: imageOf(sts) });
  const change = (op: Change['op'], sequence: bigint): Change => ({
    op,
    mode: 'stream',
    table: table!.table,
    member: 'ORD',
    before: op === 'insert' ? null : row('10'),
    after: op === 'delete' ? null : row('20'),
    journal: { library: 'LIB', name: 'JRN' },
    position: { receiver: { library: 'LIB', name: 'RCV' }, sequence },
    occasion: '',
    timestamp: '2026-11-21T20:44:00.000000',
    commitCycle: 0n,
    rrn: 5n,
    user: 'U',
    job: 'J',
    program: 'P',
    remoteAddress: '',
  });
  mapper.beginUnit();
  const drafts = (['insert', 'update', 'delete'] as const).flatMap((op, i) => {
    const outcome = mapper.map(change(op, BigInt(i + 1)));
    return outcome.is === 'mapped' ? outcome.events : [];
  });
  drafts.push(...mapper.endUnit());
  return {
    identity: drafts.map((d) => `${d.type} ${d.id} ${d.key} ${d.traceKey}`).sort(),
    seen: drafts.map((d) => `${d.destinations.join()} ${d.body.toString()}`).sort(),
  };
}

const replaced = (from: string, to: string): string => {
  expect(BASE).toContain(from);
  return BASE.replace(from, to);
};

const CHANGES: readonly (readonly [string, () => string, 'breaking' | 'visible'])[] = [
  ['the partition is renamed', () => replaced('name: P,', 'name: Q,'), 'breaking'],
  ['another key', () => replaced('key: [NO, LINE]', 'key: [NO]'), 'breaking'],
  ['the key of the catalog', () => replaced('    key: [NO, LINE]\n', ''), 'breaking'],
  ['a rule is renamed', () => replaced('name: main', 'name: first'), 'breaking'],
  ['a trace key', () => replaced('event: order,', 'event: order, traceKey: "{{NO}}",'), 'breaking'],
  ['a rule is gone', () => replaced('      - { name: second, event: line, to: [b] }\n', ''), 'visible'],
  [
    'a rule more',
    () => replaced('      - { name: second', '      - { name: third, event: more }\n      - { name: second'),
    'visible',
  ],
  ['another event', () => replaced('event: order,', 'event: purchase,'), 'visible'],
  ['a member is renamed', () => replaced('STS: status', 'STS: state'), 'visible'],
  ['a member is gone', () => replaced('STS: status, ', ''), 'visible'],
  ['a date is a number', () => replaced('DAT: { as: date, date: cyymmdd }', 'DAT: date'), 'visible'],
  ['no mask', () => replaced('mask: { STS: redact }, ', ''), 'visible'],
  ['another mask', () => replaced('redact', 'last4'), 'visible'],
  ['deletes are ignored', () => replaced('onDelete: delete', 'onDelete: ignore'), 'visible'],
  ['fewer destinations', () => replaced('to: [a, b]', 'to: [a]'), 'visible'],
  ['a condition', () => replaced('event: order,', 'event: order, when: "STS <> \'20\'",'), 'visible'],
  ['another envelope', () => replaced('event: order,', 'event: order, envelope: plain,'), 'visible'],
  ['a thinner payload', () => replaced('event: order,', 'event: order, payload: thin,'), 'visible'],
  ['a constant', () => replaced('event: order,', 'event: order, constants: { c: 1 },'), 'visible'],
  ['an expression', () => replaced('event: order,', 'event: order, expressions: { e: "NO + 1" },'), 'visible'],
  ['a group', () => replaced('event: order,', 'event: order, group: { g: [NO, STS] },'), 'visible'],
  ['a version', () => replaced('event: order,', 'event: order, version: "2",'), 'visible'],
  [
    'a transition',
    () => replaced('event: order,', 'event: order, transitions: [{ event: order.done, column: STS, to: ["20"] }],'),
    'visible',
  ],
  ['raw images', () => replaced('event: line,', 'event: line, rawImage: hex,'), 'visible'],
];

test.each(CHANGES)('%s', (_, change, level) => {
  const yaml = change();
  const found = differences(yaml);
  const [before, after] = [told(BASE), told(yaml)];
  expect(found.some((d) => d.level === 'breaking')).toBe(level === 'breaking');
  expect(found.length).toBeGreaterThan(0);
  // the mapper bears it out: something else is sent
  expect([after.identity, after.seen]).not.toEqual([before.identity, before.seen]);
  // of events that are sent before and after, none has another id, key or lane unless it is said
  const types = (list: readonly string[]): Set<string> => new Set(list.map((t) => t.split(' ')[0]!));
  const both = [...types(before.identity)].filter((t) => types(after.identity).has(t));
  const of = (list: readonly string[]): string[] => list.filter((t) => both.includes(t.split(' ')[0]!));
  if (level === 'visible' && !/rule|transition|condition|deletes/.test(_))
    expect(of(after.identity)).toEqual(of(before.identity));
  if (level === 'breaking') expect(of(after.identity)).not.toEqual(of(before.identity));
});

test.each([
  ['the same file', BASE],
  ['a title', BASE.replace('DAT: { as: date', 'DAT: { title: Date, as: date')],
  ['secrets, timeouts, pools', BASE.replace('signing: {', 'concurrency: 3, signing: {')],
])('nothing is noticed: %s', (_, yaml) => {
  expect(told(yaml)).toEqual(told(BASE));
  expect(differences(yaml)).toEqual([]);
});

test('no secret is in a contract', () => {
  const yaml = BASE.replace('redact', '{ hash: sha256, key: "a-very-secret-key-of-a-hash" }');
  expect(JSON.stringify(contractOf(load(yaml), () => []))).not.toMatch(/secret|whsec|0123456789/);
});
