/** Recorded exchanges of fixtures/traces: `#` facts, then `>` or `<` service connection hex, `x` a dropped connection. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../../fixtures/traces');

export interface TraceFrame {
  readonly from: 'client' | 'server' | 'drop';
  readonly service: string;
  readonly connection: number;
  readonly bytes: Buffer;
}
export interface Trace {
  readonly name: string;
  readonly facts: readonly string[];
  readonly frames: readonly TraceFrame[];
}

export function loadTraces(): Trace[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.trace'))
    .sort()
    .map((file) => loadTrace(file));
}

/** @param file file name, or its beginning: `09` */
export function loadTrace(file: string): Trace {
  const full = readdirSync(FOLDER).find((name) => name.startsWith(file));
  if (!full) throw new Error(`no trace ${file}`);
  const facts: string[] = [];
  const frames: TraceFrame[] = [];
  for (const line of readFileSync(join(FOLDER, full), 'utf8').split('\n')) {
    if (line.startsWith('#')) facts.push(line.slice(2));
    else if (line) frames.push(parseFrame(line));
  }
  return { name: full.replace('.trace', ''), facts, frames };
}

function parseFrame(line: string): TraceFrame {
  const [direction, service, connection, hex] = line.split(' ');
  const from = direction === '>' ? 'client' : direction === '<' ? 'server' : 'drop';
  return { from, service: service!, connection: Number(connection), bytes: Buffer.from(hex ?? '', 'hex') };
}
