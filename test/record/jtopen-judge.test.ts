/**
 * JTOpen's data types decode the same bytes. Where it answers a value we answer the same one; where it refuses we report an error.
 * The exceptions are those listed in docs/decoding.md, and each is asserted here.
 */
import { dateSpec, encodeDate, encodeTime, encodeTimestamp, timeSpec } from '../../src/bytes/date-time';
import { encodeDecfloat } from '../../src/bytes/decfloat';
import type { ColumnFormat, DateFormat, TimeFormat } from '../../src/model/record-format';
import { compileJsonPlan } from '../../src/record/plan/json-plan';
import { allColumns } from '../../src/record/plan/outputs';
import { JsonSink } from '../../src/record/write/json-sink';
import { Dice } from '../support/dice';
import { describeJudged, runJava } from './java/judge';

interface Vector {
  /** What the judge is asked. */
  readonly ask: string;
  readonly column: Partial<ColumnFormat> & Pick<ColumnFormat, 'type'>;
  readonly hex: string;
}

const SEED = 20241121;
function generator(): (n: number) => number {
  const dice = new Dice(SEED);
  return (n) => dice.below(n);
}

/** Our answer: the JSON value as text, or `! code`; the same alone, where the image ends with the field, and before another one. */
function ours(v: Vector): string {
  const column: ColumnFormat = { name: 'A', length: 0, scale: 0, ccsid: null, nullable: false, ...v.column };
  const filler: ColumnFormat = { ...column, name: 'B', type: 'BINARY', length: 16 };
  const answers = [[column], [column, filler]].map((columns) => {
    const plan = compileJsonPlan({ table: 'A/B', columns }, allColumns([column], { trim: false }));
    const sink = new JsonSink(64);
    plan.write(Buffer.from(v.hex + (columns.length > 1 ? 'ff'.repeat(16) : ''), 'hex'), 0, null, sink);
    if (plan.errors.count > 0) return `! ${plan.errors.code(0)}`;
    return String((JSON.parse(sink.since(0).toString()) as { A: unknown }).A);
  });
  expect(answers[1]).toBe(answers[0]);
  return answers[0]!;
}

function judged(vectors: readonly Vector[]): { vector: Vector; judge: string; own: string }[] {
  const answers = runJava('test/record/java/JtopenJudge.java', [], vectors.map((v) => `${v.ask} ${v.hex}\n`).join(''))
    .trimEnd()
    .split('\n');
  expect(answers.length).toBe(vectors.length);
  return vectors.map((vector, i) => ({ vector, judge: answers[i]!, own: ours(vector) }));
}

/** Vectors where one has a value and the other does not, or the values differ. */
function differences(vectors: readonly Vector[]): string[] {
  return judged(vectors)
    .filter(({ judge, own }) => (judge.startsWith('!') ? !own.startsWith('!') : judge.slice(2) !== own))
    .map(({ vector, judge, own }) => `${vector.ask} ${vector.hex}: judge ${judge}, ours ${own}`);
}

/** Mostly valid bytes, with any nibble replaced now and then. */
function spoiled(hex: string, random: (n: number) => number): string {
  if (random(3) > 0) return hex;
  const at = random(hex.length);
  return hex.slice(0, at) + random(16).toString(16) + hex.slice(at + 1);
}

