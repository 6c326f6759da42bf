/** `tables`: which files are captured and what events their changes become. */
import { z } from 'zod';
import { LEGACY_DATES, LEGACY_TIMESTAMPS } from '../../model/record-format';
import { capture, columns } from './capture';
import { clearedPolicy } from './partition';
import {
  ccsid,
  columnName,
  cron,
  duration,
  durationOr,
  eventName,
  expected,
  flag,
  maybe,
  oneOf,
  outputName,
  secret,
  section,
  someTimeOr,
  tableName,
  text,
  whole,
  zone,
} from './scalars';

const expression = text.describe(
  'Expression: columns, before.COL, op, numbers, text, + - * / % , comparisons, functions.',
);

const fieldPolicy = oneOf(['null', 'raw', 'zero-if-blank', 'replace', 'quarantine-row', 'stop']);
const actions = oneOf(['insert', 'update', 'delete', 'read']);

const columnOptions = z
  .strictObject({
    as: maybe(outputName).describe('Name in the event; the column name if left out.'),
    date: maybe(oneOf(LEGACY_DATES)).describe('The number or text is a date in this form.'),
    time: maybe(oneOf(['hhmmss', 'hhmm'])).describe('The number or text is a time in this form.'),
    timestamp: maybe(oneOf(LEGACY_TIMESTAMPS)).describe('The number or text is a timestamp in this form.'),
    pivot: maybe(whole(0, 99)).describe('First two-digit year taken as 19xx; 40 if left out.'),
    sentinels: maybe(
      z.array(z.union([z.number(), z.string()]), { error: expected('a list of numbers or texts') }),
    ).describe('Values that mean null, such as [0, 9999999].'),
    withTime: maybe(columnName).describe('Column with the time of day that completes this date to a timestamp.'),
    timeForm: oneOf(['hhmmss', 'hhmm']).default('hhmmss').describe('Form of the `withTime` column.'),
    zone: maybe(zone).describe('IANA zone of date and time; the timestamp is then written in UTC.'),
    number: flag.default(false).describe('Write a decimal as JSON number: readers with floats lose digits.'),
    ccsid: maybe(ccsid).describe('CCSID that replaces the one of the catalog, in this rule alone.'),
    onError: maybe(fieldPolicy).describe('What to do when the field cannot be decoded.'),
    title: maybe(text).describe('For the event catalogue.'),
    description: maybe(text).describe('For the event catalogue.'),
  })
  .refine((c) => [c.date, c.time, c.timestamp].filter((v) => v !== null).length <= 1, {
    error: expected('one of date, time, timestamp'),
  })
  .refine((c) => c.withTime === null || c.date !== null, {
    error: expected('date beside withTime'),
    path: ['withTime'],
  });

const column = z
  .union([outputName, z.literal(true), columnOptions], {
    error: expected('a new name, true to keep the name, or { as, date, time, timestamp, ... }'),
  })
  .describe('New name, true, or options.');

const mask = z
  .union(
    [
      oneOf(['drop', 'redact', 'last4']),
      z.strictObject({ last: whole(1, 64).describe('Characters kept at the end.') }),
      z.strictObject({ truncate: whole(0, 10_000).describe('Characters kept at the start.') }),
      z.strictObject({
        hash: oneOf(['sha256']).describe('HMAC of the value.'),
        key: secret.describe('Key of the HMAC: without it equal values cannot be joined or guessed.'),
        length: whole(8, 64).default(64).describe('Hex digits kept.'),
      }),
    ],
    { error: expected('drop, redact, last4, { last }, { truncate } or { hash: sha256, key }') },
  )
  .describe('Applied before anything is stored.');

const group = z
  .union(
    [
      columns,
      z.strictObject({
        array: columns.describe('Columns whose values become the items.'),
        skipEmpty: flag.default(true).describe('Leave out null and blank members.'),
      }),
      z.strictObject({
        object: z
          .record(outputName, columnName.describe('Column whose value it has.'), {
            error: expected('names with their columns'),
          })
          .describe('Members of the object by name.'),
      }),
    ],
    { error: expected('a list of columns, { array: [...] } or { object: { name: COLUMN } }') },
  )
  .describe('Flat columns as one array or object.');

