/** Answers held against the OpenAPI document, by software that shares nothing with what made the document. */
import Ajv2020 from 'ajv/dist/2020';
import { OpenAPIRouter, OpenAPIValidator } from 'openapi-backend';
import { openApiDocument } from '../../../src/api/openapi';

type Document = ConstructorParameters<typeof OpenAPIValidator>[0]['definition'];

const whole = openApiDocument('0', true) as { readonly components: { readonly schemas: Record<string, object> } };

/** Without references: the validator wants what they stand for. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const { $ref } = value as { $ref?: string };
  if ($ref !== undefined) return resolved(whole.components.schemas[$ref.split('/').at(-1)!]);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolved(part)]));
}

export const strictDocument = resolved(whole) as Document;

export class Contract {
  /** Operations that were answered as they should, with their statuses. */
  readonly seen = new Set<string>();
  private readonly router = new OpenAPIRouter({ definition: strictDocument });
  private readonly validator = new OpenAPIValidator({
    definition: strictDocument,
    router: this.router,
    ajvOpts: { strict: false },
    customizeAjv: (ajv) => {
      ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)) && text.includes('T'));
      ajv.addFormat('date', /^\d{4}-\d\d-\d\d$/);
      return ajv;
    },
  });
  private readonly problem = new Ajv2020({ strict: false, validateFormats: false }).compile(
    whole.components.schemas['Problem']!,
  );

  /** @throws where the answer is not what the document says */
  check(method: string, path: string, response: Response, json: unknown): void {
    const { status, headers } = response;
    const type = headers.get('content-type') ?? '';
    if (status >= 400) {
      if (!type.startsWith('application/problem+json')) throw new Error(`${method} ${path} ${status}: ${type}`);
      if (!this.problem(json) || (json as { status: number }).status !== status)
        throw new Error(`${method} ${path}: no problem: ${JSON.stringify([json, this.problem.errors])}`);
      return;
    }
    if (status === 304 || status === 204) return;
    const operation = this.router.matchOperation({ method, path, headers: {} });
    if (!operation?.operationId) {
      if (path === '/openapi.json') return;
      throw new Error(`${method} ${path} is not in the document`);
    }
    const { valid, errors } = this.validator.validateResponse(json, operation, status);
    if (!valid) throw new Error(`${method} ${path} ${status}: ${JSON.stringify([errors, json]).slice(0, 2_000)}`);
    if (!headers.has('x-ratelimit-remaining')) throw new Error(`${method} ${path}: no X-RateLimit`);
    this.seen.add(operation.operationId);
  }
}
