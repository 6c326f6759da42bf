/** What scripts/house.mjs measures of this checkout: one run for all tests of a file. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

export interface ImportFact {
  /** File of src the import leads to. */
  readonly to: string;
  readonly line: number;
  readonly kind: 'import' | 'export' | 'lazy' | 'type';
  readonly typeOnly: boolean;
  /** Null when the whole module is taken. */
  readonly names: readonly string[] | null;
}

export interface House {
  readonly all: {
    readonly largeFiles: readonly { readonly file: string; readonly lines: number }[];
    readonly longFunctions: readonly Place[];
    readonly manyParameters: readonly Place[];
    readonly any: number;
  };
  readonly largestFolder: { readonly folder: string; readonly files: number };
  readonly circles: readonly (readonly string[])[];
  readonly deadExports: readonly Place[];
  readonly missing: readonly { readonly file: string; readonly names: string }[];
  readonly doors: Readonly<Record<string, { readonly of: number; readonly files: readonly string[] }>>;
  readonly facts: { readonly src: Readonly<Record<string, { readonly imports: readonly ImportFact[] }>> };
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

const ROOT = resolve(__dirname, '../..');

/** @param tree another checkout */
export function measureHouse(tree = ROOT): House {
  const args = [resolve(ROOT, 'scripts/house.mjs'), '--facts', '--tree', tree];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 })) as House;
}

export const placeOf = ({ file, line, name }: Place): string => `${file}:${line} ${name}`;
