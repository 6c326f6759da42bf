/**
 * A message as a table: name, id, template and the code points its LL/CP parameters may have. The same table decodes and
 * encodes, for client, simulated partition and trace printer (sections 2 and 6.1).
 *
 * `parameters` of a decoded message is an object whose key order is the order on the wire, and encode writes keys in their
 * order: so a decoded frame encodes to the same bytes. A parameter that is present but empty (LL 6) is null.
 */
import { ByteReader } from '../bytes/reader';
import type { Codec, Struct, ValueOf } from '../bytes/struct';
import { ByteWriter } from '../bytes/writer';
import { CodedError } from '../errors/coded-error';
import { type FrameHeader, frameHeader, HEADER_LENGTH } from './frame';

/** Code point and shape; `many` marks a code point that may repeat, its value is a list. */
type ParameterDefinition =
  | readonly [cp: number, codec: Codec<unknown>]
  | readonly [cp: number, codec: Codec<unknown>, 'many'];
export type ParameterTable = Readonly<Record<string, ParameterDefinition>>;

type ParameterValue<D extends ParameterDefinition> = D extends readonly [number, infer C, 'many']
  ? (ValueOf<C> | null)[]
  : D extends readonly [number, infer C]
    ? ValueOf<C> | null
    : never;
export type Parameters<P extends ParameterTable> = { [K in keyof P]?: ParameterValue<P[K]> };

export interface UnknownParameter {
  readonly cp: number;
  readonly data: Buffer;
}

export interface Message<T, P extends ParameterTable> {
  readonly header: FrameHeader;
  readonly template: T;
  readonly parameters: Parameters<P>;
  /** Code points the table does not have, in order. Replies may carry new ones; they are skipped. */
  readonly unknown: readonly UnknownParameter[];
}

/** What the sender chooses of the header; the rest follows from the table. */
type HeaderFields = { serverId: number } & Partial<
  Pick<FrameHeader, 'headerId' | 'instance' | 'correlation' | 'templateLength'>
>;

export interface MessageTable<T, P extends ParameterTable> {
  readonly name: string;
  readonly id: number;
  readonly template: Struct<T>;
  readonly parameters: P;
  /** @throws CodedError BYTES_SHORT, PARAMETER_LENGTH: the frame contradicts itself */
  decode(frame: Buffer): Message<T, P>;
  encode(header: HeaderFields, template: T, parameters?: Parameters<P>, unknown?: readonly UnknownParameter[]): Buffer;
}

export function message<T, const P extends ParameterTable>(
  name: string,
  id: number,
  template: Struct<T>,
  parameters: P,
): MessageTable<T, P> {
  const byCodePoint = new Map(
    Object.entries(parameters).map(([key, definition]) => [definition[0], { key, definition }]),
  );

  function decode(frame: Buffer): Message<T, P> {
    const reader = new ByteReader(frame, name);
    const header = frameHeader.read(reader);
    const fixed = template.read(reader);
    const found: Record<string, unknown> = {};
    const unknown: UnknownParameter[] = [];
    for (const { cp, data } of readParameters(reader)) {
      const known = byCodePoint.get(cp);
      if (!known) unknown.push({ cp, data: data.rest() });
      else take(found, known.key, known.definition, data);
    }
    return { header, template: fixed, parameters: found as Parameters<P>, unknown };
  }

  function encode(
    header: HeaderFields,
    fixed: T,
    values: Parameters<P> = {},
    unknown: readonly UnknownParameter[] = [],
  ): Buffer {
    const writer = new ByteWriter(512);
    writer.fill(HEADER_LENGTH);
    template.write(writer, fixed);
    const templateLength = header.templateLength ?? writer.length - HEADER_LENGTH;
    for (const [key, value] of Object.entries(values)) {
      if (value !== undefined) put(writer, parameters[key]!, value);
    }
    for (const { cp, data } of unknown) writeParameter(writer, cp, (w) => w.raw(data));
    const frame = writer.bytes();
    frameHeader
      .encode({
        length: frame.length,
        headerId: header.headerId ?? 0,
        serverId: header.serverId,
        instance: header.instance ?? 0,
        correlation: header.correlation ?? 0,
        templateLength,
        id,
      })
      .copy(frame);
    return frame;
  }

  return { name, id, template, parameters, decode, encode };
}

function take(found: Record<string, unknown>, key: string, definition: ParameterDefinition, data: ByteReader): void {
  const value = data.remaining === 0 ? null : definition[1].read(data);
  if (definition[2] !== 'many') found[key] = value;
  else if (found[key]) (found[key] as unknown[]).push(value);
  else found[key] = [value];
}

function put(writer: ByteWriter, definition: ParameterDefinition, value: unknown): void {
  const [cp, codec, many] = definition;
  for (const one of many === 'many' ? (value as unknown[]) : [value]) {
    writeParameter(writer, cp, (w) => {
      if (one !== null) codec.write(w, one);
    });
  }
}

/** One LL/CP: u32 length that counts itself and the code point, u16 code point, data. */
export function writeParameter(writer: ByteWriter, cp: number, data: (writer: ByteWriter) => void): void {
  const start = writer.length;
  writer.u32(0).u16(cp);
  data(writer);
  writer.setU32(start, writer.length - start);
}

/** Walks LL/CPs to the end of `reader`. @throws CodedError PARAMETER_LENGTH */
export function* readParameters(reader: ByteReader): Generator<{ cp: number; data: ByteReader }> {
  while (reader.remaining > 0) {
    const at = reader.position;
    const ll = reader.u32();
    const cp = reader.u16();
    if (ll < 6 || ll - 6 > reader.remaining) throw badParameter(reader.what, at, ll, cp, reader.remaining);
    yield { cp, data: reader.part(ll - 6, hex(cp)) };
  }
}

export function hex(value: number, digits = 4): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

function badParameter(what: string, at: number, ll: number, cp: number, remaining: number): CodedError {
  return new CodedError({
    code: 'PARAMETER_LENGTH',
    message: `${what} at 0x${at.toString(16)}: parameter ${hex(cp)} says it is ${ll} bytes long; ${remaining + 6} are left and 6 is the least`,
    next: 'the frame contradicts itself; run again with --trace-wire FILE and report the frame',
    facts: { what, at, ll, cp: hex(cp) },
  });
}
