/** HEX, and HASH, which is taken of the same digits. */
import { exactText } from '../types/convert';
import { INTEGER, isBytes, isDateTime, isGraphic, isText, varchar } from '../types/sql-type';
import { expression, type Typed } from '../types/typed';
import type { Call, ScalarCompiler } from './call';

/** HEX of a plain column shows the bytes as the file has them, also where they are no value of its type. */
function hex(c: Call): Typed {
  const e = c.arg(0);
  const made = hexOfValue(e);
  const stored = e.bad?.stored;
  if (!stored || isDateTime(e.type)) return made;
  const { alias, ordinal } = e.bad!;
  const bytes = `hex_stored(${alias}.image, ${stored.offset}, ${stored.width}, ${stored.unit})`;
  // two characters a byte, also of the longest zoned field
  const type = isText(e.type) || isBytes(e.type) ? made.type : varchar(Math.max(64, stored.width * 2));
  return { ...made, type, sql: `CASE substr(${alias}.nulls, ${ordinal + 1}, 1) WHEN '1' THEN NULL ELSE ${bytes} END` };
}

function hexOfValue(e: Typed): Typed {
  if (isBytes(e.type)) return expression(`b_hex(${e.sql})`, varchar(Math.min(32740, e.type.length * 2)), e.nullable);
  if (isText(e.type)) {
    const width = isGraphic(e.type) ? 4 : 2;
    return expression(
      `b_hex(to_bytes(${exactText(e)}, ${e.type.ccsid ?? 37}))`,
      varchar(Math.min(32740, e.type.length * width)),
      e.nullable,
    );
  }
  return expression(
    `hex_field(${e.sql}, '${e.type.name}', ${e.type.length}, ${e.type.scale})`,
    varchar(64),
    e.nullable,
  );
}

/**
 * HASH: 0 for nulls alone. Which number a value has depends on the machine's own algorithm, which nothing published says; that
 * equal values have equal ones, from 0 to 1023, does not.
 */
function hash(c: Call): Typed {
  const values = c.args.map((_, i) => `coalesce(${hexOfValue(c.arg(i)).sql}, '')`);
  return expression(`hash_of(${values.join(` || ',' || `)})`, INTEGER, false);
}

export const HEX_CALLS: Record<string, ScalarCompiler> = { HEX: hex, HASH: hash };
