/** The contract a state file last ran under, and the refusal of one that breaks a promise. */
import { CodedError } from '../errors/coded-error';
import type { Schema, Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import type { Contract } from './contract';
import { type ContractDifference, contractDifferences } from './difference';

export const CONTRACT_SCHEMA: Schema = {
  name: 'contract',
  steps: [
    'CREATE TABLE contract (one INTEGER PRIMARY KEY CHECK (one = 1), contract TEXT NOT NULL, since INTEGER NOT NULL)',
  ],
};

/** Null: none yet, or written by a release that kept none. */
export function keptContract(store: Pick<Store, 'db'>): Contract | null {
  const text = store.db.prepare('SELECT contract FROM contract').pluck().get() as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as Contract);
}

interface KeepOptions {
  /** `run --accept`. */
  readonly accept: boolean;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * Writes down what a daemon runs under from now on.
 * @throws CodedError `CONTRACT_BROKEN`, family config, naming every promise that is broken; nothing is written then
 */
export function keepContract(store: Store, contract: Contract, { accept, log, now }: KeepOptions): void {
  const before = keptContract(store);
  const differences = before ? contractDifferences(before, contract) : [];
  const broken = differences.filter((d) => d.level === 'breaking');
  if (broken.length > 0 && !accept) throw refusal(broken);
  for (const { level, at, means } of differences)
    log[level === 'breaking' ? 'warn' : 'info']({ change: level, at }, `configuration changed: ${means}`);
  if (before && differences.length === 0) return;
  store.db
    .prepare(
      'INSERT INTO contract VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET contract = excluded.contract, since = excluded.since',
    )
    .run(JSON.stringify(withKnownKeys(contract, before)), now());
}

/** A key the catalog could not be asked for this time is the one it had. */
function withKnownKeys(contract: Contract, before: Contract | null): Contract {
  const tables = Object.entries(contract.tables).map(([name, table]) => {
    const key = table.key ?? before?.tables[name]?.key ?? null;
    return [name, { ...table, key }] as const;
  });
  return { ...contract, tables: Object.fromEntries(tables) };
}

function refusal(broken: readonly ContractDifference[]): CodedError {
  return new CodedError({
    code: 'CONTRACT_BROKEN',
    message: `the configuration breaks a promise to receivers:\n${broken.map((d) => `  ${d.at}: was ${d.was}, is ${d.is}; ${d.means}`).join('\n')}`,
    next: 'undo it, or inform the receivers and start once with: ibmi-cdc run --accept; ibmi-cdc plan --diff shows all differences',
    facts: { broken: broken.map((d) => d.at).join(', ') },
  });
}