describeJudged('JTOpen as judge', () => {
  test('packed decimals of every length and sign, valid and spoiled', () => {
    const random = generator();
    const vectors: Vector[] = [];
    for (let digits = 1; digits <= 63; digits++)
      for (let i = 0; i < 40; i++) {
        const scale = random(digits + 1);
        const nibbles = (digits >> 1) * 2 + 1;
        const zeros = random(nibbles);
        let hex = '';
        for (let n = 0; n < nibbles; n++) hex += n < zeros ? '0' : String(random(10));
        hex += 'abcdef'[random(6)]!;
        vectors.push({
          ask: `packed ${digits} ${scale}`,
          column: { type: 'DECIMAL', length: digits, scale },
          hex: spoiled(hex, random),
        });
      }
    vectors.push({ ask: 'packed 5 0', column: { type: 'DECIMAL', length: 5 }, hex: '404040' });
    expect(differences(vectors)).toEqual([]);
  });

  test('zoned decimals of every length, zone and sign', () => {
    const random = generator();
    const vectors: Vector[] = [];
    for (let digits = 1; digits <= 63; digits++)
      for (let i = 0; i < 40; i++) {
        const scale = random(digits + 1);
        let hex = '';
        for (let n = 0; n < digits; n++)
          hex += (random(5) === 0 ? random(16).toString(16) : 'f') + String(random(4) === 0 ? 0 : random(10));
        vectors.push({
          ask: `zoned ${digits} ${scale}`,
          column: { type: 'NUMERIC', length: digits, scale },
          hex: spoiled(hex, random),
        });
      }
    vectors.push({ ask: 'zoned 3 0', column: { type: 'NUMERIC', length: 3 }, hex: '404040' });
    vectors.push({ ask: 'zoned 3 0', column: { type: 'NUMERIC', length: 3 }, hex: '4040f5' });
    expect(differences(vectors)).toEqual([]);
  });

  test('integers', () => {
    const random = generator();
    const vectors: Vector[] = [];
    for (const [ask, type, width] of [
      ['bin2', 'SMALLINT', 2],
      ['bin4', 'INTEGER', 4],
      ['bin8', 'BIGINT', 8],
    ] as const)
      for (let i = 0; i < 300; i++) {
        let hex = '';
        const lead = random(3);
        for (let n = 0; n < width; n++)
          hex += (lead === 0 && n < width - 1 ? 0 : lead === 1 && n < width - 1 ? 255 : random(256))
            .toString(16)
            .padStart(2, '0');
        vectors.push({ ask, column: { type }, hex });
      }
    expect(differences(vectors)).toEqual([]);
  });

  test('floats: the same number, not the same text', () => {
    const random = generator();
    const vectors: Vector[] = [];
    for (const [ask, type, width] of [
      ['float4', 'REAL', 4],
      ['float8', 'DOUBLE', 8],
    ] as const)
      for (let i = 0; i < 500; i++) {
        let hex = '';
        for (let n = 0; n < width; n++) hex += random(256).toString(16).padStart(2, '0');
        vectors.push({ ask, column: { type }, hex });
      }
    vectors.push({ ask: 'float4', column: { type: 'REAL' }, hex: '3dcccccd' });
    vectors.push({ ask: 'float8', column: { type: 'DOUBLE' }, hex: '7ff0000000000000' });
    for (const { vector, judge, own } of judged(vectors)) {
      const round = vector.ask === 'float4' ? Math.fround : (x: number): number => x;
      expect([vector.hex, round(Number(own))]).toEqual([vector.hex, round(Number(judge.slice(2)))]);
    }
  });

  test('DECFLOAT, any bits', () => {
    const random = generator();
    const vectors: Vector[] = [];
    for (const width of [8, 16] as const) {
      for (let i = 0; i < 1500; i++) {
        let hex = '';
        for (let n = 0; n < width; n++) hex += random(256).toString(16).padStart(2, '0');
        vectors.push({ ask: `decfloat ${width}`, column: { type: 'DECFLOAT', length: width }, hex });
      }
      for (const value of [
        '0',
        '-0',
        '0E+3',
        '1.10',
        '1E+2',
        '-0.000001',
        '1E-7',
        '12345.678',
        '1E-398',
        '9E+369',
        '123E-10',
      ])
        vectors.push({
          ask: `decfloat ${width}`,
          column: { type: 'DECFLOAT', length: width },
          hex: encodeDecfloat(value, width).toString('hex'),
        });
    }
    for (const { vector, judge, own } of judged(vectors)) {
      // JTOpen throws for what BigDecimal cannot hold, naming it; we print the name.
      const special = /^! \w+ (-?(?:Infinity|S?NaN)):/.exec(judge)?.[1];
      expect(`${vector.hex} ${own}`).toBe(`${vector.hex} ${special ?? judge.slice(2)}`);
    }
  });

  const DATES: readonly DateFormat[] = ['ISO', 'USA', 'EUR', 'JIS', 'MDY', 'DMY', 'YMD', 'JUL'];
  test('dates in every format and separator', () => {
    const vectors: Vector[] = [];
    for (const format of DATES) {
      const fixed = ['ISO', 'USA', 'EUR', 'JIS'].includes(format);
      const own = { ISO: '-', JIS: '-', USA: '/', EUR: '.' }[format as 'ISO'];
      for (const separator of fixed ? [own, ''] : ['/', '-', '.', ',', '&', '']) {
        const spec = dateSpec(format, separator);
        const name = separator === '' ? 'none' : separator === '&' ? 'blank' : separator;
        for (const iso of ['1940-01-01', '1999-12-31', '2000-02-29', '2024-02-29', '2024-12-31', '2039-12-31'])
          vectors.push({
            ask: `date ${format} ${name}`,
            column: { type: 'DATE', dateFormat: format, dateSeparator: separator! },
            hex: encodeDate(iso, spec).toString('hex'),
          });
        // A wrong separator; without separators JTOpen reads a trailing blank as a shorter number, which we refuse.
        if (separator === '') continue;
        const wrong = encodeDate('2024-02-29', spec);
        wrong[spec.separators[0]!] = 0x7a;
        vectors.push({
          ask: `date ${format} ${name}`,
          column: { type: 'DATE', dateFormat: format, dateSeparator: separator! },
          hex: wrong.toString('hex'),
        });
      }
    }
    expect(differences(vectors)).toEqual([]);
  });

  test('a day that is not in the calendar: JTOpen rolls it over, we report it', () => {
    const hex = 'f2f0f2f360f0f260f2f9';
    const [only] = judged([{ ask: 'date ISO -', column: { type: 'DATE' }, hex }]);
    expect([only!.judge, only!.own]).toEqual(['= 2023-03-01', '! DATE_IMPOSSIBLE']);
  });

  test('times in every format', () => {
    const vectors: Vector[] = [];
    for (const format of ['ISO', 'USA', 'EUR', 'JIS', 'HMS'] as TimeFormat[]) {
      const own = { ISO: '.', EUR: '.', JIS: ':', HMS: ':', USA: ':' }[format];
      for (const separator of format === 'HMS' ? [':', '.', ',', '&', ''] : format === 'USA' ? [own] : [own, '']) {
        const spec = timeSpec(format, separator);
        const name = separator === '' ? 'none' : separator === '&' ? 'blank' : separator;
        for (const iso of format === 'USA'
          ? ['00:00:00', '00:30:00', '11:59:00', '12:00:00', '12:30:00', '23:59:00']
          : ['00:00:00', '09:05:07', '23:59:59'])
          vectors.push({
            ask: `time ${format} ${name}`,
            column: { type: 'TIME', timeFormat: format, timeSeparator: separator },
            hex: encodeTime(iso, spec).toString('hex'),
          });
      }
    }
    expect(differences(vectors)).toEqual([]);
  });

  test('24:00 is kept, where JTOpen makes it midnight; minute 60 is reported, where it rolls over', () => {
    const results = judged([
      { ask: 'time ISO .', column: { type: 'TIME' }, hex: 'f2f44bf0f04bf0f0' },
      { ask: 'time ISO .', column: { type: 'TIME' }, hex: 'f1f24bf6f04bf0f0' },
    ]);
    expect(results.map((r) => [r.judge, r.own])).toEqual([
      ['= 00:00:00', '24:00:00'],
      ['= 13:00:00', '! TIME_IMPOSSIBLE'],
    ]);
  });

  test('timestamps', () => {
    const vectors: Vector[] = [
      '0001-01-01T00:00:00',
      '1999-12-31T23:59:59.999999',
      '2024-02-29T12:34:56.000001',
      '9999-12-31T23:59:59.999999',
    ].map((iso) => ({
      ask: 'timestamp',
      column: { type: 'TIMESTAMP', scale: 6 },
      hex: encodeTimestamp(iso, 6).toString('hex'),
    }));
    for (const { judge, own } of judged(vectors)) {
      const [date, time] = judge.slice(2).split(' ');
      expect(own).toBe(`${date}T${time!.split('.')[0]}.${time!.split('.')[1]!.padEnd(6, '0')}`);
    }
    expect(differences([{ ask: 'timestamp', column: { type: 'TIMESTAMP', scale: 6 }, hex: '40'.repeat(26) }])).toEqual(
      [],
    );
  });

  test('text in fields of every CCSID family', () => {
    const random = generator();
    const vectors: Vector[] = [];
    for (const ccsid of [37, 273, 297, 500, 871, 1047, 1140, 1148]) {
      for (let i = 0; i < 20; i++) {
        let hex = '';
        for (let n = 0; n < 30; n++) hex += (64 + random(191)).toString(16).padStart(2, '0');
        vectors.push({ ask: `text ${ccsid}`, column: { type: 'CHAR', length: 30, ccsid }, hex });
      }
    }
    vectors.push({ ask: 'text 939', column: { type: 'CHAR', length: 10, ccsid: 939 }, hex: 'c10e438143820f404040' });
    vectors.push({ ask: 'text 1388', column: { type: 'CHAR', length: 8, ccsid: 1388 }, hex: 'c10e58d95a570fc2' });
    vectors.push({ ask: 'text 300', column: { type: 'GRAPHIC', length: 2, ccsid: 300 }, hex: '43814040' });
    for (const { vector, judge, own } of judged(vectors)) {
      const units = Array.from({ length: own.length }, (_, i) => own.charCodeAt(i).toString(16).padStart(4, '0')).join(
        '',
      );
      expect(`${vector.hex} ${units}`).toBe(`${vector.hex} ${judge.slice(2)}`);
    }
  });
});
