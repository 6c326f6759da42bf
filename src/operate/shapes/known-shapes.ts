/** Record formats that offline commands know: of files named one by one, and of a folder that `plan --formats` wrote. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { shapesFromFiles, type TableShapes } from './table-shapes';

interface ShapeSources {
  /** Files. */
  readonly format: readonly string[];
  /** The folder; `formats` beside the configuration if left out and there. */
  readonly formats?: string;
}

/** A file that is named counts more than the folder. @throws CodedError `FORMAT_FILE`, family config */
export function knownShapes(config: Config, sources: ShapeSources): TableShapes {
  const folder = sources.formats ?? join(dirname(resolve(config.file)), 'formats');
  const named = shapesFromFiles(sources.format);
  const kept = sources.formats !== undefined || existsSync(folder) ? shapesFromFiles(jsonFiles(folder)) : named;
  return (table) => named(table) ?? kept(table);
}

function jsonFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new CodedError({
      code: 'FORMAT_FILE',
      message: `the folder of formats ${folder} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unreadable'})`,
      next: `write it with: ibmi-cdc plan --formats ${folder}`,
      facts: { folder },
      cause,
    });
  }
}
