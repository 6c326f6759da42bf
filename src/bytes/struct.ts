/**
 * Binary layouts as tables: a codec knows how to read and write one value, a struct is a list of name and codec in the
 * order of the manual. All integers big-endian. Codecs are pure; a short input is a coded error that names the path.
 */
import type { ByteReader } from './reader';
import { ByteReader as Reader } from './reader';
import { ByteWriter } from './writer';

export interface Codec<T> {
  /** Shape in words, for annotated traces. */
  readonly shape: string;
  read(from: ByteReader): T;
  write(to: ByteWriter, value: T): void;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export const u8: Codec<number> = { shape: 'u8', read: (r) => r.u8(), write: (w, v) => void w.u8(v) };
export const u16: Codec<number> = { shape: 'u16', read: (r) => r.u16(), write: (w, v) => void w.u16(v) };
export const u32: Codec<number> = { shape: 'u32', read: (r) => r.u32(), write: (w, v) => void w.u32(v) };
export const u64: Codec<bigint> = { shape: 'u64', read: (r) => r.u64(), write: (w, v) => void w.u64(v) };
export const i16: Codec<number> = { shape: 'i16', read: (r) => r.i16(), write: (w, v) => void w.i16(v) };
export const i32: Codec<number> = { shape: 'i32', read: (r) => r.i32(), write: (w, v) => void w.i32(v) };
export const i64: Codec<bigint> = { shape: 'i64', read: (r) => r.i64(), write: (w, v) => void w.i64(v) };

/** Exactly `n` bytes. Shorter values are refused when written. */
export function bytes(n: number): Codec<Buffer> {
  return {
    shape: `${n} bytes`,
    read: (r) => r.raw(n),
    write: (w, v) => {
      if (v.length !== n) throw new RangeError(`${v.length} bytes written where the layout has ${n}`);
      w.raw(v);
    },
  };
}

/** Everything up to the end of the enclosing structure. */
export const rest: Codec<Buffer> = { shape: 'bytes', read: (r) => r.rest(), write: (w, v) => void w.raw(v) };

/** Bytes after a length that counts only them. */
export function sized(length: Codec<number>): Codec<Buffer> {
  return {
    shape: `${length.shape} length + bytes`,
    read: (r) => r.raw(length.read(r)),
    write: (w, v) => {
      length.write(w, v.length);
      w.raw(v);
    },
  };
}

/** A value the structure may end before. Undefined writes nothing; only sensible for the tail of a structure. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    shape: `optional ${codec.shape}`,
    read: (r) => (r.remaining > 0 ? codec.read(r) : undefined),
    write: (w, v) => {
      if (v !== undefined) codec.write(w, v);
    },
  };
}

/** Codecs of every type in one table: `write` is a method, so `Codec<unknown>` holds them all and StructValue recovers each type. */
type FieldTable = readonly (readonly [string, Codec<unknown>])[];
type StructValue<F extends FieldTable> = { -readonly [E in F[number] as E[0]]: ValueOf<E[1]> };

export interface Struct<T> extends Codec<T> {
  readonly name: string;
  readonly fields: FieldTable;
  decode(from: Buffer): T;
  encode(value: T): Buffer;
}

/** A layout of named fields in wire order. `decode` ignores bytes after the last field. */
export function struct<const F extends FieldTable>(name: string, fields: F): Struct<StructValue<F>> {
  type T = StructValue<F>;
  const read = (r: ByteReader): T => {
    const value: Record<string, unknown> = {};
    for (const [field, codec] of fields) value[field] = codec.read(r);
    return value as T;
  };
  const write = (w: ByteWriter, value: T): void => {
    for (const [field, codec] of fields) codec.write(w, (value as Record<string, unknown>)[field]);
  };
  return {
    name,
    shape: name,
    fields,
    read,
    write,
    decode: (from) => read(new Reader(from, name)),
    encode: (value) => {
      const w = new ByteWriter();
      write(w, value);
      return w.bytes();
    },
  };
}

/** The same codec `count(…)` times is a list; here the list runs to the end of the enclosing structure. */
export function listToEnd<T>(codec: Codec<T>): Codec<T[]> {
  return {
    shape: `list of ${codec.shape}`,
    read: (r) => {
      const items: T[] = [];
      while (r.remaining > 0) items.push(codec.read(r));
      return items;
    },
    write: (w, items) => {
      for (const item of items) codec.write(w, item);
    },
  };
}
