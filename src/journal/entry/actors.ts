/** Whose work an entry is: user, job, program, and where the job's client sits. Jobs write many entries, so their texts are made once. */
import { ByteMap } from '../../bytes/byte-map';
import { copyWords, Words } from '../../bytes/words';
import type { RawBlock } from '../../transport/transport';
import { COLUMN } from './display-journal';

/** One object, and with it one text each, for the same bytes: comparing two of them is comparing pointers. */
export interface Doer {
  readonly user: string;
  /** `number/user/name`; empty when the journal does not record the job. */
  readonly job: string;
  readonly program: string;
  readonly remoteAddress: string;
}

const COLUMNS = [COLUMN.user, COLUMN.jobName, COLUMN.jobUser, COLUMN.jobNumber, COLUMN.program, COLUMN.remoteAddress];

/** Room behind a key: a length, and the word that runs over its end. */
const SLACK = 8;

export class Doers {
  private readonly known: ByteMap<Doer>;
  private readonly words = new Words();
  /** Bytes of the columns, each behind its length. */
  private key: DataView = new DataView(new ArrayBuffer(256));

  /** @param text of a column, '' for null */
  constructor(
    limit: number,
    private readonly text: (block: RawBlock, row: number, column: number) => string,
  ) {
    this.known = new ByteMap(limit);
  }

  of(block: RawBlock, row: number): Doer {
    const length = this.load(block, row);
    const known = this.known.get(this.key, 0, length);
    if (known) return known;
    const text = (column: number): string => recorded(this.text(block, row, column).trimEnd());
    const job = jobOf(text(COLUMN.jobNumber), text(COLUMN.jobUser), text(COLUMN.jobName));
    const [user, program, remoteAddress] = [text(COLUMN.user), text(COLUMN.program), text(COLUMN.remoteAddress)];
    const doer = { user, job, program, remoteAddress };
    this.known.add(this.key, 0, length, doer);
    return doer;
  }

  /** Fills the key. @returns its length */
  private load(block: RawBlock, row: number): number {
    const words = this.words.of(block.buffer);
    let p = 0;
    for (let i = 0; i < COLUMNS.length; i++) {
      const column = COLUMNS[i]!;
      const length = block.isNull(row, column) ? 0 : block.byteLength(row, column);
      if (p + length + SLACK > this.key.byteLength) this.grow(p + length + SLACK);
      this.key.setUint16(p, length);
      copyWords(words, block.offset(row, column), length, this.key, p + 2);
      p += length + 2;
    }
    return p;
  }

  private grow(length: number): void {
    const larger = new Uint8Array(length * 2);
    larger.set(new Uint8Array(this.key.buffer));
    this.key = new DataView(larger.buffer);
  }
}

/** Empty for what the journal does not record (`FIXLENDTA`). */
export function recorded(text: string): string {
  return text === '*OMITTED' ? '' : text;
}

/** `number/user/name`; empty when the journal does not record the job. */
export function jobOf(number: string, user: string, name: string): string {
  return name === '' && number === '' ? '' : `${number}/${user}/${name}`;
}
