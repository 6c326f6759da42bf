/** The document as plain values: aliases and merges put in, keys as text, scalars as the place they stand at wants them. */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap } from 'yaml';
import type { Finding } from '../issue';
import { formatPath } from '../issue';
import { type Anchors, offsetOf, YamlFault } from './anchors';
import type { YamlPosition } from './position';
import { keyText, takeScalar } from './scalar';

type Path = readonly (string | number)[];
type Entry = Pair<Node | null, Node | null>;

export interface Tree {
  readonly value: unknown;
  /** Texts without quotes that YAML takes for something else, by path: shown as they were written. */
  readonly written: ReadonlyMap<string, string>;
  /** Scalars whose meaning is not sure. */
  readonly findings: readonly Finding[];
  /** Keys that stand twice, and things that cannot be in a configuration. */
  readonly faults: readonly YamlFault[];
}

/** @param layers the document, and what is laid over it: maps are joined key by key, anything else takes the place of what is below */
export function treeOf(layers: readonly Node[], anchors: Anchors, position: YamlPosition): Tree {
  const builder = new Builder(anchors);
  const value = layers.length > 0 ? builder.join(layers, position, []) : null;
  return { value, written: builder.written, findings: builder.findings, faults: [...builder.faults.values()] };
}

/** Tags that say no more than what a node is. */
const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq|merge)$/;

class Builder {
  readonly written = new Map<string, string>();
  readonly findings: Finding[] = [];
  /** By offset: what an alias repeats is reported once. */
  readonly faults = new Map<number, YamlFault>();

  constructor(private readonly anchors: Anchors) {}

  /** Layers from the ground up. */
  join(layers: readonly Node[], position: YamlPosition, path: Path): unknown {
    const top = layers.at(-1)!;
    const maps = mapsOnTop(layers, this.anchors);
    if (maps.length < 2) return this.build(top, position, path);
    const keys = new Map<string, Node[]>();
    for (const map of maps)
      for (const [key, node] of this.nodesOf(map)) {
        const below = keys.get(key) ?? [];
        keys.set(key, node === null ? [NULL] : [...below, node]);
      }
    return Object.fromEntries(
      [...keys].map(([key, nodes]) => [key, this.join(nodes, position.member(key), [...path, key])]),
    );
  }

  /** Values of a map by key, those it has by a merge behind its own. */
  private nodesOf(map: YAMLMap): Map<string, Node | null> {
    const found = new Map<string, Node | null>();
    const merged: YAMLMap[] = [];
    for (const pair of map.items as Entry[]) {
      if (isMerge(pair)) merged.push(...this.merged(pair));
      else {
        const key = this.keyOf(pair);
        if (key !== null && found.has(key))
          this.fault(pair.key!, `Map keys must be unique: "${key}" stands here twice`);
        if (key !== null) found.set(key, pair.value);
      }
    }
    for (const source of merged)
      for (const [key, node] of this.nodesOf(source)) if (!found.has(key)) found.set(key, node);
    return found;
  }

  build(node: Node, position: YamlPosition, path: Path): unknown {
    if (isAlias(node)) return this.build(this.anchors.targetOf(node), position, path);
    const { tag } = node as { tag?: string };
    if (tag !== undefined && !CORE_TAG.test(tag))
      this.fault(node, `a tag ${tag.replace(/^.*,2002:/, '!!')} means nothing here`);
    if (isMap(node)) {
      const entries = new Map<string, unknown>();
      this.fill(entries, node, position, path);
      return Object.fromEntries(entries);
    }
    if (isSeq(node)) {
      const item = position.item();
      return (node.items as Node[]).map((child, i) => this.build(child, item, [...path, i]));
    }
    return isScalar(node) ? this.scalar(node, position, path) : null;
  }

  /** Own keys go before merged ones, wherever they stand; of merged ones the first. */
  private fill(entries: Map<string, unknown>, map: YAMLMap, position: YamlPosition, path: Path): void {
    const own = new Set<string>();
    for (const pair of map.items as Entry[]) {
      if (isMerge(pair)) {
        for (const source of this.merged(pair)) {
          const more = new Map<string, unknown>();
          this.fill(more, source, position, path);
          for (const [key, value] of more) if (!entries.has(key)) entries.set(key, value);
        }
        continue;
      }
      const key = this.keyOf(pair);
      if (key === null) continue;
      if (own.has(key)) this.fault(pair.key!, `Map keys must be unique: "${key}" stands here twice`);
      own.add(key);
      entries.set(key, pair.value ? this.build(pair.value, position.member(key), [...path, key]) : null);
    }
  }

  private keyOf({ key }: Entry): string | null {
    const node = key && isAlias(key) ? this.anchors.targetOf(key) : key;
    const text = isScalar(node) ? keyText(node) : null;
    if (text === null && key) this.fault(key, 'a key must be text');
    return text;
  }

  /** The maps behind `<<`. */
  private merged({ value }: Entry): YAMLMap[] {
    const node = value && isAlias(value) ? this.anchors.targetOf(value) : value;
    const sources = isSeq(node) ? (node.items as Node[]) : node ? [node] : [];
    return sources.flatMap((source) => {
      const map = isAlias(source) ? this.anchors.targetOf(source) : source;
      if (isMap(map)) return [map];
      this.fault(source, '<< takes a map, or a list of maps');
      return [];
    });
  }

  private scalar(node: Scalar, position: YamlPosition, path: Path): unknown {
    if (typeof node.value === 'string') return node.value;
    const source = node.source ?? '';
    if (source !== '') this.written.set(formatPath(path), source);
    const taken = takeScalar(node, position.kinds);
    if ('value' in taken) return taken.value;
    this.findings.push({
      severity: 'error',
      code: 'CFG_SCALAR',
      path,
      at: 'value',
      seen: source,
      expected: taken.refused,
      suggestion: null,
    });
    // what everybody can go on with; the finding says the rest
    return node.value === null || typeof node.value === 'object' ? source : node.value;
  }

  private fault(node: Node, message: string): void {
    this.faults.set(offsetOf(node), new YamlFault(offsetOf(node), message));
  }
}

/** A key without a value. */
const NULL = new Scalar(null) as Node;

/** The layers from the topmost one down, as long as they are maps; from the ground up. */
export function mapsOnTop(layers: readonly Node[], anchors: Anchors): YAMLMap[] {
  const maps: YAMLMap[] = [];
  for (const layer of [...layers].reverse()) {
    const node = isAlias(layer) ? anchors.targetOf(layer) : layer;
    if (!isMap(node)) break;
    maps.unshift(node);
  }
  return maps;
}

/** `merge: true` turns the key `<<`, without quotes, into a symbol. */
export function isMerge(pair: Entry): boolean {
  return isScalar(pair.key) && typeof pair.key.value === 'symbol';
}