const computed = z
  .union(
    [
      expression,
      z.strictObject({
        value: expression,
        scale: maybe(whole(0, 30)).describe('Round (half up) to this many digits after the point.'),
        number: flag.default(false).describe('JSON number instead of an exact decimal string.'),
      }),
    ],
    { error: expected('an expression, or { value, scale, number }') },
  )
  .describe('A member computed from columns.');

const otherwise = maybe(z.union([z.string(), z.number(), z.boolean()])).describe('Answer where there is none.');

const lookup = z
  .union(
    [
      z.strictObject({
        values: z
          .record(
            z.string(),
            z.union([z.string(), z.number(), z.boolean(), z.null()]).describe('What this code means.'),
            { error: expected('codes with their meanings') },
          )
          .describe('Codes with their meanings.'),
        otherwise,
      }),
      z.strictObject({
        table: tableName('LIB/TABLE').describe('Table with the answers.'),
        key: columnName.describe('Column of that table the looked-up value is compared with.'),
        value: columnName.describe('Column whose value is the answer.'),
        ttl: durationOr('10m').describe('How long an answer is believed.'),
        max: whole(1, 1_000_000).default(10_000).describe('Answers kept.'),
        refreshOnChange: flag
          .default(true)
          .describe('Forget an answer when that table is captured and its row changes.'),
        otherwise,
      }),
    ],
    { error: expected('{ values: {...} } or { table, key, value }') },
  )
  .describe('Reference data, used in expressions as lookup("name", COLUMN).');

const shownAs = {
  title: maybe(text).describe('For the event catalogue.'),
  description: maybe(text).describe('For the event catalogue.'),
};

const event = z
  .union(
    [
      eventName,
      z.strictObject({
        entity: eventName.describe('The noun: order gives order.created.'),
        created: maybe(eventName).describe('Type of an insert, in place of entity.created.'),
        updated: maybe(eventName).describe('Type of an update.'),
        deleted: maybe(eventName).describe('Type of a delete.'),
        read: maybe(eventName).describe('Type of a row that was read (backfill, window).'),
        ...shownAs,
        aliases: z.array(eventName).default([]).describe('Older names of the entity, for the event catalogue.'),
      }),
      z.strictObject({
        by: columnName.describe('The column whose value chooses the entity.'),
        types: z
          .record(z.string(), eventName.describe('Entity of rows with this value.'), {
            error: expected('values with their entity'),
          })
          .describe('Entity by value of that column.'),
        otherwise: maybe(eventName).describe('Entity of any other value; such rows are filtered if left out.'),
        ...shownAs,
      }),
    ],
    { error: expected('an entity such as order, { entity, created, updated, deleted, read } or { by, types }') },
  )
  .describe('order gives order.created, order.updated, order.deleted and order.read (backfill).');

const transition = z.strictObject({
  event: eventName.describe('Type of the extra event, such as order.approved.'),
  column: columnName.describe('Column whose change is looked for.'),
  from: z.array(z.string()).nullable().default(null).describe('Values before; any if left out.'),
  to: z
    .array(z.string(), { error: expected('a list of values') })
    .min(1, { error: expected('at least one value') })
    .describe('Values after.'),
  instead: flag.default(false).describe('Send it in place of the ordinary updated event.'),
});

const onDelete = z
  .union(
    [
      oneOf(['ignore', 'update', 'delete']),
      z.strictObject({
        update: z
          .strictObject({
            set: z
              .record(
                outputName,
                z.union([z.string(), z.number(), z.boolean(), z.null()]).describe('Value it is given.'),
              )
              .describe('Members that say the row is gone.'),
          })
          .describe('An updated event, with these members set.'),
      }),
    ],
    { error: expected('ignore, update, delete, or { update: { set: { status: inactive } } }') },
  )
  .describe('ignore: no event. update: an updated event made of the before image. delete: a deleted event.');

const nameList = z.array(text, { error: expected('a list of names; * stands for any characters') }).default([]);
const ignore = z
  .strictObject({
    jobs: nameList.describe('Jobs: name, or number/user/name.'),
    users: nameList.describe('Current users.'),
    programs: nameList.describe('Programs.'),
  })
  .describe('Changes made by these leave no event. `job` also as number/user/name.');

