/** Test files: YAML lists of cases, every error with its line. */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { CodedError } from '../errors/coded-error';
import { readTextFile } from '../files/text-file';
import {
  type ExpectedEvent,
  ExpectedNumber,
  type ExpectedValue,
  type GivenRow,
  type GivenValue,
  type MappingTest,
} from './model';

const MAX_BYTES = 8 << 20;
const OPS = ['insert', 'update', 'delete', 'read'] as const;
const MEMBERS = [
  'name',
  'table',
  'op',
  'before',
  'after',
  'image',
  'beforeImage',
  'nullMap',
  'beforeNullMap',
  'format',
  'lookups',
  'entry',
  'expect',
  'quarantine',
];

const ENTRY: readonly string[] = ['timestamp', 'user', 'job', 'program'];

/** @throws CodedError `TEST_FILE`, family config: all errors of the file */
export function readTests(file: string): MappingTest[] {
  const lines = new LineCounter();
  const document = parseDocument(readTextFile(file, MAX_BYTES), { lineCounter: lines });
  const reader = new Reader(file, lines, document);
  for (const error of document.errors) reader.fault(error.pos[0], error.message.split('\n')[0]!);
  const tests = reader.faults.length > 0 ? [] : reader.tests(document.contents);
  if (reader.faults.length === 0) return tests;
  throw new CodedError({
    code: 'TEST_FILE',
    message: `${file} has ${reader.faults.length === 1 ? 'an error' : `${reader.faults.length} errors`}:\n${reader.faults.map((f) => `  ${f}`).join('\n')}`,
    next: 'docs/testing.md shows what a case may say',
    facts: { file, errors: reader.faults.length },
  });
}

class Reader {
  readonly faults: string[] = [];

  constructor(
    private readonly file: string,
    private readonly lines: LineCounter,
    private readonly document: Document.Parsed,
  ) {}

  fault(at: number, text: string): void {
    const { line, col } = this.lines.linePos(at);
    this.faults.push(`${this.file}:${line}:${col}: ${text}`);
  }

  tests(node: ParsedNode | null): MappingTest[] {
    if (node === null) return [];
    if (!isSeq(node)) {
      this.fault(node.range[0], 'expected a list of cases, each with name, table, op and expect');
      return [];
    }
    return node.items.flatMap((item) => this.test(item as ParsedNode));
  }

  private test(node: ParsedNode): MappingTest[] {
    if (!isMap(node)) {
      this.fault(node.range[0], 'expected a case: name, table, op, before, after, expect');
      return [];
    }
    const before = this.faults.length;
    for (const { key } of node.items) {
      const name = String((key as Scalar).value);
      if (!MEMBERS.includes(name)) this.at(key, `a case has no member ${name}; it may have ${MEMBERS.join(', ')}`);
    }
    const op = this.text(node, 'op') ?? 'insert';
    if (!OPS.includes(op as MappingTest['op']))
      this.at(node.get('op', true), `op is "${op}"; expected ${OPS.join(', ')}`);
    const table = this.text(node, 'table');
    if (table === null) this.fault(node.range[0], 'table is missing; expected LIB/FILE');
    if (!node.has('expect')) this.fault(node.range[0], 'expect is missing; [] where no event is expected');
    const test: MappingTest = {
      name: this.text(node, 'name') ?? `${op} of ${table}`,
      file: this.file,
      line: this.lines.linePos(node.range[0]).line,
      table: table ?? '',
      op: op as MappingTest['op'],
      before: this.row(node, 'before'),
      after: this.row(node, 'after'),
      image: this.hex(node, 'image'),
      beforeImage: this.hex(node, 'beforeImage'),
      nullMap: this.text(node, 'nullMap'),
      beforeNullMap: this.text(node, 'beforeNullMap'),
      format: this.member(node, 'format')?.toJSON() ?? null,
      lookups: this.lookups(node),
      entry: this.entry(node),
      expect: this.expected(node),
      quarantine: this.text(node, 'quarantine'),
    };
    this.sides(node, test);
    return this.faults.length > before ? [] : [test];
  }

  /** Which sides of the change an operation has. */
  private sides(node: YAMLMap.Parsed, { op, before, after, image }: MappingTest): void {
    if (op === 'delete') {
      if (after !== null) this.at(node.get('after', true), 'a delete has no after; its row is before');
      if (before === null && image === null)
        this.fault(node.range[0], 'before or image is missing: the row that is deleted');
    } else if (after === null && image === null)
      this.fault(node.range[0], 'after or image is missing: the row as it is then');
    if ((op === 'insert' || op === 'read') && before !== null) this.at(node.get('before', true), `${op} has no before`);
    if (image !== null && (op === 'delete' ? before : after) !== null)
      this.at(node.get('image', true), 'image and columns say the same; give one of them');
  }

