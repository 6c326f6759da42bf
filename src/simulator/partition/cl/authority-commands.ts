/** Object authority, authorization lists and user profiles. */

import { CpfFailure, libraryNotFound, objectNotFound } from '../failures';
import type { ObjectName } from '../jobs/authority';
import type { ClArguments } from './arguments';
import type { CommandContext, CommandDefinition } from './command';

const ORDER = ['OBJ', 'OBJTYPE', 'USER', 'AUT', 'AUTL'];
const PROFILE = ['USRCLS', 'INLPGM', 'INLMNU', 'LMTCPB', 'SPCAUT', 'CCSID', 'TEXT', 'STATUS', 'PWDEXPITV'];
const LIST = ['AUTL', 'USER', 'AUT'];

export const AUTHORITY_COMMANDS: Readonly<Record<string, CommandDefinition>> = {
  GRTOBJAUT: {
    order: ORDER,
    keywords: ['REPLACE', 'ASPDEV'],
    run(context, args) {
      const replace = args.word('REPLACE', '*NO') === '*YES';
      const list = args.word('AUTL', '');
      if (list !== '') {
        for (const object of objectsNamed(context, args)) context.partition.authority.secure(object, list);
        return;
      }
      for (const [user, object] of subjects(context, args))
        context.partition.authority.grant(user, object, authorities(args, '*CHANGE'), replace);
    },
  },
  RVKOBJAUT: {
    order: ORDER,
    keywords: ['ASPDEV'],
    run(context, args) {
      const { authority } = context.partition;
      const list = args.word('AUTL', '');
      if (list !== '') for (const object of objectsNamed(context, args)) authority.unsecure(object, list);
      else
        for (const [user, object] of subjects(context, args))
          authority.revoke(user, object, authorities(args, '*CHANGE'));
    },
  },
  CRTAUTL: {
    order: ['AUTL', 'TEXT', 'AUT'],
    keywords: [],
    run: ({ partition }, args) => partition.authority.createList(args.required('AUTL'), args.word('AUT', '*CHANGE')),
  },
  DLTAUTL: {
    order: ['AUTL'],
    keywords: [],
    run: ({ partition }, args) => partition.authority.deleteList(args.required('AUTL')),
  },
  ADDAUTLE: {
    order: LIST,
    keywords: [],
    run({ partition }, args) {
      const list = partition.authority.list(args.required('AUTL'));
      for (const user of args.words('USER')) partition.authority.grant(user, list, authorities(args, '*CHANGE'), true);
    },
  },
  RMVAUTLE: {
    order: LIST,
    keywords: [],
    run({ partition }, args) {
      for (const user of args.words('USER')) partition.authority.removeEntry(args.required('AUTL'), user);
    },
  },
  CRTUSRPRF: {
    order: ['USRPRF', 'PASSWORD'],
    keywords: [...PROFILE, 'AUT'],
    run({ partition }, args) {
      const name = args.required('USRPRF');
      if (partition.profiles.has(name)) throw new CpfFailure('CPF2214', `User profile ${name} already exists.`);
      partition.profiles.set(name, passwordOf(args) ?? null);
    },
  },
  CHGUSRPRF: {
    order: ['USRPRF', 'PASSWORD'],
    keywords: PROFILE,
    run({ partition }, args) {
      const password = passwordOf(args);
      const name = profileNamed(partition, args);
      if (password !== undefined) partition.profiles.set(name, password);
    },
  },
  DLTUSRPRF: {
    order: ['USRPRF', 'OWNOBJOPT'],
    keywords: ['PGPOPT'],
    run: ({ partition }, args) => partition.profiles.remove(profileNamed(partition, args)),
  },
};

function profileNamed(partition: CommandContext['partition'], args: ClArguments): string {
  const name = args.required('USRPRF');
  if (partition.profiles.has(name)) return name;
  throw new CpfFailure('CPF2204', `User profile ${name} not found.`);
}

/** Undefined where it is left as it is; null is *NONE. */
function passwordOf(args: ClArguments): string | null | undefined {
  const word = args.word('PASSWORD', '');
  return word === '' || word === '*SAME' ? undefined : word === '*NONE' ? null : word;
}

function authorities(args: ClArguments, fallback: string): string[] {
  const words = args.words('AUT');
  return words.length > 0 ? words : [fallback];
}

function subjects(context: CommandContext, args: ClArguments): [string, ObjectName][] {
  const users = args.words('USER');
  const objects = objectsNamed(context, args);
  return (users.length > 0 ? users : ['*PUBLIC']).flatMap((user) =>
    objects.map((o): [string, ObjectName] => [user, o]),
  );
}

function objectsNamed({ partition }: CommandContext, args: ClArguments): ObjectName[] {
  const { library, name } = args.name('OBJ');
  const type = args.required('OBJTYPE');
  if (type === '*LIB') {
    if (!partition.fileStore.libraries.has(name)) throw libraryNotFound(name);
    return [{ library: 'QSYS', name, type }];
  }
  const all: ObjectName[] = [
    ...partition.files().map((f) => ({ library: f.library, name: f.name, type: '*FILE' })),
    ...partition.journals().map((j) => ({ library: j.library, name: j.name, type: '*JRN' })),
    ...partition.receivers().map((r) => ({ library: r.library, name: r.name, type: '*JRNRCV' })),
  ];
  const found = all.filter(
    (o) =>
      (type === '*ALL' || o.type === type) &&
      (library.startsWith('*') || o.library === library) &&
      (name === '*ALL' || o.name === name || (name.endsWith('*') && o.name.startsWith(name.slice(0, -1)))),
  );
  if (found.length === 0) throw objectNotFound(library, name);
  return found;
}
