/** The JSON Schema editors complete from, made of the one zod schema. Published as config/ibmi-cdc.schema.json. */
import { z } from 'zod';
import { rootSchema } from './schema/root';

export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(rootSchema, { io: 'input', target: 'draft-2020-12', reused: 'ref' });
  const { $schema, ...rest } = schema as Record<string, unknown>;
  return { $schema, $id: 'ibmi-cdc.schema.json', title: 'ibmi-cdc configuration', ...(withReferences(rest) as object) };
}

/** A text with a reference anywhere in it may stand for anything but an object or a list. */
const REFERENCE = { type: 'string', pattern: '\\$\\{(env|file|command):[^}]*\\}' };

/** A number, truth value or text of a certain form may be written as a reference: `port: ${env:PORT}`. */
function withReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withReferences);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([k, v]) => [k, LITERAL.has(k) ? v : withReferences(v)]));
  const formed = copy['type'] === 'string' && (copy['pattern'] !== undefined || copy['enum'] !== undefined);
  if (!formed && !['integer', 'number', 'boolean'].includes(String(copy['type']))) return copy;
  const { description, default: fallback, ...rest } = copy;
  return {
    anyOf: [rest, REFERENCE],
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

/** Members that hold values, not schemas. */
const LITERAL = new Set(['default', 'const', 'enum', 'required', 'propertyNames']);

/** The text of the published file. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}
