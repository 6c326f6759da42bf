/** Events as they came beside those expected. */
import type { EventDraft } from '../model/event';
import { type CaseDifference, type ExpectedEvent, ExpectedNumber, type ExpectedValue } from './model';

type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** @returns nothing where all are as expected, in the order expected */
export function compareEvents(expected: readonly ExpectedEvent[], events: readonly EventDraft[]): CaseDifference[] {
  const found: CaseDifference[] = [];
  for (let i = 0; i < Math.max(expected.length, events.length); i++) {
    const at = `event ${i + 1}`;
    const [want, saw] = [expected[i], events[i]];
    if (!saw) found.push({ at, expected: want!.type, saw: 'no such event' });
    else if (!want) found.push({ at, expected: 'no more events', saw: `${saw.type} ${afterText(saw)}` });
    else found.push(...compareEvent(at, want, saw));
  }
  return found;
}

function compareEvent(at: string, want: ExpectedEvent, saw: EventDraft): CaseDifference[] {
  if (want.type !== saw.type) return [{ at: `${at}: type`, expected: want.type, saw: saw.type }];
  const body = JSON.parse(saw.body.toString('utf8')) as Readonly<Record<string, Json>>;
  const inside = innerOf(body);
  const found: CaseDifference[] = [];
  for (const [name, value] of Object.entries(want.members)) {
    const actual = name in inside ? inside[name] : body[name];
    found.push(...compareValue(`${at}: ${name}`, value, actual, want.exactly && name === 'after'));
  }
  if (want.to !== null && [...want.to].sort().join() !== [...saw.destinations].sort().join())
    found.push({ at: `${at}: to`, expected: want.to.join(', '), saw: saw.destinations.join(', ') });
  return found;
}

/** Members stand in `data` of CloudEvents, in `payload` of Debezium, at the top of a plain body. */
function innerOf(body: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const inside = body['data'] ?? body['payload'];
  return typeof inside === 'object' && inside !== null && !Array.isArray(inside)
    ? (inside as Readonly<Record<string, Json>>)
    : body;
}

function compareValue(at: string, want: ExpectedValue, saw: Json | undefined, exactly: boolean): CaseDifference[] {
  const differs = (): CaseDifference[] => [
    { at, expected: text(want), saw: saw === undefined ? 'nothing' : text(saw) },
  ];
  if (want instanceof ExpectedNumber) return saw === want.value || saw === want.written ? [] : differs();
  if (want === null || typeof want !== 'object') return saw === want ? [] : differs();
  if (Array.isArray(want)) {
    if (!Array.isArray(saw) || saw.length !== want.length) return differs();
    return want.flatMap((value, i) => compareValue(`${at}[${i}]`, value, saw[i] as Json, exactly));
  }
  if (typeof saw !== 'object' || saw === null || Array.isArray(saw)) return differs();
  const members = saw as Readonly<Record<string, Json>>;
  const found = Object.entries(want).flatMap(([name, value]) =>
    compareValue(`${at}.${name}`, value as ExpectedValue, members[name], exactly),
  );
  if (!exactly) return found;
  const more = Object.keys(members).filter((name) => !(name in want));
  return [
    ...found,
    ...more.map((name) => ({ at: `${at}.${name}`, expected: 'no such member', saw: text(members[name]!) })),
  ];
}

function text(value: ExpectedValue | Json): string {
  return value instanceof ExpectedNumber
    ? value.written
    : JSON.stringify(value, (_, v) => (v instanceof ExpectedNumber ? v.value : v));
}

function afterText(event: EventDraft): string {
  const inside = innerOf(JSON.parse(event.body.toString('utf8')) as Readonly<Record<string, Json>>);
  return text(inside['after'] ?? inside['key'] ?? null);
}
