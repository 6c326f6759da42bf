/** Anchors and aliases of one document: what each alias stands for, and how large the document is with all of them put in. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** Values of the document with every alias put in: some thousand tables with all their members. */
const MAX_VALUES = 1_000_000;
/** Characters of their texts. */
const MAX_TEXT = 64 << 20;
/** Levels of maps and lists. */
const MAX_DEPTH = 100;

export class YamlFault extends Error {
  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

interface Size {
  readonly values: number;
  readonly text: number;
  readonly depth: number;
}

export class Anchors {
  private readonly named = new Map<string, Node>();
  private readonly targets = new Map<Alias, Node>();
  private readonly sizes = new Map<Node, Size>();
  private readonly open = new Set<Node>();

  /** @throws YamlFault for an alias to nothing or to what it stands in, and for a document that is too large with its aliases */
  constructor(root: Node | null) {
    if (root) this.measure(root, 0);
  }

  targetOf(alias: Alias): Node {
    return this.targets.get(alias)!;
  }

  /** In the order of the document: an alias stands for the last anchor of its name before it. Each node is looked at once. */
  private measure(node: Node, depth: number): Size {
    if (depth > MAX_DEPTH) throw tooDeep(node);
    if (isAlias(node)) return this.aliased(node, depth);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.named.set(anchor, node);
    this.open.add(node);
    const size = this.sizeOf(node, depth);
    this.open.delete(node);
    this.sizes.set(node, size);
    return size;
  }

  private aliased(alias: Alias, depth: number): Size {
    const name = alias.source;
    const target = this.named.get(name);
    if (!target)
      throw new YamlFault(offsetOf(alias), `alias *${name} stands for nothing: no anchor &${name} before it`);
    if (this.open.has(target)) {
      throw new YamlFault(offsetOf(alias), `alias *${name} stands inside its own anchor &${name}, without end`);
    }
    this.targets.set(alias, target);
    const size = this.sizes.get(target)!;
    if (depth + size.depth > MAX_DEPTH) throw tooDeep(alias);
    return size;
  }

  private sizeOf(node: Node, depth: number): Size {
    let values = 1;
    let deepest = 0;
    let text = isScalar(node) ? (node.source?.length ?? 0) : 0;
    for (const child of childrenOf(node)) {
      const size = this.measure(child, depth + 1);
      values += size.values;
      text += size.text;
      deepest = Math.max(deepest, 1 + size.depth);
      if (values > MAX_VALUES || text > MAX_TEXT) {
        throw new YamlFault(
          offsetOf(child),
          `the document is larger than ${MAX_VALUES.toLocaleString('en')} values or ${MAX_TEXT >> 20} MiB with its aliases put in`,
        );
      }
    }
    return { values, text, depth: deepest };
  }
}

function childrenOf(node: Node): Node[] {
  if (isMap(node)) {
    return (node.items as Pair<Node | null, Node | null>[]).flatMap((pair) =>
      [pair.key, pair.value].filter((n): n is Node => n !== null),
    );
  }
  return isSeq(node) ? (node.items as Node[]) : [];
}

export function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function tooDeep(node: Node): YamlFault {
  return new YamlFault(offsetOf(node), `maps and lists are nested deeper than ${MAX_DEPTH} levels`);
}
