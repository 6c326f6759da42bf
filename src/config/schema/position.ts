/** Positions of the configuration, read off its zod schema: the one place that says what is meant where. */
import type { z } from 'zod';
import type { Kinds, YamlPosition } from '../yaml/position';
import { rootSchema } from './root';

type Schema = z.core.$ZodType;
type Def = Schema['_zod']['def'] & {
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly getter?: () => Schema;
  readonly options?: readonly Schema[];
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly valueType?: Schema;
  readonly element?: Schema;
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
};

const alternatives = new WeakMap<Schema, readonly Schema[]>();
const NOTHING: Kinds = { text: false, words: new Set(), number: false, boolean: false, null: false };

/** What may stand there without wrappers, defaults and unions; `null` for one that may be left empty. */
function alternativesOf(schema: Schema): readonly Schema[] {
  let list = alternatives.get(schema);
  if (!list) {
    const def = schema._zod.def as Def;
    const inner = def.innerType ?? def.in ?? def.getter?.();
    if (def.type === 'nullable') list = [schema, ...alternativesOf(def.innerType!)];
    else if (inner) list = alternativesOf(inner);
    else list = def.options ? def.options.flatMap(alternativesOf) : [schema];
    alternatives.set(schema, list);
  }
  return list;
}

class SchemaPosition implements YamlPosition {
  private known: Kinds | null = null;

  constructor(private readonly schemas: readonly Schema[]) {}

  get kinds(): Kinds {
    this.known ??= this.schemas.map(kindsOf).reduce(together, NOTHING);
    return this.known;
  }

  member(key: string): YamlPosition {
    return this.below(({ shape, valueType }) => (shape && Object.hasOwn(shape, key) ? shape[key] : valueType));
  }

  item(): YamlPosition {
    return this.below(({ element }) => element);
  }

  private below(child: (def: Def) => Schema | undefined): YamlPosition {
    const schemas = this.schemas.flatMap((schema) => {
      const inner = child(schema._zod.def as Def);
      return inner ? alternativesOf(inner) : [];
    });
    return new SchemaPosition(schemas);
  }
}

function kindsOf(schema: Schema): Kinds {
  const def = schema._zod.def as Def;
  if (def.type === 'string') return { ...NOTHING, text: true };
  if (def.type === 'enum') return { ...NOTHING, words: new Set(Object.values(def.entries!).map(String)) };
  if (def.type === 'literal') return literals(def.values!);
  if (def.type === 'number' || def.type === 'int') return { ...NOTHING, number: true };
  if (def.type === 'boolean') return { ...NOTHING, boolean: true };
  return def.type === 'nullable' || def.type === 'null' ? { ...NOTHING, null: true } : NOTHING;
}

function literals(values: readonly unknown[]): Kinds {
  const has = (type: string): boolean => values.some((v) => typeof v === type);
  const words = new Set(values.filter((v) => typeof v === 'string'));
  return { ...NOTHING, words, number: has('number'), boolean: has('boolean') };
}

function together(a: Kinds, b: Kinds): Kinds {
  return {
    text: a.text || b.text,
    words: new Set([...a.words, ...b.words]),
    number: a.number || b.number,
    boolean: a.boolean || b.boolean,
    null: a.null || b.null,
  };
}

export const rootPosition: YamlPosition = new SchemaPosition(alternativesOf(rootSchema));
