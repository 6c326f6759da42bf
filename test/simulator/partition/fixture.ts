/** A small partition for tests: library APPLIB, journal APPLIB/APPJRN, a clock that can be read back. */
import { runCommand } from '../../../src/simulator/partition/cl/run';
import { ManualClock } from '../../../src/simulator/partition/clock';
import type { EntryRow, ReadRequest } from '../../../src/simulator/partition/contract';
import { column, type FileDef } from '../../../src/simulator/partition/files/definitions';
import type { Member } from '../../../src/simulator/partition/files/physical-file';
import type { PartitionJob } from '../../../src/simulator/partition/jobs/job';
import { Partition } from '../../../src/simulator/partition/partition';

export interface World {
  readonly partition: Partition;
  readonly clock: ManualClock;
  readonly job: PartitionJob;
  cl(command: string): void;
}

let number = 100_000;

export function openWorld(data?: string): World {
  const clock = new ManualClock('2026-11-21T20:44:00.000000', 1000n);
  const partition = Partition.open({ clock, ...(data === undefined ? {} : { data }) });
  const job = newJob(partition);
  if (partition.isNew)
    for (const cl of [
      'CRTLIB APPLIB',
      'CRTJRNRCV JRNRCV(APPLIB/APPRCV0001)',
      'CRTJRN JRN(APPLIB/APPJRN) JRNRCV(APPLIB/APPRCV0001)',
    ])
      runCommand(partition, job, cl);
  return { partition, clock, job, cl: (command) => runCommand(partition, job, command) };
}

export function newJob(partition: Partition, user = 'ANNA'): PartitionJob {
  number++;
  return partition.openJob({ name: 'QZDASOINIT', user, number: String(number), remoteAddress: '10.1.1.7%51234' });
}

export const STOCK: FileDef = {
  library: 'APPLIB',
  name: 'STOCK',
  columns: [
    column('ITEM', 'CHAR', 4),
    column('QTY', 'DECIMAL', 5),
    column('NOTE', 'VARCHAR', 10, { nullable: true, default: { kind: 'null' } }),
  ],
  keys: [{ name: 'STOCK', kind: 'dds', unique: true, columns: ['ITEM'] }],
};

/** APPLIB/STOCK, journaled without open and close entries. */
export function stockFile(world: World, images: '*AFTER' | '*BOTH' = '*BOTH', def: Partial<FileDef> = {}): Member {
  const file = world.partition.createFile(world.job, { ...STOCK, ...def });
  world.cl(`STRJRNPF FILE(APPLIB/${file.name}) JRN(APPLIB/APPJRN) IMAGES(${images}) OMTJRNE(*OPNCLO)`);
  return file.members[0]!;
}

export function entries(world: World, request: Partial<ReadRequest> = {}): EntryRow[] {
  const all = world.partition.readJournal('ANNA', {
    journalLibrary: 'APPLIB',
    journalName: 'APPJRN',
    startingReceiver: '*CURCHAIN',
    ...request,
  });
  return [...all].flat();
}

/** `R PT`, `C SC` ... of the entries after `since`. */
export function types(list: readonly EntryRow[], since = 0n): string[] {
  return list.filter((e) => e.sequence > since).map((e) => `${e.code} ${e.type}`);
}

export function lastSequence(world: World): bigint {
  return world.partition.journal('APPLIB', 'APPJRN')!.attachedReceiver.last;
}
