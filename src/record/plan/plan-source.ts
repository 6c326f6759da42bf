/**
 * Source text of a plan's chunk functions. Only numbers enter it, never a name: names are written as the code of their bytes.
 * Fields of the usual shapes get unrolled code, the others a call of their writer.
 */

import { decimalSource, packedDigits, packedWords, zonedDigits, zonedWords } from '../write/decimal-source';
import type { StepSource } from '../write/plan-step';
import { legacySource, timestampSource } from './date-source';

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

/** The body of one output. Variables: r the pass, b its image, z the words of that, w its bytes, v their view; o offset of the image, p position, q result. */
export function stepSource(s: StepSource, withNulls: boolean): string {
  const open = s.quoted ? Uint8Array.of(...s.key, 0x22) : s.key;
  const value = `${constant(open)}${valueSource(s)}`;
  if (!withNulls) return `{${value}}\n`;
  const mark = s.time ? `q=n[${s.field.index}]&15;if(q===0)q=n[${s.time.index}]&15;` : `q=n[${s.field.index}]&15;`;
  return `${mark}if(q===1){${constant(s.key)}v.setInt32(p,${NULL},true);w[p+4]=44;p+=5;}else if(q===2){${constant(s.key)}p=unreadable(${s.k},n,p);}else if(q!==9){${value}}\n`;
}

function valueSource(s: StepSource): string {
  const { field, k } = s;
  const at = field.offset;
  if (field.storage === 'lob')
    return `s=ls[${s.lob}];e=le[${s.lob}];if(s<0){q=s;s=o+${at + field.width - 29};e=o+${at + field.width};}else q=c${k}(r,s,e,p);${finish(s, 's', 'e')}`;
  if (field.storage === 'varying') {
    const call = s.step.is === 'single' ? textCall(s, 's', 'e') : `c${k}(r,s,e,p)`;
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
      return `q=c${s.k}.write(r,${start},${end},o+${s.time!.offset},p);if(q<0)p=badPair(${s.k},q,${start},o+${s.time!.offset},p-1);else{v.setInt16(q,${QUOTE_COMMA},true);p=q+2;}`;
    default:
      return `q=c${s.k}(r,${start},${end},p);${finish(s, start, end)}`;
  }
}

function textCall(s: StepSource, start: string, end: string): string {
  return `single(r,t${s.k},${start},${end},p)`;
}

/** After the value: its closing quote and a comma, or the way out for a field that failed or means null. */
function finish(s: StepSource, start: string, end: string): string {
  const close = s.quoted ? `v.setInt16(q,${QUOTE_COMMA},true);p=q+2;` : 'w[q]=44;p=q+1;';
  return `if(q<0)p=bad(${s.k},q,${start},${end},p${s.quoted ? '-1' : ''});else{${close}}`;
}
