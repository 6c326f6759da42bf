/** A program of the shop: the message is JSON on its standard input, exit code 0 accepts it. */
import { spawn } from 'node:child_process';
import type { SinkOptions } from '../options';
import type { AlertSink } from './sink';

export function commandSink(name: string, { run, timeout }: NonNullable<SinkOptions['command']>): AlertSink {
  const [program, ...args] = run as [string, ...string[]];
  return {
    name,
    send: (message, signal) =>
      new Promise<void>((resolve, reject) => {
        const child = spawn(program, args, {
          stdio: ['pipe', 'ignore', 'ignore'],
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
          killSignal: 'SIGKILL',
        });
        child.once('error', (error: NodeJS.ErrnoException) => {
          reject(
            new Error(`${program}: ${error.code === 'ABORT_ERR' ? 'ended after its time' : (error.code ?? 'failed')}`),
          );
        });
        child.once('close', (code) => {
          if (code === 0) resolve();
          else reject(new Error(`${program} ended with ${code}`));
        });
        // a program need not read what it is given
        child.stdin.once('error', () => undefined);
        child.stdin.end(`${JSON.stringify(message)}\n`);
      }),
  };
}
