/**
 * Structured logs on stderr. Messages are constant strings, facts are fields; row values and secrets are never fields.
 * On a terminal the lines are put in a readable form, otherwise they are JSON lines.
 */
import type { Writable } from 'node:stream';
import pino, { type Logger } from 'pino';
import { oneLine, visible } from './visible';

export type { Logger } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Fields that must never be printed, wherever a caller might put them by mistake. */
const REDACTED = ['password', 'secret', 'token', 'authorization', 'headers', 'body', 'row', 'before', 'after', 'url'];

export function createLogger(level: LogLevel, out: Writable & { readonly isTTY?: boolean }): Logger {
  const shown = { write: (line: string): unknown => out.write(visible(line)) };
  const destination = out.isTTY ? readable(shown) : shown;
  const children: Logger[] = [];
  const log = pino(
    {
      onChild: (child) => children.push(child),
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: REDACTED.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
      serializers: { error: errorFields },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  family.set(log, children);
  return log;
}

/** Loggers made of another one keep the level they were made with. */
const family = new WeakMap<Logger, Logger[]>();

/** Of a logger and of every one made of it. */
export function setLevel(log: Logger, level: LogLevel): void {
  for (const one of [log, ...(family.get(log) ?? [])]) one.level = level;
}

/** What a log line says of an error: never a stack for an expected one. */
function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const coded = error as Error & { code?: string; next?: string; facts?: Record<string, unknown> };
  const facts = Object.fromEntries(
    Object.entries(coded.facts ?? {}).map(([k, v]) => [k, typeof v === 'bigint' ? v.toString() : v]),
  );
  return {
    code: coded.code,
    message: coded.message,
    ...(coded.next ? { next: coded.next } : {}),
    ...(Object.keys(facts).length > 0 ? { facts } : {}),
    ...(coded.code ? {} : { stack: coded.stack }),
  };
}

function readable(out: { write(line: string): unknown }): { write(line: string): void } {
  return {
    write(line: string): void {
      try {
        const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
        const rest = Object.entries(fields)
          .map(([k, v]) => `${k}=${typeof v === 'string' ? oneLine(v) : JSON.stringify(v)}`)
          .join(' ');
        out.write(
          `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${oneLine(String(msg))}${rest ? `  ${rest}` : ''}\n`,
        );
      } catch {
        out.write(line);
      }
    },
  };
}
