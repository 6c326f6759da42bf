// @ts-check
// A journal of mixed tables for benchmarks: an hour at the order desk, written by jobs of the simulated partition, then
// repeated as often as wanted. Orders with their lines in commit cycles, one in twenty rolled back; stock of items (not
// captured) inside the same cycles; status changes and shipments (not captured) outside commitment control.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
export const dist = (name) => require(resolve(root, process.env.BENCH_DIST ?? 'dist', name));

const ORDERS = 400;
const LINES = 3;
const FIRST = 7_000_000;

/** `tables` of a configuration: three of the five journaled files. */
export const MIXED_TABLES = {
  'ORDLIB/ORDHDR': {
    event: 'order',
    key: ['ORDNO'],
    columns: {
      ORDNO: 'orderNumber',
      CUSNO: 'customerNumber',
      STS: 'status',
      ORDDAT: { as: 'orderDate', date: 'cyymmdd' },
      DLVDAT: { as: 'deliveryDate', date: 'cyymmdd', sentinels: [0] },
      CURR: 'currency',
      TOTAMT: 'total',
      CUSREF: 'reference',
      REMARK: 'remark',
      CRTTS: 'createdAt',
      CHGUSR: 'changedBy',
    },
  },
  'ORDLIB/ORDLIN': {
    event: 'order.line',
    key: ['ORDNO', 'LINNO'],
    columns: { ORDNO: 'orderNumber', LINNO: 'line', ITMNO: 'item', QTY: 'quantity', PRICE: 'price', STS: 'status' },
  },
  'ORDLIB/CUSMAS': {
    event: 'customer',
    key: ['CUSNO'],
    columns: { CUSNO: 'customerNumber', NAME1: 'name', CITY: 'city', CRDLIM: 'creditLimit', STS: 'status' },
  },
};

/** Writes the pattern. @returns how many changes of captured tables it committed */
export function writePattern(inside) {
  const job = inside.openJob({ name: 'ORDENTRY', user: 'ANNA', number: '004711', remoteAddress: '10.1.2.3' });
  job.program = { name: 'ORD001R', library: 'ORDLIB' };
  const member = (name) => inside.file('ORDLIB', name).members[0];
  const [header, line, customer, item, shipment] = ['ORDHDR', 'ORDLIN', 'CUSMAS', 'ITMMAS', 'SHPMTS'].map(member);
  let changes = 0;
  inside.transaction(() => {
    for (let i = 0; i < ORDERS; i++) {
      const number = String(FIRST + i);
      const undone = i % 20 === 19;
      job.commitLevel = 2;
      const order = job.insertRow(header, [
        ...[number, String(10001 + (i % 200)), '10', '1261122', '0', 'EUR', `${i}.50`, `REF ${number}`],
        ...[i % 3 === 0 ? 'Bitte vor 10 Uhr liefern' : null, '2026-11-22T10:00:00.000000', 'ANNA', '1261122', '101500'],
      ]);
      for (let n = 1; n <= LINES; n++) {
        job.insertRow(line, [number, String(n), 'IT-004000', String(n * 5), '12.50', '0.00', 'O', '0']);
        job.updateRow(item, 1 + ((i * LINES + n) % 300), new Map([[6, 100 + i]]));
      }
      if (undone) job.rollback();
      else job.commit();
      job.commitLevel = 0;
      if (undone) continue;
      changes += 1 + LINES;
      job.updateRow(header, order, new Map([[2, '20']]));
      changes++;
      job.insertRow(shipment, [
        ...[number, number, 'DHL', '2026-11-23', '2026-11-24', null, '08:15:00', '17:00:00', '12.5'],
      ]);
      if (i % 10 === 0) {
        job.updateRow(customer, 1 + (i % 200), new Map([[8, `${1000 + i}.00`]]));
        changes++;
      }
    }
  });
  job.end();
  return changes;
}

export const mixedJournal = (inside) => inside.journal('ORDLIB', 'ORDJRN');

/** The entries written so far, ready to be loaded again. */
function patternEntries(inside) {
  const found = [];
  const members = new Map();
  for (const chunk of inside.readJournal('QSECOFR', { journalLibrary: 'ORDLIB', journalName: 'ORDJRN' }))
    for (const e of chunk) found.push(e);
  const memberOf = (object) => {
    if (!object?.name) return null;
    if (!members.has(object.name)) members.set(object.name, inside.file('ORDLIB', object.name)?.members[0] ?? null);
    return members.get(object.name);
  };
  return found.filter((e) => e.code === 'R' || e.code === 'C').map((e) => ({ ...e, member: memberOf(e.object) }));
}

/** Loads the pattern again until the journal holds about `entries`. @returns how often it is there now */
export function repeatPattern(inside, entries) {
  const pattern = patternEntries(inside);
  const journal = mixedJournal(inside);
  const times = Math.max(0, Math.ceil(entries / pattern.length) - 1);
  function* more() {
    for (let i = 0; i < times; i++) {
      const cycles = new Map();
      for (const e of pattern) {
        const { code, type, member, rrn, flag, nulls, data } = e;
        if (code === 'C' && type === 'SC') {
          yield { code, type, commitCycle: 'self' };
          cycles.set(e.commitCycle, BigInt(journal.attachedReceiver.lastSeq) + journal.attachedReceiver.base);
        } else {
          const commitCycle = e.commitCycle === 0n ? {} : { commitCycle: cycles.get(e.commitCycle) };
          yield { code, type, member, rrn: Number(rrn), flag, nulls, data, ...commitCycle };
        }
      }
    }
  }
  inside.loadEntries(journal, more());
  return times + 1;
}
