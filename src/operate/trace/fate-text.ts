/** Fates of journal entries as a person reads them. */
import type { CodedError } from '../../errors/coded-error';
import type { FateOfEntries, LedgerView } from './trace';

export function fateText({ journal, receiver, fromSequence, toSequence, fate }: FateOfEntries): string {
  const range = toSequence === fromSequence ? '' : ` to ${toSequence}`;
  return `${journal} ${receiver}:${fromSequence}${range}  ${fate}\n`;
}

export function ledgerText({ journal, upTo, depth, fates }: LedgerView): string {
  const found = fates.map((f) => `${f.entries} ${f.fate}`).join(', ') || 'nothing of the captured tables';
  return `ledger of ${journal} up to ${upTo}, newest ${depth} entries: ${found}\n`;
}

/** Why the ledger alone cannot answer for a key. */
export function notAskedText(key: string, { code, message }: CodedError): string {
  return `the partition was not asked (${code}: ${message}), so it is not known whether changes of ${key} were filtered, quarantined or not read yet: the ledger keeps sequence numbers, not keys\n`;
}

export function askAgainText({ next }: CodedError): string {
  const again = next ? `${next}; then trace again` : 'trace again when the partition answers';
  return `  next: ${again}, or ask by the entry's number: ibmi-cdc trace --receiver LIB/RECEIVER --from-sequence N\n`;
}
