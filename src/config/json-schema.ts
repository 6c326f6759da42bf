/** The JSON Schema editors complete from, made of the one zod schema. Published as config/ibmi-cdc.schema.json. */
import { z } from 'zod';
import { rootSchema } from './schema/root';

export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(rootSchema, { io: 'input', target: 'draft-2020-12', reused: 'ref' });
  const { $schema, ...rest } = schema as Record<string, unknown>;
  return { $schema, $id: 'ibmi-cdc.schema.json', title: 'ibmi-cdc configuration', ...rest };
}

/** The text of the published file. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}
