/** Places a reference leads to. Each remembers what it found, so that looking again costs little where nothing changed. */
import { type BigIntStats, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { FileFault, MAX_VALUE_BYTES, readTextFile } from '../../files/text-file';

/** The problem is reported after the reference and never contains the value. */
export type FoundValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: string };

export interface Lookup {
  find(): FoundValue;
  /** What was found does not work: the next {@link find} trusts no cache. */
  lookAgain(): void;
}

/** One trailing line end is how editors, `echo` and programs write a secret; it is no part of it. Blanks are. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** `NAME` or `NAME:-default`. The environment of a process does not change. */
export class EnvironmentLookup implements Lookup {
  private readonly found: FoundValue;

  constructor(target: string, env: Readonly<Record<string, string | undefined>>) {
    const at = target.indexOf(':-');
    this.found = environment(at < 0 ? target : target.slice(0, at), at < 0 ? null : target.slice(at + 2), env);
  }

  find(): FoundValue {
    return this.found;
  }

  lookAgain(): void {}
}

function environment(
  name: string,
  fallback: string | null,
  env: Readonly<Record<string, string | undefined>>,
): FoundValue {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return { ok: false, problem: `"${name}" is not the name of an environment variable` };
  }
  const value = env[name];
  // what the process was given as bytes that are not UTF-8 has lost them already
  if (value?.includes('\ufffd')) return { ok: false, problem: `environment variable ${name} is not UTF-8` };
  if (value !== undefined && value !== '') return { ok: true, value };
  return fallback === null
    ? { ok: false, problem: `environment variable ${name} is not set` }
    : { ok: true, value: fallback };
}

/** Read again when it is another file, or was written or moved since. */
export class FileLookup implements Lookup {
  private readonly path: string;
  private seen: BigIntStats | null = null;
  private found: FoundValue | null = null;

  constructor(target: string, folder: string) {
    this.path = target === '' ? '' : isAbsolute(target) ? target : resolve(folder, target);
  }

  find(): FoundValue {
    if (this.path === '') return { ok: false, problem: 'names no file' };
    const stats = statsOf(this.path);
    if (this.found !== null && sameFile(stats, this.seen)) return this.found;
    // taken before the reading: what is written meanwhile is another time, and read again
    this.seen = stats !== null && settled(stats) ? stats : null;
    this.found = this.read();
    return this.found;
  }

  lookAgain(): void {
    this.seen = null;
  }

  private read(): FoundValue {
    try {
      return { ok: true, value: withoutLineEnd(readTextFile(this.path, MAX_VALUE_BYTES)) };
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      return { ok: false, problem: `file ${this.path} ${error.problem}` };
    }
  }
}

/** Null where there is nothing to compare with; the reading then says why. */
function statsOf(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}

/** Times of files are as coarse as 10 ms: a file just written may be written once more under the same time. */
function settled(stats: BigIntStats): boolean {
  return Math.abs(Date.now() - Number(stats.mtimeMs)) > 2_000;
}

function sameFile(now: BigIntStats | null, before: BigIntStats | null): boolean {
  if (now === null || before === null) return false;
  return (
    now.ino === before.ino &&
    now.dev === before.dev &&
    now.size === before.size &&
    now.mtimeNs === before.mtimeNs &&
    now.ctimeNs === before.ctimeNs
  );
}
