/**
 * Proposals as YAML, indented so that it can be pasted below `tables:`. What is claimed is written out; what someone must decide
 * (masks, transitions, parents) stands beside it as a comment.
 */
import { oneLine } from '../telemetry/visible';
import { yamlName } from './columns';
import { hints } from './hints';
import type { ColumnGuess, ColumnProposal, TableProposal } from './model';
import { sampleWords } from './tables';

/** Widest line before its evidence goes onto a line of its own. */
const WIDTH = 56;

export function proposalYaml(p: TableProposal): string {
  const lines = [`  ${tableKey(p.table)}:`];
  lines.push(
    `    # ${comment([p.text, sampleWords(p.sampled, BigInt(p.rows)), journalWords(p)].filter(Boolean).join('; '))}`,
  );
  if (p.columns.length === 0) {
    lines.push(`    # ${comment(p.reason === '' ? `state: ${p.state}` : p.reason)}: nothing can be proposed`);
    lines.push(`    event: ${p.event}`);
    return `${lines.join('\n')}\n`;
  }
  lines.push(...captureLines(p), `    event: ${p.event}`, ...keyLines(p), '    columns:');
  const paired = new Map(p.pairs.map((pair) => [pair.date, pair]));
  const times = new Set(p.pairs.map((pair) => pair.time));
  for (const column of p.columns)
    lines.push(...columnLines(column, paired.get(column.column), times.has(column.column)));
  lines.push(...suggestions(p));
  return `${lines.join('\n')}\n`;
}

function journalWords({ journal, state, reason }: TableProposal): string {
  if (state !== 'ok' && state !== 'not journaled') return `state: ${state}, ${reason}`;
  return journal === null ? 'not journaled' : `journal ${journal}`;
}

function captureLines(p: TableProposal): string[] {
  if (p.journal !== null) return ['    capture: journal'];
  const start = `STRJRNPF FILE(${p.table}) JRN(LIB/JOURNAL) IMAGES(*BOTH)`;
  if (p.window === null)
    return [`    # no journal, and no column says when a row changed: ${start}`, '    capture: journal'];
  const { by, kind, date, time, indexed, evidence } = p.window;
  const members = [`by: [${by.map(yamlName).join(', ')}]`];
  if (kind === 'sequence') members.push('kind: sequence');
  if (date) members.push(`date: ${date}`);
  if (time === 'hhmm') members.push('time: hhmm');
  return [
    `    # ${comment(evidence)}${indexed ? '' : `; no index begins with ${comment(by[0]!)}: each look reads the whole table until there is one`}`,
    `    # a journal sees every change: ${start}`,
    `    capture: { window: { ${members.join(', ')} } }`,
  ];
}

function keyLines({ key }: TableProposal): string[] {
  if (key === null) return ['    # no unique key is known: rows are distinguished by record number'];
  const line = `    key: [${key.columns.map(yamlName).join(', ')}]`;
  if (key.source === 'sample')
    return [`    # unique in the rows looked at, which proves nothing:`, `    # ${line.trim()}`];
  return [aside(line, key.source)];
}

function columnLines(
  column: ColumnProposal,
  pair: TableProposal['pairs'][number] | undefined,
  isTime: boolean,
): string[] {
  const options = optionsOf(column, pair);
  const value = options.length === 0 ? column.as : `{ ${[`as: ${column.as}`, ...options].join(', ')} }`;
  const remarks = [
    [column.label, column.type].filter(Boolean).join('; '),
    ...column.guesses.map((g) => g.evidence),
    ...(pair ? [pair.evidence] : []),
    ...(isTime ? ['part of the timestamp above'] : []),
  ];
  return [
    ...remarks.slice(1).map((r) => `      # ${comment(r)}`),
    aside(`      ${yamlName(column.column)}: ${value}`, remarks[0]!),
  ];
}

function optionsOf({ guesses }: ColumnProposal, pair: TableProposal['pairs'][number] | undefined): string[] {
  const options: string[] = [];
  for (const guess of guesses) options.push(...optionsOfGuess(guess));
  if (pair) options.push(`withTime: ${yamlName(pair.time)}`, ...(pair.timeForm === 'hhmm' ? ['timeForm: hhmm'] : []));
  return options;
}

