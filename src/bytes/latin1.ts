/** Bytes as text, one character each. */

/** Node's slice without the argument handling of toString, which costs as much as the slice; absent from its public types. */
interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as Latin1Buffer).latin1Slice(start, end);
}
