/** The YAML text with the line and column of every node. */
import { type Document, isAlias, isMap, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import type { Finding } from './issue';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export class YamlSource {
  private readonly document: Document.Parsed;
  private readonly lines = new LineCounter();

  constructor(text: string) {
    this.document = parseDocument(text, { lineCounter: this.lines, merge: true, prettyErrors: true });
  }

  /** What the YAML parser itself has to say. Empty when the text can be used. */
  syntaxErrors(): { place: Place; message: string }[] {
    return this.document.errors.map((e) => ({
      place: this.placeOf(e.pos[0]),
      message: e.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
    }));
  }

  toJs(): unknown {
    return this.document.toJS({ maxAliasCount: 1000 });
  }

  /** Where a finding points: the key or value at its path, or the nearest node above it. */
  locate(path: readonly (string | number)[], at: 'key' | 'value'): Place {
    let node: Node | null = this.document.contents;
    let offset = 0;
    // what is missing is missing from its parent: the key of the parent is where to look
    let owner = 0;
    for (const [i, part] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.document) ?? null;
      const last = i === path.length - 1;
      if (isMap(node)) {
        const pair = node.items.find((p) => String((p.key as ParsedNode | null)?.toJSON() ?? '') === String(part));
        if (!pair) return this.placeOf(owner);
        const key = pair.key as Node | null;
        const value = pair.value as Node | null;
        const pointAtKey = (last && at === 'key') || !value?.range;
        offset = (pointAtKey ? key?.range?.[0] : value.range![0]) ?? offset;
        owner = key?.range?.[0] ?? offset;
        node = value;
      } else if (isSeq(node)) {
        const item = node.items[Number(part)] as Node | undefined;
        if (!item) break;
        offset = item.range?.[0] ?? offset;
        owner = offset;
        node = item;
      } else break;
    }
    return this.placeOf(offset);
  }

  private placeOf(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** Findings in the order of the file: what a person fixes from top to bottom. */
export function inFileOrder(source: YamlSource, findings: readonly Finding[]): (Finding & { place: Place })[] {
  return findings
    .map((f) => ({ ...f, place: source.locate(f.path, f.at) }))
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
}
