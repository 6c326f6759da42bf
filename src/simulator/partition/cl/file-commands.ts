/** CL of libraries, files and members. */

import { CpfFailure } from '../failures';
import { column } from '../files/definitions';
import type { PhysicalFile } from '../files/physical-file';
import type { Partition } from '../partition';
import { type ClArguments, qualifiedName } from './arguments';
import type { CommandContext, CommandDefinition } from './command';
import { fileOf, filesNamed, memberOf, newName, receiverOf } from './lookup';

export const FILE_COMMANDS: Readonly<Record<string, CommandDefinition>> = {
  CRTLIB: {
    order: ['LIB', 'TYPE', 'TEXT'],
    keywords: ['AUT', 'CRTAUT'],
    run({ partition }, args) {
      partition.createLibrary(args.required('LIB'), args.word('TEXT', ''));
    },
  },
  ALCOBJ: {
    order: ['OBJ', 'WAIT'],
    keywords: [],
    run({ partition, job }, args) {
      for (const file of lockedFiles(partition, args)) partition.allocate(job, file);
    },
  },
  DLCOBJ: {
    order: ['OBJ'],
    keywords: [],
    run({ partition, job }, args) {
      for (const file of lockedFiles(partition, args)) partition.deallocate(job, file);
    },
  },
  PWRDWNSYS: {
    order: ['OPTION', 'DELAY', 'RESTART'],
    keywords: ['IPLSRC', 'ENDSBSOPT'],
    run({ partition, job }, args) {
      if (args.words('RESTART')[0] !== '*YES')
        throw new CpfFailure('CPF0901', 'Only PWRDWNSYS RESTART(*YES) makes sense to a simulated partition.');
      partition.authority.check(job.currentUser, { library: 'QSYS', name: 'PWRDWNSYS', type: '*CMD' }, '*USE');
      partition.ipl({ abnormal: args.word('OPTION', '*CNTRLD') === '*IMMED' });
    },
  },
  DLTLIB: {
    order: ['LIB'],
    keywords: [],
    run({ partition, job }, args) {
      deleteLibrary({ partition, job }, args.required('LIB'));
    },
  },
  CRTPF: {
    order: ['FILE', 'SRCFILE', 'SRCMBR'],
    keywords: ['RCDLEN', 'TEXT', 'MBR', 'MAXMBRS', 'REUSEDLT', 'SIZE', 'AUT'],
    run({ partition, job }, args) {
      const { library, name } = newName(partition, args.name('FILE'));
      const length = args.number('RCDLEN', 0);
      if (length < 1 || length > 32766)
        throw new CpfFailure('CPF7302', `File ${name} not created in library ${library}: RCDLEN must be 1 to 32766.`);
      const member = args.word('MBR', '*FILE');
      partition.createFile(job, {
        library,
        name,
        columns: [column(name, 'CHAR', length)],
        text: args.word('TEXT', ''),
        reuseDeleted: args.word('REUSEDLT', '*NO') === '*YES',
        members: member === '*NONE' ? [] : [member === '*FILE' ? name : member],
      });
    },
  },
  DLTF: {
    order: ['FILE'],
    keywords: [],
    run({ partition, job }, args) {
      for (const file of [...filesNamed(partition, args.name('FILE'))]) {
        authorized({ partition, job }, file, '*OBJEXIST');
        partition.dropFile(job, file);
      }
    },
  },
  CLRPFM: {
    order: ['FILE', 'MBR'],
    keywords: [],
    run({ partition, job }, args) {
      const file = fileOf(partition, args.name('FILE'));
      authorized({ partition, job }, file, '*OBJMGT');
      partition.clearMember(job, memberOf(file, args.word('MBR', '*FIRST')));
    },
  },
  INZPFM: {
    order: ['FILE', 'MBR', 'RECORDS', 'TOTRCDS'],
    keywords: [],
    run({ partition, job }, args) {
      const member = memberOf(fileOf(partition, args.name('FILE')), args.word('MBR', '*FIRST'));
      partition.operations.initialize(job, member, args.number('TOTRCDS', 1));
    },
  },
  RGZPFM: {
    order: ['FILE', 'MBR', 'SRCOPT'],
    keywords: ['ALWCANCEL', 'LOCK', 'KEYFILE', 'RBDACCPTH'],
    run({ partition, job }, args) {
      const member = memberOf(fileOf(partition, args.name('FILE')), args.word('MBR', '*FIRST'));
      partition.reorganizeMember(job, member, args.word('ALWCANCEL', '*NO') === '*YES');
    },
  },
  ADDPFM: {
    order: ['FILE', 'MBR'],
    keywords: ['TEXT'],
    run({ partition, job }, args) {
      const file = fileOf(partition, args.name('FILE'));
      const name = args.required('MBR');
      partition.operations.addMember(job, file, name === '*FILE' ? file.name : name);
    },
  },
  RMVM: {
    order: ['FILE', 'MBR'],
    keywords: [],
    run({ partition, job }, args) {
      partition.operations.removeMember(job, memberOf(fileOf(partition, args.name('FILE')), args.required('MBR')));
    },
  },
  RNMM: {
    order: ['FILE', 'MBR', 'NEWMBR'],
    keywords: [],
    run({ partition, job }, args) {
      const member = memberOf(fileOf(partition, args.name('FILE')), args.required('MBR'));
      partition.operations.renameMember(job, member, args.required('NEWMBR'));
    },
  },
  RNMOBJ: {
    order: ['OBJ', 'OBJTYPE', 'NEWOBJ'],
    keywords: [],
    run({ partition, job }, args) {
      fileOnly(args);
      partition.renameFile(job, fileOf(partition, args.name('OBJ')), args.required('NEWOBJ'));
    },
  },
  MOVOBJ: {
    order: ['OBJ', 'OBJTYPE', 'TOLIB'],
    keywords: [],
    run({ partition, job }, args) {
      fileOnly(args);
      partition.moveFile(job, fileOf(partition, args.name('OBJ')), args.required('TOLIB'));
    },
  },
  SAVOBJ: {
    order: ['OBJ', 'LIB', 'DEV'],
    keywords: ['OBJTYPE', 'SAVF', 'STG', 'CLEAR'],
    run({ partition, job }, args) {
      const type = args.word('OBJTYPE', '*FILE');
      for (const name of args.words('OBJ')) {
        const object = { library: args.required('LIB'), name };
        if (type === '*JRNRCV') {
          const free = args.word('STG', '*KEEP') === '*FREE';
          partition.media.save(receiverOf(partition, object), free, job.origin(null));
        } else partition.operations.save(job, fileOf(partition, object));
      }
    },
  },
  RSTOBJ: {
    order: ['OBJ', 'SAVLIB', 'DEV'],
    keywords: ['OBJTYPE', 'SAVF', 'MBROPT', 'ALWOBJDIF'],
    run({ partition, job }, args) {
      const type = args.word('OBJTYPE', '*FILE');
      for (const name of args.words('OBJ')) {
        const object = { library: args.required('SAVLIB'), name };
        if (type === '*JRNRCV') partition.media.restore(object.library, name, job.origin(null));
        else partition.operations.restore(job, fileOf(partition, object));
      }
    },
  },
};

