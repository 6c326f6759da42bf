/** The OpenAPI document by itself: whole, and such that others understand it. */
import { execFileSync } from 'node:child_process';
import { OpenAPIRouter } from 'openapi-backend';
import { openApiDocument } from '../../src/api/openapi';
import { ROUTES } from '../../src/api/routes';
import { strictDocument } from './support/contract';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly responses: Readonly<Record<string, unknown>>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const { paths } = openApiDocument('1.2.3') as unknown as { paths: Paths };
const operations = Object.values(paths).flatMap((methods) => Object.values(methods));

test('it is a document of OpenAPI 3.1 by the schema of its makers', () => {
  // an ES module alone: in a process of its own
  const program = `import { Validator } from '@seriousme/openapi-schema-validator';
    let text = '';
    for await (const part of process.stdin) text += part;
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(text));
    process.stdout.write(JSON.stringify({ valid, errors, version: validator.version }));`;
  const input = JSON.stringify(openApiDocument('1.2.3'));
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', program], { input }).toString();
  expect(JSON.parse(told)).toEqual({ valid: true, version: '3.1' });
});

test('every route is in it, under a name of its own, with an answer and an error', () => {
  for (const { method, path } of ROUTES) expect(paths[path]?.[method.toLowerCase()]).toBeDefined();
  const names = operations.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
  for (const { summary, responses } of operations) {
    expect(summary.length).toBeGreaterThan(5);
    expect(Object.keys(responses)).toEqual([expect.stringMatching(/^20\d$/), 'default']);
  }
});

test('no reference leads nowhere, and what is named is used', () => {
  const text = JSON.stringify(openApiDocument('1.2.3'));
  const { components } = openApiDocument('1.2.3') as unknown as { components: { schemas: Record<string, unknown> } };
  const used = new Set([...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((m) => m[1]!));
  expect([...used].filter((name) => !(name in components.schemas))).toEqual([]);
  expect(Object.keys(components.schemas).filter((name) => !used.has(name))).toEqual([]);
});

test('a router made of it finds each operation by its path', () => {
  const router = new OpenAPIRouter({ definition: strictDocument });
  for (const { method, path, id } of ROUTES) {
    const at = path.replaceAll(/\{\w+\}/g, 'X');
    expect(router.matchOperation({ method, path: at, headers: {} })?.operationId).toBe(id);
  }
});
