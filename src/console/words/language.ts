/** The language of the page, and texts of the table in it. */
import { WORDS, type Word } from './words';

const LANGUAGES = ['en', 'de'] as const;
type Language = (typeof LANGUAGES)[number];
const KEPT = 'ibmi-cdc.language';

let language: Language = chosen();

function chosen(): Language {
  const kept = stored();
  if (kept === 'en' || kept === 'de') return kept;
  return typeof navigator !== 'undefined' && /^de\b/i.test(navigator.language) ? 'de' : 'en';
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    // a browser that keeps nothing
    return null;
  }
}

export function languageNow(): Language {
  return language;
}

export function speak(next: Language): void {
  language = next;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // not kept, then
  }
}

/** @param values of `{name}` in the text */
export function t(word: Word, values: Readonly<Record<string, string | number>> = {}): string {
  const text = WORDS[word][LANGUAGES.indexOf(language)]!;
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function number(value: number, digits = 1): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** Decimal digits of any length, grouped. */
export function bigNumber(digits: string): string {
  return /^\d+$/.test(digits) ? new Intl.NumberFormat(language).format(BigInt(digits)) : digits;
}

export function moment(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const sameDay = at.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, {
    ...(sameDay ? {} : { year: 'numeric', month: '2-digit', day: '2-digit' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(at);
}

/** `5 min`: how long ago, or how long. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3_600)} h`;
  return t('days', { n: Math.round(s / 86_400) });
}
