/** Generated code of timestamps and of legacy dates and times: their everyday values in place, the rest by a call. */
import { packedDigits, zonedDigits } from '../write/decimal-source';
import type { LegacyParts, StepSource } from '../write/plan-step';

/** Two digits as a number. */
const pairOf = (d: (i: number) => string, i: number): string => `${d(i)}*10+${d(i + 1)}`;

/** Four bytes in one store: constants and digits. */
function store(at: string, four: readonly (number | string)[]): string {
  const base = four.reduce<number>(
    (sum, c, i) => sum | ((typeof c === 'number' ? c : 48) << ((four.length - 1 - i) * 8)),
    0,
  );
  const parts = four.flatMap((c, i) =>
    typeof c === 'number' ? [] : [i === four.length - 1 ? c : `${c}<<${(four.length - 1 - i) * 8}`],
  );
  return `v.setInt${four.length * 8}(${at},${[base, ...parts].join('|')});`;
}

const DASH = 0x2d;
const COLON = 0x3a;

/**
 * A legacy date or time: valid digits, plus sign, a month, a day up to 28, a time before 24:00 are written here; everything
 * else, errors and sentinels included, takes the complete way.
 */
export function legacySource(s: StepSource, parts: LegacyParts): string {
  const { field, k } = s;
  const d = field.kind === 'packed' ? packedDigits(field) : zonedDigits(field);
  const lead = d.count - parts.digits;
  const digit = (i: number): string => d.digit(lead + i);
  const zeros = Array.from({ length: lead }, (_, i) => d.digit(i)).join('|');
  const plus = `(MINUS>>${d.sign}&1)===0`;
  const valid = `(${d.checks}${lead > 0 ? `|${zeros}` : ''})===0&&${plus}`;
  const slow = `q=c${k}(r,o+${field.offset},o+${field.offset + field.width},p);`;
  if (parts.is === 'time') {
    const seconds = parts.digits === 6;
    const second = (i: number): string => (seconds ? digit(i) : '0');
    const range = `${pairOf(digit, 0)}<24&&${digit(2)}<6${seconds ? `&&${digit(4)}<6` : ''}`;
    const first = store('p', [digit(0), digit(1), COLON, digit(2)]);
    const rest = store('p+4', [digit(3), COLON, second(4), second(5)]);
    return `const ${d.names};if(${valid}&&${range}){${first}${rest}q=p+8;}else ${slow}`;
  }
  const { century, year, month, day } = parts;
  const yy = [digit(year), digit(year + 1)] as const;
  let head = '';
  let first: string;
  let range = '';
  if (parts.centuryDigits === 2) {
    first = store('p', [digit(century), digit(century + 1), ...yy]);
    range = `(${digit(century)}|${digit(century + 1)}|${yy[0]}|${yy[1]})!==0&&`;
  } else {
    head = parts.centuryDigits === 1 ? `s=19+${digit(century)};` : `s=${pairOf(digit, year)}>=${parts.pivot}?19:20;`;
    first = store('p', ['(s/10|0)', '(s%10)', ...yy]);
  }
  range += `(x=${pairOf(digit, month)})>0&&x<13&&(y=${pairOf(digit, day)})>0&&y<29`;
  const rest = store('p+4', [DASH, digit(month), digit(month + 1), DASH]) + store('p+8', [digit(day), digit(day + 1)]);
  return `const ${d.names};if(${valid}&&${range}){${head}${first}${rest}q=p+10;}else ${slow}`;
}

/** TIMESTAMP: its everyday values in place, as for legacy dates. A byte is a digit when x^F0 and that plus 6 have no high bits. */
export function timestampSource(s: StepSource): string {
  const { scale } = s.field.column;
  const at = (i: number): string => `b[o+${s.field.offset + i}]`;
  const places = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, ...Array.from({ length: scale }, (_, i) => 20 + i)];
  const names = places.map((i) => `d${i}=${at(i)}^240`).join(',');
  const digits = places.map((i) => `d${i}|d${i}+6`).join('|');
  const separators: [number, number][] = [
    [4, 0x60],
    [7, 0x60],
    [10, 0x60],
    [13, 0x4b],
    [16, 0x4b],
  ];
  if (scale > 0) separators.push([19, 0x4b]);
  const shape = separators.map(([i, byte]) => `${at(i)}^${byte}`).join('|');
  const d = (i: number): string => `d${i}`;
  const range = [
    '(d0|d1|d2|d3)!==0',
    `(x=${pairOf(d, 5)})>0&&x<13`,
    `(y=${pairOf(d, 8)})>0&&y<29`,
    `${pairOf(d, 11)}<24&&d14<6&&d17<6`,
  ].join('&&');
  let code = store('p', [d(0), d(1), d(2), d(3)]);
  code += store('p+4', [DASH, d(5), d(6), DASH]) + store('p+8', [d(8), d(9), 0x54, d(11)]);
  code += store('p+12', [d(12), COLON, d(14), d(15)]) + store('p+16', [COLON, d(17), d(18), 0x2e]);
  for (let i = 0; i < scale; i++) code += `w[p+${20 + i}]=48|d${20 + i};`;
  const length = scale === 0 ? 19 : 20 + scale;
  const slow = `q=timestamp(b,o+${s.field.offset},${scale},w,p);`;
  return `const ${names};if(((${digits})&-16|${shape})===0&&${range}){${code}q=p+${length};}else ${slow}`;
}
