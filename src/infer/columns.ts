/** The guesses over one column. */
import { typeText } from '../catalog/column-format';
import { writtenName } from '../model/identifiers';
import type { ColumnFormat } from '../model/record-format';
import { guessDate, guessTime, guessTimestamp, type Numbers } from './dates';
import { camel } from './hints';
import { guessCcsid } from './likeness';
import { type BlankNumericGuess, type ColumnGuess, type ColumnProposal, grouped, percent } from './model';
import { type ColumnTally, filled, fitting, total } from './tally';
import { guessCodes, guessDigits, guessPersonal } from './texts';

/** @param usual CCSIDs of the table's text columns, the most frequent first */
export function proposeColumn(tally: ColumnTally, label: string, usual: readonly number[]): ColumnProposal {
  const { format } = tally.column;
  const guesses = isNumber(format) ? numberGuesses(tally, label) : textGuesses(tally, label, usual);
  return { column: format.name, as: nameOf(tally, label), type: typeText(format), label, guesses };
}

/** Long SQL names, then labels, then the short name. */
function nameOf({ column }: ColumnTally, label: string): string {
  const { name } = column.format;
  const long = name.length > 10 || name.includes('_') ? camel(name) : null;
  return long ?? camel(label) ?? camel(name) ?? `column${name.length}`;
}

function numberGuesses(tally: ColumnTally, label: string): ColumnGuess[] {
  const { format, systemName } = tally.column;
  const named = { name: systemName, label };
  const guesses: ColumnGuess[] = [];
  const blank = blankNumeric(tally);
  if (blank) guesses.push(blank);
  if (format.scale !== 0) return guesses;
  const digits = digitsOf(format);
  const moment = momentOf(tally.counts, digits, named);
  if (moment) return [...guesses, moment];
  const codes = guessCodes(tally.counts, digits, named);
  return codes ? [...guesses, codes] : guesses;
}

function momentOf(
  counts: ReadonlyMap<string, number>,
  digits: number,
  named: { name: string; label: string },
): ColumnGuess | null {
  if (digits >= 13) {
    const timestamp = guessTimestamp(counts, digits);
    if (timestamp) return timestamp;
  }
  const numbers = asNumbers(counts);
  if (digits < 4 || numbers === null) return null;
  return guessTime(numbers, digits, named) ?? guessDate(numbers, digits, named);
}

function textGuesses(tally: ColumnTally, label: string, usual: readonly number[]): ColumnGuess[] {
  const { format, systemName } = tally.column;
  const named = { name: systemName, label };
  if (tally.bytes.length > 0) {
    const ccsid = guessCcsid(tally.bytes, usual);
    return ccsid ? [ccsid] : [];
  }
  if (!/CHAR|GRAPHIC/.test(format.type)) return [];
  const moment = digitMoment(tally, named);
  if (moment) return [moment];
  const personal = guessPersonal(tally.counts, named);
  if (personal) return [personal];
  const codes = guessCodes(tally.counts, null, named);
  if (codes) return [codes];
  const digits = guessDigits(tally.counts);
  return digits ? [digits] : [];
}

/** Digits in a text field that they fill: `20261121` of a CHAR(8). */
function digitMoment(tally: ColumnTally, named: { name: string; label: string }): ColumnGuess | null {
  const { length } = tally.column.format;
  if (length > 14 || length < 4) return null;
  const texts = filled(tally.counts);
  const full = fitting(texts, (v) => v.length === length && /^\d+$/.test(v));
  if (texts.size === 0 || full !== total(texts)) return null;
  const guess = momentOf(texts, length, named);
  const blanks = total(tally.counts) - total(texts);
  if (guess?.kind !== 'date' || blanks === 0) return guess;
  return {
    ...guess,
    sentinels: ['*BLANKS', ...guess.sentinels],
    evidence: `${guess.evidence}; ${grouped(blanks)} are blank`,
  };
}

function blankNumeric({ blanks, rows, column }: ColumnTally): BlankNumericGuess | null {
  if (blanks === 0 || !/DECIMAL|NUMERIC/.test(column.format.type)) return null;
  return {
    kind: 'blankNumeric',
    share: blanks / rows,
    evidence: `${percent(blanks, rows)} of ${grouped(rows)} rows hold blanks (X'40') instead of a number`,
  };
}

/** Null where a value is no safe integer. */
function asNumbers(counts: ReadonlyMap<string, number>): Numbers | null {
  const numbers = new Map<number, number>();
  for (const [text, n] of counts) {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) return null;
    numbers.set(value, (numbers.get(value) ?? 0) + n);
  }
  return numbers;
}

function isNumber({ type }: ColumnFormat): boolean {
  return ['DECIMAL', 'NUMERIC', 'SMALLINT', 'INTEGER', 'BIGINT'].includes(type);
}

function digitsOf({ type, length }: ColumnFormat): number {
  return type === 'SMALLINT' ? 5 : type === 'INTEGER' ? 10 : type === 'BIGINT' ? 19 : length;
}

/** As a key of a YAML mapping, or in a list of it. */
export function yamlName(column: string): string {
  const written = writtenName(column);
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(written) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(written)
    ? written
    : JSON.stringify(written);
}
