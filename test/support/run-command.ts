/** A command in this process, as a person types it: its streams and exit code. */
import { PassThrough } from 'node:stream';
import { runCli } from '../../src/cli/program';

export interface CommandRun {
  /** The exit code, once it has ended. */
  readonly done: Promise<number>;
  out(): string;
  err(): string;
  /** Standard output as JSON lines. */
  lines(): Record<string, unknown>[];
}

export function runCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): CommandRun {
  const streams = { out: '', err: '' };
  const collect = (name: 'out' | 'err') => {
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => {
      streams[name] += chunk.toString();
    });
    return stream;
  };
  let code = 0;
  const io = {
    stdin: new PassThrough(),
    stdout: collect('out'),
    stderr: collect('err'),
    env: { ...env },
    exit: (n: number) => {
      code = n;
    },
  };
  const ended = async (): Promise<number> => {
    await runCli(args, io);
    await new Promise((resolve) => setImmediate(resolve));
    return code;
  };
  return {
    done: ended(),
    out: () => streams.out,
    err: () => streams.err,
    lines: () =>
      streams.out
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
