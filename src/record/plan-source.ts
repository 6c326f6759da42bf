/**
 * Source text of a plan's chunk functions. Only numbers enter it, never a name: names are written as the code of their bytes.
 * Fields of the usual shapes get unrolled code, the others a call of their writer.
 */
import type { Field } from './layout';

/** How one output is compiled. */
export type Step =
  | { readonly is: 'packed' | 'zoned'; readonly scale: number }
  | { readonly is: 'single'; readonly blank: number }
  | { readonly is: 'smallint' | 'int' | 'timestamp' }
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
  /** Index of a LOB in the slices, or -1. */
  readonly lob: number;
  /** Number of the pair's time field in the null map, and its place. */
  readonly time?: { readonly index: number; readonly offset: number; readonly end: number };
}

const QUOTE_COMMA = 0x222c;
const NULL = 0x6e756c6c;

/** Constant bytes in as few stores as possible; a store may run over, the next one overwrites. */
function constant(bytes: Uint8Array): string {
  let code = '';
  for (let i = 0; i < bytes.length; i += 4) {
    const word =
      ((bytes[i] ?? 0) << 24) | ((bytes[i + 1] ?? 0) << 16) | ((bytes[i + 2] ?? 0) << 8) | (bytes[i + 3] ?? 0);
    code += `v.setInt32(p+${i},${word});`;
  }
  return `${code}p+=${bytes.length};`;
}

/** The body of one output. Variables: b image, o offset of the image, w bytes, v their view, p position, q result. */
export function stepSource(s: StepSource, withNulls: boolean): string {
  const open = s.quoted ? Uint8Array.of(...s.key, 0x22) : s.key;
  const value = `${constant(open)}${valueSource(s)}`;
  if (!withNulls) return `{${value}}\n`;
  const mark = s.time ? `q=n[${s.field.index}]&15;if(q===0)q=n[${s.time.index}]&15;` : `q=n[${s.field.index}]&15;`;
  return `${mark}if(q===1){${constant(s.key)}v.setInt32(p,${NULL});w[p+4]=44;p+=5;}else if(q!==9){${value}}\n`;
}

function valueSource(s: StepSource): string {
  const { field, k } = s;
  const at = field.offset;
  if (field.storage === 'lob')
    return `s=ls[${s.lob}];e=le[${s.lob}];if(s<0){q=s;s=o+${at + field.width - 29};e=o+${at + field.width};}else q=c${k}(b,s,e,w,p);${finish(s, 's', 'e')}`;
  if (field.storage === 'varying') {
    const call = s.step.is === 'single' ? textCall(s, 's', 'e') : `c${k}(b,s,e,w,p)`;
    const prefix = `s=o+${at + 2};e=((b[s-2]<<8)|b[s-1])${field.unit === 2 ? '*2' : ''};`;
    return `${prefix}if(e>${field.capacity}){q=TOO_LONG;e=o+${at + field.width};}else{e+=s;q=${call};}${finish(s, 's-2', 'e')}`;
  }
  return fixedSource(s, `o+${at}`, `o+${at + field.width}`);
}

function fixedSource(s: StepSource, start: string, end: string): string {
  switch (s.step.is) {
    case 'packed':
      return packedSource(s, s.step.scale) + finish(s, start, end);
    case 'zoned':
      return zonedSource(s, s.step.scale) + finish(s, start, end);
    case 'single':
      return `q=${textCall(s, start, end)};${finish(s, start, end)}`;
    case 'smallint':
      return `q=smallint(b,${start},w,p);${finish(s, start, end)}`;
    case 'int':
      return `q=int(b,${start},w,p);${finish(s, start, end)}`;
    case 'timestamp':
      return `q=timestamp(b,${start},${s.field.column.scale},w,p);${finish(s, start, end)}`;
    case 'pair':
      return `q=c${s.k}.write(b,${start},${end},o+${s.time!.offset},o+${s.time!.end},w,p);if(q<0)p=badPair(${s.k},q,b,${start},${end},o+${s.time!.offset},o+${s.time!.end},w,p-1);else{v.setInt16(q,${QUOTE_COMMA});p=q+2;}`;
    default:
      return `q=c${s.k}(b,${start},${end},w,p);${finish(s, start, end)}`;
  }
}

