// @ts-check
// docs/reference/api.md out of the OpenAPI document of src/api.
import { head, table } from './text.mjs';

const INTRO = `Every route of the [HTTP API](../api.md), as \`/openapi.json\` of a running daemon describes it to programs; the same
document lies beside this page as [openapi.json](openapi.json). Parameters of the path are text.`;

export function apiPage(document) {
  const sections = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(document, path, method, operation)),
  );
  return [head('HTTP API', 'src/api/routes', INTRO), ...sections].join('\n');
}

function section(
  document,
  path,
  method,
  { operationId, summary, description, parameters = [], requestBody, responses },
) {
  const query = parameters
    .filter((p) => p.in !== 'path')
    .map((p) => [`\`${p.name}\``, p.required ? 'yes' : 'no', typeOf(document, p.schema), p.description ?? '']);
  const body = requestBody?.content['application/json'].schema;
  const members = Object.entries(body?.properties ?? {}).map(([name, s]) => [
    `\`${name}\``,
    body.required?.includes(name) ? 'yes' : 'no',
    typeOf(document, s),
    s.description ?? '',
  ]);
  const [status, done] = Object.entries(responses)[0];
  const content = Object.entries(done.content ?? {})[0];
  const answer = content
    ? `${content[0] === 'application/json' ? answerOf(content[1].schema) : content[0]}`
    : 'nothing';
  return [
    `## ${method.toUpperCase()} ${path}\n`,
    `\`${operationId}\`: ${summary}.${description ? ` ${description}` : ''} Answers ${status}: ${answer}.\n`,
    ...(query.length > 0 ? [table(['parameter', 'needed', 'form', 'what it is'], query)] : []),
    ...(members.length > 0 ? [table(['member of the body', 'needed', 'form', 'what it is'], members)] : []),
  ].join('\n');
}

function answerOf(schema) {
  if (schema.$ref) return nameOf(schema);
  const items = schema.properties?.items?.items;
  if (items) return `a page of ${nameOf(items)}`;
  if (schema.anyOf) return schema.anyOf.map(answerOf).join(' or ');
  return Object.keys(schema.properties ?? {})
    .map((name) => `\`${name}\``)
    .join(', ');
}

const nameOf = (schema) => (schema.$ref ? schema.$ref.split('/').at(-1) : answerOf(schema));

function typeOf(document, { type, enum: values, const: only, items, minimum, maximum, format }) {
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (values && type !== 'boolean') return values.map((v) => `\`${v}\``).join(', ');
  if (type === 'array') return `list of ${typeOf(document, items ?? {})}`;
  if (type === 'integer' && maximum !== undefined) return `${minimum} to ${maximum}`;
  return (
    {
      string: format === 'date-time' ? 'time' : format === 'date' ? 'day' : 'text',
      boolean: 'true or false',
      integer: 'number',
    }[type] ?? 'any'
  );
}
