/**
 * The value a program prints: a vault, a key management service, a key chain. Run without a shell. At first it is waited
 * for; afterwards it runs again beside everything else, and its last good answer is used until the next has come.
 */
import { execFile, spawnSync } from 'node:child_process';
import { FileFault, MAX_VALUE_BYTES, textOf } from '../../files/text-file';
import { argvOf } from './argv';
import { type FoundValue, type Lookup, withoutLineEnd } from './lookup';

export interface CommandOptions {
  /** Longest run, milliseconds. */
  readonly timeout: number;
  /** How long an answer is used before the program is run again, milliseconds. */
  readonly cache: number;
}

export const COMMAND_DEFAULTS: CommandOptions = { timeout: 10_000, cache: 300_000 };

/** Asked to look again before its time, a program is run no more often than this; nor after a failure. */
const FLOOR_MS = 10_000;

interface CommandPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory. */
  readonly folder: string;
  readonly options: CommandOptions;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

export class CommandLookup implements Lookup {
  private found: FoundValue | null = null;
  private ranAt = 0;
  private running = false;
  private hurried = false;
  private readonly argv: readonly string[] | null;

  constructor(
    text: string,
    private readonly place: CommandPlace,
  ) {
    this.argv = text.includes('${') ? null : argvOf(text);
  }

  find(): FoundValue {
    if (this.argv === null) {
      return {
        ok: false,
        problem: 'is no program with its arguments: close its quotes; references inside it are not looked up',
      };
    }
    if (this.found === null) {
      this.found = this.runAndWait(this.argv);
      this.ranAt = this.place.now();
    } else if (this.due() && !this.running) this.runBeside(this.argv);
    return this.found;
  }

  lookAgain(): void {
    this.hurried = true;
  }

  private due(): boolean {
    const age = this.place.now() - this.ranAt;
    const { cache } = this.place.options;
    return age >= (this.hurried || !this.found!.ok ? Math.min(cache, FLOOR_MS) : cache);
  }

  private runAndWait(argv: readonly string[]): FoundValue {
    const { options, env, folder } = this.place;
    const run = spawnSync(argv[0]!, argv.slice(1), {
      cwd: folder,
      env: env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: options.timeout,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_VALUE_BYTES,
    });
    const code = (run.error as NodeJS.ErrnoException | undefined)?.code ?? null;
    return this.answer(argv, { code, status: run.status, signal: run.signal, output: run.stdout });
  }

  private runBeside(argv: readonly string[]): void {
    const { options, env, folder } = this.place;
    this.running = true;
    this.hurried = false;
    const child = execFile(
      argv[0]!,
      argv.slice(1),
      {
        cwd: folder,
        env: env as NodeJS.ProcessEnv,
        encoding: 'buffer',
        timeout: options.timeout,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_VALUE_BYTES,
      },
      (error, output) => {
        const { code } = (error ?? {}) as { code?: string | number };
        const killed = error?.killed === true && typeof code !== 'string';
        this.running = false;
        this.ranAt = this.place.now();
        this.found = this.answer(argv, {
          code: killed ? 'ETIMEDOUT' : typeof code === 'string' ? code : null,
          status: typeof code === 'number' ? code : error === null ? 0 : null,
          signal: error?.signal ?? null,
          output,
        });
      },
    );
    child.stdin?.end();
    // no one waits for a vault at the end of a command
    child.unref();
    for (const pipe of [child.stdout, child.stderr]) (pipe as unknown as { unref?(): void } | null)?.unref?.();
  }

  /** Neither output nor arguments are shown: either may be the secret. */
  private answer(argv: readonly string[], run: Run): FoundValue {
    const program = `program ${argv[0]}`;
    if (run.code === 'ETIMEDOUT')
      return { ok: false, problem: `${program} did not end within ${this.place.options.timeout} ms` };
    if (run.code === 'ENOBUFS' || run.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
      return { ok: false, problem: `${program} printed more than 64 KiB` };
    }
    if (run.code !== null) return { ok: false, problem: `${program} cannot be run (${run.code})` };
    if (run.status !== 0) {
      return {
        ok: false,
        problem: `${program} ended with ${run.signal ?? `exit code ${run.status}`}; run it by hand to see why`,
      };
    }
    try {
      return { ok: true, value: withoutLineEnd(textOf(run.output)) };
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      return { ok: false, problem: `what ${program} prints ${error.problem}` };
    }
  }
}

interface Run {
  readonly code: string | null;
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: Buffer;
}
