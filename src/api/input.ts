/** Parameters and bodies of requests, checked by the schemas of their route. */
import { z } from 'zod';
import { CodedError } from '../errors/coded-error';
import { withMistakes } from './problem';

/** @throws CodedError `API_REQUEST`, with every mistake */
export function checkedQuery(schema: z.ZodObject | undefined, search: URLSearchParams): unknown {
  const given: Record<string, unknown> = Object.create(null);
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name);
    const field = schema?.shape[name];
    given[name] = field && isList(field) ? values : values.length === 1 ? values[0] : values;
  }
  return checked(schema ?? NOTHING, { ...given }, 'query');
}

/** @throws CodedError `API_REQUEST`, with every mistake */
export function checkedBody(schema: z.ZodObject | undefined, text: string): unknown {
  if (schema === undefined && text.trim() === '') return {};
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw mistaken([{ at: 'body', message: 'is not JSON' }]);
  }
  return checked(schema ?? NOTHING, value, 'body');
}

const NOTHING = z.strictObject({});

function checked(schema: z.ZodType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw mistaken(
    result.error.issues.slice(0, 20).map(({ path, message, code, ...issue }) => ({
      at: [where, ...path.map(String)].join('.').slice(0, 200),
      message:
        code === 'unrecognized_keys'
          ? `is not known: ${(issue as { keys: string[] }).keys.slice(0, 10).join(', ').slice(0, 200)}`
          : message,
    })),
  );
}

function mistaken(mistakes: readonly { readonly at: string; readonly message: string }[]): CodedError {
  const text = mistakes.map(({ at, message }) => `${at}: ${message}`).join('; ');
  return withMistakes(
    new CodedError({ code: 'API_REQUEST', message: text, next: '/openapi.json describes every route' }),
    mistakes,
  );
}

function isList(field: unknown): boolean {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault) return isList(field.unwrap());
  return field instanceof z.ZodArray;
}
