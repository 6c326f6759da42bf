/**
 * The journal is the truth: replaying its R entries by record number, rolled-back ones with their compensations, gives the
 * very images the member holds. Histories are random: jobs interleave, commit, roll back, set savepoints, end, reuse slots.
 */
import fc from 'fast-check';
import type { Member } from '../../../src/simulator/partition/files/physical-file';
import type { PartitionJob } from '../../../src/simulator/partition/jobs/job';
import { entries, newJob, openWorld, stockFile, type World } from './fixture';

type Step =
  | {
      readonly kind: 'insert' | 'update' | 'delete';
      readonly job: number;
      readonly item: number;
      readonly quantity: number;
    }
  | {
      readonly kind: 'commit' | 'rollback' | 'savepoint' | 'rollbackTo' | 'end' | 'roll' | 'reset';
      readonly job: number;
    };

const jobNumber = fc.integer({ min: 0, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('insert' as const, 'update' as const, 'delete' as const),
      job: jobNumber,
      item: fc.integer({ min: 0, max: 9 }),
      quantity: fc.integer({ min: -99, max: 99 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('commit' as const, 'rollback' as const, 'savepoint' as const, 'rollbackTo' as const),
      job: jobNumber,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('end' as const, 'roll' as const, 'reset' as const), job: jobNumber }),
  },
);

/** Locked records, duplicate keys, missing savepoints and refused resets are part of life. */
const EXPECTED = [-913, -803, -880];

function perform(world: World, stock: Member, jobs: PartitionJob[], s: Step): void {
  const job = jobs[s.job]!;
  try {
    if (s.kind === 'end') {
      job.end();
      jobs[s.job] = committing(world, s.job);
    } else if (s.kind === 'roll') world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN)');
    else if (s.kind === 'reset') world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN) SEQOPT(*RESET)');
    else if (s.kind === 'commit') job.commit();
    else if (s.kind === 'rollback') job.rollback();
    else if (s.kind === 'savepoint') job.savepoint('S');
    else if (s.kind === 'rollbackTo') job.rollbackTo('S');
    else if ('item' in s) {
      const rrn = world.partition.db
        .prepare(`SELECT rrn FROM ${stock.rowTable} WHERE c0 = ?`)
        .pluck()
        .get(`I${s.item}`) as number | undefined;
      if (s.kind === 'insert') job.insertRow(stock, [`I${s.item}`, `${s.quantity}`, null]);
      else if (rrn !== undefined && s.kind === 'update') job.updateRow(stock, rrn, new Map([[1, `${s.quantity}`]]));
      else if (rrn !== undefined) job.deleteRow(stock, rrn);
    }
  } catch (error) {
    const { sqlCode, messageId } = error as { sqlCode?: number; messageId?: string };
    if (!EXPECTED.includes(sqlCode ?? 0) && messageId !== 'CPF7018') throw error;
  }
}

/** Job 0 works without commitment control. */
function committing(world: World, n: number): PartitionJob {
  const job = newJob(world.partition);
  job.commitLevel = n === 0 ? 0 : 2;
  return job;
}

function replay(world: World): Map<number, string> {
  const rows = new Map<number, string>();
  for (const e of entries(world, { codes: ['R'] })) {
    if (e.type === 'DL' || e.type === 'DR') rows.delete(e.rrn);
    else if (e.type !== 'UB' && e.type !== 'BR') rows.set(e.rrn, e.data!.toString('hex'));
    else expect(rows.get(e.rrn)).toBe(e.data!.toString('hex'));
  }
  return rows;
}

/** Only what cycles committed, in the order they did; compensations inside a cycle count as changes. */
function committedKeys(world: World): Set<string> {
  const done = new Set(
    entries(world, { types: ['CM'] }).map((e) => `${e.receiver.number.slice(0, 2)}/${e.commitCycle}`),
  );
  const keys = new Map<number, string>();
  for (const e of entries(world, { codes: ['R'] })) {
    if (e.commitCycle !== 0n && !done.has(`${e.receiver.number.slice(0, 2)}/${e.commitCycle}`)) continue;
    if (e.type === 'DL' || e.type === 'DR') keys.delete(e.rrn);
    else if (e.type !== 'UB' && e.type !== 'BR') keys.set(e.rrn, e.data!.subarray(0, 4).toString('hex'));
  }
  return new Set(keys.values());
}

test('replaying the journal gives the rows', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, reuseDeleted) => {
      const world = openWorld();
      try {
        const stock = stockFile(world, '*BOTH', { reuseDeleted });
        const jobs = [0, 1, 2].map((n) => committing(world, n));
        for (const s of steps) perform(world, stock, jobs, s);
        const held = () =>
          new Map(
            world.partition.db.prepare(`SELECT rrn, hex(image) FROM ${stock.rowTable}`).raw().all() as [
              number,
              string,
            ][],
          );
        const lower = (rows: Map<number, string>) => [...rows].map(([k, v]) => [k, v.toLowerCase()]).sort();
        expect([...replay(world)].sort()).toEqual(lower(held()));
        for (const job of jobs) job.end();
        expect([...replay(world)].sort()).toEqual(lower(held()));
        if (!steps.some((s) => s.kind === 'reset'))
          expect(committedKeys(world)).toEqual(new Set([...held().values()].map((v) => v.slice(0, 8).toLowerCase())));
      } finally {
        world.partition.close();
      }
    }),
    { numRuns: 80 },
  );
});
