/** Columns of every type with random contents, as bytes of a record image: values, legacy forms, and what programs leave behind. */
import { textCodec } from '../../src/bytes/ccsid/registry';
import { encodeDecfloat } from '../../src/bytes/decfloat';
import type { Dice } from '../support/dice';
import { common, ebcdic, type Kind, type Options, sentinelOptions } from './kind';
import { date, time, timestamp, two } from './time-kinds';

const SINGLE = [
  37, 273, 277, 278, 280, 284, 285, 297, 424, 500, 838, 870, 871, 875, 1025, 1026, 1140, 1141, 1147, 1148,
];
const MIXED = [930, 933, 935, 937, 939, 1364, 1388, 1399, 5026, 5035];
const GRAPHICS = [1200, 13488, 300, 835];
const DATES: Readonly<Record<string, string>> = {
  cyymmdd: 'CYYMMDD',
  yymmdd: 'YYMMDD',
  mmddyy: 'MMDDYY',
  ddmmyy: 'DDMMYY',
  ccyymmdd: 'XXYYMMDD',
  mmddccyy: 'MMDDXXYY',
  ddmmccyy: 'DDMMXXYY',
  cyyddd: 'CYYJJJ',
  yyddd: 'YYJJJ',
  ccyyddd: 'XXYYJJJ',
};

function random(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.below(256)));
}

/** Bytes a codec reads and writes again unchanged. X'00' cannot be held by the partition's text yet. */
const sound = new Map<number, Uint8Array>();
function soundBytes(ccsid: number): Uint8Array {
  let bytes = sound.get(ccsid);
  if (!bytes) {
    const codec = textCodec(ccsid);
    bytes = Uint8Array.from({ length: 255 }, (_, i) => i + 1).filter((b) => {
      const text = codec.decode(Uint8Array.of(b));
      return text !== '\ufffd' && codec.encode(text)[0] === b && codec.encode(text).length === 1;
    });
    sound.set(ccsid, bytes);
  }
  return bytes;
}

function single(dice: Dice, ccsid: number, length: number): Buffer {
  const bytes = soundBytes(ccsid);
  return Buffer.from(Array.from({ length }, () => dice.one([...bytes])));
}

const MIXED_TEXT = 'ABC 12漢字、　　カあ';

function encoded(dice: Dice, ccsid: number, most: number, alphabet: string): Buffer {
  const codec = textCodec(ccsid);
  const characters = [...alphabet].filter((c) => codec.decode(codec.encode(c)) === c);
  let bytes: Buffer = Buffer.alloc(0);
  let text = '';
  for (let i = dice.below(8); i > 0; i--) {
    const longer = codec.encode(text + dice.one(characters));
    if (longer.length > most) break;
    text = codec.decode(longer);
    bytes = longer;
  }
  return bytes;
}

/** The digits of a date or time form; now and then of one that is not in the calendar. */
function legacyDigits(dice: Dice, form: string): string {
  if (dice.below(9) === 0) return '0'.repeat(form.length);
  if (dice.below(9) === 0) return '9'.repeat(form.length);
  const month = dice.below(12) === 0 ? 13 : 1 + dice.below(12);
  const day = dice.below(12) === 0 ? 31 : 1 + dice.below(28);
  const last = dice.below(10) === 0;
  return form
    .replace('XX', last ? '99' : '20')
    .replace('C', last ? '9' : String(dice.below(2)))
    .replace('YY', last ? '99' : two(dice.below(100)))
    .replace('MM', two(month))
    .replace('DD', two(day))
    .replace('JJJ', String(1 + dice.below(370)).padStart(3, '0'));
}

function clockDigits(dice: Dice, digits: number): string {
  if (dice.below(5) === 0) return `24${'0'.repeat(digits - 2)}`;
  if (dice.below(9) === 0) return `9${'9'.repeat(digits - 1)}`;
  return `${two(dice.below(24))}${two(dice.below(60))}${two(dice.below(60))}`.slice(0, digits);
}

interface Legacy {
  readonly options: Options;
  digits(dice: Dice): string;
  readonly width: number;
}

function legacy(dice: Dice): Legacy {
  const sentinels = sentinelOptions(dice);
  switch (dice.below(6)) {
    case 0:
      return { options: { time: 'hhmmss', ...sentinels }, digits: (d) => clockDigits(d, 6), width: 6 };
    case 1:
      return { options: { time: 'hhmm', ...sentinels }, digits: (d) => clockDigits(d, 4), width: 4 };
    case 2:
      return {
        options: { timestamp: 'cyymmddhhmmss', ...sentinels },
        digits: (d) => legacyDigits(d, 'CYYMMDD') + clockDigits(d, 6),
        width: 13,
      };
    default: {
      const date = dice.one(Object.keys(DATES));
      const pivot = dice.below(3) === 0 ? { pivot: dice.below(100) } : {};
      const form = DATES[date]!;
      return { options: { date, ...pivot, ...sentinels }, digits: (d) => legacyDigits(d, form), width: form.length };
    }
  }
}

