// @ts-check
// docs/reference/configuration.md out of the JSON Schema, which is made of the zod schema.
import { head, table } from './text.mjs';

const INTRO = `Every member of the configuration file, with its type, its default and what it does. What belongs together, with examples,
is in [docs/configuration.md](../configuration.md); editors complete from \`config/ibmi-cdc.schema.json\`. A plain value may be written as a
reference (\`\${env:NAME}\`, \`\${file:path}\`, \`\${command:program}\`). \`<name>\` stands for a name of your choice, \`[]\` for an item of a list.`;

export function configurationPage(schema) {
  const walk = new Walk(schema.$defs);
  const sections = Object.entries(schema.properties)
    .filter(([name]) => name !== '$schema')
    .map(([name, node]) => {
      const rows = walk.rows(name, node, schema.required.includes(name));
      const distinct = rows.filter((row, i) => i === 0 || row.join() !== rows[i - 1].join());
      return `## ${name}\n\n${table(['member', 'type', 'default', 'what it does'], distinct)}`;
    });
  return [head('Configuration members', 'src/config/schema', INTRO), ...sections].join('\n');
}

class Walk {
  /** Where an object was described first, by its definition. */
  described = new Map();

  constructor(defs) {
    this.defs = defs;
  }

  /** What a node says of itself, through its references: outer words go before inner ones. */
  resolve(node) {
    const all = { ...node };
    let name = null;
    while (all.$ref !== undefined) {
      name = all.$ref.split('/').at(-1);
      delete all.$ref;
      for (const [key, value] of Object.entries(this.defs[name])) all[key] ??= value;
    }
    return { ...all, id: name ?? node };
  }

  /** The alternatives of a node without references of secrets, flat. */
  forms(node) {
    const it = this.resolve(node);
    if (it.anyOf === undefined) return isReference(it) ? [] : [it];
    return it.anyOf.flatMap((one) => this.forms(one));
  }

  rows(path, node, required) {
    const it = this.resolve(node);
    const forms = this.forms(node);
    const objects = forms.filter((f) => f.properties !== undefined || isMap(f));
    const words = required && it.default === undefined ? 'must be given' : shown(it.default);
    const types = [...new Set(forms.map((f) => this.type(f)))].join(' or ');
    if (isAnyValue(forms)) return [[`\`${path}\``, 'any value', words, it.description ?? '']];
    const below = objects.flatMap((f) => this.below(path, f));
    const lists = forms.filter((f) => f.items !== undefined && !Array.isArray(f.items));
    const items = lists.flatMap((f) =>
      this.forms(f.items).flatMap((i) => (i.properties || isMap(i) ? this.below(`${path}[]`, i) : [])),
    );
    return [[`\`${path}\``, types, words, it.description ?? ''], ...below, ...items];
  }

  below(path, form) {
    const { id } = form;
    const first = this.described.get(id);
    if (first !== undefined)
      return first === path ? [] : [[`\`${path}.*\``, `as \`${first}.*\``, '', 'The same members.']];
    this.described.set(id, path);
    const required = form.required ?? [];
    const named = Object.entries(form.properties ?? {}).flatMap(([name, child]) =>
      this.rows(`${path}.${name}`, child, required.includes(name)),
    );
    return isMap(form) ? [...named, ...this.rows(`${path}.<name>`, form.additionalProperties, false)] : named;
  }

  type(form, nested = false) {
    if (form.const !== undefined) return `\`${form.const}\``;
    if (form.enum) return form.enum.map((e) => `\`${e}\``).join(', ');
    if (form.type === 'array')
      return `list${itemWords(nested ? null : form.items && this.forms(form.items), (f) => this.type(f, true))}`;
    if (form.type === 'object') return isMap(form) ? 'object by name' : 'object';
    if (form.type === 'integer') return `whole number${range(form)}`;
    if (form.type === 'number') return `number${range(form)}`;
    return WORDS[form.type] ?? 'anything';
  }
}

const WORDS = { string: 'text', boolean: 'true or false', null: 'null' };

/** Texts, numbers, lists and objects alike: nothing more can be said of it. */
const isAnyValue = (forms) =>
  ['string', 'array', 'object'].every((type) => forms.some((f) => f.type === type && !f.properties));

const isMap = (form) => typeof form.additionalProperties === 'object' && form.additionalProperties !== null;

const isReference = (form) => form.type === 'string' && /env\|file\|command/.test(form.pattern ?? '');

const itemWords = (forms, type) =>
  forms && forms.length > 0 ? ` of ${[...new Set(forms.map(type))].join(' or ')}` : '';

function range({ minimum, maximum }) {
  const high = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const low = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  if (low !== undefined && high !== undefined) return ` ${low} to ${high}`;
  if (low !== undefined) return ` from ${low}`;
  return high === undefined ? '' : ` up to ${high}`;
}

function shown(value) {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object' && Object.keys(value).length === 0) return '';
  return `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;
}