const payload = z
  .union([oneOf(['full', 'changed', 'thin']), z.strictObject({ thin: columns.describe('Columns beside the key.') })], {
    error: expected('full, changed, thin, or { thin: [COLUMN, ...] }'),
  })
  .describe(
    'thin: key and named columns. changed: key and what changed. full: every selected column, before and after.',
  );

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);

const envelope = z
  .union([oneOf(['cloudevents', 'debezium', 'plain']), z.strictObject({ template: json.describe('The body.') })], {
    error: expected('cloudevents, debezium, plain, or { template: ... }'),
  })
  .describe('Shape of the body. A template is JSON whose text may hold {{after.orderNumber}}, {{type}}, {{id}}...');

const parent = z
  .strictObject({
    event: eventName.describe('Entity of the parent: order gives order.updated.'),
    table: maybe(tableName('LIB/TABLE such as ORDLIB/ORDHDR')).describe(
      'LIB/TABLE of the parent, for source and lane; the child table if left out.',
    ),
    key: z
      .record(outputName, columnName.describe('Column of the child that holds it.'), {
        error: expected('parent key names with the child columns that hold them'),
      })
      .refine((k) => Object.keys(k).length > 0, { error: expected('at least one key column') })
      .describe('Key of the parent, by name.'),
    changed: text.default('children').describe('What `changed` says, such as lines.'),
    debounce: z
      .union([z.literal('commit'), durationOr('0s')], { error: expected('commit, or a duration such as 5s') })
      .default('commit')
      .describe(
        'commit: one event for each commit cycle. A duration: what happens within that span of the first change is one.',
      ),
    fetch: flag
      .default(false)
      .describe(
        'The row of the parent as `after`, read by its key when the event is made; its table needs a rule of its own.',
      ),
  })
  .describe('Changes of this table become an update of its parent.');

/** What a rule may say; a table with one rule says it directly. */
const ruleShape = {
  event: maybe(event).describe('What a change is called: an entity, types of its own, or by the value of a column.'),
  include: maybe(z.union([z.literal('*'), columns], { error: expected('"*" or a list of columns') })).describe(
    'Columns taken besides those under `columns`. Without include, exclude and columns every column is taken.',
  ),
  exclude: z.array(columnName).default([]).describe('Columns left out; implies include: "*".'),
  columns: z
    .record(columnName, column, { error: expected('columns with their new name or options') })
    .default({})
    .describe('Names and meanings. Listing columns takes these and no others, unless include or exclude is given.'),
  group: z
    .record(outputName, group, { error: expected('names with their columns') })
    .default({})
    .describe('Columns put together as one array or object, by name.'),
  constants: z
    .record(outputName, json.describe('Its value.'), { error: expected('names with their values') })
    .default({})
    .describe('Members with a fixed value.'),
  expressions: z
    .record(outputName, computed, { error: expected('names with their expressions') })
    .default({})
    .describe('Members computed from columns, by name.'),
  mask: z
    .record(columnName, mask, { error: expected('columns with their mask') })
    .default({})
    .describe('Columns whose values are shortened, hashed or left out.'),
  when: maybe(expression).describe('Only rows for which this is true.'),
  whenChanged: maybe(columns).describe('Updates that change none of these leave no event.'),
  transitions: z
    .array(transition, { error: expected('a list of transitions') })
    .default([])
    .describe('Changes of a column from one value to another that are events of their own.'),
  actions: z
    .array(actions, { error: expected('a list of insert, update, delete, read') })
    .min(1)
    .default(['insert', 'update', 'delete', 'read'])
    .describe('Operations this rule looks at.'),
  ignore: section(ignore),
  onDelete: onDelete.default('ignore'),
  keyChange: oneOf(['update', 'deleteAndCreate'])
    .default('update')
    .describe(
      'An update that changes the key: one updated event, or a deleted one of the old key and a created one of the new.',
    ),
  payload: payload.default('full'),
  rawImage: oneOf(['off', 'hex', 'base64']).default('off').describe('The whole record image beside the data.'),
  envelope: envelope.default('cloudevents'),
  traceKey: maybe(text).describe('Template over columns: "{{CONO}}_{{ORDNO}}". The key columns if left out.'),
  recordUrl: maybe(text).describe('Template of a link to the record: "https://erp.example.com/orders/{{ORDNO}}".'),
  version: z
    .union([z.string().min(1), z.int().transform(String)], { error: expected('an event version such as 1 or "2.1"') })
    .default('1')
    .describe('Event version, in header and body.'),
  priority: oneOf(['high', 'normal', 'low'])
    .default('normal')
    .describe('Which events leave first when many wait; order within a key is kept.'),
  parent: maybe(parent).describe('Changes of this table become an update of its parent.'),
  coalesce: maybe(z.strictObject({ window: durationOr('5s').describe('The span.') })).describe(
    'Updates of one row within this span of the first become one event: first before to last after.',
  ),
  to: z
    .array(text, { error: expected('a list of destinations') })
    .min(1, { error: expected('at least one destination') })
    .nullable()
    .default(null)
    .describe('Destinations; all of them if left out.'),
};

