/** What a command may touch of its process: three streams, the environment, and a way to end. Tests pass their own. */
import type { Readable, Writable } from 'node:stream';
import { exitCodeOf, isCoded } from '../errors/coded-error';
import { pageOf } from '../errors/codes';
import { storeFault } from '../store/faults';

export interface CliIo {
  readonly stdin: Readable;
  /** Results only. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Logs, progress and diagnostics. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: NodeJS.ProcessEnv;
  /** Sets the exit code; the process ends when its work is done. */
  exit(code: number): void;
}

/** Options every command has, read with `command.optsWithGlobals()`. */
export interface GlobalOptions {
  readonly config: string;
  readonly json: boolean;
  readonly logLevel: string;
  readonly traceWire?: string;
  readonly profile?: string;
}

export function processIo(): CliIo {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    exit: (code) => {
      process.exitCode = code;
    },
  };
}

/**
 * Prints an error the way a person at a terminal or a script can use, and sets the exit code its family stands for.
 * With `json` the error is one JSON line on stderr. A stack is printed for bugs only.
 */
export function reportError(io: CliIo, thrown: unknown, json: boolean): void {
  // what SQLite says of a file is no bug of ours
  const error = storeFault('of this configuration', thrown);
  const code = exitCodeOf(error);
  if (isCoded(error)) {
    if (json) {
      const facts = Object.fromEntries(
        Object.entries(error.facts).map(([k, v]) => [k, typeof v === 'bigint' ? v.toString() : v]),
      );
      io.stderr.write(
        `${JSON.stringify({ error: { code: error.code, family: error.family, message: error.message, next: error.next ?? null, facts } })}\n`,
      );
    } else {
      io.stderr.write(`error ${error.code}: ${indented(error.message)}\n`);
      if (error.next) io.stderr.write(`  next: ${indented(error.next)}\n`);
      io.stderr.write(`  see ${pageOf(error.code)}\n`);
    }
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.stderr.write(`bug: ${text}\n  see ${pageOf('BUG')}\n`);
  }
  io.exit(code);
}

/** Nothing in an error begins a line of its own that looks like another one. */
function indented(text: string): string {
  return text.replace(/\n(?! {2})/g, '\n  ');
}
