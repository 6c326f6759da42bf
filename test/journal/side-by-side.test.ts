/** A backlog read by several jobs at a time: in order, without gap and without repeat, whatever one of them meets. */
import { textCodec } from '../../src/bytes/ccsid/registry';
import { CodedError, HostMessageError, SqlError } from '../../src/errors/coded-error';
import { MOST_BUFFER } from '../../src/journal/source/buffer-size';
import { RangeChoice } from '../../src/journal/source/range-choice';
import type { ProcedureCall } from '../../src/transport/programs';
import type { EnginePrograms } from '../support/engine-programs';
import { captured, JournalWorld } from './world';

let world: JournalWorld;
beforeEach(async () => {
  world = await JournalWorld.open({ reader: 'jobs' });
});
afterEach(() => world[Symbol.dispose]());

const rows = (told: readonly string[]): string[] => told.filter((t) => /^(insert|update|delete) /.test(t));
const wanted = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, i) => `insert STOCK ->${i + from}=v${i + from}`);
async function insert(count: number, from = 1): Promise<void> {
  for (let i = from; i < from + count; i += 50) {
    const values = Array.from({ length: Math.min(50, from + count - i) }, (_, k) => `(${i + k}, 'v${i + k}')`);
    await world.sql(`INSERT INTO APPLIB.STOCK VALUES ${values.join(', ')}`);
  }
}
const RETRIEVE = 'QjoRetrieveJournalEntries';
const OPTIONS = { windowEntries: 100 };
const SMALL = { windowEntries: 24 };

/** Something happens at its n-th retrieve call. */
type Job = EnginePrograms & { at(call: number, happens: () => Promise<void> | void): void };
function withHappenings(job: EnginePrograms): Job {
  const happenings = new Map<number, () => Promise<void> | void>();
  const call = job.call.bind(job);
  let retrieved = 0;
  return Object.assign(job, {
    at: (n: number, happens: () => Promise<void> | void) => void happenings.set(n, happens),
    call: async (c: ProcedureCall, options?: { readonly signal?: AbortSignal }) => {
      if (c.procedure === RETRIEVE) await happenings.get(++retrieved)?.();
      return call(c, options);
    },
  });
}
const job = (blockRows = 2): Job => withHappenings(world.connectPrograms('READER', blockRows));

test.each([1, 2, 3, 7])('blocks of %d: several jobs read, in order', async (blockRows) => {
  await insert(300);
  expect(rows(await world.read(OPTIONS, { blockRows }))).toEqual(wanted(300));
  expect(world.sideBySideCalls).toBeGreaterThan(20 / blockRows);
});

test('one job after the other is slow: replies wait for their turn', async () => {
  await insert(300);
  let n = 0;
  const further = (blockRows: number): EnginePrograms => {
    const slow = job(blockRows);
    const late = n++;
    for (let call = 1; call < 60; call++)
      slow.at(call, () => new Promise((done) => setTimeout(done, (call * 7 + late * 3) % 9)));
    return slow;
  };
  expect(rows(await world.read(OPTIONS, { further }))).toEqual(wanted(300));
});

test.each([
  ['CPF7053', 'values for the receiver range not correct'],
  ['CPF7062', 'no entries converted or received'],
  ['CPF7054', 'FROM and TO values not valid'],
  ['CPF7060', 'object not found in the range'],
])('a range that is answered with %s is read again one after the other, not skipped', async (id, text) => {
  await insert(300);
  const further = (blockRows: number): EnginePrograms => {
    const failing = job(blockRows);
    for (const n of [1, 2, 4, 9]) failing.at(n, () => failing.failOnce(RETRIEVE, id, text));
    return failing;
  };
  expect(rows(await world.read(OPTIONS, { further }))).toEqual(wanted(300));
});

