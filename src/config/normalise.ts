/** As written -> normalised: one spelling for every choice, names upper case, paths absolute, nothing optional. */
import { isAbsolute, resolve } from 'node:path';
import type {
  ColumnOptions,
  EventNaming,
  GroupOptions,
  LookupOptions,
  MaskOptions,
  ParentOptions,
  RuleOptions,
} from '../map/options';
import { entryFor, foldIdentifier, ordinaryName } from '../model/identifiers';
import { parseName, parseWritten, type QualifiedName } from '../model/position';
import type { LegacyMeaning } from '../model/record-format';
import type { Config, DestinationConfig, TableConfig, WindowConfig } from './config';
import type { RawConfig } from './schema/root';

type RawTable = RawConfig['tables'][string];
type RawWindow = Exclude<RawTable['capture'], 'journal'>['window'];
type RawRule = NonNullable<RawTable['rules']>[number];
type RuleBody = Omit<RawRule, 'name'>;

export function normalise(raw: RawConfig, file: string, folder: string): Config {
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(folder, path));
  const clear = raw.partition.tls === 'off';
  return {
    file,
    folder,
    partition: {
      ...raw.partition,
      port: raw.partition.port ?? (clear ? 8471 : 9471),
      signonPort: raw.partition.signonPort ?? (clear ? 8476 : 9476),
      commandPort: raw.partition.commandPort ?? (clear ? 8475 : 9475),
      tls: raw.partition.tls === 'off' ? 'off' : withPaths(raw.partition.tls, ['ca'], absolute),
    },
    state: absolute(raw.state),
    encryption: raw.encryption,
    destinations: Object.fromEntries(
      Object.entries(raw.destinations).map(([name, d]) => [name, destination(name, d, absolute)]),
    ),
    tables: Object.entries(raw.tables).map(([name, t]) => table(name, t, raw)),
    policies: raw.policies,
    journal: raw.journal,
    http: raw.http,
    alerts: alerts(raw.alerts, absolute),
    commands: raw.commands,
    log: raw.log,
  };
}

function withPaths<T extends object>(
  value: T,
  keys: readonly (keyof T & string)[],
  absolute: (p: string) => string,
): T {
  const copy = { ...value } as Record<string, unknown>;
  for (const key of keys) {
    const path = copy[key];
    if (typeof path === 'string') copy[key] = absolute(path);
  }
  return copy as T;
}

function destination(
  name: string,
  raw: RawConfig['destinations'][string],
  absolute: (p: string) => string,
): DestinationConfig {
  const { webhook, kafka } = raw;
  const files = ['ca', 'cert', 'key'] as const;
  return {
    ...raw,
    name,
    webhook: webhook && {
      ...webhook,
      tls: withPaths(webhook.tls, files, absolute),
      auth: {
        ...webhook.auth,
        oauth2: webhook.auth.oauth2 && {
          ...webhook.auth.oauth2,
          tls: withPaths(webhook.auth.oauth2.tls, files, absolute),
        },
      },
    },
    kafka: kafka && { ...kafka, tls: kafka.tls === 'off' ? 'off' : withPaths(kafka.tls, files, absolute) },
  };
}

function alerts(raw: RawConfig['alerts'], absolute: (p: string) => string): RawConfig['alerts'] {
  const sinks = Object.entries(raw.sinks).map(([name, sink]) => [
    name,
    { ...sink, email: sink.email && withPaths(sink.email, ['ca'], absolute) },
  ]);
  return { ...raw, sinks: Object.fromEntries(sinks) };
}

function table(name: string, raw: RawTable, { destinations, policies }: RawConfig): TableConfig {
  const rules = raw.rules ?? [{ ...raw, name: raw.name ?? ruleName(raw) }];
  return {
    table: writtenTable(name),
    key: raw.key,
    ccsid: raw.ccsid,
    remember: raw.remember,
    onFieldError: raw.onFieldError,
    lookups: mapValues(raw.lookups, lookup),
    owner: raw.owner,
    notices: raw.notices,
    rules: rules.map((r) => rule(r.name, r, destinations)),
    capture: raw.capture === 'journal' ? 'journal' : { window: window(raw.capture.window, rules) },
    journal: raw.journal === null ? null : nameOf(raw.journal),
    member: foldIdentifier(raw.member),
    images: raw.images,
    uncommitted: raw.uncommitted,
    deleteGuard: raw.deleteGuard,
    maxLag: raw.maxLag,
    reconcile: raw.reconcile,
    cleared: raw.cleared ?? policies.cleared,
  };
}

/** What a window leaves out is said by its columns: two are a date and its time, and a rule may know the date's form. */
function window(raw: RawWindow, rules: readonly RuleBody[]): WindowConfig {
  const forms = rules.map((r) => entryFor(r.columns, raw.by[0]!)).map((c) => (typeof c === 'object' ? c.date : null));
  const known = raw.date ?? forms.find((form) => form != null) ?? null;
  const legacy = raw.by.length > 1 || known !== null;
  return { ...raw, kind: raw.kind ?? (legacy ? 'legacy' : 'column-type'), date: known ?? 'cyymmdd' };
}

/** The name of an unnamed rule: its entity, which is stable as long as the events keep their types. */
function ruleName(raw: { event: RuleBody['event']; parent: RuleBody['parent'] }): string {
  if (typeof raw.event === 'string') return raw.event;
  if (raw.event && 'entity' in raw.event) return raw.event.entity;
  if (raw.event && 'by' in raw.event) return `by-${ordinaryName(raw.event.by)}`;
  return raw.parent ? `${raw.parent.event}-child` : 'rule';
}