function textCall(s: StepSource, start: string, end: string): string {
  return `single(b,${start},${end},${(s.step as { blank: number }).blank},t${s.k},u${s.k},false,w,p)`;
}

/** After the value: its closing quote and a comma, or the way out for a field that failed or means null. */
function finish(s: StepSource, start: string, end: string): string {
  const close = s.quoted ? `v.setInt16(q,${QUOTE_COMMA});p=q+2;` : 'w[q]=44;p=q+1;';
  return `if(q<0)p=bad(${s.k},q,b,${start},${end},w,p${s.quoted ? '-1' : ''});else{${close}}`;
}

/** Longest packed field that is unrolled, in bytes, and longest zoned one. */
export const UNROLLED_PACKED = 8;
export const UNROLLED_ZONED = 16;

/**
 * Reads the bytes once, checks all with one table each, finds the first digit by counting leading zero bits, then jumps into a
 * run of stores: no loop, no division.
 */
function packedSource(s: StepSource, scale: number): string {
  const length = s.field.width;
  const count = length * 2 - 1;
  const point = count - scale;
  const b = (i: number): string => `b${i}`;
  const names = Array.from({ length }, (_, i) => `b${i}=b[o+${s.field.offset + i}]`).join(',');
  const checks = Array.from({ length }, (_, i) => `${i === length - 1 ? 'PL' : 'PD'}[${b(i)}]`).join('|');
  const digit = (i: number): string => (i & 1 ? `48|${b(i >> 1)}&15` : `48|${b(i >> 1)}>>4`);
  const word = (from: number): string =>
    Array.from({ length: 4 }, (_, i) => {
      const at = from + i;
      if (at >= length) return '0';
      const byte = at === length - 1 ? `(${b(at)}&240)` : b(at);
      return i === 3 ? byte : `${byte}<<${24 - i * 8}`;
    }).join('|');
  let code = `const ${names};if((${checks})!==0)q=packedProblem(b,o+${s.field.offset},${length});else{q=p;`;
  code += `x=${word(0)};`;
  if (length > 4) code += `y=${word(4)};`;
  const any = length > 4 ? '(x|y)' : 'x';
  code += `if((MINUS>>(${b(length - 1)}&15)&1)!==0&&${any}!==0)w[q++]=45;`;
  if (point <= 0) code += 'w[q++]=48;';
  else {
    code += length > 4 ? 'x=x!==0?Math.clz32(x)>>2:8+(Math.clz32(y)>>2);' : 'x=Math.clz32(x)>>2;';
    code += jump(point, digit);
  }
  return `${code}${tail(Math.max(point, 0), count, scale, digit)}}`;
}

function zonedSource(s: StepSource, scale: number): string {
  const length = s.field.width;
  const point = length - scale;
  const b = (i: number): string => `b${i}`;
  const names = Array.from({ length }, (_, i) => `b${i}=b[o+${s.field.offset + i}]`).join(',');
  const checks = Array.from({ length }, (_, i) => `${i === length - 1 ? 'ZL' : 'ZD'}[${b(i)}]`).join('|');
  const digit = (i: number): string => `48|${b(i)}&15`;
  const all = Array.from({ length }, (_, i) => b(i)).join('|');
  let code = `const ${names};if((${checks})!==0)q=zonedProblem(b,o+${s.field.offset},${length});else{q=p;`;
  code += `if((MINUS>>(${b(length - 1)}>>4)&1)!==0&&((${all})&15)!==0)w[q++]=45;`;
  if (point <= 0) code += 'w[q++]=48;';
  else {
    const chain = Array.from({ length: point - 1 }, (_, i) => `(${b(i)}&15)!==0?${i}:`).join('');
    code += `x=${chain}${point - 1};${jump(point, digit)}`;
  }
  return `${code}${tail(Math.max(point, 0), length, scale, digit)}}`;
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
