/** Guesses over columns of known truth: 40 of each kind, precision and recall by kind. */
import { proposeColumn } from '../../src/infer/columns';
import type { ColumnGuess } from '../../src/infer/model';
import { Dice } from '../support/dice';
import {
  birthColumn,
  codesColumn,
  DATE_FORMS,
  dateColumn,
  type Known,
  madeOf,
  personalColumn,
  plainColumn,
  timeColumn,
} from './truth';

const OF_EACH = 40;
const dice = new Dice(20_261_129);
const each = (make: (i: number) => Known): Known[] => Array.from({ length: OF_EACH }, (_, i) => make(i));

const KNOWN: readonly Known[] = [
  ...DATE_FORMS.flatMap((form) => each((i) => dateColumn(dice, form, i))),
  ...each((i) => birthColumn(dice, i)),
  ...each((i) => timeColumn(dice, i)),
  ...each((i) => codesColumn(dice, i)),
  ...(['mail', 'iban', 'card', 'phone', 'name'] as const).flatMap((what) => each((i) => personalColumn(dice, what, i))),
  ...each((i) => plainColumn(dice, i)),
];

function said(guess: ColumnGuess): string {
  switch (guess.kind) {
    case 'date':
      return `date ${guess.form}${guess.pivot === null ? '' : ' pivot'}`;
    case 'time':
      return `time ${guess.form}`;
    case 'personal':
      return guess.what;
    default:
      return guess.kind;
  }
}

/** Digits are no claim about a meaning. */
const claim = (guesses: readonly ColumnGuess[]): string =>
  guesses
    .filter((g) => g.kind !== 'digits')
    .map(said)
    .join(' + ') || 'nothing';

const PROPOSED = KNOWN.map((known) => ({ known, proposal: proposeColumn(known.tally, known.label, []) }));

test('precision and recall of each kind are at least 0.95', () => {
  const claims = PROPOSED.map(({ known, proposal }) => ({
    truth: known.truth,
    name: proposal.column,
    claim: claim(proposal.guesses),
  }));
  const figures = [...new Set(KNOWN.map((k) => k.truth))].map((truth) => {
    const of = claims.filter((c) => c.truth === truth);
    const right = of.filter((c) => c.claim === truth).length;
    return { truth, recall: right / of.length, precision: right / claims.filter((c) => c.claim === truth).length };
  });
  const wrong = claims.filter((c) => c.claim !== c.truth).map((c) => `${c.name}: ${c.truth} taken for ${c.claim}`);
  expect({ poor: figures.filter((f) => !(f.recall >= 0.95 && f.precision >= 0.95)), wrong }).toEqual({
    poor: [],
    wrong: expect.anything(),
  });
  expect(figures).toHaveLength(DATE_FORMS.length + 9);
});

test('nothing is claimed that fewer than 95 % of the values bear out', () => {
  for (const { proposal } of PROPOSED)
    for (const guess of proposal.guesses)
      if (guess.kind !== 'blankNumeric') expect(guess.share).toBeGreaterThanOrEqual(0.95);
});

test('the evidence has the counts, with what is no date beside them', () => {
  const values = [...Array.from({ length: 97 }, (_, i) => String(1_260_101 + (i % 28))), '0', '0', '9999999'];
  const [guess] = proposeColumn(madeOf('ORDDAT', { type: 'DECIMAL', length: 7 }, values), '', []).guesses;
  expect(guess).toMatchObject({
    kind: 'date',
    form: 'cyymmdd',
    sentinels: [0, 9_999_999],
    first: '2026-01-01',
    last: '2026-01-28',
  });
  expect(guess!.evidence).toBe('97 % of 100 rows are dates 2026-01-01 to 2026-01-28, 2 are 0, 1 are 9999999');
});

test.each([
  // "Müller", "Köln" and the like in the pages of two countries: the same letters, other bytes
  [
    273,
    [
      [0xd4, 0xd0, 0x93, 0x93, 0x85, 0x99],
      [0xd2, 0x6a, 0x93, 0x95],
      [0xc2, 0xc0, 0x83, 0x92, 0x85, 0x99],
      [0xe6, 0x85, 0x89, 0xa1],
      [0xd1, 0xd0, 0x99, 0x87],
    ],
  ],
  [
    37,
    [
      [0xd4, 0xdc, 0x93, 0x93, 0x85, 0x99],
      [0xd2, 0xcc, 0x93, 0x95],
      [0xc2, 0x43, 0x83, 0x92, 0x85, 0x99],
      [0xe6, 0x85, 0x89, 0x59],
      [0xd1, 0xdc, 0x99, 0x87],
    ],
  ],
])('bytes of CCSID 65535 in the page %i are told by their letters', (ccsid, texts) => {
  const tally = {
    ...madeOf('NAM1', { type: 'CHAR', length: 20 }, []),
    bytes: texts.map((t) => Uint8Array.from([...t, 0x40, 0x40])),
  };
  const wanted = expect.objectContaining({ kind: 'ccsid', ccsid });
  expect(proposeColumn(tally, '', []).guesses).toEqual([wanted]);
  expect(proposeColumn(tally, '', [ccsid, 424]).guesses).toEqual([wanted]);
  expect(proposeColumn(tally, '', [ccsid === 37 ? 273 : 37]).guesses).toEqual([wanted]);
});

test('bytes that are no text have no page', () => {
  const bytes = Array.from({ length: 50 }, (_, i) => Uint8Array.from([i, 255 - i, 0, 7, i * 3]));
  expect(proposeColumn({ ...madeOf('TOK', { type: 'CHAR', length: 5 }, []), bytes }, '', [37]).guesses).toEqual([]);
});
