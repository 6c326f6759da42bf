/** Where we are in a journal. Sequence numbers restart at 1, so a number without its receiver says nothing. */

import { foldIdentifier, ordinaryName, splitQualified } from './identifiers';

/**
 * A qualified IBM i object name, as the system spells it: upper case, 1-10 characters, or in the double quotes that belong to
 * a name of other characters. In a configuration: as written there.
 */
export interface QualifiedName {
  readonly library: string;
  readonly name: string;
}

/** Receiver plus sequence number: the only thing that can be called a position. Sequence is 1..18446744073709551600. */
export interface Position {
  readonly receiver: QualifiedName;
  readonly sequence: bigint;
}

/** `LIB/NAME`, the form used in config, logs, events and CL. */
export function formatName(n: QualifiedName): string {
  return `${n.library}/${n.name}`;
}

/** Parses `LIB/NAME` (also `LIB.NAME`) of the system; null if it is neither. What stands in double quotes stays as it is. */
export function parseName(text: string): QualifiedName | null {
  const parts = splitQualified(text);
  if (parts === null) return null;
  const [library, name] = parts.map((p) => (p.startsWith('"') ? p : foldIdentifier(p)));
  return { library: library!, name: name! };
}

/** Parses `LIB/NAME` of a configuration: both parts as written, since case and quotes may matter. */
export function parseWritten(text: string): QualifiedName | null {
  const parts = splitQualified(text);
  return parts && { library: parts[0], name: parts[1] };
}

/** A written table name where no catalog is at hand. */
export function ordinaryTable({ library, name }: QualifiedName): QualifiedName {
  return { library: ordinaryName(library), name: ordinaryName(name) };
}

export function sameName(a: QualifiedName, b: QualifiedName): boolean {
  return a.name === b.name && a.library === b.library;
}

export function formatPosition(p: Position): string {
  return `${formatName(p.receiver)}:${p.sequence}`;
}