  private at(node: unknown, text: string): void {
    this.fault((node as Node | undefined)?.range?.[0] ?? 0, text);
  }

  /** An alias stands for what it refers to. */
  private member(map: YAMLMap.Parsed, name: string): Node | undefined {
    const node = map.get(name, true) as Node | undefined;
    return isAlias(node) ? node.resolve(this.document) : node;
  }

  private text(map: YAMLMap.Parsed, name: string): string | null {
    const node = map.get(name, true) as Node | undefined;
    if (node === undefined || (isScalar(node) && node.value === null)) return null;
    if (isScalar(node)) return written(node);
    this.at(node, `${name}: expected text`);
    return null;
  }

  private hex(map: YAMLMap.Parsed, name: string): string | null {
    const text = this.text(map, name);
    if (text === null || /^([0-9A-Fa-f]{2})*$/.test(text)) return text;
    this.at(map.get(name, true), `${name}: expected pairs of hex digits`);
    return null;
  }

  private row(map: YAMLMap.Parsed, name: string): GivenRow | null {
    const node = this.member(map, name);
    if (node === undefined) return null;
    if (!isMap(node)) {
      this.at(node, `${name}: expected columns with their values`);
      return null;
    }
    return Object.fromEntries(
      node.items.map(({ key, value }) => [String((key as Scalar).value), this.value(value as Node | null, name)]),
    );
  }

  private lookups(map: YAMLMap.Parsed): MappingTest['lookups'] {
    const node = this.member(map, 'lookups');
    if (node === undefined) return {};
    if (isMap(node) && node.items.every(({ value }) => isMap(value))) return node.toJSON();
    this.at(node, 'lookups: expected names with their answers, such as { status: { "10": open } }');
    return {};
  }

  private entry(map: YAMLMap.Parsed): MappingTest['entry'] {
    const node = this.member(map, 'entry');
    if (node === undefined) return {};
    if (!isMap(node)) {
      this.at(node, `entry: expected ${ENTRY.join(', ')}`);
      return {};
    }
    for (const { key } of node.items) {
      const name = String((key as Scalar).value);
      if (!ENTRY.includes(name)) this.at(key, `entry has no member ${name}; it may have ${ENTRY.join(', ')}`);
    }
    return node.toJSON();
  }

  private value(node: Node | null, side: string): GivenValue {
    if (node === null || (isScalar(node) && node.value === null)) return null;
    if (!isScalar(node)) {
      this.at(node, `${side}: expected a value of a column`);
      return null;
    }
    const text = written(node);
    const hex = /^[xX]'((?:[0-9A-Fa-f]{2})*)'$/.exec(text);
    return hex ? { hex: hex[1]! } : text;
  }

  private expected(map: YAMLMap.Parsed): ExpectedEvent[] {
    const node = map.get('expect', true) as Node | undefined;
    if (node === undefined) return [];
    if (!isSeq(node)) {
      this.at(node, 'expect: expected a list of events; [] where none is expected');
      return [];
    }
    return node.items.flatMap((item) => {
      if (!isMap(item)) {
        this.at(item, 'expect: expected an event, such as { type: order.created, after: { orderNumber: "100245" } }');
        return [];
      }
      const value = expectedOf(item) as Record<string, ExpectedValue>;
      const { type, exactly, to, ...members } = value;
      if (typeof type !== 'string') this.at(item, 'expect: type is missing, such as order.created');
      // what is not understood would not be compared
      if (to !== undefined && !Array.isArray(to))
        this.at(item.get('to', true), 'to: expected a list of destinations, such as [crm]');
      if (exactly !== undefined && typeof exactly !== 'boolean')
        this.at(item.get('exactly', true), 'exactly: expected true or false');
      return [
        {
          type: String(type),
          exactly: exactly === true,
          members,
          to: Array.isArray(to) ? to.map(String) : null,
          line: this.lines.linePos(item.range![0]).line,
        },
      ];
    });
  }
}

/** A scalar as it stands in the file: leading zeros, 20 digits and `NO` stay what they are. */
function written(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function expectedOf(node: unknown): ExpectedValue {
  if (isMap(node))
    return Object.fromEntries(node.items.map(({ key, value }) => [String((key as Scalar).value), expectedOf(value)]));
  if (isSeq(node)) return node.items.map(expectedOf);
  if (!isScalar(node) || node.value === null) return null;
  if (typeof node.value === 'number' || typeof node.value === 'bigint')
    return new ExpectedNumber(Number(node.value), written(node));
  return typeof node.value === 'boolean' ? node.value : String(node.value);
}