const namedRule = z.strictObject({
  name: z
    .string({ error: expected('a name for the rule') })
    .regex(/^[A-Za-z0-9_.-]{1,60}$/, { error: expected('1 to 60 letters, digits, "_", "." or "-"') })
    .describe('Part of every event id: never change it once events have been sent.'),
  ...ruleShape,
});

export const tableSchema = z
  .strictObject({
    capture,
    journal: maybe(tableName('LIB/JOURNAL such as ORDLIB/ORDJRN')).describe(
      'LIB/JOURNAL, when it is not the one the file is journaled to.',
    ),
    member: text.default('*FIRST').describe('Member, or *ALL.'),
    key: maybe(columns).describe('Key columns; asked from the catalog if left out.'),
    ccsid: maybe(ccsid).describe(
      "CCSID of all character columns of this table but Unicode ones, in place of the catalog's.",
    ),
    remember: flag
      .default(true)
      .describe(
        'Keep for each key what was last sent, for `reconcile` and so that a backfill finds rows deleted unseen; by record number where there is no key.',
      ),
    reconcile: maybe(
      z.strictObject({
        schedule: cron.describe('Cron expression of the comparison, such as "0 3 * * *".'),
        repair: flag.default(false).describe('Send what differs as events of mode reconcile.'),
      }),
    ).describe('Compare the rows with what was last sent, now and then; a notice reports differences.'),
    onFieldError: fieldPolicy.default('null').describe('What to do when a field cannot be decoded.'),
    images: maybe(oneOf(['both', 'after'])).describe(
      'Which images the journal holds for this file, once known: stills the findings of `validate --strict` about it.',
    ),
    uncommitted: flag.default(false).describe('true: publish before commit, with compensations.'),
    maxLag: maybe(duration).describe(
      'How late events of this table may be accepted; later raises the alert `max-lag`.',
    ),
    deleteGuard: section(
      z.strictObject({
        deletes: whole(0, 1_000_000_000)
          .default(1000)
          .describe('Deletes within the span that pause the table; 0 = no guard.'),
        within: someTimeOr('1m').describe('The span.'),
      }),
    ).describe('A burst of deletes pauses this table until an operator says go on.'),
    cleared: maybe(clearedPolicy).describe(
      'All rows were cleared at once (CLRPFM, TRUNCATE): a notice, pause this table as well, or a delete for each key that was sent; as under `policies` if left out.',
    ),
    lookups: z
      .record(outputName, lookup, { error: expected('names with their lookups') })
      .default({})
      .describe('Reference data by name, for expressions.'),
    notices: z
      .array(text, { error: expected('a list of destinations, [] for none') })
      .nullable()
      .default(null)
      .describe(
        'Destinations of notices such as table.cleared and schema.changed; all of the rules if left out, [] logs them only.',
      ),
    owner: maybe(text).describe('Who answers for this table; printed in the event catalogue.'),
    rules: z
      .array(namedRule)
      .min(1, { error: expected('at least one rule') })
      .nullable()
      .default(null)
      .describe('Several rules for one table, in place of the rule members beside it.'),
    name: maybe(text).describe('Name of the only rule; its entity if left out.'),
    ...ruleShape,
  })
  .describe('One file and its events.');
