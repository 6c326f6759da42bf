/** What a kind of column is, and what a rule may say of any of them. */
import { textCodec } from '../../src/bytes/ccsid/registry';
import type { ColumnFormat, SqlTypeName } from '../../src/model/record-format';
import type { Dice } from '../support/dice';

export type Options = Readonly<Record<string, unknown>>;
export type Shape = Partial<ColumnFormat> & { readonly type: SqlTypeName; readonly length: number };

export interface Kind {
  readonly shape: Shape;
  /** The data of one value, without length prefix; a fixed field is filled up with `pad`. */
  bytes(dice: Dice): Uint8Array;
  readonly pad: Uint8Array;
  /** LOBs are handed to the partition as values. */
  lob?(dice: Dice): string | Buffer;
  /** What a rule may say of the column. */
  options(dice: Dice): Options;
}

const POLICIES = ['null', 'raw', 'zero-if-blank', 'replace'];
export const ebcdic = (text: string): Buffer => textCodec(37).encode(text);

export function sentinelOptions(dice: Dice): Options {
  if (dice.below(2) === 0) return {};
  const some = [
    0,
    9999999,
    '0',
    '0000000',
    '*BLANKS',
    '*LOVAL',
    '*HIVAL',
    '99999999',
    '000000',
    1,
    'N/A',
    '2024-02-29',
  ];
  return { sentinels: Array.from({ length: 1 + dice.below(3) }, () => dice.one(some)) };
}

export function common(dice: Dice): Options {
  return {
    ...(dice.below(3) === 0 ? { onError: dice.one(POLICIES) } : {}),
    ...(dice.below(8) === 0 ? sentinelOptions(dice) : {}),
  };
}
