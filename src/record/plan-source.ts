/**
 * Source text of a plan's chunk functions. Only numbers enter it, never a name: names are written as the code of their bytes.
 * Fields of the usual shapes get unrolled code, the others a call of their writer.
 */
import type { Field } from './layout';

/** Where the parts of a legacy form stand among its digits, counted from the first; -1 where it has none. */
export interface LegacyParts {
  readonly is: 'date' | 'time';
  /** Digits of the form. */
  readonly digits: number;
  /** One century digit (0 is 19xx), two, or none (then the pivot decides). */
  readonly centuryDigits: 0 | 1 | 2;
  readonly century: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly pivot: number;
}

/** How one output is compiled. */
export type Step =
  | { readonly is: 'packed' | 'zoned'; readonly scale: number }
  | { readonly is: 'single'; readonly blank: number }
  | { readonly is: 'smallint' | 'int' | 'timestamp' }
  /** A legacy date or time whose everyday values are written without a call. */
  | { readonly is: 'legacy'; readonly parts: LegacyParts }
  | { readonly is: 'call' }
  | { readonly is: 'pair' };

export interface StepSource {
  readonly step: Step;
  readonly field: Field;
  /** Index of the output: names its tables and writers in the runtime. */
  readonly k: number;
  /** `"name":` as bytes. */
  readonly key: Uint8Array;
  readonly quoted: boolean;
  /** Whether the image goes on for at least eight bytes after the field, so that words may be read across its end. */
  readonly words: boolean;
  /** Index of a LOB in the slices, or -1. */
  readonly lob: number;
  /** Number of the pair's time field in the null map, and its place. */
  readonly time?: { readonly index: number; readonly offset: number; readonly end: number };
}

/** `",` and `null` in the byte order of the processor. */
const QUOTE_COMMA = 0x2c22;
const NULL = 0x6c6c756e;

const SCRATCH = new DataView(new ArrayBuffer(8));

/**
 * Constant bytes in as few stores as possible, in the byte order of the processor; a store may run over, the next one overwrites.
 * Eight bytes at once go as the double they are the bits of.
 */
function constant(bytes: Uint8Array): string {
  let code = '';
  let i = 0;
  while (i < bytes.length) {
    for (let k = 0; k < 8; k++) SCRATCH.setUint8(k, bytes[i + k] ?? 0);
    const eight = SCRATCH.getFloat64(0, true);
    if (bytes.length - i > 4 && Number.isFinite(eight) && eight !== 0) {
      code += `v.setFloat64(p+${i},${eight},true);`;
      i += 8;
    } else {
      code += `v.setInt32(p+${i},${SCRATCH.getInt32(0, true)},true);`;
      i += 4;
    }
  }
  return `${code}p+=${bytes.length};`;
}

/** The body of one output. Variables: b image, z its words, o offset of the image, w bytes, v their view, p position, q result. */
export function stepSource(s: StepSource, withNulls: boolean): string {
  const open = s.quoted ? Uint8Array.of(...s.key, 0x22) : s.key;
  const value = `${constant(open)}${valueSource(s)}`;
  if (!withNulls) return `{${value}}\n`;
  const mark = s.time ? `q=n[${s.field.index}]&15;if(q===0)q=n[${s.time.index}]&15;` : `q=n[${s.field.index}]&15;`;
  return `${mark}if(q===1){${constant(s.key)}v.setInt32(p,${NULL},true);w[p+4]=44;p+=5;}else if(q!==9){${value}}\n`;
}

function valueSource(s: StepSource): string {
  const { field, k } = s;
  const at = field.offset;
  if (field.storage === 'lob')
    return `s=ls[${s.lob}];e=le[${s.lob}];if(s<0){q=s;s=o+${at + field.width - 29};e=o+${at + field.width};}else q=c${k}(b,s,e,w,p,z,v);${finish(s, 's', 'e')}`;
  if (field.storage === 'varying') {
    const call = s.step.is === 'single' ? textCall(s, 's', 'e') : `c${k}(b,s,e,w,p,z,v)`;
    const prefix = `s=o+${at + 2};e=((b[s-2]<<8)|b[s-1])${field.unit === 2 ? '*2' : ''};`;
    return `${prefix}if(e>${field.capacity}){q=TOO_LONG;e=o+${at + field.width};}else{e+=s;q=${call};}${finish(s, 's-2', 'e')}`;
  }
  return fixedSource(s, `o+${at}`, `o+${at + field.width}`);
}

function fixedSource(s: StepSource, start: string, end: string): string {
  switch (s.step.is) {
    case 'packed':
      if (s.words) return packedWords(s, s.step.scale) + finish(s, start, end);
      return decimalSource(s, packedDigits(s.field), 'packedProblem', s.step.scale) + finish(s, start, end);
    case 'zoned':
      if (s.words) return zonedWords(s, s.step.scale) + finish(s, start, end);
      return decimalSource(s, zonedDigits(s.field), 'zonedProblem', s.step.scale) + finish(s, start, end);
    case 'single':
      return `q=${textCall(s, start, end)};${finish(s, start, end)}`;
    case 'smallint':
      return `q=smallint(b,${start},w,p);${finish(s, start, end)}`;
    case 'int':
      return `q=int(b,${start},w,p);${finish(s, start, end)}`;
    case 'timestamp':
      return timestampSource(s) + finish(s, start, end);
    case 'legacy':
      return legacySource(s, s.step.parts) + finish(s, start, end);
    case 'pair':
      return `q=c${s.k}.write(b,${start},${end},o+${s.time!.offset},o+${s.time!.end},w,p);if(q<0)p=badPair(${s.k},q,b,${start},${end},o+${s.time!.offset},o+${s.time!.end},w,p-1);else{v.setInt16(q,${QUOTE_COMMA},true);p=q+2;}`;
    default:
      return `q=c${s.k}(b,${start},${end},w,p,z,v);${finish(s, start, end)}`;
  }
}

function textCall(s: StepSource, start: string, end: string): string {
  return `single(b,z,${start},${end},${(s.step as { blank: number }).blank},t${s.k},u${s.k},false,w,v,p)`;
}

/** After the value: its closing quote and a comma, or the way out for a field that failed or means null. */
function finish(s: StepSource, start: string, end: string): string {
  const close = s.quoted ? `v.setInt16(q,${QUOTE_COMMA},true);p=q+2;` : 'w[q]=44;p=q+1;';
  return `if(q<0)p=bad(${s.k},q,b,${start},${end},w,p${s.quoted ? '-1' : ''});else{${close}}`;
}

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

function packedDigits(field: Field): Digits {
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

function zonedDigits(field: Field): Digits {
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
function decimalSource(s: StepSource, d: Digits, problem: string, scale: number): string {
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
function packedWords(s: StepSource, scale: number): string {
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
function zonedWords(s: StepSource, scale: number): string {
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
function legacySource(s: StepSource, parts: LegacyParts): string {
  const { field, k } = s;
  const d = field.kind === 'packed' ? packedDigits(field) : zonedDigits(field);
  const lead = d.count - parts.digits;
  const digit = (i: number): string => d.digit(lead + i);
  const zeros = Array.from({ length: lead }, (_, i) => d.digit(i)).join('|');
  const plus = `(MINUS>>${d.sign}&1)===0`;
  const valid = `(${d.checks}${lead > 0 ? `|${zeros}` : ''})===0&&${plus}`;
  const slow = `q=c${k}(b,o+${field.offset},o+${field.offset + field.width},w,p);`;
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
function timestampSource(s: StepSource): string {
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