/** OBJ((LIB/FILE *FILE *EXCL)); weaker locks than *EXCL block no one here. */
function lockedFiles(partition: Partition, args: ClArguments): PhysicalFile[] {
  const lists = (args.values('OBJ') ?? []).map((v) => (typeof v === 'string' ? args.words('OBJ') : v.map(String)));
  return lists.filter((words) => words[2] === '*EXCL').map((words) => fileOf(partition, qualifiedName(words[0]!)));
}

function fileOnly(args: ClArguments): void {
  const type = args.required('OBJTYPE');
  if (type !== '*FILE') throw new CpfFailure('CPF2176', `Object type ${type} is not supported by this command here.`);
}

function authorized({ partition, job }: CommandContext, file: { library: string; name: string }, right: string): void {
  partition.authority.check(job.currentUser, { library: file.library, name: file.name, type: '*FILE' }, right);
}

function deleteLibrary({ partition, job }: CommandContext, name: string): void {
  for (const file of [...partition.files(name)]) partition.dropFile(job, file);
  for (const journal of partition.journals().filter((j) => j.library === name)) partition.journalStore.delete(journal);
  for (const receiver of partition.receivers().filter((r) => r.library === name))
    partition.journalStore.deleteReceiver(receiver, job.origin(null));
  partition.fileStore.deleteLibrary(name);
}
