/**
 * Bits of a state file that change on the disk, in every table of the outbox: told as damage, or without any effect on what is
 * delivered, in which order, to whom. What is delivered is taken down by draining a copy of the file through the public door.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCoded } from '../../src/errors/coded-error';
import type { PendingDelivery } from '../../src/model/delivery';
import type { EventDraft, Priority } from '../../src/model/event';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Random } from '../../src/simulator/seed/random';
import { openSqlite } from '../../src/sqlite';
import { storeFault } from '../../src/store/faults';
import { Store } from '../../src/store/store';

jest.setTimeout(1_200_000);

const DESTINATIONS = { crm: {}, lake: { lanes: 'table' }, audit: { lanes: 'strict' } } as const;
const NAMES = Object.keys(DESTINATIONS);
const TABLES = ['ORDLIB/ORDHDR', 'ORDLIB/ORDLIN', 'ORDLIB/CUSTOMER'];
/** More than the file has deliveries. */
const MOST = 5_000;
/** Bits flipped for each table in one run of the tests. */
const FLIPS = Number(process.env['FLIPS'] ?? 6);

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flipped-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function draft(n: number): EventDraft {
  const table = TABLES[n % TABLES.length]!;
  const body = Buffer.from(JSON.stringify({ n, text: 'x'.repeat(40 + (n % 50)), meta: { attempt: 1 } }));
  return {
    id: `evt_${1000 + n}`,
    type: `order.${n % 5}`,
    version: '1',
    table,
    rule: 'order',
    key: `k${n % 40}`,
    traceKey: `k${n % 40}`,
    destinations: n % 4 === 0 ? NAMES : NAMES.slice(0, 1 + (n % 2)),
    priority: (['normal', 'high', 'normal', 'low'] as Priority[])[n % 4]!,
    body,
    attemptOffset: body.lastIndexOf('1'),
    contentType: 'application/cloudevents+json',
    time: '2026-11-21T20:44:00.123456Z',
    journal: { library: 'ORDLIB', name: 'ORDJRN' },
    position: { receiver: { library: 'ORDLIB', name: 'ORDRCV0001' }, sequence: BigInt(n) },
    tombstone: n % 7 === 0,
    recordUrl: null,
    decodeErrors: 0,
  };
}

function drafts(from: number, to: number): EventDraft[] {
  return Array.from({ length: to - from }, (_, i) => draft(from + i));
}

/** A file with something in every table, checkpointed and closed. */
function build(file: string): void {
  const store = Store.open(file, [OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: DESTINATIONS, now: () => 1_700_000_000_000 });
  const attempt = {
    attempt: 1,
    at: 1_700_000_000_000,
    ms: 1.5,
    status: 503,
    signature: 'webhook-id: x',
    response: 'busy',
    error: 'no',
    batch: 1,
  };
  for (let block = 0; block < 6; block++) store.transaction(() => outbox.append(drafts(block * 60, block * 60 + 60)));
  const [first = []] = [outbox.fresh('crm', 1, 0, 40, 1e9)];
  outbox.settle(
    first.map((delivery, i) => {
      if (i % 3 === 0) return { is: 'delivered', delivery, record: attempt };
      if (i % 3 === 1) return { is: 'retry', delivery, record: attempt, dueAt: 1_700_000_100_000, pause: 60_000 };
      return { is: 'dead', delivery, record: attempt, reason: 'http-422', message: 'it was refused' };
    }),
  );
  const strict = outbox.fresh('audit', 1, 0, 10, 1e9);
  outbox.settle(strict.map((delivery) => ({ is: 'park', delivery })));
  outbox.deadLetters.retry({ destination: 'crm' }, 5);
  outbox.requeue.replay({ table: 'ORDLIB/ORDLIN' }, { to: ['lake'] });
  store.transaction(() =>
    outbox.holds.hold({ table: 'ORDLIB/CUSTOMER', reason: 'table.mass-delete', receiver: null, sequence: null }),
  );
  store.transaction(() => outbox.append(drafts(360, 420)));
  store.db.pragma('wal_checkpoint(TRUNCATE)');
  store.close();
}

/** Everything that would be sent, in order, and what an operator would have sent; and what was said of damage. */
function drain(file: string): { readonly sent: readonly string[]; readonly told: boolean } {
  let told = false;
  const damaged = (): void => {
    told = true;
  };
  const store = Store.open(file, [OUTBOX_SCHEMA]);
  try {
    const outbox = new Outbox(store, { destinations: DESTINATIONS, damaged, now: () => 1_700_000_000_000 });
    outbox.check();
    const sent: string[] = [];
    // what a restart reads again is known by its id
    const again = store.transaction(() => outbox.append(drafts(300, 430)));
    sent.push(`repeated ${again.repeated}, last ${again.last}`);
    sent.push(
      ...outbox.deadLetters
        .list({}, 0, 1000)
        .map((d) => `letter ${d.no} ${d.destination} ${d.event.id} ${d.reason} ${d.attempts}`),
    );
    outbox.deadLetters.retry({});
    const hold = outbox.holds.find('ORDLIB/CUSTOMER');
    sent.push(`held ${hold === null ? 'nothing' : outbox.holds.heldCount(hold)}`);
    if (hold) while (!outbox.release.step(hold, 'queue').done);
    for (const name of NAMES) sent.push(...drainOne(outbox, name));
    return { sent, told };
  } finally {
    store.close();
  }
}

