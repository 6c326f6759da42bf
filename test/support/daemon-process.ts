/** The daemon as its users run it: the built command line in a process of its own, which tests may kill for real. */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(__dirname, '../../dist/cli/main.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class CliProcess {
  private readonly child: ChildProcess;
  private stdout = '';
  private stderr = '';
  readonly ended: Promise<Ended>;
  private readonly watchers = new Set<() => void>();

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string) {
    this.child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdin!.on('error', () => undefined);
    this.child.stdin!.end(input ?? '');
    this.child.stdout!.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.notify();
    });
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.notify();
    });
    this.ended = new Promise((done) => {
      this.child.once('close', (code, signal) => {
        this.notify();
        done({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves when the text has been seen on stderr or stdout. @throws when the process ends without it */
  async says(text: string): Promise<void> {
    while (!this.stderr.includes(text) && !this.stdout.includes(text)) {
      if (!this.running) throw new Error(`ended without "${text}":\n${this.stderr}\n${this.stdout}`);
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.watchers.delete(watcher);
          resolve();
        };
        this.watchers.add(watcher);
      });
    }
  }

  /** What it has written to stdout so far. */
  get output(): string {
    return this.stdout;
  }

  /** What it has written to stderr so far. */
  get errors(): string {
    return this.stderr;
  }

  /** Whether the text has been seen on stderr. */
  said(text: string): boolean {
    return this.stderr.includes(text);
  }

  /** Called whenever it has written something, and when it has ended. */
  onOutput(watcher: () => void): void {
    this.watchers.add(watcher);
  }

  /** First group of a pattern found in what stderr holds so far. @throws when it is not there */
  value(pattern: RegExp): string {
    const found = pattern.exec(this.stderr)?.[1];
    if (found === undefined) throw new Error(`no ${pattern} in:\n${this.stderr}`);
    return found;
  }

  private notify(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}

/** Runs one command to its end. */
export function cli(args: readonly string[], env?: Readonly<Record<string, string>>, input?: string): Promise<Ended> {
  return new CliProcess(args, env, input).ended;
}
