/**
 * The JVM that node-jt400 brings with it, loaded on first use only: an install without a JDK never gets here.
 * We drive IBM's JDBC driver through that bridge ourselves, because node-jt400's own row streams trim every text on both sides.
 */
import { createRequire } from 'node:module';
import { CodedError } from '../../errors/coded-error';

/** A Java object behind the bridge: methods are dynamic, `nameSync` blocks, `name` returns a promise. */
export type JavaObject = { readonly [method: string]: (...args: unknown[]) => unknown };

interface Bridge {
  newInstanceSync(className: string, ...args: unknown[]): JavaObject;
  callStaticMethodSync(className: string, method: string, ...args: unknown[]): unknown;
  newArray(type: string, values: readonly unknown[]): unknown;
}

export interface Jvm {
  create(className: string, ...args: unknown[]): JavaObject;
  callStatic(className: string, method: string, ...args: unknown[]): unknown;
  bytes(value: Uint8Array): unknown;
  /** A `char[]`, which the bridge does not make of a string by itself. */
  chars(text: string): unknown;
}

let started: Jvm | null = null;

/** Starts the JVM once a process. @throws CodedError `JT400_UNAVAILABLE` when node-jt400 or a JDK is missing */
export function jvm(): Jvm {
  started ??= start();
  return started;
}

function start(): Jvm {
  try {
    const local = createRequire(__filename);
    const entry = local.resolve('node-jt400');
    const fromJt400 = createRequire(entry);
    // node-jt400 registers its jars and starts the JVM headless; java is its own dependency
    (local('node-jt400/dist/java') as { initJavaBridge(): unknown }).initJavaBridge();
    const bridge = fromJt400('java') as Bridge;
    bridge.callStaticMethodSync('java.lang.System', 'setProperty', 'com.ibm.as400.access.AS400.guiAvailable', 'false');
    return {
      create: (name, ...args) => bridge.newInstanceSync(name, ...args),
      callStatic: (name, method, ...args) => bridge.callStaticMethodSync(name, method, ...args),
      chars: (text) => bridge.newArray('char', [...text]),
      bytes: (value) =>
        bridge.newArray(
          'byte',
          [...Buffer.from(value).values()].map((b) => (b << 24) >> 24),
        ),
    };
  } catch (cause) {
    throw new CodedError({
      code: 'JT400_UNAVAILABLE',
      message: `transport jt400 needs the optional package node-jt400 and a JDK: ${firstLine(cause)}`,
      next: 'install a JDK (17 or newer), then `npm install node-jt400@5.4.1`; or use `transport: hostserver`, which needs neither',
      cause,
    });
  }
}

export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
