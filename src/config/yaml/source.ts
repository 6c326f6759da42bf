/** The YAML text with the line and column of every node. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  YAMLMap,
} from 'yaml';
import type { Finding } from '../issue';
import { Anchors, YamlFault } from './anchors';
import type { YamlPosition } from './position';
import { keyText } from './scalar';
import { isMerge, mapsOnTop, type Tree, treeOf } from './tree';

interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlError {
  readonly place: Place;
  readonly message: string;
}

const TOO_DEEP = 'maps and lists are nested too deeply';

export class YamlSource {
  private readonly document: Document.Parsed | null;
  private readonly anchors: Anchors | null;
  private readonly lines = new LineCounter();
  private readonly faults: YamlError[];

  /** The document without its profiles, and the chosen one over it. */
  private readonly layers: readonly Node[];
  /** Names of the profiles there are. */
  readonly profiles: readonly string[];

  /** @param profile name of a member of `profiles`; null: the document as it is without them */
  constructor(
    text: string,
    readonly profile: string | null = null,
  ) {
    this.document = this.parse(text);
    this.faults = this.document
      ? [...this.document.errors, ...this.document.warnings].map((e) => ({
          place: this.placeOf(e.pos[0]),
          message: messageOf(e.message),
        }))
      : [{ place: { line: 1, column: 1 }, message: TOO_DEEP }];
    this.anchors = this.faults.length === 0 ? this.resolved() : null;
    const root = this.document?.contents ?? null;
    const profiles = root && isMap(root) ? this.targetOf(this.pairOf(root, 'profiles')?.value ?? undefined) : undefined;
    this.profiles = isMap(profiles) ? profiles.items.map(({ key }) => keyText(key as Scalar) ?? '') : [];
    const chosen = isMap(profiles) && profile !== null ? this.pairOf(profiles, profile)?.value : null;
    this.layers = [...(root ? [withoutKey(root, 'profiles')] : []), ...(chosen ? [chosen] : [])];
  }

  /** Null when the text is nested so deeply that the parser gives up. */
  private parse(text: string): Document.Parsed | null {
    try {
      // keys are compared by their text, below: to YAML 05 and 5 are one
      return parseDocument(text, { lineCounter: this.lines, merge: true, prettyErrors: true, uniqueKeys: false });
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  private resolved(): Anchors | null {
    try {
      return new Anchors(this.document!.contents);
    } catch (error) {
      if (!(error instanceof YamlFault)) throw error;
      this.fault(error);
      return null;
    }
  }

  /** What the YAML itself is wrong in. Empty when the text can be used. */
  syntaxErrors(): readonly YamlError[] {
    return this.faults;
  }

  /**
   * The document as values. Only after {@link syntaxErrors} were empty, and more of them may be found: keys that stand twice.
   * @param root what may stand where
   */
  tree(root: YamlPosition): Tree {
    const tree = treeOf(this.layers, this.anchors!, root);
    for (const fault of tree.faults) this.fault(fault);
    return tree;
  }

  /** Where a finding points: the key or value at its path in the topmost layer that has it, or the nearest node above it. */
  locate(path: readonly (string | number)[], at: 'key' | 'value'): Place {
    let layers = this.layers;
    let offset = 0;
    // what is missing is missing from its parent: the key of the parent is where to look
    let owner = 0;
    for (const [i, part] of path.entries()) {
      const top = this.targetOf(layers.at(-1));
      const maps = this.anchors ? mapsOnTop(layers, this.anchors) : [];
      const last = i === path.length - 1;
      if (maps.length > 0) {
        const pairs = maps.map((map) => this.pairOf(map, String(part))).filter((pair) => pair !== null);
        const pair = pairs.at(-1);
        if (!pair) return this.placeOf(owner);
        const { key, value } = pair;
        const pointAtKey = (last && at === 'key') || !value?.range;
        offset = (pointAtKey ? key?.range?.[0] : value.range![0]) ?? offset;
        owner = key?.range?.[0] ?? offset;
        layers = pairs.map((p) => p.value).filter((node) => node !== null);
      } else if (isSeq(top)) {
        const item = top.items[Number(part)] as Node | undefined;
        if (!item) break;
        offset = item.range?.[0] ?? offset;
        owner = offset;
        layers = [item];
      } else break;
    }
    return this.placeOf(offset);
  }

  /** Where `profiles` stands; the beginning of a document without it. */
  profilesPlace(): Place {
    const root = this.document?.contents;
    return this.placeOf((root && this.pairOf(root, 'profiles')?.key?.range?.[0]) ?? 0);
  }

  private targetOf(node: Node | undefined): Node | undefined {
    return isAlias(node) ? this.anchors?.targetOf(node) : node;
  }

  /** Its own, or one it has by a merge. */
  private pairOf(map: Node, key: string): Pair<Node | null, Node | null> | null {
    const target = isAlias(map) ? this.anchors!.targetOf(map) : map;
    if (isSeq(target)) return first(target.items as Node[], (item) => this.pairOf(item, key));
    if (!isMap(target)) return null;
    const pairs = target.items as Pair<Node | null, Node | null>[];
    const own = pairs.find((pair) => isScalar(pair.key) && keyText(pair.key) === key);
    return own ?? first(pairs.filter(isMerge), (pair) => (pair.value ? this.pairOf(pair.value, key) : null));
  }

  private fault({ offset, message }: YamlFault): void {
    this.faults.push({ place: this.placeOf(offset), message });
  }

  private placeOf(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function withoutKey(root: Node, name: string): Node {
  if (!isMap(root)) return root;
  const copy = new YAMLMap();
  copy.items = root.items.filter(({ key }) => !(isScalar(key) && keyText(key) === name));
  if (root.range) copy.range = root.range;
  return copy as Node;
}

function messageOf(text: string): string {
  if (text.includes('call stack')) return TOO_DEEP;
  return text.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
}

function first<A, B>(items: readonly A[], find: (item: A) => B | null): B | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

/** Findings in the order of the file: what a person fixes from top to bottom. */
export function inFileOrder(source: YamlSource, findings: readonly Finding[]): (Finding & { place: Place })[] {
  return findings
    .map((f) => ({ ...f, place: source.locate(f.path, f.at) }))
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
}
