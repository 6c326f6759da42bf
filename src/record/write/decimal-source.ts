/** Generated code of packed and zoned fields; `x`, `y`, `s`, `q` are variables of the plan's functions. */
import type { Field } from '../layout/layout';
import type { StepSource } from './plan-step';

/** Longest packed field that is unrolled, in bytes, and longest zoned one. */
export const UNROLLED_PACKED = 8;
export const UNROLLED_ZONED = 16;

/** The bytes of a field as constants b0, b1..., how to take their digits, and what says that all of them are valid. */
interface Digits {
  readonly names: string;
  readonly checks: string;
  readonly count: number;
  /** Value 0-9 of the i-th digit. */
  digit(i: number): string;
  /** The sign nibble. */
  readonly sign: string;
  /** Eight digits from the i-th on, the first in the highest nibble. */
  word(i: number): string;
}

export function packedDigits(field: Field): Digits {
  const length = field.width;
  const last = length - 1;
  const digit = (i: number): string => (i & 1 ? `(b${i >> 1}&15)` : `(b${i >> 1}>>4)`);
  const word = (from: number): string =>
    [0, 1, 2, 3]
      .filter((i) => from / 2 + i < length)
      .map((i) => {
        const at = from / 2 + i;
        const byte = at === last ? `(b${at}&240)` : `b${at}`;
        return i === 3 ? byte : `${byte}<<${24 - i * 8}`;
      })
      .join('|');
  return {
    names: bytesSource(field),
    checks: Array.from({ length }, (_, i) => `${i === last ? 'PL' : 'PD'}[b${i}]`).join('|'),
    count: length * 2 - 1,
    digit,
    sign: `(b${last}&15)`,
    word,
  };
}

export function zonedDigits(field: Field): Digits {
  const length = field.width;
  const last = length - 1;
  const word = (from: number): string =>
    Array.from({ length: Math.min(8, length - from) }, (_, i) => `(b${from + i}&15)<<${28 - i * 4}`).join('|');
  return {
    names: bytesSource(field),
    checks: Array.from({ length }, (_, i) => `${i === last ? 'ZL' : 'ZD'}[b${i}]`).join('|'),
    count: length,
    digit: (i) => `(b${i}&15)`,
    sign: `(b${last}>>4)`,
    word,
  };
}

function bytesSource(field: Field): string {
  return Array.from({ length: field.width }, (_, i) => `b${i}=b[o+${field.offset + i}]`).join(',');
}

/**
 * Reads the bytes once, checks all with one table each, finds the first digit by counting leading zero bits, then jumps into a
 * run of stores: no loop, no division.
 */
export function decimalSource(s: StepSource, d: Digits, problem: string, scale: number): string {
  const point = d.count - scale;
  const digit = (i: number): string => `48|${d.digit(i)}`;
  const long = d.count > 8;
  let code = `const ${d.names};if((${d.checks})!==0)q=${problem}(b,o+${s.field.offset},${s.field.width});else{q=p;`;
  code += `x=${d.word(0)};${long ? `y=${d.word(8)};` : ''}`;
  code += `if((MINUS>>${d.sign}&1)!==0&&${long ? '(x|y)' : 'x'}!==0)w[q++]=45;`;
  if (point <= 0) code += 'w[q++]=48;';
  else {
    code += long ? 'x=x!==0?Math.clz32(x)>>2:8+(Math.clz32(y)>>2);' : 'x=Math.clz32(x)>>2;';
    code += jump(point, digit);
  }
  return `${code}${tail(Math.max(point, 0), d.count, scale, digit)}}`;
}

/** Four nibbles (the low half of `half`) as four ASCII digits in one word. */
function spread(half: string): string {
  return `t=${half};t=(t|t<<8)&0x00ff00ff;t=(t|t<<4)&0x0f0f0f0f|0x30303030;`;
}

/**
 * Packed digits as two words of nibbles: all checked at once, leading zeros counted and shifted out, four digits a store. No
 * branch depends on how many digits a number has.
 */
