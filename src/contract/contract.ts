/**
 * What receivers can notice of a configuration: the ids, keys, lanes, types and members of events, and where they go. Secrets and
 * what only the daemon feels (timeouts, pools) are no part of it.
 */
import { columnNamed, hasLayout, type TableFacts } from '../catalog/table-facts';
import type { Config, DestinationConfig, TableConfig } from '../config/config';
import type { MaskOptions, RuleOptions } from '../map/options';
import { possibleTypes } from '../map/plan/naming';
import { formatName, ordinaryTable } from '../model/position';

export interface RuleContract {
  readonly types: readonly string[];
  readonly version: string;
  readonly traceKey: string | null;
  readonly to: readonly string[];
  /** What a change of it says to people, by its name in the configuration. */
  readonly parts: Readonly<Record<string, string>>;
  /** By column or member. */
  readonly members: Readonly<Record<string, string>>;
}

export interface TableContract {
  readonly capture: 'journal' | 'window';
  /** Empty: the record number; null: the catalog could not be asked. */
  readonly key: readonly string[] | null;
  readonly rules: Readonly<Record<string, RuleContract>>;
}

export interface DestinationContract {
  readonly kind: string;
  /** Host or topic. */
  readonly place: string;
  readonly signing: string;
}

export interface Contract {
  readonly partition: string;
  /** By `LIB/TABLE`. */
  readonly tables: Readonly<Record<string, TableContract>>;
  readonly destinations: Readonly<Record<string, DestinationContract>>;
}

/**
 * The key columns of a table as the catalog spells them, whatever spelling the configuration has; null where the catalog could not be
 * asked. @param written the configuration's key; null leaves it to the catalog
 */
type KeyOf = (table: string, written: readonly string[] | null) => readonly string[] | null;

export function contractOf(config: Config, keyOf: KeyOf): Contract {
  return {
    partition: config.partition.name,
    tables: Object.fromEntries(
      config.tables.map((table) => {
        const name = formatName(ordinaryTable(table.table));
        return [name, tableContract(table, keyOf(name, table.key))];
      }),
    ),
    destinations: Object.fromEntries(Object.entries(config.destinations).map(([name, d]) => [name, destination(d)])),
  };
}

function tableContract(table: TableConfig, key: readonly string[] | null): TableContract {
  return {
    capture: table.capture === 'journal' ? 'journal' : 'window',
    key,
    rules: Object.fromEntries(table.rules.map((rule) => [rule.name, ruleContract(rule)])),
  };
}

function ruleContract(rule: RuleOptions): RuleContract {
  const types = possibleTypes(rule.event, ['insert', 'update', 'delete', 'read']).map((t) => t.type);
  return {
    types: [...types, ...rule.transitions.map((t) => t.event)].sort(),
    version: rule.version,
    traceKey: rule.traceKey,
    to: [...rule.to].sort(),
    parts: {
      include: JSON.stringify([rule.include, rule.exclude]),
      envelope: JSON.stringify(rule.envelope),
      payload: JSON.stringify(rule.payload),
      rawImage: rule.rawImage,
      actions: rule.actions.join(', '),
      onDelete: JSON.stringify(rule.onDelete),
      keyChange: rule.keyChange,
      when: rule.when ?? '',
      whenChanged: rule.whenChanged?.join(', ') ?? '',
      parent: JSON.stringify(rule.parent),
      transitions: JSON.stringify(rule.transitions),
    },
    members: {
      ...described('column', rule.columns, (c) => JSON.stringify({ ...c, title: null, description: null })),
      ...described('group', rule.group, (g) => JSON.stringify(g)),
      ...described('constant', rule.constants, (c) => JSON.stringify(c)),
      ...described('expression', rule.expressions, (e) => JSON.stringify(e)),
      ...described('mask', rule.mask, maskWords),
    },
  };
}

function described<T>(
  kind: string,
  members: Readonly<Record<string, T>>,
  words: (member: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [`${kind} ${name}`, words(member)]));
}

/** Without the key of a hash. */
function maskWords(mask: MaskOptions): string {
  return JSON.stringify(mask, (name, value: unknown) => (name === 'key' ? undefined : value));
}

function destination({ webhook, kafka }: DestinationConfig): DestinationContract {
  if (kafka) return { kind: 'kafka', place: kafka.topic, signing: 'none' };
  if (!webhook) return { kind: 'stdout', place: '', signing: 'none' };
  const [, host = ''] = /^https?:\/\/(?:[^/@]*@)?([^/?#{]+)/.exec(webhook.url) ?? [];
  return {
    kind: 'webhook',
    place: host,
    signing: typeof webhook.signing === 'string' ? 'none' : Object.keys(webhook.signing).join(),
  };
}

/** Keys by the catalog; of a table it does not know, nothing can be said. */
export function catalogKeys(facts: readonly TableFacts[]): KeyOf {
  const known = new Map(facts.filter(hasLayout).map((f) => [formatName(ordinaryTable(f.asked)), f]));
  return (table, written) => {
    const fact = known.get(table);
    if (!fact) return null;
    return written?.map((name) => columnNamed(fact, name)?.format.name ?? name) ?? fact.key?.columns ?? [];
  };
}
