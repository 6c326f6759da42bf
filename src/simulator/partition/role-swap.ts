/**
 * What a high-availability product does before the roles of two partitions are swapped: the library's files with their records,
 * each in its own slot, and a journal of the new production partition's own. Its receivers and numbers are not the old ones.
 */
import type { QualifiedName } from '../../model/position';
import type { PhysicalFile } from './files/physical-file';
import type { PartitionJob } from './jobs/job';
import type { Partition } from './partition';

interface TakeOver {
  readonly library: string;
  /** Of the new production partition; made there. */
  readonly journal: QualifiedName;
  readonly receiver: string;
}

const PAGE = 500;
const JOB = { name: 'SWAPROLES', user: 'QSYS', number: '000002', remoteAddress: '' };

/** @throws CpfFailure when the target has the journal, the receiver or one of the files already */
export function takeOver(source: Partition, target: Partition, { library, journal, receiver }: TakeOver): void {
  const job = target.openJob(JOB);
  target.transaction(() => {
    if (!target.fileStore.libraries.has(library)) target.createLibrary(library);
    const { journalStore } = target;
    const first = journalStore.createReceiver(journal.library, receiver);
    const own = journalStore.create(journal.library, journal.name, first, {}, { origin: job.origin(null) });
    for (const file of source.files(library)) {
      const copy = copyOf(target, job, file);
      const { images, omitOpenClose } = file;
      if (file.journal) target.operations.startJournal(job, copy, own, { images, omitOpenClose });
    }
    target.fileStore.inherit(library, own);
  });
  job.end();
}

function copyOf(target: Partition, job: PartitionJob, file: PhysicalFile): PhysicalFile {
  const copy = target.createFile(job, { ...file.definition, members: file.members.map((m) => m.name) });
  copy.nextIdentity = file.nextIdentity;
  for (const [i, from] of file.members.entries()) {
    const to = copy.members[i]!;
    for (let after = 0; ; ) {
      const rows = from.rows.page(after, PAGE);
      for (const row of rows) to.rows.insert(row.rrn, row);
      if (rows.length < PAGE) break;
      after = rows.at(-1)!.rrn;
    }
    to.reset(from.nextRrn);
  }
  return copy;
}