export function packedWords(s: StepSource, scale: number): string {
  const length = s.field.width;
  const count = length * 2 - 1;
  const point = count - scale;
  const from = `o+${s.field.offset}`;
  const long = length > 4;
  const mask = (nibbles: number): number => (nibbles >= 8 ? -1 : -1 << (32 - 4 * nibbles));
  const nibble = (i: number): string => (i < 8 ? `(x>>>${28 - 4 * i}&15)` : `(y>>>${60 - 4 * i}&15)`);
  const bad = (word: string): string => `(${word}&0x0f0f0f0f)+0x06060606|(${word}>>>4&0x0f0f0f0f)+0x06060606`;
  let code = `x=z.getInt32(${from})&${mask(count)};${long ? `y=z.getInt32(${from}+4)&${mask(count - 8)};` : ''}`;
  code += `const g=b[${from}+${length - 1}]&15;`;
  code += `if((((${bad('x')}${long ? `|${bad('y')}` : ''})&0xf0f0f0f0)|(g<10))!==0)q=packedProblem(b,${from},${length});else{q=p;`;
  code += `if((MINUS>>g&1)!==0&&${long ? '(x|y)' : 'x'}!==0)w[q++]=45;`;
  if (point <= 0) code += 'w[q++]=48;';
  else {
    code += `let c=${long ? 'x!==0?Math.clz32(x)>>2:8+(Math.clz32(y)>>2)' : 'Math.clz32(x)>>2'},t=0;`;
    code += point === 1 ? 'c=0;' : `if(c>${point - 1})c=${point - 1};`;
    if (!long) code += 'const h=x<<c*4;';
    else code += 'let h=0,l=0;if(c<8){const k=c*4;h=x<<k|(y>>>1)>>>(31-k);l=y<<k;}else h=y<<(c*4-32);';
    const halves = ['h>>>16', 'h&0xffff', 'l>>>16', 'l&0xffff'];
    for (let i = 0; i * 4 < point; i++) code += `${spread(halves[i]!)}v.setInt32(q+${i * 4},t);`;
    code += `q+=${point}-c;`;
  }
  return `${code}${tail(Math.max(point, 0), count, scale, (i) => `48|${nibble(i)}`)}}`;
}

/**
 * Zoned digits four at a time: the low nibbles of a word are the ASCII digits but for a constant. Leading zeros are skipped by
 * reading from the first digit on; what is read and written beyond the field is overwritten by what follows.
 */
export function zonedWords(s: StepSource, scale: number): string {
  const length = s.field.width;
  const point = length - scale;
  const from = `o+${s.field.offset}`;
  const last = `b[${from}+${length - 1}]`;
  const names: string[] = [];
  const bad: string[] = [];
  for (let i = 0; i < length; i += 4) {
    const keep = length - i >= 4 ? 0x0f0f0f0f : 0x0f0f0f0f & (-1 << (8 * (4 - (length - i))));
    names.push(`d${i}=z.getInt32(${from}+${i})&${keep}`);
    bad.push(`(d${i}+0x06060606)`);
  }
  const any = names.map((_, i) => `d${i * 4}`).join('|');
  let code = `const ${names.join(',')};x=${last};`;
  code += `if((((${bad.join('|')})&0xf0f0f0f0)|(x<160))!==0)q=zonedProblem(b,${from},${length});else{q=p;`;
  code += `if((MINUS>>(x>>4)&1)!==0&&(${any})!==0)w[q++]=45;`;
  if (point <= 0) code += 'w[q++]=48;';
  else {
    const zeros = names.reduceRight((rest, _, i) => {
      const here = i === 0 ? 'Math.clz32(d0)>>3' : `${i * 4}+(Math.clz32(d${i * 4})>>3)`;
      return i === names.length - 1 ? here : `d${i * 4}!==0?${here}:${rest}`;
    }, '');
    code += `x=${zeros};${point === 1 ? 'x=0;' : `if(x>${point - 1})x=${point - 1};`}s=${from}+x;`;
    for (let i = 0; i < point; i += 4) {
      const copy = `v.setInt32(q+${i},z.getInt32(s+${i})&0x0f0f0f0f|0x30303030);`;
      code += i === 0 ? copy : `if(x<${point - i}){${copy}}`;
    }
    code += `q+=${point}-x;`;
  }
  if (scale > 0) {
    code += 'w[q]=46;';
    const fraction = Math.max(point, 0);
    for (let i = 0; fraction + i < length; i += 4)
      code += `v.setInt32(q+${i + 1},z.getInt32(${from}+${fraction + i})&0x0f0f0f0f|0x30303030);`;
    code += `q+=${length - fraction + 1};`;
  }
  return `${code}}`;
}

/** Integer digits from the x-th on; always the last one. */
function jump(point: number, digit: (i: number) => string): string {
  let code = 'switch(x){';
  for (let i = 0; i < point - 1; i++) code += `case ${i}:w[q++]=${digit(i)};`;
  return `${code}default:w[q++]=${digit(point - 1)};}`;
}

/** Decimal point and fraction, at fixed distances. */
function tail(from: number, count: number, scale: number, digit: (i: number) => string): string {
  if (scale === 0) return '';
  let code = 'w[q]=46;';
  for (let i = from; i < count; i++) code += `w[q+${i - from + 1}]=${digit(i)};`;
  return `${code}q+=${count - from + 1};`;
}
