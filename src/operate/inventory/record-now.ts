/**
 * A row as it is on the partition now, through the rule that events of its table go through: masks, names and forms are those
 * of the events. For receivers of thin events, and for whoever looks at one.
 */

import { randomBytes } from 'node:crypto';
import { TableMapping } from '../../capture/tables/table-mapping';
import { tableNamed } from '../../capture/tables/table-named';
import { readTables } from '../../catalog/catalog';
import { partitionClock, zoneOffsetMinutes } from '../../catalog/clock';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import type { Config, TableConfig } from '../../config/config';
import { CodedError, isCoded, SqlError } from '../../errors/coded-error';
import type { RuleOptions } from '../../map/options';
import type { Change } from '../../model/change';
import type { EventDraft } from '../../model/event';
import { parseExact } from '../../model/exact-json';
import { findNamed, quotedName } from '../../model/identifiers';
import { formatName } from '../../model/position';
import { type TableRow, TableRows } from '../../table-rows/table-rows';
import type { Logger } from '../../telemetry/logger';
import type { SqlConnection, SqlTransport } from '../../transport/transport';
import { ruleShown } from './storing';

interface RecordWish {
  readonly table: string;
  /** As events have it in `subject`: members joined by `/`, each escaped. */
  readonly key: string;
  /** Name of a rule; the first of the table if left out. */
  readonly rule?: string | undefined;
}

interface RecordParts {
  readonly config: Config;
  readonly transport: SqlTransport;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

interface RecordNow {
  readonly table: string;
  readonly rule: string;
  /** Clock of the partition, UTC. */
  readonly asOf: string;
  readonly key: unknown;
  readonly row: unknown;
  readonly decodeErrors: unknown;
}

/** @throws CodedError `API_RECORD`, `TABLE_UNKNOWN`; families host and transport where the partition does not answer as it should */
export async function recordNow(parts: RecordParts, connection: SqlConnection, wish: RecordWish): Promise<RecordNow> {
  const { config, transport, log } = parts;
  const table = await tableNamed(config, connection, wish.table);
  const rule = ruleOf(config, table, wish);
  const [facts] = await readTables(connection, [table.table]);
  if (!facts || !hasLayout(facts)) throw noRecord(wish, facts?.reason ?? 'the table is not on the partition');
  const only = { ...config, tables: [{ ...table, rules: [whole(rule)] }] };
  const offset = await zoneOffsetMinutes(connection);
  const mapping = new TableMapping({ config: only, tables: [facts], offset, transport, log });
  const timestamp = await partitionClock(connection);
  const row = await rowOf(connection, facts, table, wish);
  const draft = await mapped(mapping, changeOf(facts, row, timestamp));
  if (draft === null) throw noRecord(wish, `rule ${rule.name} does not show this row`);
  const { data } = parseExact(Buffer.from(draft.body).toString('utf8')) as {
    data: { key: unknown; after: unknown; meta: { decodeErrors: unknown } };
  };
  const { key, after, meta } = data;
  return { table: draft.table, rule: rule.name, asOf: draft.time, key, row: after, decodeErrors: meta.decodeErrors };
}

function ruleOf(config: Config, table: TableConfig, wish: RecordWish): RuleOptions {
  const found = table.rules.find((r) => wish.rule === undefined || r.name === wish.rule);
  if (!found)
    throw noRecord(wish, `the table has no rule ${wish.rule}; it has ${table.rules.map((r) => r.name).join(', ')}`);
  return ruleShown(config, found, (why) => noRecord(wish, why));
}

/** Every member, whatever an event of the rule would leave out or wait for. */
function whole(rule: RuleOptions): RuleOptions {
  return {
    ...rule,
    payload: { is: 'full' },
    envelope: { is: 'cloudevents' },
    actions: ['insert', 'update', 'delete', 'read'],
    whenChanged: null,
    transitions: [],
    parent: null,
    coalesceWindow: null,
    rawImage: 'off',
    maxBytes: Number.MAX_SAFE_INTEGER,
  };
}

async function rowOf(
  connection: SqlConnection,
  facts: TableFacts,
  table: TableConfig,
  wish: RecordWish,
): Promise<TableRow> {
  const names = table.key ?? facts.key?.columns ?? [];
  const columns = names.map(
    (name) => findNamed(name, facts.columns, (c) => [c.format.name, c.systemName])?.format.name,
  );
  const members = wish.key.split('/').map((text) => text.replaceAll('%2F', '/').replaceAll('%25', '%'));
  if (names.length === 0 || columns.includes(undefined)) throw noRecord(wish, 'the table has no key to look by');
  if (members.length !== names.length)
    throw noRecord(wish, `the key has ${names.length} members (${names.join(', ')}), ${members.length} were given`);
  const where = columns.map((name) => `T.${quotedName(name!)} = ?`).join(' AND ');
  const { library, name } = facts.sqlName;
  const isolation = facts.journal === null ? 'WITH UR' : 'WITH CS USE CURRENTLY COMMITTED';
  const from = `FROM ${quotedName(library)}.${quotedName(name)} T WHERE ${where} FETCH FIRST 2 ROWS ONLY ${isolation}`;
  const rows = new TableRows({ table: formatName(facts.file), columns: facts.format.columns });
  try {
    const sql = (list: string): string => `SELECT RRN(T) AS RRN_OF_ROW, ${list} ${from}`;
    const found = await rows.read(connection, { sql, params: members, lead: 1, qualifier: 'T.' });
    if (found.length === 1) return found[0]!;
    throw noRecord(wish, found.length === 0 ? 'the table has no such row now' : 'the key names several rows');
  } catch (error) {
    if (isUnfit(error)) throw noRecord(wish, 'no row can have such a key');
    throw error;
  }
}

/** A value that its column cannot hold, or the server cannot convert (class 22). */
function isUnfit(error: unknown): boolean {
  if (error instanceof SqlError) return error.sqlState.startsWith('22');
  return isCoded(error) && error.code === 'PARAMETER_VALUE';
}

function changeOf(facts: TableFacts, row: TableRow, timestamp: string): Change {
  return {
    op: 'read',
    mode: 'backfill',
    table: facts.file,
    member: '',
    before: null,
    after: row,
    journal: null,
    position: null,
    occasion: randomBytes(12).toString('hex'),
    timestamp,
    commitCycle: 0n,
    rrn: BigInt(String(row.lead[0] ?? '0').split('.')[0]!),
    user: '',
    job: '',
    program: '',
    remoteAddress: '',
  };
}

async function mapped(mapping: TableMapping, change: Change): Promise<EventDraft | null> {
  for (let asked = false; ; asked = true) {
    mapping.beginUnit(true, asked);
    const outcome = mapping.map(change);
    const [draft] = [...(outcome.is === 'mapped' ? outcome.events : []), ...mapping.endUnit()];
    if (asked || mapping.missingLookups().length === 0) return draft ?? null;
    await mapping.loadLookups();
  }
}

function noRecord({ table, key }: RecordWish, why: string): CodedError {
  return new CodedError({
    code: 'API_RECORD',
    message: `${table} ${key}: ${why}`,
    next: 'name the key as events have it in `subject`',
  });
}
