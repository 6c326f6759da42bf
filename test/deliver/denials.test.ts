/** Whose fault it is that credentials were refused: the destination's, or one event's. */
import { Denials } from '../../src/deliver/denials';

const SPAN = 10_000;

test('everybody is refused: the destination', () => {
  const denials = new Denials(SPAN);
  for (let now = 0; now < 100; now++) expect(denials.denied([now % 7], now)).toBe('destination');
});

test('refused again although another was accepted since: the event, and the third time for good', () => {
  const denials = new Denials(SPAN);
  expect(denials.denied([1], 100)).toBe('destination');
  denials.accepted(101);
  expect(denials.denied([1], 200)).toBe('event');
  // nothing was accepted since this refusal
  expect(denials.denied([1], 300)).toBe('destination');
  denials.accepted(301);
  expect(denials.denied([1], 400)).toBe('event for good');
});

test('what was sent before the refusal and accepted proves nothing', () => {
  const denials = new Denials(SPAN);
  denials.denied([1], 100);
  denials.accepted(100);
  expect(denials.denied([1], 200)).toBe('destination');
  denials.accepted(150);
  expect(denials.denied([1], 300)).toBe('destination');
});

test('in a batch nobody knows which one it is: no strike', () => {
  const denials = new Denials(SPAN);
  denials.denied([1, 2], 100);
  for (let now = 200; now < 2000; now += 100) {
    denials.accepted(now - 1);
    expect(denials.denied([1, 2], now)).toBe('event');
  }
  denials.accepted(2001);
  expect(denials.denied([1], 2100)).toBe('event');
  denials.accepted(2101);
  expect(denials.denied([1], 2200)).toBe('event for good');
});

test('alone and refused as long as its retries would have taken', () => {
  const denials = new Denials(SPAN);
  denials.denied([1], 0);
  expect(denials.denied([1], SPAN - 1)).toBe('destination');
  expect(denials.denied([1, 2], SPAN)).toBe('destination');
  expect(denials.denied([1], SPAN)).toBe('too long');
});

test('an event that left the queue begins anew', () => {
  const denials = new Denials(SPAN);
  denials.denied([1], 0);
  denials.forget(1);
  denials.accepted(5);
  expect(denials.denied([1], SPAN)).toBe('destination');
});

test('ten thousand are remembered; the longest known are forgotten first', () => {
  const denials = new Denials(SPAN);
  for (let pos = 0; pos <= 10_000; pos++) denials.denied([pos], 0);
  denials.accepted(1);
  expect(denials.denied([1], 2)).toBe('event');
  expect(denials.denied([0], 3)).toBe('destination');
});

test('an answer to what was sent before the last refusal is outdated', () => {
  const denials = new Denials(SPAN);
  expect(denials.outdated(0)).toBe(false);
  denials.denied([1], 100);
  expect(denials.outdated(100)).toBe(true);
  expect(denials.outdated(101)).toBe(false);
  denials.accepted(101);
  denials.denied([1], 200);
  // that one was the event's fault
  expect(denials.outdated(150)).toBe(false);
});