function rule(name: string, raw: RuleBody, destinations: RawConfig['destinations']): RuleOptions {
  const listed = Object.keys(raw.columns);
  const everything = raw.include === '*' || (raw.include === null && (listed.length === 0 || raw.exclude.length > 0));
  const to = raw.to ?? Object.keys(destinations);
  const described = typeof raw.event === 'object' && raw.event !== null ? raw.event : null;
  return {
    name,
    event: naming(raw),
    title: described?.title ?? null,
    description: described?.description ?? null,
    include: everything ? '*' : unique([...listed, ...(raw.include === '*' ? [] : (raw.include ?? []))]),
    exclude: raw.exclude,
    columns: Object.fromEntries(Object.entries(raw.columns).map(([c, v]) => [c, column(v)])),
    group: mapValues(raw.group, group),
    constants: raw.constants as RuleOptions['constants'],
    expressions: mapValues(raw.expressions, (e) =>
      typeof e === 'string' ? { value: e, scale: null, number: false } : e,
    ),
    mask: mapValues(raw.mask, mask),
    when: raw.when,
    whenChanged: raw.whenChanged,
    transitions: raw.transitions,
    actions: raw.actions,
    ignore: raw.ignore,
    onDelete:
      typeof raw.onDelete === 'string' ? simpleDelete(raw.onDelete) : { is: 'update', set: raw.onDelete.update.set },
    keyChange: raw.keyChange,
    tombstones: to.filter((d) => destinations[d]?.kafka?.tombstones === true),
    payload:
      typeof raw.payload === 'string'
        ? raw.payload === 'thin'
          ? { is: 'thin', columns: [] }
          : { is: raw.payload }
        : { is: 'thin', columns: raw.payload.thin },
    rawImage: raw.rawImage,
    envelope:
      typeof raw.envelope === 'string'
        ? { is: raw.envelope }
        : { is: 'template', template: raw.envelope.template as RuleOptions['constants'][string] },
    traceKey: raw.traceKey,
    recordUrl: raw.recordUrl,
    version: raw.version,
    priority: raw.priority,
    parent: raw.parent && parent(raw.parent),
    coalesceWindow: raw.coalesce?.window ?? null,
    to,
    // one body goes to all of them, so the smallest limit holds
    maxBytes: Math.min(...to.map((d) => destinations[d]?.payloadLimit.max ?? Number.MAX_SAFE_INTEGER)),
  };
}

function simpleDelete(word: 'ignore' | 'update' | 'delete'): RuleOptions['onDelete'] {
  return word === 'update' ? { is: 'update', set: {} } : { is: word };
}

function naming(raw: RuleBody): EventNaming {
  const e = raw.event ?? raw.parent?.event ?? 'change';
  if (typeof e === 'object' && 'by' in e)
    return { is: 'discriminator', by: e.by, types: e.types, otherwise: e.otherwise };
  const entity = typeof e === 'string' ? e : e.entity;
  const given = typeof e === 'string' ? null : e;
  return {
    is: 'entity',
    entity,
    created: given?.created ?? `${entity}.created`,
    updated: given?.updated ?? `${entity}.updated`,
    deleted: given?.deleted ?? `${entity}.deleted`,
    read: given?.read ?? `${entity}.read`,
    aliases: given?.aliases ?? [],
  };
}

function column(raw: RuleBody['columns'][string]): ColumnOptions {
  const o = typeof raw === 'object' ? raw : null;
  const meaning = o && (o.date ?? o.time ?? o.timestamp ?? o.sentinels) !== null ? meaningOf(o) : null;
  return {
    as: typeof raw === 'string' ? raw : (o?.as ?? null),
    meaning,
    withTime: o?.withTime ?? null,
    timeForm: o?.timeForm ?? 'hhmmss',
    zone: o?.zone ?? null,
    number: o?.number ?? false,
    ccsid: o?.ccsid ?? null,
    onError: o?.onError ?? null,
    title: o?.title ?? null,
    description: o?.description ?? null,
  };
}

function meaningOf(o: Exclude<RuleBody['columns'][string], string | true>): LegacyMeaning {
  return {
    ...(o.date === null ? {} : { date: o.date }),
    ...(o.time === null ? {} : { time: o.time }),
    ...(o.timestamp === null ? {} : { timestamp: o.timestamp }),
    ...(o.pivot === null ? {} : { pivot: o.pivot }),
    ...(o.sentinels === null ? {} : { sentinels: o.sentinels }),
  };
}

function group(raw: RuleBody['group'][string]): GroupOptions {
  if (Array.isArray(raw)) return { is: 'array', columns: raw, skipEmpty: true };
  return 'array' in raw
    ? { is: 'array', columns: raw.array, skipEmpty: raw.skipEmpty }
    : { is: 'object', members: raw.object };
}

function mask(raw: RuleBody['mask'][string]): MaskOptions {
  if (raw === 'last4') return { is: 'last', keep: 4 };
  if (typeof raw === 'string') return { is: raw };
  if ('last' in raw) return { is: 'last', keep: raw.last };
  if ('truncate' in raw) return { is: 'truncate', keep: raw.truncate };
  return { is: 'hash', key: raw.key, length: raw.length };
}

function lookup(raw: RawTable['lookups'][string]): LookupOptions {
  if ('values' in raw) return { is: 'values', values: raw.values, otherwise: raw.otherwise };
  return { ...raw, is: 'table', table: writtenTable(raw.table) };
}

function parent(raw: NonNullable<RuleBody['parent']>): ParentOptions {
  return { ...raw, table: raw.table === null ? null : writtenTable(raw.table) };
}

/** Only the catalog can say which spelling is meant. */
function writtenTable(text: string): QualifiedName {
  return parseWritten(text) ?? { library: '', name: text };
}

function nameOf(text: string): QualifiedName {
  return parseName(text) ?? { library: '', name: text };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, map(v)]));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
