/** Minutes left of the quiet hours, by the clock of a zone. */
import { QuietHours } from '../../../src/capture/rows/quiet-hours';

const at = (time: string): number => Date.parse(`2026-11-21T${time}:30Z`);

test.each<[readonly string[], string, number]>([
  [[], '12:00', 0],
  [['06:00-18:00'], '05:59', 0],
  [['06:00-18:00'], '06:00', 720],
  [['06:00-18:00'], '17:59', 1],
  [['06:00-18:00'], '18:00', 0],
  [['22:00-04:00'], '23:00', 300],
  [['22:00-04:00'], '03:59', 1],
  [['22:00-04:00'], '21:59', 0],
  [['06:00-12:00', '11:00-14:00'], '10:00', 240],
  [['22:00-24:00', '00:00-02:00'], '23:00', 180],
  [['00:00-24:00'], '12:00', 1440],
])('%j at %s UTC: %i minutes', (spans, time, minutes) => {
  expect(new QuietHours(spans, 'UTC').minutesLeft(at(time))).toBe(minutes);
});

test('the zone decides', () => {
  expect(new QuietHours(['06:00-18:00'], 'Asia/Tokyo').minutesLeft(at('22:00'))).toBe(660);
});
