/** Record formats from files, for commands that work without the partition. */
import { readFileSync } from 'node:fs';
import { CodedError, isCoded } from '../../errors/coded-error';
import type { TableShape } from '../../map/event-types/event-types';
import { formatName, ordinaryTable, parseWritten, type QualifiedName } from '../../model/position';
import { parseFormat } from '../../record/layout/parse-format';

/** Answers for the tables the files speak of; null for any other. */
export type TableShapes = (table: QualifiedName) => TableShape | null;

/**
 * @param files each holds one format as `decode` takes it, or a list of them; `"key": ["ORDNO"]` beside `columns` names the key,
 *   `"systemName": "ORDNO"` in a column the short name a configuration may have for it
 * @throws CodedError `FORMAT_FILE`, family config
 */
export function shapesFromFiles(files: readonly string[]): TableShapes {
  const shapes = new Map<string, TableShape>();
  for (const file of files) {
    for (const shape of read(file)) shapes.set(keyed(shape.format.table), shape);
  }
  return (table) => shapes.get(formatName(ordinaryTable(table))) ?? null;
}

function keyed(text: string): string {
  const table = parseWritten(text);
  return table ? formatName(ordinaryTable(table)) : text;
}

function read(file: string): TableShape[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return (Array.isArray(value) ? value : [value]).map(shapeOfValue);
  } catch (cause) {
    throw new CodedError({
      code: 'FORMAT_FILE',
      message: `the format file ${file} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: (isCoded(cause) ? cause.next : undefined) ?? 'write {"table":"LIB/FILE","columns":[...]} or a list of them',
      facts: { file },
      cause,
    });
  }
}

/** @param value a format as `decode` takes it @throws CodedError family decode, `FORMAT_*` */
export function shapeOfValue(value: unknown): TableShape {
  return { format: parseFormat(value), key: keyOf(value), aliases: aliasesOf(value), words: wordsOf(value) };
}

function aliasesOf(value: unknown): Map<string, string> {
  const { columns } = value as { columns: readonly { readonly name: string; readonly systemName?: unknown }[] };
  const named = columns.flatMap(({ name, systemName }) =>
    typeof systemName === 'string' && systemName !== name ? [[systemName, name] as const] : [],
  );
  return new Map(named);
}

/** `text` beside `columns`, and in each column. */
function wordsOf(value: unknown): NonNullable<TableShape['words']> {
  const { text, columns } = value as { text?: unknown; columns: readonly { name: string; text?: unknown }[] };
  const said = columns.flatMap((c) => (typeof c.text === 'string' && c.text !== '' ? [[c.name, c.text] as const] : []));
  return { table: typeof text === 'string' ? text : '', columns: new Map(said) };
}

function keyOf(value: unknown): string[] {
  const key = (value as { key?: unknown }).key;
  return Array.isArray(key) ? key.filter((k) => typeof k === 'string') : [];
}
