/** The streams of a command, through which no text can drive a terminal, whoever wrote it. */
import type { Writable } from 'node:stream';
import { visible } from '../telemetry/visible';
import type { CliIo } from './io';

const behind = new WeakMap<object, Writable>();

/** Everything a command writes as text is made visible; bytes are, too, where a person looks at them. */
export function guardedIo(io: CliIo): CliIo {
  return { ...io, stdout: guarded(io.stdout), stderr: guarded(io.stderr), exit: (code) => io.exit(code) };
}

/** For what this program itself has to say to a terminal: colours, a line written over. Values in it are made visible before. */
export function writeControls(stream: Writable, text: string): void {
  (behind.get(stream) ?? stream).write(text);
}

function guarded<T extends Writable & { readonly isTTY?: boolean }>(stream: T): T {
  if (behind.has(stream)) return stream;
  const write = (chunk: unknown, ...rest: never[]): boolean =>
    stream.write(shown(chunk, stream.isTTY === true), ...rest);
  const methods = new Map<PropertyKey, unknown>([['write', write]]);
  const proxy = new Proxy(stream, {
    get(target, name) {
      const known = methods.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const bound: unknown = value.bind(target);
      methods.set(name, bound);
      return bound;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
  behind.set(proxy, stream);
  return proxy;
}

function shown(chunk: unknown, looked: boolean): unknown {
  if (typeof chunk === 'string') return visible(chunk);
  return looked && chunk instanceof Uint8Array ? visible(Buffer.from(chunk).toString()) : chunk;
}
