/**
 * All event types of a configuration as one AsyncAPI 3 document: a server and a channel for each destination, a message for each
 * type. Source: https://www.asyncapi.com/docs/reference/specification/v3.0.0.
 */
import type { CatalogueEntry } from './event-types';

/** Where a destination is reached. */
export interface EventChannel {
  readonly name: string;
  /** `https`, `kafka`... */
  readonly protocol: string;
  readonly host: string;
  /** Topic; null where it is not known. */
  readonly address: string | null;
}

type Json = Readonly<Record<string, unknown>>;

/** @param version of the product, as the document's own */
export function asyncApi(entries: readonly CatalogueEntry[], channels: readonly EventChannel[], version: string): Json {
  const types = new Map<string, CatalogueEntry[]>();
  for (const entry of entries) types.set(entry.type, [...(types.get(entry.type) ?? []), entry]);
  const named = uniqueNames([...types.keys()]);
  const used = channels.filter((c) => entries.some((e) => e.destinations.includes(c.name)));
  return {
    asyncapi: '3.0.0',
    info: { title: 'Changes of IBM i tables', version },
    defaultContentType: 'application/json',
    servers: Object.fromEntries(used.map(({ name, host, protocol }) => [name, { host, protocol }])),
    channels: Object.fromEntries(used.map((c) => [c.name, channel(c, entries, named)])),
    operations: Object.fromEntries(
      used.map(({ name }) => [`to-${name}`, { action: 'send', channel: { $ref: `#/channels/${name}` } }]),
    ),
    components: {
      messages: Object.fromEntries([...types].map(([type, all]) => [named.get(type)!, message(type, all)])),
    },
  };
}

function channel(
  { name, address }: EventChannel,
  entries: readonly CatalogueEntry[],
  named: ReadonlyMap<string, string>,
): Json {
  const types = new Set(entries.filter((e) => e.destinations.includes(name)).map((e) => named.get(e.type)!));
  return {
    address: address !== null && !address.includes('$') ? address : null,
    ...(address?.includes('$') ? { description: `topic: ${address}` } : {}),
    servers: [{ $ref: `#/servers/${name}` }],
    messages: Object.fromEntries([...types].map((id) => [id, { $ref: `#/components/messages/${id}` }])),
  };
}

/** Several rules may send one type: the body is that of one of them. */
function message(type: string, entries: readonly CatalogueEntry[]): Json {
  const [first] = entries;
  const bodies = entries.map(({ schema: { $schema: _, ...body } }) => body);
  return {
    name: type,
    title: first!.title ?? type,
    ...(first!.description === null ? {} : { description: first!.description }),
    contentType: first!.contentType,
    payload: bodies.length === 1 ? bodies[0] : { oneOf: bodies },
  };
}

/** Keys of components may hold letters, digits, `.`, `-` and `_`. */
function uniqueNames(types: readonly string[]): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    types.map((type) => {
      let id = type.replaceAll(/[^A-Za-z0-9._-]/g, '_');
      for (let n = 2; taken.has(id); n++) id = `${type}_${n}`;
      taken.add(id);
      return [type, id];
    }),
  );
}
