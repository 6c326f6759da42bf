/** The mapping playground: a mapping as it is, and what an edited one makes of an entry. Nothing is stored or sent. */
import { z } from 'zod';
import { CodedError } from '../../errors/coded-error';
import { ordinaryTable, parseName } from '../../model/position';
import { viewed } from '../../operate/acting/acting';
import { eventTable } from '../../operate/event-table';
import { mappingText } from '../../operate/playground/mapping-text';
import { tryOnEntry, tryOnImages } from '../../operate/playground/try-mapping';
import type { Desk } from '../desk';
import { type ApiCall, route } from '../route';
import * as shapes from '../schemas/events';
import { text } from '../schemas/input';

const hex = z
  .string()
  .max(131_072)
  .regex(/^(?:[0-9A-Fa-f]{2})+$/, { error: 'expected pairs of hex digits' });
const nullMap = z.string().regex(/^[019]{1,8000}$/, { error: 'expected a string of 0, 1 and 9' });

export const mapping = route({
  method: 'GET',
  path: '/v1/tables/{library}/{file}/mapping',
  id: 'getMapping',
  tag: 'Playground',
  summary: 'The mapping of a table as its configuration file has it, secrets left out',
  role: 'operator',
  answer: z.object({ table: z.string(), mapping: z.string().nullable() }),
  errors: ['TABLE_UNKNOWN'],
  handle: ({ desk, params }) => {
    const { table, file } = configured(desk, `${params['library']}/${params['file']}`);
    return { table: file, mapping: mappingText(desk.config, table) };
  },
});

const trial = z.strictObject({
  table: text('A table of the configuration.'),
  mapping: z
    .string()
    .max(65_536)
    .describe('What stands under its name in `tables:`, as YAML. References are not followed.'),
  receiver: text('With `sequence`: the entry it is tried on.').optional(),
  sequence: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  image: hex.optional().describe('In place of an entry: a record image.'),
  nullMap: nullMap.optional(),
  beforeImage: hex.optional(),
  beforeNullMap: nullMap.optional(),
  op: z.enum(['insert', 'update', 'delete']).default('insert').describe('Of a pasted image.'),
});

export const tryMapping = route({
  method: 'POST',
  path: '/v1/mappings/try',
  id: 'tryMapping',
  tag: 'Playground',
  summary:
    'What a mapping makes of an entry of the journal, or of a record image. Nothing is stored or sent; looks at entries are logged',
  role: 'operator',
  body: trial,
  answer: shapes.triedMapping,
  errors: ['TABLE_UNKNOWN', 'API_MAPPING', 'API_IMAGE', 'API_BUSY'],
  handle: (call) => (call.body.image === undefined ? onEntry(call) : onImages(call)),
});

type TrialCall = ApiCall<unknown, z.output<typeof trial>>;

function onEntry({ desk, caller, body, signal }: TrialCall) {
  const { table, mapping: edited, sequence } = body;
  const receiver = body.receiver === undefined ? null : parseName(body.receiver);
  if (receiver === null || sequence === undefined)
    throw new CodedError({
      code: 'API_REQUEST',
      message: 'neither an image nor receiver and sequence of an entry were given',
      next: 'give `image`, or `receiver` (LIB/NAME) and `sequence`',
    });
  const { file } = configured(desk, table);
  const wish = { table: file, mapping: edited, position: { receiver, sequence: BigInt(sequence) } };
  const parts = { config: desk.config, state: desk.state, signal };
  const look = () => desk.partition((connection) => tryOnEntry(parts, connection, wish));
  return viewed(desk.state, caller, { table: file, receiver: body.receiver, sequence, playground: true }, look);
}

function onImages({ desk, body, signal }: TrialCall) {
  const { table } = configured(desk, body.table);
  const file = parseName(configured(desk, body.table).file) ?? ordinaryTable(table.table);
  const { image, ...rest } = body;
  return tryOnImages({ config: desk.config, state: desk.state, signal }, { table, file }, { ...rest, image: image! });
}

/** @throws CodedError `TABLE_UNKNOWN` */
function configured({ config, state }: Desk, name: string) {
  const { table, file } = eventTable(config, state, name);
  if (table) return { table, file };
  throw new CodedError({
    code: 'TABLE_UNKNOWN',
    message: `${name} is not under tables: in ${config.file}`,
    next: '/v1/tables lists those that are',
  });
}
