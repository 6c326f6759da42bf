/** The small value types of the YAML: what each takes, what it becomes, and what it says of anything else. */
import fc from 'fast-check';
import type { z } from 'zod';
import * as scalars from '../../src/config/schema/scalars';

type Case = readonly [text: unknown, becomes: unknown];

/** Reads as it should, and refuses the rest with one text. */
function check(schema: z.ZodType, good: readonly Case[], bad: readonly unknown[], says: RegExp): void {
  for (const [text, becomes] of good) {
    const found = schema.safeParse(text);
    expect({ text, ...found }).toMatchObject({ text, success: true, data: becomes });
  }
  for (const text of bad) {
    const found = schema.safeParse(text);
    expect({ text, success: found.success }).toEqual({ text, success: false });
    for (const issue of found.error!.issues) expect(issue.message).toMatch(says);
  }
}

const same = (...values: readonly unknown[]): Case[] => values.map((value) => [value, value]);

test('duration', () => {
  check(
    scalars.duration,
    [
      ['250ms', 250],
      ['30s', 30_000],
      ['5 m', 300_000],
      ['2h', 7_200_000],
      ['1d', 86_400_000],
      ['1.5s', 1500],
      ['0s', 0],
      ['0.0004s', 0],
      ['0.0006s', 1],
    ],
    ['30', 30, '', 's', '-1s', '1w', '1S', '1s ', ' 1s', '1e3s', '1,5s', '.5s', '5.s', '1s2m', null, true],
    /^expected a duration such as 250ms/,
  );
});

test('size', () => {
  check(
    scalars.size,
    [
      ['20KB', 20_000],
      ['5MB', 5_000_000],
      ['1 GiB', 1_073_741_824],
      ['1MiB', 1_048_576],
      ['1KiB', 1024],
      ['2GB', 2_000_000_000],
      ['7B', 7],
      ['0.5KB', 500],
    ],
    ['20', '20kb', '20Kb', '-1B', 'KB', '1TB', '1 K B', 5, null],
    /^expected a size such as 20KB/,
  );
});

test('whole numbers of any unit mean exactly that many milliseconds or bytes', () => {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  fc.assert(
    fc.property(fc.nat(100_000), fc.constantFrom(...Object.entries(units)), (n, [unit, ms]) => {
      expect(scalars.duration.parse(`${n}${unit}`)).toBe(n * ms);
    }),
  );
  const bytes = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
  fc.assert(
    fc.property(fc.nat(4000), fc.constantFrom(...Object.entries(bytes)), (n, [unit, of]) => {
      expect(scalars.size.parse(`${n}${unit}`)).toBe(n * of);
    }),
  );
});

describe('defaults and bounds', () => {
  test('what is left out is its default; zero is refused where it would be no time', () => {
    expect(scalars.durationOr('5s').parse(undefined)).toBe(5000);
    expect(scalars.durationOr('5s').parse('0s')).toBe(0);
    for (const schema of [scalars.pauseOr('5s'), scalars.someTimeOr('5s')]) {
      expect(schema.parse(undefined)).toBe(5000);
      check(schema, [['1ms', 1]], ['0s', '0.0001ms'], /^expected a duration above 0/);
    }
    check(
      scalars.someOr('5MB'),
      [
        [undefined, 5e6],
        ['1B', 1],
      ],
      ['0B'],
      /^expected a size above 0/,
    );
  });

  test('a pause no timer can wait is refused, a mere time is not', () => {
    check(scalars.pauseOr('5s'), [['24d', 24 * 86_400_000]], ['24.1d', '25d', '577h'], /up to 24d/);
    expect(scalars.someTimeOr('5s').parse('400d')).toBe(400 * 86_400_000);
  });
});

