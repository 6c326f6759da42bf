/** Fates of journal entries as a person reads them. */
import type { CodedError } from '../../errors/coded-error';
import { line } from '../../telemetry/visible';
import type { FateOfEntries, LedgerView } from './trace';

export function fateText({ journal, receiver, fromSequence, toSequence, fate }: FateOfEntries): string {
  const range = toSequence === fromSequence ? '' : ` to ${toSequence}`;
  return line(`${journal} ${receiver}:${fromSequence}${range}  ${fate}`);
}

export function ledgerText({ journal, upTo, depth, fates }: LedgerView): string {
  const found = fates.map((f) => `${f.entries} ${f.fate}`).join(', ') || 'nothing of the captured tables';
  return line(`ledger of ${journal} up to ${upTo}, newest ${depth} entries: ${found}`);
}

/** Why the ledger alone cannot answer for a key. */
export function notAskedText(key: string, { code, message }: CodedError): string {
  return line(
    `the partition was not asked (${code}: ${message}), so it is not known whether changes of ${key} were filtered, quarantined or not read yet: the ledger keeps sequence numbers, not keys`,
  );
}

export function askAgainText({ next }: CodedError): string {
  const again = next ? `${next}; then trace again` : 'trace again when the partition answers';
  return line(
    `  next: ${again}, or ask by the entry's number: ibmi-cdc trace --receiver LIB/RECEIVER --from-sequence N`,
  );
}