test.each([1, 2, 3, 5, 8])(
  'the connection of one job is lost at its call %d: what came before is kept, and read on later',
  async (n) => {
    await insert(300);
    const lost = new CodedError({ code: 'CONNECTION_LOST', message: 'lost', next: 'wait' });
    let jobs = 0;
    const further = (blockRows: number): EnginePrograms => {
      const failing = job(blockRows);
      if (jobs++ === 0)
        failing.at(n, () => {
          throw lost;
        });
      return failing;
    };
    await expect(world.read(OPTIONS, { further })).rejects.toBe(lost);
    const before = rows(world.published());
    expect(before).toEqual(wanted(before.length));
    expect(rows([...before, ...(await world.read(OPTIONS))])).toEqual(wanted(300));
  },
);

test('killed between any two transactions: nothing twice, nothing missed', async () => {
  await insert(100);
  for (let unit = 0; ; unit++) {
    const before = world.published().length;
    await world.read(OPTIONS, unit % 2 === 0 ? { killBefore: unit } : { killAfter: 1 + (unit % 5) });
    const told = rows(world.published());
    expect(told).toEqual(wanted(told.length));
    if (told.length === 100 && world.published().length === before) break;
  }
});

/** In the selection of a retrieve call: first and last number, CHAR(20). */
const FROM_AT = 68;
const TO_AT = 100;

/** A partition that shows what is readable of a range, as with caching: numbers beyond `readable` are hidden until `shown`. */
class Hiding {
  shown = false;

  constructor(private readonly readable: number) {}

  over(job: EnginePrograms): EnginePrograms {
    const call = job.call.bind(job);
    return Object.assign(job, {
      call: (c: ProcedureCall, options?: { readonly signal?: AbortSignal }) => {
        if (c.procedure !== RETRIEVE || this.shown) return call(c, options);
        const selection = c.parameters[4]!.input!;
        const number = (at: number): number =>
          Number(
            textCodec(37)
              .decode(selection, at, at + 20)
              .trim(),
          );
        const [from, to] = [number(FROM_AT), number(TO_AT)];
        if (from > this.readable) return Promise.reject(new HostMessageError(RETRIEVE, [NOTHING]));
        if (to > this.readable) textCodec(37).encode(String(this.readable).padStart(20)).copy(selection, TO_AT);
        // answered while the end of its range is hidden, which is not so when the next one is asked for
        if (to > this.readable && (to < this.readable + 10 || from > this.readable - 3)) this.shown = true;
        return call(c, options);
      },
    });
  }
}
const NOTHING = { id: 'CPF7062', severity: 40, text: 'No entries converted or received from journal.', help: '' };

test.each([120, 121, 122, 123])(
  'entries that become readable between the calls of two jobs are not passed: %d',
  async (readable) => {
    await insert(300);
    const hiding = new Hiding(readable);
    const further = (blockRows: number): EnginePrograms => hiding.over(world.connectPrograms('READER', blockRows));
    const programs = hiding.over(world.connectPrograms('READER', 2));
    expect(rows(await world.read(OPTIONS, { further, programs }))).toEqual(wanted(300));
    expect(hiding.shown).toBe(true);
  },
);

test('jobs that cannot be had: one goes on', async () => {
  await insert(80);
  let asked = 0;
  const further = (): EnginePrograms => {
    asked++;
    throw new SqlError({ sqlCode: -1, sqlState: '08001', message: 'no job' });
  };
  expect(rows(await world.read(SMALL, { further }))).toEqual(wanted(80));
  expect(asked).toBe(2);
});

test('a live journal is read by one job, and the others end', async () => {
  await insert(80);
  const abort = new AbortController();
  let ended = 0;
  let idles = 0;
  const further = (blockRows: number): EnginePrograms => {
    const beside = job(blockRows);
    const close = beside.close.bind(beside);
    beside.close = async () => {
      ended++;
      await close();
    };
    return beside;
  };
  const reader = world.reader(SMALL, () => ++idles === 8 && abort.abort(), world.connect('READER'), { further });
  let endedWhileLive = 0;
  for await (const unit of reader.units(abort.signal)) {
    world.write(unit);
    endedWhileLive = ended;
    if (idles === 5) await insert(1, 81);
  }
  expect(rows(world.published()).slice(0, 80)).toEqual(wanted(80));
  expect([endedWhileLive <= 2, ended]).toEqual([true, 2]);
});

