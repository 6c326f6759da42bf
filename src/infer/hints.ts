/**
 * What names and labels say. Short names of thirty years: English and German stems, as whole words of a label or as the end or
 * beginning of a column name.
 */

export interface Named {
  readonly name: string;
  /** Label, text or comment. */
  readonly label: string;
}

interface Stems {
  /** Over the column name. */
  readonly name: RegExp;
  /** Over the label. */
  readonly label: RegExp;
}

const DATE: Stems = {
  name: /(DAT|DATE|DATUM|DTE|DT|TAG)\d{0,2}$|^(DAT|DT)/,
  label: /\b(date|datum|day|since|until|seit|bis|from|born|birth|valid)\b/i,
};
const TIME: Stems = {
  name: /(TIM|TIME|TME|UHR|ZEIT|HMS|TM)\d{0,2}$|^(TIM|ZEIT)/,
  label: /\b(time|uhrzeit|zeit|clock)\b/i,
};
const STATUS: Stems = {
  name: /(STS|STAT|STATUS|STATE|STA|STAT\d|ZUST)\d{0,2}$|^(STS|STAT)/,
  label: /\b(status|state|zustand)\b/i,
};
const KIND: Stems = {
  name: /(TYP|TYPE|ART|KIND|SATZ|RCDCDE|RECCDE)\d{0,2}$/,
  label: /\b(type|kind|record code|satzart|art)\b/i,
};
const CHANGED: Stems = {
  name: /(CHG|UPD|MOD|AEND|LST|LAST|MAINT|MNT)/,
  // \b knows no umlaut
  label: /(?<!\p{L})(changed?|updated?|modified|geändert|änderung|last|maintained|maintenance)(?!\p{L})/iu,
};
const PHONE: Stems = {
  name: /(PHON|PHONE|TEL|FAX|MOBIL|MOB|HANDY)\d?/,
  label: /\b(phone|telephone|tel|fax|mobile|telefon|handy)\b/i,
};
const PERSON: Stems = {
  name: /(NAME|NAM|NAME\d|FNAM|LNAM|VORN|NACHN|SURN|CONTACT|KONTAKT)\d{0,2}$/,
  label: /\b(name|first name|last name|surname|vorname|nachname|contact|kontakt|ansprechpartner)\b/i,
};

/** Numbers that count or name something: what looks like a date among them is chance. */
const NUMBER: Stems = {
  name: /(NO|NR|NUM|NBR|ID|QTY|MENGE|AMT|BETR|CODE|CDE|SEQ|LIN|POS)\d{0,2}$/,
  label:
    /\b(number|nummer|no|nr|id|code|quantity|menge|amount|betrag|price|preis|sequence|line|position|count|anzahl)\b/i,
};

const ALL = {
  date: DATE,
  time: TIME,
  status: STATUS,
  kind: KIND,
  changed: CHANGED,
  phone: PHONE,
  person: PERSON,
  number: NUMBER,
};

export function hints(what: keyof typeof ALL, { name, label }: Named): boolean {
  const stems = ALL[what];
  return stems.name.test(name.toUpperCase()) || stems.label.test(label);
}

/** What is left of a name without the stem of a date or time: `CHG` of CHGDAT and CHGTIM. */
export function momentStem(name: string): string {
  return name
    .toUpperCase()
    .replace(/(DATUM|DATE|DAT|DTE|DT|TIME|TIM|TME|ZEIT|UHR|TM)(?=\d{0,2}$)/, '')
    .replace(/^(DAT|TIM|DT|TM)(?=.{2})/, '');
}

/** `orderNumber` of `Order number`; null where no word is left. */
export function camel(text: string): string | null {
  const words = text
    .normalize('NFKD')
    .replace(/ß/g, 'ss')
    .replace(/[\u0300-\u036f]/g, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((w) => w !== '');
  if (words.length === 0 || words.length > 6) return null;
  const name = words
    .map((w) => (w === w.toUpperCase() ? w.toLowerCase() : w))
    .map((w, i) => (i === 0 ? w[0]!.toLowerCase() : w[0]!.toUpperCase()) + w.slice(1))
    .join('');
  return /^[A-Za-z]/.test(name) && name.length <= 60 ? name : null;
}

/** Words of a table's text that say what kind of file it is, not what is in it. */
const FILE_WORDS = /^(headers?|master|masters|file|table|data|records?|stamm|stammdaten|datei|kopf|pf)$/i;

/** `order` of `Order headers`, `orderLine` of `Order lines`; the file's own name where its text has no word for an event. */
export function entityOf(text: string, file: string): string {
  const words = (text.split(/[,;:()]/)[0] ?? '').split(/\s+/).filter((w) => /^[A-Za-z]{2,}$/.test(w));
  while (words.length > 1 && FILE_WORDS.test(words.at(-1)!)) words.pop();
  const last = words.at(-1);
  const entity =
    last === undefined || words.length > 3 ? null : camel([...words.slice(0, -1), singular(last)].join(' '));
  return entity ?? file.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '-');
}

function singular(word: string): string {
  if (/ies$/i.test(word)) return `${word.slice(0, -3)}y`;
  return /[^s]s$/i.test(word) ? word.slice(0, -1) : word;
}
