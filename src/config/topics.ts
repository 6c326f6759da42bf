/** Kafka topics that become one because a topic may not have the characters of an IBM i name. */
import type { EventNaming, RuleOptions } from '../map/options';
import { formatName } from '../model/position';
import { warning } from './checks/tree';
import type { Config, TableConfig } from './config';
import type { Finding } from './issue';

/** The events of one type and table, as the template sees them. */
type Fields = Readonly<Record<string, string>>;

interface Source {
  readonly table: string;
  readonly fields: Fields;
}

/** With one key, a compacted topic keeps the last row of both tables: one erases the other. */
export function topicFindings(config: Config): Finding[] {
  return Object.values(config.destinations).flatMap((destination) => {
    const { kafka, name } = destination;
    if (!kafka) return [];
    const sources = config.tables.flatMap((table) => sourcesOf(table, name, config.partition.name));
    const path = ['destinations', name, 'kafka', 'topic'];
    return collisions(kafka.topic, sources).map(([topic, a, b]) => {
      const expected = `expected a topic for each of ${a} and ${b}: characters a topic cannot have become "_", so that both are ${topic}; send one of them to a destination with another topic`;
      return warning('CFG_LINT_TOPIC', path, JSON.stringify(topic), expected);
    });
  });
}

function collisions(template: string, sources: readonly Source[]): [topic: string, a: string, b: string][] {
  const found = new Map<string, [string, string, string]>();
  const first = new Map<string, { written: string; source: Source }>();
  for (const source of sources) {
    const written: string[] = [];
    const topic = template.replace(/\$\{\s*(\w+)\s*\}/g, (_, field: string) => {
      const value = source.fields[field] ?? '';
      written.push(value);
      return value.replace('/', '.').replace(/[^A-Za-z0-9._-]/g, '_');
    });
    const other = first.get(topic);
    if (!other) first.set(topic, { written: written.join('\n'), source });
    else if (other.written !== written.join('\n') && !found.has(topic))
      found.set(topic, [topic, named(other.source), named(source)]);
  }
  return [...found.values()];
}

function named({ table, fields }: Source): string {
  return `${table} (${fields['type']})`;
}

function sourcesOf(table: TableConfig, destination: string, partition: string): Source[] {
  const name = formatName(table.table);
  const { library, name: file } = table.table;
  return table.rules
    .filter((rule) => rule.to.includes(destination))
    .flatMap(typesOf)
    .map((type) => {
      const entity = type.split('.').slice(0, -1).join('.') || type;
      return { table: name, fields: { table: name, library, file, type, entity, partition } };
    });
}

function typesOf(rule: RuleOptions): string[] {
  return [...namedTypes(rule.event), ...rule.transitions.map((t) => t.event)];
}

function namedTypes(naming: EventNaming): string[] {
  if (naming.is === 'entity') return [naming.created, naming.updated, naming.deleted, naming.read];
  const entities = [...Object.values(naming.types), ...(naming.otherwise === null ? [] : [naming.otherwise])];
  return entities.flatMap((entity) => ['created', 'updated', 'deleted', 'read'].map((op) => `${entity}.${op}`));
}
