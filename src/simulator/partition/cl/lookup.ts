/** From the names in a command to the objects they mean. *LIBL and *CURLIB search every user library in turn. */
import type { QualifiedName } from '../../../model/position';
import { CpfFailure, fileNotFound, libraryNotFound, objectNotFound } from '../failures';
import type { Member, PhysicalFile } from '../files/physical-file';
import type { Journal } from '../journal/journal';
import type { Receiver } from '../journal/receiver';
import type { Partition } from '../partition';

export function fileOf(partition: Partition, n: QualifiedName): PhysicalFile {
  return search(partition, n, (library) => partition.file(library, n.name)) ?? fail(fileNotFound(n.library, n.name));
}

export function journalOf(partition: Partition, n: QualifiedName): Journal {
  return (
    search(partition, n, (library) => partition.journal(library, n.name)) ?? fail(objectNotFound(n.library, n.name))
  );
}

export function receiverOf(partition: Partition, n: QualifiedName): Receiver {
  return (
    search(partition, n, (library) => partition.receiver(library, n.name)) ?? fail(objectNotFound(n.library, n.name))
  );
}

/** *FIRST, *LAST, *FILE or a name. @throws CpfFailure CPF9815 */
export function memberOf(file: PhysicalFile, name: string): Member {
  const member =
    name === '*FIRST'
      ? file.members[0]
      : name === '*LAST'
        ? file.members.at(-1)
        : file.members.find((m) => m.name === name);
  if (member) return member;
  throw new CpfFailure('CPF9815', `Member ${name} file ${file.name} in library ${file.library} not found.`);
}

/** Where a new object goes: *CURLIB and no library mean QGPL. */
export function newName(partition: Partition, n: QualifiedName): QualifiedName {
  const library = n.library.startsWith('*') ? 'QGPL' : n.library;
  if (!partition.fileStore.libraries.has(library)) throw libraryNotFound(library);
  return { library, name: n.name };
}

/** Files a generic name means: `*ALL`, `ORD*`, or one name. */
export function filesNamed(partition: Partition, n: QualifiedName): readonly PhysicalFile[] {
  if (n.name === '*ALL') return partition.files(n.library);
  if (!n.name.endsWith('*')) return [fileOf(partition, n)];
  return partition.files(n.library).filter((f) => f.name.startsWith(n.name.slice(0, -1)));
}

function search<T>(partition: Partition, n: QualifiedName, find: (library: string) => T | null): T | null {
  if (!n.library.startsWith('*')) {
    if (!partition.fileStore.libraries.has(n.library)) throw libraryNotFound(n.library);
    return find(n.library);
  }
  for (const library of partition.fileStore.libraries.keys()) {
    const found = find(library);
    if (found !== null) return found;
  }
  return null;
}

function fail(failure: CpfFailure): never {
  throw failure;
}
