/** What a mapping makes of one entry: the product's own mapper on a record image, nothing stored, nothing sent. */
import type { Config, TableConfig } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { fixedClock, zoneClock } from '../../map/event/clock';
import { Mapper, type RuleVerdict } from '../../map/mapper';
import type { Change, RowSource } from '../../model/change';
import { formatName, type Position, type QualifiedName } from '../../model/position';
import type { RecordFormat } from '../../model/record-format';
import { FormatHistory } from '../../record/layout/format-history';
import type { SqlConnection } from '../../transport/transport';
import { version } from '../../version';
import { imageFields } from '../images/image-fields';
import { readEntry } from '../images/read-entry';
import { ruleShown } from '../inventory/storing';
import type { StateFile } from '../state-file';
import { clauseText } from '../trace/clause-text';
import { editedTable } from './mapping-text';

interface PastedImages {
  readonly op: 'insert' | 'update' | 'delete';
  readonly image: string;
  readonly beforeImage?: string | undefined;
  readonly nullMap?: string | undefined;
  readonly beforeNullMap?: string | undefined;
}

interface TryParts {
  readonly config: Config;
  readonly state: StateFile;
  readonly signal: AbortSignal;
}

/** Table, its rows and what is known of their columns. */
interface Subject {
  readonly table: TableConfig;
  readonly facts: Parameters<typeof imageFields>[3]['facts'];
  readonly file: QualifiedName;
  readonly key: readonly string[];
  readonly format: RecordFormat;
  readonly change: Change;
}

/** @throws CodedError `API_MAPPING`, `API_IMAGE`, `TABLE_UNKNOWN`; families host and transport */
export async function tryOnEntry(
  parts: TryParts,
  connection: SqlConnection,
  wish: { readonly table: string; readonly mapping: string; readonly position: Position },
) {
  const entry = await readEntry(parts, connection, wish);
  for (const rule of entry.table.rules) ruleShown(parts.config, rule, refused);
  const { facts } = entry;
  return tried(parts.config, { ...entry, file: facts.file, key: facts.key?.columns ?? [] }, wish.mapping);
}

/** @throws CodedError `API_MAPPING`, family config */
export async function tryOnImages(
  { config, state }: TryParts,
  known: { readonly table: TableConfig; readonly file: QualifiedName },
  wish: { readonly mapping: string } & PastedImages,
) {
  const name = formatName(known.file);
  const last = new FormatHistory(state.store, () => 0).ranges(name).at(-1);
  if (!last) throw refused(`the record format of ${name} is not known yet: the daemon learns it as it reads the table`);
  const { format } = last;
  const facts = { columns: [] };
  return tried(
    config,
    { ...known, facts, key: [], format, change: pastedChange(known.file, format, wish) },
    wish.mapping,
  );
}

async function tried(config: Config, subject: Subject, text: string) {
  const { table, facts, format, change, file } = subject;
  const edited = editedTable(config, table, text);
  const verdicts = await verdictsOf(config, subject, edited);
  return {
    table: formatName(file),
    op: change.op,
    hasBefore: change.before !== null,
    fields: imageFields(config, format, change, { table, facts, rule: null }),
    rules: verdicts.map((verdict) => ({
      rule: verdict.rule,
      outcome: verdict.result.is,
      says: clauseText(edited.rules.find((r) => r.name === verdict.rule) ?? null, verdict, change),
      events: eventsIn(verdict),
    })),
  };
}

/** Lookups and rows of parents are not asked for: what an edited text names is not to be read for whoever edits. */
async function verdictsOf(config: Config, subject: Subject, edited: TableConfig): Promise<RuleVerdict[]> {
  const { partition } = config;
  const { facts, file, format, change } = subject;
  const mapper = new Mapper({
    partition: partition.name,
    clock: partition.timeZone ? zoneClock(partition.timeZone) : fixedClock(0),
    product: version(),
    ccsid: partition.ccsid,
    now: Date.now,
  });
  const aliases = new Map(facts.columns.map((c) => [c.systemName, c.format.name]));
  mapper.setTable({ ...edited, table: file }, format, edited.key ?? subject.key, aliases);
  const first = mapper.explain(change);
  if (mapper.missingLookups().length === 0) return first;
  await mapper.loadLookups(async (questions) => new Map(questions.map((q) => [q.key, null])));
  return mapper.explain(change);
}

function eventsIn({ result }: RuleVerdict) {
  if (result.is !== 'mapped') return [];
  return result.events.map(({ type, key, destinations, body }) => ({
    type,
    key,
    destinations: [...destinations],
    body: bodyOf(body),
  }));
}

function bodyOf(body: Buffer): unknown {
  const text = Buffer.from(body).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function pastedChange(table: QualifiedName, { columns }: RecordFormat, wish: PastedImages): Change {
  const side = (hex: string | undefined, nulls: string | undefined): RowSource | null => {
    if (hex === undefined) return null;
    const bytes = Buffer.from(hex, 'hex');
    const map = nulls === undefined ? null : Buffer.from(nulls.padEnd(columns.length, '0'), 'latin1');
    return { is: 'image', image: { bytes, offset: 0, length: bytes.length, nulls: map } };
  };
  const image = side(wish.image, wish.nullMap);
  return {
    op: wish.op,
    mode: 'stream',
    table,
    member: table.name,
    before: wish.op === 'delete' ? image : side(wish.beforeImage, wish.beforeNullMap),
    after: wish.op === 'delete' ? null : image,
    journal: { library: 'PLAY', name: 'JOURNAL' },
    position: { receiver: { library: 'PLAY', name: 'RECEIVER' }, sequence: 1n },
    occasion: '',
    timestamp: '2000-01-01T00:00:00.000000',
    commitCycle: 0n,
    rrn: 1n,
    user: '',
    job: '',
    program: '',
    remoteAddress: '',
  };
}

function refused(message: string): CodedError {
  return new CodedError({ code: 'API_MAPPING', message, next: 'paste a record image of your own' });
}
