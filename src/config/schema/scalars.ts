/** The small value types of the YAML. Each says in its error what it expected; `config/issues.ts` relies on the prefix. */
import { Cron } from 'croner';
import { z } from 'zod';
import { Zone } from '../../record/legacy/zone';
import { Secret } from '../secret';

/** A zod error text the issue printer takes over as it is. */
export function expected(text: string): string {
  return `expected ${text}`;
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1 << 20,
  GiB: 1 << 30,
};
const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|KiB|MiB|GiB)$/;

/** `250ms`, `30s`, `5m`, `2h`, `1d`; milliseconds after loading. */
export const duration = z
  .string({ error: expected('a duration such as 250ms, 30s, 5m, 2h or 1d') })
  .regex(DURATION, { error: expected('a duration such as 250ms, 30s, 5m, 2h or 1d') })
  .transform((text) => {
    const m = DURATION.exec(text);
    return m ? Math.round(Number(m[1]) * DURATION_UNITS[m[2]!]!) : 0;
  });

/** `20KB`, `5MB`, `1GiB`; bytes after loading. */
export const size = z
  .string({ error: expected('a size such as 20KB, 5MB or 1GiB') })
  .regex(SIZE, { error: expected('a size such as 20KB, 5MB or 1GiB') })
  .transform((text) => {
    const m = SIZE.exec(text);
    return m ? Math.round(Number(m[1]) * SIZE_UNITS[m[2]!]!) : 0;
  });

/** Default of a duration or size, given as it would be written. */
export function durationOr(text: string) {
  return duration.prefault(text);
}

/** The longest that a timer can wait, in whole days; a longer one would end at once. */
const MAX_PAUSE_MS = 24 * 864e5;

/** A timeout, or a pause someone sits out: zero would be no time, or no end of work. */
export const pause = duration.refine((ms) => ms > 0 && ms <= MAX_PAUSE_MS, {
  error: expected('a duration above 0 and up to 24d, such as 30s'),
});

/** Its default. */
export function pauseOr(text: string) {
  return pause.prefault(text);
}

/** Default of a duration above zero. */
export function someTimeOr(text: string) {
  return duration.refine((ms) => ms > 0, { error: expected('a duration above 0, such as 30s') }).prefault(text);
}

/** Default of a size above zero. */
export function someOr(text: string) {
  return size.refine((bytes) => bytes > 0, { error: expected('a size above 0, such as 5MB') }).prefault(text);
}

/** Names with dots between them. */
export const dottedPath = z
  .string({ error: expected('a dotted path such as data.token') })
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, { error: expected('a dotted path such as data.token') });

export const fingerprint = z
  .string({ error: expected('a SHA-256 fingerprint in hex') })
  .regex(/^([sS][hH][aA]256:)?([0-9A-Fa-f]{2}:?){32}$/, {
    error: expected('a SHA-256 fingerprint: 64 hex digits, colons allowed'),
  })
  .transform((pin) => pin.replace(/^sha256:/i, ''));

/** Text that must never be printed. Literal, or a reference resolved when the secret is first needed. */
export const secret = z
  .string({ error: expected('a secret: ${env:NAME}, ${file:path} or text') })
  .min(1, { error: expected('a secret: ${env:NAME}, ${file:path} or text') })
  .transform((text) => Secret.unbound(text));

export const text = z.string({ error: expected('text') }).min(1, { error: expected('text that is not empty') });
export const flag = z.boolean({ error: expected('true or false') });

export function whole(from: number, to: number) {
  const error = expected(`a whole number from ${from} to ${to}`);
  return z.int({ error }).min(from, { error }).max(to, { error });
}

export function decimalBetween(from: number, to: number) {
  const error = expected(`a number from ${from} to ${to}`);
  return z.number({ error }).min(from, { error }).max(to, { error });
}

/** One of a few words. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: expected(values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`) });
}

/** Absent and empty are both null after loading. */
export function maybe<T extends z.ZodType>(schema: T) {
  return schema.nullable().default(null as never) as unknown as z.ZodDefault<z.ZodNullable<T>>;
}

/** An object section that may be left out: its own defaults then apply. */
export function section<T extends z.ZodType>(schema: T) {
  return schema.prefault({} as never) as unknown as z.ZodPrefault<T>;
}

const A_COLUMN = 'a column name such as ORDNO, other names in double quotes: "Order No"';

/** System (10 character) name of a column, or its SQL name; as written, since only the catalog knows how it is spelled. */
export const columnName = z
  .string({ error: expected(A_COLUMN) })
  .regex(/^(?:"(?:[^"]|"")+"|[^\s"'/](?:[^"'/]{0,126}[^\s"'/])?)$/, { error: expected(A_COLUMN) });

/** `LIB/TABLE`, by system or SQL names, either part in double quotes if need be; as written. */
export function tableName(what: string) {
  return z
    .string({ error: expected(what) })
    .regex(/^(?:"(?:[^"]|"")+"|[^\s/"]{1,10})\/(?:"(?:[^"]|"")+"|[^\s/"](?:[^/"]{0,126}[^\s/"])?)$/, {
      error: expected(what),
    });
}

/** Name of a member of the event: `orderNumber`. */
export const outputName = z.string({ error: expected('a name such as orderNumber') }).regex(/^[^\s."{}]{1,128}$/, {
  error: expected('a name without blanks, dots, quotes or braces, such as orderNumber'),
});

/** `order`, `order.approved`: dots separate, no blanks. */
export const eventName = z
  .string({ error: expected('an event name such as order') })
  .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, {
    error: expected('an event name of letters, digits, "_", "-" and "." such as order or order.approved'),
  });

export const ccsid = whole(1, 65535);

/** IANA zone or fixed offset. */
export const zone = z
  .string({ error: expected('a time zone such as Europe/Berlin or +01:00') })
  .refine((name) => succeeds(() => new Zone(name)), { error: expected('a time zone such as Europe/Berlin or +01:00') });

/** Five or six fields. */
export const cron = z
  .string({ error: expected('a cron expression such as "0 * * * *"') })
  .refine((text) => succeeds(() => new Cron(text, { paused: true }).stop()), {
    error: expected('a cron expression such as "0 * * * *"'),
  });

/** Text in which only these placeholders stand. @param open `{{` or `${` */
export function templateOf(open: '{{' | '${', names: readonly string[]) {
  const pattern = open === '{{' ? /\{\{\s*([^{}]*?)\s*\}\}/g : /\$\{([^{}]*)\}/g;
  const list = names.map((n) => (open === '{{' ? `{{${n}}}` : `\${${n}}`)).join(', ');
  return text.refine((value) => [...value.matchAll(pattern)].every((m) => names.includes(m[1]!)), {
    error: expected(`no other placeholders than ${list}`),
  });
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
