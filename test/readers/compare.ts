/** The same rows by every reader: what differs, as lines a person can act on. */
import type { ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { buildCatalogue } from '../../src/map/event-types/event-types';
import type { Round } from './round';
import type { ReaderSite, StreamedRow, Told } from './site';

export interface Verdict {
  /** Members compared. */
  readonly values: number;
  readonly events: number;
  readonly differences: readonly string[];
}

interface Part {
  readonly key: unknown;
  readonly after: Record<string, unknown>;
  readonly errors: unknown;
}

export async function judge(site: ReaderSite, round: Round): Promise<Verdict> {
  const differences: string[] = [];
  let values = 0;
  let events = 0;
  const streamed = await site.stream();
  const schemas = schemasOf(site);
  for (const [mode, told] of [
    ['stream', streamed.map((r) => r.told)],
    ['backfill', await site.backfill()],
    ['window', await site.window()],
  ] as const) {
    if (told.length !== round.rows.length) differences.push(`${mode}: ${told.length} of ${round.rows.length} rows`);
    for (const [i, row] of told.entries()) {
      differences.push(...schemas.check(mode, i, row));
      if (typeof row !== 'string') events += row.length;
      if (mode === 'stream') continue;
      const parts = partsOf(row);
      const right = partsOf(streamed[i]!.told);
      for (const part of Object.values(parts)) if (typeof part !== 'string') values += Object.keys(part.after).length;
      for (const line of unlike(right, parts)) differences.push(`${mode} row ${i + 1} ${line}`);
    }
  }
  const plain = await judgeDecode(site, streamed);
  return { values: values + plain.values, events, differences: [...differences, ...plain.differences] };
}

/** By rule. */
function partsOf(told: Told): Record<string, Part | string> {
  if (typeof told === 'string') return { all: told };
  return Object.fromEntries(
    told.map((draft): [string, Part] => {
      const body = JSON.parse(draft.body.toString('utf8'));
      const data = body.data ?? body;
      const key = draft.key;
      return [draft.rule, { key: [key, data.key], after: data.after, errors: data.meta?.decodeErrors ?? null }];
    }),
  );
}

function unlike(right: Record<string, Part | string>, seen: Record<string, Part | string>): string[] {
  const lines: string[] = [];
  for (const rule of new Set([...Object.keys(right), ...Object.keys(seen)])) {
    const a = right[rule];
    const b = seen[rule];
    if (a === undefined || b === undefined || typeof a === 'string' || typeof b === 'string') {
      if (text(a) !== text(b)) lines.push(`${rule}: ${text(b)}, stream ${text(a)}`);
      continue;
    }
    if (text(a.key) !== text(b.key)) lines.push(`${rule} key: ${text(b.key)}, stream ${text(a.key)}`);
    if (text(a.errors) !== text(b.errors)) lines.push(`${rule} errors: ${text(b.errors)}, stream ${text(a.errors)}`);
    for (const name of new Set([...Object.keys(a.after), ...Object.keys(b.after)]))
      if (text(a.after[name]) !== text(b.after[name]))
        lines.push(`${rule} ${name}: ${text(b.after[name])}, stream ${text(a.after[name])}`);
  }
  return lines;
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'absent';

/** Plain columns: `decode` and lookups against a rule of the table that says nothing of its columns. */
async function judgeDecode(
  site: ReaderSite,
  rows: readonly StreamedRow[],
): Promise<{ values: number; differences: string[] }> {
  const differences: string[] = [];
  let values = 0;
  const { columns } = site.facts;
  const decoded = await site.decode(rows);
  const keys = rows.map((_, i) => String(i + 1));
  // each costs a connection: a few of every table
  for (const { format } of columns.slice(1, 3)) {
    if (format.type === 'BLOB' || format.type === 'CLOB' || format.type === 'DBCLOB') continue;
    const answers = await site.lookup(format.name, keys);
    for (const [i, answer] of answers.entries()) {
      values++;
      const line = decoded[i]!;
      if ('error' in line) throw new Error(`decode: ${text(line.error)}`);
      const right = line.row[format.name];
      if (text(answer) !== text(right))
        differences.push(`lookup row ${i + 1} ${format.name}: ${text(answer)}, decode ${text(right)}`);
    }
  }
  return { values, differences };
}

function schemasOf(site: ReaderSite): { check(mode: string, row: number, told: Told): string[] } {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  const { format, key } = site.facts;
  const entries = buildCatalogue(site.config.tables, () => ({
    format,
    key: key?.columns ?? [],
    aliases: site.aliases,
  }));
  const validators = new Map<string, ValidateFunction>(
    entries.map((e) => [`${e.rule} ${e.op} ${e.type}`, ajv.compile(e.schema as object)]),
  );
  return {
    check: (mode, row, told) => {
      if (typeof told === 'string') return [];
      return told.flatMap((draft) => {
        const body = JSON.parse(draft.body.toString('utf8'));
        const op = mode === 'stream' ? 'insert' : 'read';
        const validate = validators.get(`${draft.rule} ${op} ${draft.type}`);
        if (!validate) return [`${mode} row ${row + 1} ${draft.rule} ${draft.type}: no schema`];
        if (validate(body)) return [];
        return (validate.errors ?? []).map(
          (e) => `${mode} row ${row + 1} ${draft.rule} schema: ${e.instancePath} ${e.message}`,
        );
      });
    },
  };
}
