/** One error as an operator meets it. The lists of this folder are the contract; docs/reference/errors.md is made of them. */

/** Who must act. The family alone decides the exit code and whether a retry makes sense. */
export type ErrorFamily =
  | 'config' // the YAML, a flag or a referenced secret is wrong: fix it and start again
  | 'signOn' // the partition refused the user or password: never retried by itself
  | 'transport' // network, TLS, a dropped connection, a timeout: a new connection may work
  | 'host' // the partition answered with an SQL or CPF message
  | 'protocol' // bytes that cannot be right: wrong length, wrong correlation, unknown reply
  | 'positionLost' // entries between the checkpoint and the oldest readable entry are proved gone
  | 'decode' // a record image does not fit its record format
  | 'delivery' // a destination refused or failed
  | 'store' // the SQLite file: disk full, corrupt, locked by another daemon
  | 'findings' // finished, and found something (doctor, audit, decode)
  | 'bug'; // an impossible state

export interface ErrorEntry {
  readonly family: ErrorFamily;
  /** A paragraph: what it means, when it is seen, what the product did. */
  readonly means: string;
  /** The next step in general; the error itself names the file, table or profile. */
  readonly next: string;
}

/** A word of another list (field errors, findings, reasons) with what it means and what to do. */
export interface WordEntry {
  readonly means: string;
  readonly next: string;
}

/** An entry of a list whose errors all have one family. */
export function ofFamily<F extends ErrorFamily, K extends string>(
  family: F,
  entries: Readonly<Record<K, WordEntry>>,
): Readonly<Record<K, ErrorEntry & { readonly family: F }>> {
  const list = Object.entries<WordEntry>(entries).map(([code, entry]) => [code, { family, ...entry }]);
  return Object.fromEntries(list) as Readonly<Record<K, ErrorEntry & { readonly family: F }>>;
}
