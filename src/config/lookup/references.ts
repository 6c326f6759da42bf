/** References in a text: `${env:NAME}`, `${env:NAME:-default}`, `${file:path}`, `${command:program argument ...}`; `$${` is a literal `${`. */
import { COMMAND_DEFAULTS, CommandLookup, type CommandOptions } from './command';
import { EnvironmentLookup, FileLookup, type FoundValue, type Lookup } from './lookup';

/** The arguments of a command may be quoted, and then hold a brace. */
const REFERENCE =
  /\$(\$\{)|\$\{(env|file):([^}]*)\}|\$\{(command):((?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]|[^}'"\\])*)\}/g;

/** What is wrong with a reference; the text never holds the value. */
export interface ReferenceFault {
  readonly reference: string;
  readonly problem: string;
}

type Resolution =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly fault: ReferenceFault };

interface ReferencePlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the config file: relative paths start there. */
  readonly folder: string;
  readonly commands?: CommandOptions;
  /** False where a configuration is only looked at: programs are then not run, and their values are not known. Default true. */
  readonly runCommands?: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

export function hasReference(text: string): boolean {
  return text.search(REFERENCE) >= 0;
}

function hasCommand(text: string): boolean {
  return [...text.matchAll(REFERENCE)].some((match) => match[4] !== undefined);
}

export function withoutReferences(text: string): string {
  return text.replace(REFERENCE, '');
}

/** As it may be printed: the arguments of a program may be secret. */
export function shownReference(reference: string): string {
  return reference.replace(REFERENCE, (whole, ...groups: string[]) => {
    const [escaped, , , command, argv] = groups;
    if (escaped !== undefined || command === undefined) return whole;
    const program = /^\s*[^\s'"\\]*/.exec(argv ?? '')![0].trim();
    return `\${command:${program}${program === argv?.trim() ? '' : ' ...'}}`;
  });
}

/** Where the references of one configuration lead. The same reference is one place, however often it stands there. */
export class References {
  private readonly lookups = new Map<string, Lookup>();
  private readonly now: () => number;

  constructor(private readonly place: ReferencePlace) {
    this.now = place.now ?? (() => performance.now());
  }

  /** Milliseconds of a clock that never goes back. */
  clock(): number {
    return this.now();
  }

  /** Replaces every reference in `text`; the first one that leads nowhere is the fault. */
  resolve(text: string): Resolution {
    let fault: ReferenceFault | null = null;
    const value = text.replace(REFERENCE, (whole, ...groups: string[]) => {
      const [escaped, kind, target, command, argv] = groups;
      if (escaped !== undefined) return escaped;
      const found = this.lookup(whole, kind ?? command!, target ?? argv!).find();
      if (found.ok) return found.value;
      fault ??= { reference: shownReference(whole), problem: found.problem };
      return '';
    });
    return fault ? { ok: false, fault } : { ok: true, value };
  }

  /** What `text` refers to does not work: the next look trusts no cache. */
  lookAgain(text: string): void {
    for (const [whole] of text.matchAll(REFERENCE)) this.lookups.get(whole)?.lookAgain();
  }

  /** True where `text` holds a value that cannot be known here, because programs are not run. */
  isUnknown(text: string): boolean {
    return this.place.runCommands === false && hasCommand(text);
  }

  private lookup(whole: string, kind: string, target: string): Lookup {
    let lookup = this.lookups.get(whole);
    if (!lookup) {
      lookup = this.make(kind, target);
      this.lookups.set(whole, lookup);
    }
    return lookup;
  }

  private make(kind: string, target: string): Lookup {
    const { env, folder, commands = COMMAND_DEFAULTS, runCommands = true } = this.place;
    if (kind === 'env') return new EnvironmentLookup(target, env);
    if (kind === 'file') return new FileLookup(target, folder);
    return runCommands ? new CommandLookup(target, { env, folder, options: commands, now: this.now }) : NOT_RUN;
  }
}

const NOT_RUN: Lookup = {
  find: (): FoundValue => ({ ok: false, problem: 'programs are not run here' }),
  lookAgain: () => undefined,
};
