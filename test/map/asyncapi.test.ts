/** The AsyncAPI document against the specification's own schema, and what events of a partition look like under it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import { Desk } from '../support/desk';

interface Document {
  readonly servers: Record<string, { host: string; protocol: string }>;
  readonly channels: Record<string, { address: string | null; messages: Record<string, { $ref: string }> }>;
  readonly components: {
    readonly messages: Record<
      string,
      { name: string; description?: string; payload: { properties: { data: { properties: { after: unknown } } } } }
    >;
  };
}

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
  desk.write(`policies: { start: earliest }
tables:
  ORDLIB/ORDHDR: { event: order, key: [ORDNO], columns: { ORDNO: orderNumber, STS: { as: status, title: Where it stands }, ORDDAT: { as: orderDate, date: cyymmdd } } }
  ORDLIB/CUSMAS: { event: customer, to: [hook] }
`);
  const config = readFileSync(desk.config, 'utf8').replace(
    'destinations:\n',
    'destinations:\n  hook: { webhook: { url: "https://hooks.example.com:8443/services/T0/secret-path", signing: none } }\n  lake: { kafka: { brokers: [kafka.example.com:9092], topic: "erp.${table}" } }\n',
  );
  writeFileSync(desk.config, config);
}, 60_000);
afterAll(async () => desk?.[Symbol.asyncDispose]());

async function document(): Promise<{ text: string; doc: Document }> {
  const { code, out, err } = await desk.cli('catalogue', '--asyncapi');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return { text: out, doc: JSON.parse(out) as Document };
}

test('it is a document of AsyncAPI 3.0 by the schema of the specification', async () => {
  const { text, doc } = await document();
  const schema = JSON.parse(
    readFileSync(require.resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json'), 'utf8'),
  ) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const valid = ajv.validate(schema, doc);
  expect(ajv.errors?.slice(0, 5) ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(ajv.validate(schema, { ...doc, channels: 7 })).toBe(false);
  expect(doc.servers).toMatchObject({
    hook: { host: 'hooks.example.com:8443', protocol: 'https' },
    lake: { host: 'kafka.example.com:9092', protocol: 'kafka' },
  });
  // the path of a webhook may be a secret
  expect(text).not.toMatch(/secret/);
  expect(Object.keys(doc.channels['hook']!.messages)).toContain('customer.created');
  expect(Object.keys(doc.channels['lake']!.messages)).not.toContain('customer.created');
  for (const { messages } of Object.values(doc.channels))
    for (const { $ref } of Object.values(messages))
      expect(doc.components.messages).toHaveProperty([$ref.replace('#/components/messages/', '')]);
});

test('formats written by plan bring types and the words of the partition', async () => {
  const before = await document();
  expect(before.doc.components.messages['order.created']!.description).toBeUndefined();
  expect((await desk.cli('plan', '--formats', join(desk.config, '../formats'))).code).toBe(0);
  const { doc } = await document();
  const message = doc.components.messages['order.created']!;
  expect(message.description).toBe('Order headers');
  expect(JSON.stringify(message.payload)).toContain('"title":"Order number"');
  expect(JSON.stringify(message.payload)).toContain('"title":"Where it stands"');
  expect(JSON.stringify(message.payload)).toContain('"title":"Order date"');
  const sample = await desk.json('sample', '--event', 'order.created', '--synthetic');
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(message.payload as object);
  expect({ valid: validate(sample), errors: validate.errors }).toEqual({ valid: true, errors: null });
  expect(validate({ ...sample, type: 'order.deleted' })).toBe(false);
});