test('names and texts', () => {
  check(scalars.dottedPath, same('a', 'data.token', 'a.0.b'), ['', '.', 'a.', '.a', 'a..b', 'a b', 7], /a dotted path/);
  check(scalars.text, same('x', ' '), ['', 7, null], /^expected text/);
  check(scalars.flag, same(true, false), ['true', 'yes', 1, null], /^expected true or false/);
  check(
    scalars.outputName,
    same('orderNumber', 'Größe', 'a-b', 'x'.repeat(128)),
    ['', 'a b', 'a.b', 'a"b', 'a{b', 'x'.repeat(129), 5],
    /^expected a name/,
  );
  check(
    scalars.eventName,
    same('order', 'order.approved', 'a_b-1.c'),
    ['', '.a', 'a.', 'a..b', 'a b', 'bestellung.ä', 1],
    /^expected an event name/,
  );
  check(
    scalars.tableName('a table such as LIB/FILE'),
    same('ORDLIB/ORDHDR', 'L/"my table"', '"l""x"/F', 'ORDLIB/A long name', `L/${'x'.repeat(128)}`),
    ['ORDHDR', 'ORDLIB/', '/X', 'LIBRARYTOOLONG/F', 'A B/F', 'L/ F', 'L/F ', 'L/F/M', `L/${'x'.repeat(129)}`, 'L/"', 7],
    /^expected a table such as LIB\/FILE/,
  );
});

test('numbers', () => {
  check(
    scalars.whole(1, 10),
    same(1, 10),
    [0, 11, 1.5, '5', null, Number.NaN],
    /^expected a whole number from 1 to 10/,
  );
  check(
    scalars.decimalBetween(0, 1),
    same(0, 0.25, 1),
    [-0.1, 1.1, '0.5', Number.NaN],
    /^expected a number from 0 to 1/,
  );
  check(scalars.ccsid, same(1, 37, 65535), [0, 65536, '37'], /^expected a whole number from 1 to 65535/);
});

test('one of a few words', () => {
  check(scalars.oneOf(['stop', 'go']), same('stop', 'go'), ['', 'STOP', 1], /^expected one of stop, go/);
  check(scalars.oneOf(['only']), same('only'), ['other'], /^expected "only"/);
});

test('absent and empty are null', () => {
  const schema = scalars.maybe(scalars.text);
  expect([schema.parse(undefined), schema.parse(null), schema.parse('x')]).toEqual([null, null, 'x']);
});

test('a fingerprint keeps its digits only', () => {
  const hex = 'ab'.repeat(32);
  const colons = hex.match(/../g)!.join(':');
  check(
    scalars.fingerprint,
    [
      [hex, hex],
      [colons, colons],
      [`sha256:${hex}`, hex],
      [`SHA256:${colons}`, colons],
    ],
    [hex.slice(1), `${hex}a`, `md5:${hex}`, 'zz'.repeat(32), '', 7],
    /^expected a SHA-256 fingerprint/,
  );
});

test('zones and schedules are those that can be kept', () => {
  check(scalars.zone, same('Europe/Berlin', '+01:00', 'UTC'), ['Mars/Olympus', '', 5, '+1'], /^expected a time zone/);
  check(
    scalars.cron,
    same('0 * * * *', '*/10 * * * * *', '0 22 * * 1-5'),
    ['', 'every hour', '61 * * * *', '* * *', 5],
    /^expected a cron expression/,
  );
});

test('only the placeholders that are known', () => {
  check(
    scalars.templateOf('{{', ['type', 'key']),
    same('plain', '/in/{{type}}/{{ key }}', '{x}'),
    ['/{{table}}', '{{}}', ''],
    /^expected (no other placeholders than \{\{type\}\}, \{\{key\}\}|text)/,
  );
  check(
    scalars.templateOf('${', ['table']),
    same('t.${table}', 'plain', '{{type}}'),
    ['${type}', '${}', '${ table }'],
    /^expected no other placeholders than \$\{table\}/,
  );
});

test('a secret is hidden as soon as it is read', () => {
  const found = scalars.secret.parse('hunter2');
  expect(JSON.stringify(found)).not.toContain('hunter2');
  expect(found.reveal()).toBe('hunter2');
  check(scalars.secret, [], ['', 7, null], /^expected a secret/);
});
