/** Templates: text with {{name}}, or JSON whose texts hold {{path}}. They look names up and do nothing else. */
import type { JsonValue } from '../options';

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;

export interface TextTemplate {
  /** Names in order of appearance. */
  readonly names: readonly string[];
  render(look: (name: string) => string): string;
}

export function parseTemplate(text: string): TextTemplate {
  const parts = text.split(PLACE);
  const literals = parts.filter((_, i) => i % 2 === 0);
  const names = parts.filter((_, i) => i % 2 === 1);
  return {
    names,
    render: (look) => literals.map((l, i) => (i < names.length ? l + look(names[i]!) : l)).join(''),
  };
}

/** Every path a JSON template mentions. */
export function templatePaths(template: JsonValue): string[] {
  if (typeof template === 'string') return [...parseTemplate(template).names];
  if (Array.isArray(template)) return template.flatMap(templatePaths);
  if (typeof template === 'object' && template !== null) return Object.values(template).flatMap(templatePaths);
  return [];
}

/**
 * Fills a JSON template. A text that is one placeholder alone becomes the value itself, object or number included;
 * otherwise values are joined as text. A path that leads nowhere is null, or empty text inside a longer one.
 */
export function fillTemplate(template: JsonValue, event: JsonValue): JsonValue {
  if (typeof template === 'string') return fillText(template, event);
  if (Array.isArray(template)) return template.map((t) => fillTemplate(t, event));
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(Object.entries(template).map(([k, v]) => [k, fillTemplate(v, event)]));
  }
  return template;
}

function fillText(text: string, event: JsonValue): JsonValue {
  const t = parseTemplate(text);
  if (t.names.length === 0) return text;
  const whole = /^\{\{\s*([^{}]*?)\s*\}\}$/.exec(text);
  if (whole) return pathValue(event, whole[1]!) ?? null;
  return t.render((name) => {
    const value = pathValue(event, name);
    if (value === null || value === undefined) return '';
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  });
}

/** Own members only: `{{constructor}}` is nothing. */
function pathValue(root: JsonValue, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, JsonValue>>)[part];
  }
  return value;
}
