/** Events as they came beside those expected. */

import type { EventDraft } from '../model/event';
import { ExactNumber, exactText, parseExact } from '../model/exact-json';
import { type CaseDifference, type ExpectedEvent, ExpectedNumber, type ExpectedValue } from './model';

type Json = null | boolean | number | string | ExactNumber | readonly Json[] | { readonly [member: string]: Json };

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
  const body = parseExact(saw.body.toString('utf8')) as Readonly<Record<string, Json>>;
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
  if (want instanceof ExpectedNumber) return isNumber(want, saw) ? [] : differs();
  if (want === null || typeof want !== 'object') return saw === want ? [] : differs();
  if (Array.isArray(want)) {
    if (!Array.isArray(saw) || saw.length !== want.length) return differs();
    return want.flatMap((value, i) => compareValue(`${at}[${i}]`, value, saw[i] as Json, exactly));
  }
  if (typeof saw !== 'object' || saw === null || Array.isArray(saw) || saw instanceof ExactNumber) return differs();
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
  return value instanceof ExpectedNumber ? value.written : exactText(value, undefined);
}

/** Digits, not floats: twenty of them may differ in the last one. */
function isNumber({ value, written }: ExpectedNumber, saw: Json | undefined): boolean {
  if (!(saw instanceof ExactNumber) && typeof saw !== 'number') return saw === written;
  const [ours, theirs] = [plainDigits(String(saw)), plainDigits(written)];
  return ours === null || theirs === null ? Number(String(saw)) === value : ours === theirs;
}

/** Without zeros that say nothing; null for what is no plain decimal. */
function plainDigits(text: string): string | null {
  const found = /^([+-]?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text);
  if (!found) return null;
  const [, sign, whole, fraction] = found;
  return `${sign === '-' && /[1-9]/.test(text) ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

function afterText(event: EventDraft): string {
  const inside = innerOf(parseExact(event.body.toString('utf8')) as Readonly<Record<string, Json>>);
  return text(inside['after'] ?? inside['key'] ?? null);
}