function optionsOfGuess(guess: ColumnGuess): string[] {
  const sentinels = (values: readonly (number | string)[]): string[] =>
    values.length === 0
      ? []
      : [`sentinels: [${values.map((v) => (typeof v === 'number' ? v : JSON.stringify(v))).join(', ')}]`];
  switch (guess.kind) {
    case 'date':
      return [
        `date: ${guess.form}`,
        ...(guess.pivot === null ? [] : [`pivot: ${guess.pivot}`]),
        ...sentinels(guess.sentinels),
      ];
    case 'timestamp':
      return [`timestamp: ${guess.form}`, ...sentinels(guess.sentinels)];
    case 'time':
      return [`time: ${guess.form}`];
    case 'blankNumeric':
      return ['onError: zero-if-blank'];
    case 'ccsid':
      return [`ccsid: ${guess.ccsid}`];
    default:
      return [];
  }
}

function suggestions(p: TableProposal): string[] {
  const lines: string[] = [];
  const masks = p.columns.flatMap((c) =>
    c.guesses.flatMap((g) => (g.kind === 'personal' ? [`    #   ${yamlName(c.column)}: ${g.mask}`] : [])),
  );
  if (masks.length > 0)
    lines.push('    # looks like personal data; masked before anything is stored:', '    # mask:', ...masks);
  for (const { column, guesses } of p.columns) {
    const codes = guesses.find((g) => g.kind === 'codes');
    if (!codes?.status) continue;
    const to = codes.values[0]?.value ?? '';
    lines.push(
      '    # an event of its own when the status becomes a certain value:',
      '    # transitions:',
      `    #   - { event: ${p.event}.${/^[A-Za-z0-9_-]+$/.test(to) ? to : 'changed'}, column: ${yamlName(column)}, to: [${comment(JSON.stringify(to))}] }`,
    );
  }
  for (const column of p.columns) lines.push(...kindLines(column, p.event));
  for (const parent of p.parents) {
    const key = Object.entries(parent.key).map(([of, child]) => `${yamlName(of)}: ${yamlName(child)}`);
    lines.push(
      `    # ${comment(parent.evidence)}; to send changes of this table as updates of the parent:`,
      `    # parent: { event: ${parent.event}, table: ${tableKey(parent.table)}, key: { ${comment(key.join(', '))} } }`,
    );
  }
  if (p.key && p.key.columns.length > 1 && p.key.source !== 'sample')
    lines.push(`    # traceKey: ${comment(JSON.stringify(p.key.columns.map((c) => `{{${c}}}`).join('_')))}`);
  return lines;
}

/** More kinds of rows than these are no kinds of events. */
const MOST_KINDS = 12;

/** A code that says of which kind the rows of the file are: a file of several records, once. */
function kindLines({ column, label, guesses }: ColumnProposal, event: string): string[] {
  const codes = guesses.find((g) => g.kind === 'codes');
  if (!codes || codes.status || codes.values.length > MOST_KINDS || !hints('kind', { name: column, label })) return [];
  const types = codes.values.map(({ value }) => {
    const part = /^[A-Za-z0-9_-]+$/.test(value) ? `-${value}` : '-other';
    return `${JSON.stringify(value)}: ${event}${part}`;
  });
  return [
    '    # an entity for each kind of row, in place of `event`:',
    `    # event: { by: ${yamlName(column)}, types: { ${comment(types.join(', '))} } }`,
  ];
}

function aside(line: string, remark: string): string {
  const words = comment(remark);
  return words === '' ? line : `${line.padEnd(WIDTH)}  # ${words}`;
}

/** Text of a catalog or of rows, which must not end its comment. */
function comment(text: string): string {
  return oneLine(text).replaceAll(/[\r\u0085\u2028\u2029]/g, ' ');
}

function tableKey(table: string): string {
  return /^[A-Za-z0-9_$#@/]+$/.test(table) && !/^[#@]/.test(table) ? table : JSON.stringify(table);
}
