/** Local times to offsets: against zdump's own clock changes, and against the calendar of Node hour by hour. */
import fc from 'fast-check';
import { offsetText, Zone } from '../../../src/record/legacy/zone';

const number = (iso: string): [date: number, time: number] => [
  Number(iso.slice(0, 10).replaceAll('-', '')),
  Number(iso.slice(11).replaceAll(':', '')),
];
const offset = (zone: Zone, local: string): string => offsetText(zone.offsetAt(...number(local)));

test.each([
  ['UTC', 'Z'],
  ['utc', 'Z'],
  ['Z', 'Z'],
  ['GMT', 'Z'],
  ['+00:00', 'Z'],
  ['+01:00', '+01:00'],
  ['-05:30', '-05:30'],
  ['+0545', '+05:45'],
  ['-12:00', '-12:00'],
  ['+14:00', '+14:00'],
])('%s is fixed', (name, expected) => {
  const zone = new Zone(name);
  for (const local of ['0001-01-01T00:00:00', '1999-07-01T12:00:00', '9999-12-31T23:59:59'])
    expect(offset(zone, local)).toBe(expected);
});

test.each(['Mars/Olympus', '', '+1', '01:00', '+24:00', '-99:99', '+01:60', 'Europe', 'CEST!'])(
  '%j is no zone',
  (name) => {
    expect(() => new Zone(name)).toThrow(expect.objectContaining({ code: 'ZONE_UNKNOWN', family: 'config' }));
  },
);

/** Clock changes as `zdump -v` prints them, in local time. */
test.each([
  // spring 2024-03-31 01:00 UTC, autumn 2024-10-27 01:00 UTC
  ['Europe/Berlin', '2024-03-31T01:59:59', '+01:00'],
  ['Europe/Berlin', '2024-03-31T02:00:00', '+01:00'],
  ['Europe/Berlin', '2024-03-31T02:59:59', '+01:00'],
  ['Europe/Berlin', '2024-03-31T03:00:00', '+02:00'],
  ['Europe/Berlin', '2024-10-27T01:59:59', '+02:00'],
  ['Europe/Berlin', '2024-10-27T02:00:00', '+02:00'],
  ['Europe/Berlin', '2024-10-27T02:59:59', '+02:00'],
  ['Europe/Berlin', '2024-10-27T03:00:00', '+01:00'],
  ['Europe/London', '2024-03-31T00:59:59', 'Z'],
  ['Europe/London', '2024-03-31T02:00:00', '+01:00'],
  // 2024-03-10 07:00 UTC, 2024-11-03 06:00 UTC
  ['America/New_York', '2024-03-10T01:59:59', '-05:00'],
  ['America/New_York', '2024-03-10T02:30:00', '-05:00'],
  ['America/New_York', '2024-03-10T03:00:00', '-04:00'],
  ['America/New_York', '2024-11-03T01:30:00', '-04:00'],
  ['America/New_York', '2024-11-03T02:00:00', '-05:00'],
  // half an hour: 2024-04-06 15:00 UTC back, 2024-10-05 15:30 UTC forth
  ['Australia/Lord_Howe', '2024-04-07T01:29:59', '+11:00'],
  ['Australia/Lord_Howe', '2024-04-07T01:45:00', '+11:00'],
  ['Australia/Lord_Howe', '2024-04-07T02:00:00', '+10:30'],
  ['Australia/Lord_Howe', '2024-10-06T02:15:00', '+10:30'],
  ['Australia/Lord_Howe', '2024-10-06T02:30:00', '+11:00'],
  // changes at midnight: the day begins at 01:00
  ['America/Sao_Paulo', '2018-11-03T23:59:59', '-03:00'],
  ['America/Sao_Paulo', '2018-11-04T00:30:00', '-03:00'],
  ['America/Sao_Paulo', '2018-11-04T01:00:00', '-02:00'],
  // 2011-12-30 was left out
  ['Pacific/Apia', '2011-12-29T23:59:59', '-10:00'],
  ['Pacific/Apia', '2011-12-30T12:00:00', '-10:00'],
  ['Pacific/Apia', '2011-12-31T00:00:00', '+14:00'],
  ['Asia/Kathmandu', '2024-06-01T00:00:00', '+05:45'],
  ['Asia/Tokyo', '2024-06-01T00:00:00', '+09:00'],
])('%s %s is %s', (name, local, expected) => {
  expect(offset(new Zone(name), local)).toBe(expected);
});

describe.each(['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Casablanca'])(
  '%s',
  (name) => {
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' });
    const localOf = (instant: number): string => clock.format(instant).replace(' ', 'T');

    test('every instant of five years has a local time that leads back to it, or to the other reading of its hour', () => {
      const zone = new Zone(name);
      const first = Date.UTC(2021, 0, 1);
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 5 * 366 * 24 * 4 }), (quarters) => {
          const instant = first + quarters * 900_000;
          const local = localOf(instant);
          const back = Date.parse(`${local}Z`) - zone.offsetAt(...number(local)) * 60_000;
          // the repeated hour is told by its first reading
          expect(localOf(back)).toBe(local);
          expect(back).toBeLessThanOrEqual(instant);
          expect(instant - back).toBeLessThanOrEqual(3_600_000);
        }),
        { numRuns: 1500 },
      );
    });
  },
);

test('more hours than are kept give the same answers', () => {
  const zone = new Zone('Europe/Berlin');
  const ask = (): string[] =>
    ['2024-01-01T12:00:00', '2024-07-01T12:00:00', '2024-10-27T02:30:00'].map((local) => offset(zone, local));
  const before = ask();
  for (let day = 0; day < 400; day++)
    for (let hour = 0; hour < 24; hour++) zone.offsetAt(20200101 + (day % 28), hour * 10000 + (day % 60) * 100);
  expect(ask()).toEqual(before);
  expect(before).toEqual(['+01:00', '+02:00', '+02:00']);
});

test('the first century of the calendar is not the twentieth', () => {
  // local mean time, which has no clock changes: 53 minutes and 28 seconds in Berlin
  expect(offset(new Zone('Europe/Berlin'), '0040-07-01T12:00:00')).toBe('+00:53');
  expect(offset(new Zone('Europe/Berlin'), '0001-01-01T00:00:00')).toBe('+00:53');
});
