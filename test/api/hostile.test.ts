/**
 * A thousand requests that nobody should send, made of the OpenAPI document itself: none is answered by a 500, every refusal is
 * a problem as the document says, and the daemon goes on capturing.
 */
import { request } from 'node:http';
import { Dice, seedOf } from '../support/dice';
import { Contract, strictDocument } from './support/contract';
import { ApiSite } from './support/site';

interface Parameter {
  readonly name: string;
  readonly in: string;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly properties?: object } }> };
}

const NASTY = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '99999999999999999999',
  'true',
  'null',
  '[]',
  '{}',
  "' OR 1=1 --",
  '"; DROP TABLE outbox_page; --',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  '\u0000',
  '\uFFFF\u{1F600}',
  '\u202e\u0007',
  '__proto__',
  'constructor',
  'toString',
  '${env:HOME}',
  '<script>alert(1)</script>',
  '2026-99-99T99:99:99Z',
  '+275760-09-13T00:00:00.001Z',
  'ORDLIB/ORDHDR',
  'ORDLIB',
  'ORDHDR',
  'crm',
  'x'.repeat(5_000),
  'IzE',
  '"a"/"b"/"c"',
];

test('1,000 hostile requests: no 500, and the daemon goes on', async () => {
  await using site = await ApiSite.open();
  const dice = new Dice(seedOf('SEED'));
  const pick = <T>(from: readonly T[]): T => from[dice.below(from.length)]!;
  const value = (depth = 0): unknown => {
    const kinds = [
      () => pick(NASTY),
      () => pick([0, -1, 1.5, 2 ** 53, 1e308, -0]),
      () => pick([true, false, null]),
      () => (depth > 2 ? [] : Array.from({ length: dice.below(4) }, () => value(depth + 1))),
      () => (depth > 2 ? {} : { [pick(NASTY)]: value(depth + 1) }),
    ];
    return pick(kinds)();
  };
  const operations = Object.entries(
    (strictDocument as unknown as { paths: Record<string, Record<string, Operation>> }).paths,
  )
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .filter(({ operation }) => operation.operationId !== 'stream');
  const contract = new Contract();
  const statuses = new Map<number, number>();
  for (let i = 0; i < 1_000; i++) {
    const { path, method, operation } = pick(operations);
    const at = path.replaceAll(
      /\{\w+\}/g,
      () => encodeURIComponent(pick(NASTY).replaceAll(/[\ud800-\udfff]/g, '?')) || '%20',
    );
    const query = (operation.parameters ?? [])
      .filter((p) => p.in === 'query' && dice.below(3) === 0)
      .map(({ name }) => `${name}=${encodeURIComponent(plain(value()))}`);
    if (dice.below(10) === 0) query.push(pick(['%', '=', '&&', 'a=%zz', '__proto__=1', '?']));
    const known = Object.keys(operation.requestBody?.content['application/json']?.schema.properties ?? {});
    const body =
      dice.below(8) === 0
        ? pick(['{', '[1', '"\\ud800"', 'null', '[]', '1', `{"a":${'['.repeat(2_000)}`, '{"__proto__":{"all":true}}'])
        : JSON.stringify(Object.fromEntries(known.filter(() => dice.below(2) === 0).map((name) => [name, value()])));
    const answer = await send(site, method, `${at}${query.length > 0 ? `?${query.join('&')}` : ''}`, {
      token: pick([...Object.values(site.tokens), site.tokens.admin, site.tokens.admin, 'wrong']),
      body: method === 'post' || dice.below(10) === 0 ? body : null,
    });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 500) throw new Error(`${method} ${at} ${query.join('&')} ${body}: ${answer.text}`);
    // a path that was cut by its own characters is another one
    if (answer.status >= 400)
      contract.check(
        method,
        at,
        new Response(null, { status: answer.status, headers: answer.headers }),
        JSON.parse(answer.text),
      );
  }
  expect(statuses.get(200)).toBeGreaterThan(10);
  expect(statuses.get(400)).toBeGreaterThan(100);
  await site.desk.cli('resume', '--table', 'ORDLIB/ORDHDR');
  await site.desk.cli('resume', '--destination', 'crm');
  await site.desk.cli('resume', '--destination', 'out');
  await site.order(800001);
  await site.event('800001', 'delivered');
}, 180_000);

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface Sent {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** As it is: fetch would mend the path. */
function send(site: ApiSite, method: string, path: string, of: { token: string; body: string | null }): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        port: site.daemon.httpPort,
        host: '127.0.0.1',
        method: method.toUpperCase(),
        path,
        headers: {
          authorization: `Bearer ${of.token}`,
          ...(of.body === null
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(of.body) }),
        },
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode!,
            headers: { 'content-type': incoming.headers['content-type'] ?? '' },
            text: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(of.body ?? undefined);
  });
}