test('pointers are given back by the job that got them, also of replies nobody waits for any more', async () => {
  await world.sql(
    'CREATE TABLE APPLIB.DOCS (ID INTEGER NOT NULL, VAL CHAR(8) CCSID 37 NOT NULL, BODY CLOB(1M) CCSID 37)',
  );
  await world.cl('STRJRNPF FILE(APPLIB/DOCS) JRN(APPLIB/APPJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  for (let i = 1; i <= 90; i++) await world.sql(`INSERT INTO APPLIB.DOCS VALUES (${i}, 'v${i}', 'lob')`);
  const tables = [captured('DOCS')];
  const told = await world.read({ ...OPTIONS, tables }, { killAfter: 12 });
  const rest = await world.read({ ...OPTIONS, tables });
  expect(rows([...told, ...rest])).toEqual(Array.from({ length: 90 }, (_, i) => `insert DOCS ->${i + 1}=v${i + 1}`));
  expect(world.programs.pointerHandles).toBe(0);
});

test('buffers of all jobs together are no larger than the one of a single job may be', async () => {
  await insert(1500);
  const rooms: number[] = [];
  const further = (blockRows: number): EnginePrograms => {
    const seen = job(blockRows);
    const call = seen.call.bind(seen);
    return Object.assign(seen, {
      call: (c: ProcedureCall, options?: { readonly signal?: AbortSignal }) => {
        if (c.procedure === RETRIEVE) rooms.push(c.parameters[0]!.output!);
        return call(c, options);
      },
    });
  };
  const large = { blockBytes: 8_000_000, windowEntries: 700 };
  expect(rows(await world.read(large, { further, blockRows: 1 }))).toEqual(wanted(1500));
  expect(rooms.length).toBeGreaterThan(1);
  expect(Math.max(...rooms) * 3).toBeLessThanOrEqual(MOST_BUFFER);
});

describe('when it is done', () => {
  let at = 0;
  const choice = (): RangeChoice => new RangeChoice('auto', 4, () => at);
  const alone = (c: RangeChoice, waited: number, ms = 50): void => {
    for (let i = 0; i < 4; i++) c.one({ bytes: 1_000_000, ms, waited });
  };
  const together = (c: RangeChoice, ms: number): boolean[] =>
    Array.from({ length: 16 }, () => c.many({ bytes: 1_000_000, ms }));

  test('where half of the time is spent waiting, and not where we are what is slow', () => {
    const waiting = choice();
    expect(waiting.wanted).toBe(false);
    alone(waiting, 40);
    expect(waiting.wanted).toBe(true);
    const busy = choice();
    alone(busy, 10);
    expect(busy.wanted).toBe(false);
  });

  test('kept where it brings half as much again, else given up, for longer each time', () => {
    const pays = choice();
    alone(pays, 40);
    expect(together(pays, 15)).toEqual(Array(16).fill(true));
    const vain = choice();
    const rests: number[] = [];
    for (let trial = 0; trial < 4; trial++) {
      alone(vain, 40);
      const since = at;
      while (!vain.wanted) at += 60_000;
      rests.push(at - since);
      expect(together(vain, 40)).toEqual([...Array(15).fill(true), false]);
    }
    expect(rests).toEqual([0, 600_000, 1_200_000, 2_400_000]);
  });

  test('never, when it is not wanted; always, when it is', () => {
    const never = new RangeChoice('never', 4, () => 0);
    alone(never, 50);
    expect(never.wanted).toBe(false);
    const always = new RangeChoice('always', 4, () => 0);
    expect([always.wanted, together(always, 1000).every((kept) => kept)]).toEqual([true, true]);
  });
});
