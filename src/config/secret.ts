/** A secret that cannot be printed by accident, and references to the environment and to files. */
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { inspect } from 'node:util';
import { CodedError } from '../errors/coded-error';

/** Where references lead. Paths are relative to the folder of the config file. */
export interface ReferenceScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** `${env:NAME}`, `${env:NAME:-default}`, `${file:path}`; `$${` stands for a literal `${`. */
const REFERENCE = /\$(\$\{)|\$\{(env|file):([^}]*?)\}/g;

/** What is wrong with a reference; the text never holds the value. */
export interface ReferenceFault {
  readonly reference: string;
  readonly problem: string;
}

export type Resolution =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly fault: ReferenceFault };

export function hasReference(text: string): boolean {
  REFERENCE.lastIndex = 0;
  return REFERENCE.test(text);
}

/** Replaces every reference in `text`; the first one that leads nowhere is the fault. */
export function resolveReferences(text: string, scope: ReferenceScope): Resolution {
  let fault: ReferenceFault | null = null;
  const value = text.replace(REFERENCE, (whole, escaped: string | undefined, kind: string, target: string) => {
    if (escaped) return escaped;
    const found = kind === 'env' ? fromEnvironment(target, scope) : fromFile(target, scope);
    if (typeof found === 'string') return found;
    fault ??= { reference: whole, problem: found.problem };
    return '';
  });
  return fault ? { ok: false, fault } : { ok: true, value };
}

function fromEnvironment(target: string, scope: ReferenceScope): string | { problem: string } {
  const at = target.indexOf(':-');
  const name = at < 0 ? target : target.slice(0, at);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return { problem: `"${name}" is not the name of an environment variable` };
  const value = scope.env[name];
  if (value !== undefined && value !== '') return value;
  return at < 0 ? { problem: `environment variable ${name} is not set` } : target.slice(at + 2);
}

function fromFile(target: string, scope: ReferenceScope): string | { problem: string } {
  if (target === '') return { problem: 'names no file' };
  const path = isAbsolute(target) ? target : resolve(scope.folder, target);
  try {
    // one trailing line end is how editors and `echo` write a secret; it is not part of it
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return { problem: `file ${path} cannot be read (${code})` };
  }
}

/** Holds what was written, not what it stands for: the value is looked up each time it is revealed, so a rotated file is seen. */
export class Secret {
  readonly #text: string;
  readonly #scope: ReferenceScope | null;
  readonly #path: string;

  private constructor(text: string, scope: ReferenceScope | null, path: string) {
    this.#text = text;
    this.#scope = scope;
    this.#path = path;
  }

  /** A secret just parsed; {@link bind} gives it its scope. Literal ones work at once. */
  static unbound(text: string): Secret {
    return new Secret(text, null, '');
  }

  bind(scope: ReferenceScope, path: string): Secret {
    return new Secret(this.#text, scope, path);
  }

  /** The value. @throws CodedError `CONFIG_SECRET`, family config, when a reference leads nowhere */
  reveal(): string {
    if (!this.#scope) return this.#text;
    const r = resolveReferences(this.#text, this.#scope);
    if (r.ok && r.value !== '') return r.value;
    const problem = r.ok ? 'is empty' : `${r.fault.reference}: ${r.fault.problem}`;
    throw new CodedError({
      code: 'CONFIG_SECRET',
      family: 'config',
      message: `${this.#path}: ${problem}; expected a secret`,
      next: 'set the variable or create the file (mode 0600), then start again',
      facts: { path: this.#path },
    });
  }

  /** Null when it can be revealed; says nothing about the value. */
  fault(): ReferenceFault | null {
    if (!this.#scope) return null;
    const r = resolveReferences(this.#text, this.#scope);
    if (!r.ok) return r.fault;
    return r.value === '' ? { reference: this.source, problem: 'is empty' } : null;
  }

  /** The reference as written, or `[secret]` for literal text. Safe to print. */
  get source(): string {
    return /^\$\{(env|file):[^}]*\}$/.test(this.#text) && !this.#text.includes(':-') ? this.#text : '[secret]';
  }

  /** True when the secret itself stands in the YAML. */
  get literal(): boolean {
    return !hasReference(this.#text);
  }

  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}
