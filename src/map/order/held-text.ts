/** What is held, as bytes for a file and back. Images and numbers survive unchanged. */
import type { Change, RowSource } from '../../model/change';
import { formatName, parseName } from '../../model/position';
import type { Held, HeldNews } from './held';

type ImageText = { readonly bytes: string; readonly nulls: string | null } | null;

interface HeldText extends Omit<Held, 'no' | 'last' | 'before' | 'news' | 'keeps'> {
  readonly news: HeldNews | null;
  readonly before: ImageText;
  readonly last: Omit<
    Change,
    'table' | 'journal' | 'position' | 'commitCycle' | 'rrn' | 'before' | 'after' | 'op' | 'mode'
  > & {
    readonly op: Change['op'];
    readonly mode: Change['mode'];
    readonly table: string;
    readonly journal: string;
    readonly receiver: string;
    readonly sequence: string;
    readonly commitCycle: string;
    readonly rrn: string;
    readonly before: ImageText;
    readonly after: ImageText;
  };
}

/** @param item out of a journal: its rows are images */
export function heldBytes(item: Held): Buffer {
  const { no: _no, keeps: _keeps, last, before, ...rest } = item;
  const { table, journal, position, commitCycle, rrn } = last;
  const text: HeldText = {
    ...rest,
    before: imageText(before),
    last: {
      ...last,
      table: formatName(table),
      journal: formatName(journal!),
      receiver: formatName(position!.receiver),
      sequence: position!.sequence.toString(),
      commitCycle: commitCycle.toString(),
      rrn: rrn.toString(),
      before: imageText(last.before),
      after: imageText(last.after),
    },
  };
  const { position: _position, ...header } = text.last as typeof text.last & { position?: unknown };
  return Buffer.from(JSON.stringify({ ...text, last: header }));
}

/** @param no its place on disk */
export function heldOf(bytes: Buffer, no: number): Held {
  const text = JSON.parse(bytes.toString()) as HeldText;
  const { last } = text;
  const { receiver, sequence, table, journal, commitCycle, rrn, before, after, ...header } = last;
  return {
    ...text,
    no,
    keeps: true,
    before: imageOf(text.before),
    last: {
      ...header,
      table: parseName(table)!,
      journal: parseName(journal)!,
      position: { receiver: parseName(receiver)!, sequence: BigInt(sequence) },
      commitCycle: BigInt(commitCycle),
      rrn: BigInt(rrn),
      before: imageOf(before),
      after: imageOf(after),
    },
  };
}

function imageText(source: RowSource | null): ImageText {
  if (source === null) return null;
  const { bytes, offset, length, nulls } = source.image;
  const image = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length);
  return { bytes: image.toString('base64'), nulls: nulls && Buffer.from(nulls).toString('latin1') };
}

function imageOf(text: ImageText): RowSource | null {
  if (text === null) return null;
  const bytes = Buffer.from(text.bytes, 'base64');
  const nulls = text.nulls === null ? null : Buffer.from(text.nulls, 'latin1');
  return { is: 'image', image: { bytes, offset: 0, length: bytes.length, nulls } };
}