/** Text of digits as people wrote it: with blanks around, with a point, or whatever. */
function written(dice: Dice, digits: string, length: number): string {
  const text = dice.one([digits, digits, digits, digits, ` ${digits}`, `${digits}.0`, '', 'N/A', `-${digits}`]);
  return text.slice(0, length);
}

function character(dice: Dice): Kind {
  const type = dice.one(['CHAR', 'VARCHAR'] as const);
  const ccsid = dice.one([65535, dice.one(SINGLE), dice.one(SINGLE), dice.one(MIXED), 1208]);
  const form = dice.below(3) === 0 ? legacy(dice) : null;
  const length = form ? form.width + dice.below(3) : 2 + dice.below(14);
  const mixed = MIXED.includes(ccsid);
  const codec = ccsid === 65535 ? textCodec(37) : textCodec(ccsid);
  return {
    shape: { type, length, ccsid },
    pad: ccsid === 65535 ? Uint8Array.of(0x40) : codec.encode(' '),
    bytes: (d) => {
      if (form && d.below(6) > 0) return codec.encode(written(d, form.digits(d), length));
      if (d.below(8) === 0) return Buffer.alloc(0);
      if (ccsid === 65535) return d.below(2) ? random(d, d.below(length + 1)) : ebcdic('ABC'.slice(0, length));
      if (mixed || ccsid === 1208) return encoded(d, ccsid, length, MIXED_TEXT);
      return single(d, ccsid, d.below(length + 1));
    },
    options: (d) => ({
      ...(form && d.below(4) > 0 ? form.options : {}),
      ...(d.below(4) === 0 ? { ccsid: mixed ? d.one(MIXED) : d.one([...SINGLE, 65535]) } : {}),
      ...(d.below(8) === 0 ? { number: true } : {}),
      ...common(d),
    }),
  };
}

function graphic(dice: Dice): Kind {
  const type = dice.one(['GRAPHIC', 'VARGRAPHIC'] as const);
  const ccsid = dice.one(GRAPHICS);
  const length = 2 + dice.below(12);
  const codec = textCodec(ccsid);
  const unicode = ccsid === 1200 || ccsid === 13488;
  return {
    shape: { type, length, ccsid },
    pad: codec.encode(unicode ? ' ' : '\u3000'),
    bytes: (d) => encoded(d, ccsid, length * 2, unicode ? `${MIXED_TEXT}äß€` : '漢字ア'),
    options: common,
  };
}

function packedBytes(digits: string, sign: number): Buffer {
  const nibbles = [...digits].map(Number);
  nibbles.push(sign);
  if (nibbles.length % 2 === 1) nibbles.unshift(0);
  return Buffer.from(nibbles.flatMap((n, i) => (i % 2 === 0 ? [(n << 4) | nibbles[i + 1]!] : [])));
}

function decimal(dice: Dice): Kind {
  const type = dice.one(['DECIMAL', 'NUMERIC'] as const);
  const form = dice.below(2) === 0 ? legacy(dice) : null;
  const scale = form && dice.below(5) > 0 ? 0 : dice.below(5);
  const length = form ? form.width + scale + dice.below(3) : Math.max(scale, 1 + dice.below(dice.below(4) ? 18 : 63));
  const width = type === 'DECIMAL' ? (length >> 1) + 1 : length;
  const digitsOf = (d: Dice): string => {
    if (form && d.below(5) > 0) return `${form.digits(d)}${'0'.repeat(scale)}`.padStart(length, '0');
    return d.one([
      Array.from({ length }, () => d.below(10)).join(''),
      '0'.repeat(length),
      '9'.repeat(length),
      String(d.below(100)).padStart(length, '0').slice(-length),
    ]);
  };
  return {
    shape: { type, length, scale },
    pad: Uint8Array.of(0x40),
    bytes: (d) => {
      if (d.below(12) === 0) return Buffer.alloc(width, d.one([0x40, 0, 0xff, 0xf0]));
      if (d.below(25) === 0) return Buffer.concat([Uint8Array.of(0xfa), random(d, width - 1)]);
      const digits = digitsOf(d);
      // the partition writes the preferred signs when it hands a number over by SQL
      const sign = /[1-9]/.test(digits) ? d.one([0xf, 0xf, 0xf, 0xd]) : 0xf;
      if (type === 'DECIMAL') return packedBytes(digits, sign);
      const zoned = Buffer.from([...digits].map((c) => 0xf0 | Number(c)));
      zoned[width - 1] = (zoned[width - 1]! & 15) | (sign << 4);
      return zoned;
    },
    options: (d) => ({
      ...(form && d.below(4) > 0 ? form.options : {}),
      ...(d.below(4) === 0 ? { number: true } : {}),
      ...common(d),
    }),
  };
}

