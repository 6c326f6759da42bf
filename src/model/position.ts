/** Where we are in a journal. Sequence numbers restart at 1, so a number without its receiver says nothing. */

/** A qualified IBM i object name, both parts upper case, 1-10 characters. */
export interface QualifiedName {
  readonly library: string;
  readonly name: string;
}

/** Receiver plus sequence number: the only thing that can be called a position. Sequence is 1..18446744073709551600. */
export interface Position {
  readonly receiver: QualifiedName;
  readonly sequence: bigint;
}

export function qualified(library: string, name: string): QualifiedName {
  return { library, name };
}

/** `LIB/NAME`, the form used in config, logs, events and CL. */
export function formatName(n: QualifiedName): string {
  return `${n.library}/${n.name}`;
}

/** Parses `LIB/NAME` (also `LIB.NAME`); null if it is neither. */
export function parseName(text: string): QualifiedName | null {
  const m = /^\s*([^/.\s]+)[/.]([^/.\s]+)\s*$/.exec(text);
  return m ? { library: m[1]!.toUpperCase(), name: m[2]!.toUpperCase() } : null;
}

export function sameName(a: QualifiedName, b: QualifiedName): boolean {
  return a.name === b.name && a.library === b.library;
}

export function formatPosition(p: Position): string {
  return `${formatName(p.receiver)}:${p.sequence}`;
}
