/** GRTOBJAUT and RVKOBJAUT. */

import { libraryNotFound, objectNotFound } from '../failures';
import type { ObjectName } from '../jobs/authority';
import type { ClArguments } from './arguments';
import type { CommandContext, CommandDefinition } from './command';

const ORDER = ['OBJ', 'OBJTYPE', 'USER', 'AUT'];

export const AUTHORITY_COMMANDS: Readonly<Record<string, CommandDefinition>> = {
  GRTOBJAUT: {
    order: ORDER,
    keywords: ['REPLACE', 'ASPDEV'],
    run(context, args) {
      const replace = args.word('REPLACE', '*NO') === '*YES';
      for (const [user, object] of subjects(context, args))
        context.partition.authority.grant(user, object, authorities(args, '*CHANGE'), replace);
    },
  },
  RVKOBJAUT: {
    order: ORDER,
    keywords: ['ASPDEV'],
    run(context, args) {
      for (const [user, object] of subjects(context, args))
        context.partition.authority.revoke(user, object, authorities(args, '*CHANGE'));
    },
  },
};

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