function integer(dice: Dice): Kind {
  const [type, length] = dice.one([
    ['SMALLINT', 2],
    ['INTEGER', 4],
    ['BIGINT', 8],
  ] as const);
  const form = dice.below(3) === 0 ? legacy(dice) : null;
  return {
    shape: { type, length },
    pad: Uint8Array.of(0),
    bytes: (d) => {
      const out = Buffer.alloc(8);
      const high = 2n ** BigInt(length * 8 - 1);
      const value = d.one([0n, 1n, -1n, high - 1n, -high, BigInt(d.below(1e9)), form ? BigInt(form.digits(d)) : 7n]);
      out.writeBigInt64BE(BigInt.asIntN(64, value));
      return out.subarray(8 - length);
    },
    options: (d) => ({
      ...(form && d.below(4) > 0 ? form.options : {}),
      ...(d.below(4) === 0 ? { number: true } : {}),
      ...common(d),
    }),
  };
}

function float(dice: Dice): Kind {
  const real = dice.below(2) === 0;
  return {
    shape: real ? { type: 'REAL', length: 4 } : { type: 'DOUBLE', length: 8 },
    pad: Uint8Array.of(0),
    bytes: (d) => {
      const value = d.one([0, 0.1, 16777.217, -3.25, d.next() * 1e9, -d.next(), 1e30, 1.5e-20]);
      const out = Buffer.alloc(real ? 4 : 8);
      if (real) out.writeFloatBE(value);
      else out.writeDoubleBE(value);
      return out;
    },
    options: (d) => ({ ...(d.below(4) === 0 ? { number: true } : {}), ...common(d) }),
  };
}

function decfloat(dice: Dice): Kind {
  const length = dice.one([8, 16] as const);
  return {
    shape: { type: 'DECFLOAT', length },
    pad: Uint8Array.of(0),
    bytes: (d) =>
      encodeDecfloat(d.one(['0', '1E+3', '1E-7', '-12.50', String(d.below(1e9)), '9999999999999999']), length),
    options: (d) => ({ ...(d.below(3) === 0 ? { number: true } : {}), ...common(d) }),
  };
}

function binary(dice: Dice): Kind {
  const type = dice.one(['BINARY', 'VARBINARY'] as const);
  const length = 1 + dice.below(12);
  return {
    shape: { type, length, ccsid: 65535 },
    pad: Uint8Array.of(0),
    bytes: (d) => random(d, d.below(length + 1)),
    options: common,
  };
}

function boolean(): Kind {
  return {
    shape: { type: 'BOOLEAN', length: 1 },
    pad: Uint8Array.of(0xf0),
    bytes: (d) => Uint8Array.of(d.one([0xf0, 0xf1])),
    options: common,
  };
}

function lob(dice: Dice): Kind {
  const [type, ccsid] = dice.one([
    ['CLOB', 37],
    ['CLOB', 1208],
    ['CLOB', 5035],
    ['BLOB', 65535],
    ['DBCLOB', 1200],
  ] as const);
  return {
    shape: { type, length: dice.one([200, 100_000]), ccsid },
    pad: Uint8Array.of(0),
    bytes: () => Buffer.alloc(0),
    lob: (d) => {
      if (type === 'BLOB') return random(d, d.below(50));
      const codec = textCodec(ccsid);
      return codec.decode(encoded(d, ccsid, 60, ccsid === 37 ? 'ABC äöü 123' : MIXED_TEXT));
    },
    options: (d) => ({ ...(ccsid === 37 && d.below(3) === 0 ? { ccsid: 273 } : {}), ...common(d) }),
  };
}

const KINDS: readonly ((dice: Dice) => Kind)[] = [
  character,
  character,
  character,
  character,
  graphic,
  decimal,
  decimal,
  decimal,
  integer,
  float,
  decfloat,
  date,
  time,
  timestamp,
  timestamp,
  binary,
  () => boolean(),
  lob,
];

export function kindOf(dice: Dice): Kind {
  return dice.one(KINDS)(dice);
}