function drainOne(outbox: Outbox, name: string): string[] {
  const sent: string[] = [];
  const settle = (batch: readonly PendingDelivery[]): void => {
    sent.push(...batch.map(lineOf));
    if (sent.length > MOST) throw new Error('it goes on without end');
    outbox.settle(batch.map((delivery) => ({ is: 'delivered', delivery, record: null })));
  };
  for (const { lane, dueAt, pause } of [...outbox.parkedLanes(name, null, 1000)]) {
    sent.push(`lane ${lane} ${dueAt} ${pause}`);
    for (
      let page = outbox.parked(name, lane, 0, 10, 1e9);
      page.length > 0;
      page = outbox.parked(name, lane, 0, 10, 1e9)
    )
      settle(page);
  }
  for (const cls of [0, 1, 2] as const) {
    for (let page = outbox.fresh(name, cls, 0, 50, 1e9); page.length > 0; page = outbox.fresh(name, cls, 0, 50, 1e9))
      settle(page);
  }
  return sent;
}

function lineOf({ destination, lane, priority, event, replay, attempts, charged, firstAt }: PendingDelivery): string {
  const { id, type, version, contentType, key, body } = event;
  return [
    destination,
    lane,
    priority,
    id,
    type,
    version,
    contentType,
    key,
    body?.toString(),
    replay,
    attempts,
    charged,
    firstAt,
  ].join(' ');
}

interface Place {
  readonly name: string;
  readonly page: number;
}

/** Pages of the file by the table or index they belong to. */
function pagesOf(file: string): { readonly size: number; readonly pages: readonly Place[] } {
  const db = openSqlite(file, { readonly: true });
  const size = db.pragma('page_size', { simple: true }) as number;
  const pages = db.prepare('SELECT name, pageno AS page FROM dbstat ORDER BY pageno').all() as Place[];
  db.close();
  return { size, pages: pages.filter(({ name }) => name.includes('outbox_')) };
}

test('a bit that changes anywhere in the tables of the outbox is told, or changes nothing of what is delivered', () => {
  const file = join(dir, 's.sqlite');
  build(file);
  const whole = readFileSync(file);
  const copy = join(dir, 'copy.sqlite');
  const run = (bytes: Buffer): ReturnType<typeof drain> | Error => {
    for (const end of ['-wal', '-shm']) rmSync(copy + end, { force: true });
    writeFileSync(copy, bytes);
    try {
      return drain(copy);
    } catch (error) {
      return storeFault(copy, error) as Error;
    }
  };
  const expected = run(whole);
  expect(expected).toMatchObject({ told: false });
  expect((expected as ReturnType<typeof drain>).sent.length).toBeGreaterThan(500);
  const { size, pages } = pagesOf(file);
  const seed = Number(process.env['FLIPS_SEED'] ?? Date.now() % 1_000_000);
  const random = new Random(seed);
  const names = [...new Set(pages.map(({ name }) => name))];
  // nothing was left out
  expect(names.filter((name) => !name.includes('autoindex')).length).toBeGreaterThanOrEqual(17);
  const outcomes = new Map<string, number>();
  const faults: string[] = [];
  for (const name of names) {
    const own = pages.filter((place) => place.name === name);
    for (let i = 0; i < FLIPS; i++) {
      const bytes = Buffer.from(whole);
      const from = (own[Math.floor(random.next() * own.length)]!.page - 1) * size;
      // what is written, most of the time: the middle of a page is mostly empty
      let at = from + Math.floor(random.next() * size);
      for (let tries = 0; tries < 200 && bytes[at] === 0; tries++) at = from + Math.floor(random.next() * size);
      const bit = Math.floor(random.next() * 8);
      bytes[at]! ^= 1 << bit;
      const found = run(bytes);
      const outcome = outcomeOf(found, expected as ReturnType<typeof drain>);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (outcome === 'unseen' || outcome === 'a bug') {
        const said =
          found instanceof Error
            ? found.stack
            : firstDifference(found.sent, (expected as ReturnType<typeof drain>).sent);
        faults.push(
          `${name}, byte ${at - from} of page ${from / size + 1}, bit ${bit}, seed ${seed}: ${outcome}: ${said}`,
        );
      }
    }
  }
  if (process.env['FLIPS']) process.stderr.write(`${JSON.stringify([...outcomes])}\n`);
  expect(faults).toEqual([]);
  expect(outcomes.get('told')).toBeGreaterThan(0);
});

function outcomeOf(found: ReturnType<typeof drain> | Error, expected: ReturnType<typeof drain>): string {
  if (found instanceof Error) return isCoded(found) && found.family === 'store' ? 'told' : 'a bug';
  if (JSON.stringify(found.sent) === JSON.stringify(expected.sent)) return 'no effect';
  return found.told ? 'told' : 'unseen';
}

function firstDifference(found: readonly string[], expected: readonly string[]): string {
  const at = expected.findIndex((line, i) => line !== found[i]);
  return `line ${at} of ${expected.length} (${found.length}): ${found[at]?.slice(0, 150)} | ${expected[at]?.slice(0, 150)}`;
}
