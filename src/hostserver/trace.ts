/** Frames as a person reads them, from the same tables that made them. Passwords and row values are left out unless asked for. */
import type { Codec } from '../bytes/struct';
import { frameHeader } from './frame';
import { hex, type Message, type ParameterTable, type UnknownParameter } from './message';
import { type AnyTable, tableOf } from './message-tables';
import { orsNames } from './ors';
import { expandFrame, isReplyCompressed, isRequestCompressed } from './rle';
import { textOf } from './wire-text';

type Direction = 'sent' | 'received';

/** Called with every frame, before it is judged. */
export interface FrameTracer {
  frame(direction: Direction, connection: string, frame: Buffer): void;
}

interface TraceOptions {
  /** Rows, parameter values and LOB content in hex. */
  readonly values?: boolean;
  readonly now?: () => Date;
}

/** Parameters that prove who one is, by table key. Never printed. */
const SECRETS = new Set(['substitute', 'token', 'additionalFactor']);
/** Parameters whose bytes are the user's data. */
const VALUES = new Set([
  'resultData',
  'parameterData',
  'originalData',
  'oldParameterData',
  'lobData',
  'data',
  'arrayData',
]);
const MAX_HEX_BYTES = 64;

/** A tracer that writes lines. `write` gets whole lines with their newline. */
export function lineTracer(write: (text: string) => void, options: TraceOptions = {}): FrameTracer {
  const now = options.now ?? (() => new Date());
  return {
    frame: (direction, connection, frame) => {
      const arrow = direction === 'sent' ? '>' : '<';
      write(`${now().toISOString()} ${arrow} ${connection} ${annotate(frame, options)}\n`);
    },
  };
}

/** One frame in words, first line the message, then one indented line per part. Never throws. */
export function annotate(frame: Buffer, options: TraceOptions = {}): string {
  try {
    return annotateFrame(frame, options);
  } catch (error) {
    return `${frame.length} bytes that are no frame: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function annotateFrame(frame: Buffer, options: TraceOptions): string {
  const header = frameHeader.decode(frame);
  const table = tableOf(header.serverId, header.id);
  const title = `${hex(header.id)} ${table?.name ?? 'unknown message'}, ${frame.length} bytes, correlation ${header.correlation}`;
  if (!table) return title;
  const database = hasDatabaseTemplate(table);
  const compressed = database && (isRequestCompressed(frame) || isReplyCompressed(frame));
  const message = table.decode(compressed ? expandFrame(frame) : frame) as Message<unknown, ParameterTable>;
  const lines = [compressed ? `${title}, RLE compressed` : title];
  const template = templateWords(message.template as Record<string, unknown>);
  if (template) lines.push(`    ${template}`);
  for (const [key, value] of Object.entries(message.parameters))
    lines.push(`    ${parameterWords(table, key, value, options)}`);
  for (const part of message.unknown) lines.push(`    ${unknownWords(part, options)}`);
  return lines.join('\n');
}

function hasDatabaseTemplate(table: AnyTable): boolean {
  return 'request' in table || table.id === 0x2800;
}

function templateWords(template: Record<string, unknown>): string {
  return Object.entries(template)
    .map(([name, value]) => {
      if (name === 'ors') return `ors ${hex(value as number, 8)} (${orsNames(value as number).join(' ')})`;
      if (name === 'returnCode' && typeof value === 'number' && value > 0xffff) return `returnCode ${hex(value, 8)}`;
      return Buffer.isBuffer(value) ? `${name} ${value.toString('hex')}` : `${name} ${String(value)}`;
    })
    .join(', ');
}

function parameterWords(table: AnyTable, key: string, value: unknown, options: TraceOptions): string {
  const definition = table.parameters[key]!;
  const name = `${hex(definition[0])} ${key}`;
  if (value === null) return `${name}: present, empty`;
  if (SECRETS.has(key)) return `${name}: ${byteLength(value)} bytes, not shown`;
  if (VALUES.has(key) && !options.values) return `${name}: ${rowWords(value)}, values not shown`;
  return `${name}: ${words(value, definition[1])}`;
}

function unknownWords(part: UnknownParameter, options: TraceOptions): string {
  const name = `${hex(part.cp)} unknown`;
  return options.values ? `${name}: ${bytesWords(part.data)}` : `${name}: ${part.data.length} bytes`;
}

function rowWords(value: unknown): string {
  if (value && typeof value === 'object' && 'rows' in value) {
    const { rows, columns, rowSize } = value as { rows: number; columns: number; rowSize: number };
    return `${rows} rows, ${columns} columns, row size ${rowSize}`;
  }
  return `${byteLength(value)} bytes`;
}

function byteLength(value: unknown): number {
  if (Buffer.isBuffer(value)) return value.length;
  if (value && typeof value === 'object' && 'bytes' in value) return (value.bytes as Buffer).length;
  return 0;
}

function words(value: unknown, codec?: Codec<unknown>): string {
  if (typeof value === 'number')
    return codec?.shape === 'u32' && value > 0xffff ? `${value} (${hex(value, 8)})` : String(value);
  if (Buffer.isBuffer(value)) return bytesWords(value);
  if (isWireText(value)) return `ccsid ${value.ccsid} ${textWords(value)}`;
  if (Array.isArray(value)) return `[${value.map((item) => words(item)).join('; ')}]`;
  if (value && typeof value === 'object') {
    return Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => `${name} ${words(part)}`)
      .join(', ');
  }
  return String(value);
}

function isWireText(value: unknown): value is { ccsid: number; bytes: Buffer } {
  return (
    !!value && typeof value === 'object' && Object.keys(value).length === 2 && 'ccsid' in value && 'bytes' in value
  );
}

function textWords(text: { ccsid: number; bytes: Buffer }): string {
  try {
    return JSON.stringify(textOf(text));
  } catch {
    return bytesWords(text.bytes);
  }
}

function bytesWords(bytes: Buffer): string {
  if (bytes.length <= MAX_HEX_BYTES) return `X'${bytes.toString('hex')}'`;
  return `X'${bytes.toString('hex', 0, MAX_HEX_BYTES)}...' (${bytes.length} bytes)`;
}
