/** A made-up change of a table, to see what a rule makes of it without any IBM i. */
import type { Change, ChangeOp, SqlRow } from '../../model/change';
import { entryFor, ordinaryName, sameIdentifier } from '../../model/identifiers';
import type { QualifiedName } from '../../model/position';
import type { ColumnFormat, LegacyMeaning, RecordFormat } from '../../model/record-format';
import { legacyText } from '../../record/legacy/legacy-encode';
import { rowImage } from '../../record/rows/row-image';
import { type Expression, parseExpression, partsOf } from '../expression/parse';
import type { RuleOptions, TableRules } from '../options';
import { parseTemplate } from '../plan/template';

/** Moment of every synthetic change: samples are the same each time they are printed. */
const SAMPLE_TIME = '2026-11-21T20:44:00.123456';

/** Two rows of one record, the second a little later; the values are plain for every type. */
export function syntheticRow(format: RecordFormat, rule: RuleOptions, later: boolean): SqlRow {
  return Object.fromEntries(format.columns.map((c, i) => [c.name, sampleValue(c, rule, i, later)]));
}

function sampleValue(c: ColumnFormat, rule: RuleOptions, index: number, later: boolean): SqlRow[string] {
  const meaning = entryFor(rule.columns, c.name)?.meaning ?? timeFormOf(c, rule) ?? c.as ?? null;
  if (meaning && (meaning.date || meaning.time || meaning.timestamp))
    return legacyText(meaning, SAMPLE_TIME.slice(0, 19));
  const step = later ? 1 : 0;
  switch (c.type) {
    case 'DECIMAL':
    case 'NUMERIC':
    case 'DECFLOAT': {
      const whole = Math.max(1, Math.min(c.type === 'DECFLOAT' ? 6 : c.length - c.scale, 6));
      const digits = String(100_000 + index * 7 + (index === 0 ? 0 : step)).slice(-whole);
      return c.scale > 0 ? `${digits}.${'5'.padEnd(c.scale, '0')}` : digits;
    }
    case 'BIGINT':
      return String(1000 + step);
    case 'SMALLINT':
    case 'INTEGER':
      return c.scale > 0 ? `1.${'0'.repeat(c.scale)}` : 10 + step;
    case 'REAL':
    case 'DOUBLE':
      return 1.5 + step;
    case 'BOOLEAN':
      return later;
    case 'DATE':
      return SAMPLE_TIME.slice(0, 10);
    case 'TIME':
      return SAMPLE_TIME.slice(11, 19);
    case 'TIMESTAMP':
      return SAMPLE_TIME.padEnd(32, '0').slice(0, c.scale === 0 ? 19 : 20 + c.scale);
    case 'BINARY':
    case 'VARBINARY':
    case 'BLOB':
    case 'ROWID':
      return Buffer.from([0xc1, 0xc2, 0xc3]);
    default:
      return `${c.name}${index === 0 || !later ? '' : ' 2'}`.slice(0, Math.max(1, c.length));
  }
}

/** The time column of a date and time pair has no options of its own. */
function timeFormOf(c: ColumnFormat, rule: RuleOptions): LegacyMeaning | null {
  const pair = Object.values(rule.columns).find((o) => o.withTime !== null && sameIdentifier(o.withTime, c.name));
  return pair ? { time: pair.timeForm } : null;
}

/** A change of the wanted kind; transitions and discriminators get the values that bring them about. */
export function syntheticChange(
  table: QualifiedName,
  format: RecordFormat,
  rule: RuleOptions,
  op: ChangeOp,
  values: { readonly before?: SqlRow; readonly after?: SqlRow } = {},
): Change {
  const before = { ...syntheticRow(format, rule, false), ...values.before };
  const after = { ...syntheticRow(format, rule, op === 'update'), ...values.after };
  const streamed = op !== 'read';
  return {
    op,
    mode: streamed ? 'stream' : 'backfill',
    table,
    member: table.name,
    before: op === 'update' || op === 'delete' ? { is: 'image', image: rowImage(format, before) } : null,
    after: op === 'delete' ? null : { is: 'image', image: rowImage(format, after) },
    journal: streamed ? { library: table.library, name: 'SAMPLEJRN' } : null,
    position: streamed ? { receiver: { library: table.library, name: 'SAMPLERCV' }, sequence: 184467n } : null,
    occasion: streamed ? '' : 'sample',
    timestamp: SAMPLE_TIME,
    commitCycle: streamed ? 184460n : 0n,
    rrn: streamed ? 77n : 0n,
    user: streamed ? 'SAMPLE' : '',
    job: streamed ? '000000/SAMPLE/SAMPLE' : '',
    program: streamed ? 'SAMPLE' : '',
    remoteAddress: '',
  };
}

/** A format made of the names a table's rules mention, for when the real one is not at hand. */
export function guessedFormat(table: TableRules): RecordFormat {
  const names = new Map<string, LegacyMeaning | null>();
  const note = (name: string, meaning: LegacyMeaning | null = null): void => {
    const ordinary = ordinaryName(name);
    names.set(ordinary, meaning ?? names.get(ordinary) ?? null);
  };
  for (const c of table.key ?? []) note(c);
  for (const rule of table.rules) {
    for (const [c, o] of Object.entries(rule.columns)) {
      note(c, o.meaning);
      if (o.withTime) note(o.withTime, { time: o.timeForm });
    }
    for (const c of columnsOf(rule)) note(c);
  }
  const columns = [...names].map(([name, meaning]): ColumnFormat => {
    const base = { name, scale: 0, nullable: false };
    return meaning
      ? { ...base, type: 'DECIMAL', length: 15, ccsid: null }
      : { ...base, type: 'CHAR', length: 20, ccsid: 37 };
  });
  return { table: `${table.table.library}/${table.table.name}`, columns };
}

function columnsOf(rule: RuleOptions): string[] {
  const expressions = [
    ...(rule.when === null ? [] : [rule.when]),
    ...Object.values(rule.expressions).map((e) => e.value),
  ];
  return [
    ...(rule.include === '*' ? [] : rule.include),
    ...rule.exclude,
    ...(rule.event.is === 'discriminator' ? [rule.event.by] : []),
    ...Object.keys(rule.mask),
    ...(rule.whenChanged ?? []),
    ...rule.transitions.map((t) => t.column),
    ...(rule.payload.is === 'thin' ? rule.payload.columns : []),
    ...Object.values(rule.group).flatMap((g) => (g.is === 'array' ? g.columns : Object.values(g.members))),
    ...Object.values(rule.parent?.key ?? {}),
    ...[rule.traceKey, rule.recordUrl].flatMap((t) => (t === null ? [] : [...parseTemplate(t).names])),
    ...expressions.flatMap((e) => namesIn(parseExpression(e))),
  ];
}

function namesIn(e: Expression): string[] {
  const within = partsOf(e).flatMap(namesIn);
  return e.is === 'column' || e.is === 'changed' ? [e.name, ...within] : within;
}
