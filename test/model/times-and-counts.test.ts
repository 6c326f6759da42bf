/** Times of events as numbers, counts for people, names of occasions. */
import fc from 'fast-check';
import { counted } from '../../src/model/counted';
import { EventClock } from '../../src/model/event-time';
import { newOccasion } from '../../src/model/occasion';

test('times in any order are what Date makes of them', () => {
  const ms = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2199, 11, 31) });
  const micros = fc.integer({ min: 0, max: 999 });
  fc.assert(
    fc.property(fc.array(fc.tuple(ms, micros), { maxLength: 20 }), (times) => {
      const clock = new EventClock();
      for (const [at, rest] of times) {
        const text = new Date(at).toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`);
        expect(clock.ms(text)).toBe(at);
        // the second of the same second goes the short way
        expect(clock.ms(text)).toBe(at);
      }
    }),
  );
});

test.each([
  ['2026-11-21T20:44:00Z', Date.UTC(2026, 10, 21, 20, 44)],
  ['2026-11-21T20:44:00.5Z', Date.UTC(2026, 10, 21, 20, 44, 0, 500)],
  ['no time', Number.NaN],
  ['', Number.NaN],
])('%s', (text, ms) => {
  const clock = new EventClock();
  expect(clock.ms(text)).toBe(ms);
  expect(clock.ms('2026-11-21T20:44:01.250000Z')).toBe(Date.UTC(2026, 10, 21, 20, 44, 1, 250));
  expect(clock.ms(text)).toBe(ms);
});

test.each([
  [0, 'finding', undefined, '0 findings'],
  [1, 'finding', undefined, '1 finding'],
  [1n, 'entry', 'entries', '1 entry'],
  [2n, 'entry', 'entries', '2 entries'],
  [18446744073709551600n, 'entry', 'entries', '18446744073709551600 entries'],
])('%s %s', (n, word, plural, text) => {
  expect(counted(n, word, plural)).toBe(text);
});

test('occasions are 24 hex digits, never the same twice', () => {
  const names = Array.from({ length: 1000 }, newOccasion);
  expect(names.every((name) => /^[0-9a-f]{24}$/.test(name))).toBe(true);
  expect(new Set(names).size).toBe(1000);
});
