/** The OpenAPI document, made of the schemas by which requests are checked. */
import { z } from 'zod';
import type { Route } from './route';
import { ROUTES } from './routes';
import * as events from './schemas/events';
import * as operators from './schemas/operators';
import { named } from './schemas/parts';
import * as standing from './schemas/standing';
import { streamQuery } from './stream';

type Json = Readonly<Record<string, unknown>>;

const NAMED: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries({ ...standing, ...events, ...operators }).filter(
    ([, schema]) => schema instanceof z.ZodType && named.has(schema),
  ),
) as Readonly<Record<string, z.ZodType>>;

const PARTS: Readonly<Record<string, string>> = {
  library: 'Library, as events have it.',
  file: 'File, as events have it.',
  key: 'Key as events have it in `subject`.',
  name: 'Its name.',
  id: 'Its id.',
  no: 'Its number.',
  journal: 'Name of the journal.',
};

const INTRO = `Served by a running daemon at \`http.host\` and \`http.port\` of its configuration. Every call needs
\`Authorization: Bearer TOKEN\`, or the session of the console; \`ibmi-cdc token create\` makes tokens. A viewer reads; an operator
also retries, replays, pauses and resumes; an admin also has tokens and the ages of secrets. Every changing call leaves a line in
the operators' log. Errors are application/problem+json, with a \`code\` of docs/reference/errors.md and the next step.`;

/**
 * @param strict answers may have no members beside those listed: for tests. Clients should expect more to come.
 */
export function openApiDocument(version: string, strict = false): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const add = (path: string, method: string, operation: Json): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const route of ROUTES) add(route.path, route.method, operationOf(route, strict));
  for (const [path, method, operation] of apart(strict)) add(path, method, operation);
  return {
    openapi: '3.1.0',
    info: { title: 'ibmi-cdc', version, description: INTRO, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set(ROUTES.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Made by `ibmi-cdc token create`.' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-ibmi-cdc', description: 'The session of the console.' },
      },
      schemas: componentsOf(strict),
    },
  };
}

function operationOf(route: Route, strict: boolean): Json {
  const { id, tag, summary, role, query, body, answer, status = 200, path, errors = [] } = route;
  const parameters = [...partsOf(path), ...(query ? queryOf(query) : [])];
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: `Needs role ${role}.${errors.length > 0 ? ` Codes of its own: ${errors.join(', ')}.` : ''}`,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { content: { 'application/json': { schema: inputOf(body) } } } } : {}),
    responses: responsesOf(status, { 'application/json': { schema: answerOf(answer, strict) } }),
  };
}

function responsesOf(status: number, content: Json): Json {
  return {
    [status]: { description: 'Done.', headers: HEADERS, content },
    default: {
      description: 'An error.',
      content: { 'application/problem+json': { schema: refOf('Problem') } },
    },
  };
}

const HEADERS = {
  'X-RateLimit-Limit': { schema: { type: 'integer' }, description: 'Requests of one minute.' },
  'X-RateLimit-Remaining': { schema: { type: 'integer' }, description: 'Requests left of it.' },
  'X-RateLimit-Reset': { schema: { type: 'integer' }, description: 'Seconds until the whole limit is there again.' },
};

/** What is not answered by one JSON object under a token. */
function apart(strict: boolean): [path: string, method: string, operation: Json][] {
  const signIn = {
    operationId: 'openSession',
    tags: ['Operators'],
    summary: 'Sign in to the console with a token: sets the session cookie',
    description: 'Needs no token but the one in the body, and an Origin header of this server.',
    security: [],
    requestBody: { content: { 'application/json': { schema: inputOf(signInBody) } } },
    responses: responsesOf(200, { 'application/json': { schema: answerOf(operators.session, strict) } }),
  };
  const signOut = {
    operationId: 'closeSession',
    tags: ['Operators'],
    summary: 'Sign out of the console',
    security: [{ session: [] }],
    responses: { 204: { description: 'Done.' }, default: responsesOf(204, {})['default'] },
  };
  const stream = {
    operationId: 'stream',
    tags: ['Events'],
    summary: 'Server-sent events: `event` for each stored event, `status` when how things stand has changed',
    description:
      'Needs role viewer. The id of a message is a number; a client that sends it as Last-Event-ID goes on behind it. `skipped` says that more was missed than is sent again, `ping` that nothing happens.',
    parameters: [
      ...queryOf(streamQuery),
      { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' }, description: 'Id of the last message.' },
    ],
    responses: responsesOf(200, { 'text/event-stream': { schema: { type: 'string' } } }),
  };
  return [
    ['/v1/session', 'POST', signIn],
    ['/v1/session', 'DELETE', signOut],
    ['/v1/stream', 'GET', stream],
  ];
}

export const signInBody = z.strictObject({ token: z.string().min(1).max(200) });

function partsOf(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: PARTS[name!],
    schema: { type: 'string' },
  }));
}

function queryOf(query: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = inputOf(query) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: plainType(schema),
  }));
}

/** What is text on the wire and a number or a flag by its meaning. */
function plainType({ type, pattern, ...schema }: Json): Json {
  if (type !== 'integer') return { type, ...(pattern === undefined ? {} : { pattern }), ...schema };
  return { type, ...schema, ...(typeof schema['default'] === 'string' ? { default: Number(schema['default']) } : {}) };
}

function inputOf(schema: z.ZodType): Json {
  const { $schema: _schema, ...json } = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
  return json;
}

/** Named parts of an answer are referred to. */
function answerOf(schema: z.ZodType, strict: boolean): Json {
  const id = named.get(schema)?.id;
  if (id) return refOf(id);
  const alone = z.registry<{ id: string }>();
  for (const [name, known] of knownSchemas()) alone.add(known, { id: name });
  alone.add(schema, { id: '_' });
  return cleaned(z.toJSONSchema(alone, optionsOf(strict)).schemas['_'] as Json);
}

function componentsOf(strict: boolean): Json {
  const { schemas } = z.toJSONSchema(named, optionsOf(strict));
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, cleaned(schema as Json)]));
}

function optionsOf(strict: boolean) {
  return {
    io: strict ? ('output' as const) : ('input' as const),
    uri: (id: string) => `#/components/schemas/${id}`,
  };
}

function cleaned({ $schema: _schema, $id: _id, ...json }: Json): Json {
  return json;
}

function knownSchemas(): [string, z.ZodType][] {
  return Object.values(NAMED).map((schema) => [named.get(schema)!.id, schema]);
}

function refOf(id: string): Json {
  return { $ref: `#/components/schemas/${id}` };
}
