/** Blocks whose varying fields are cut to length: filled to the brim, and each as if it were the encoder's first. */
import fc from 'fast-check';
import { LobTable } from '../../../src/simulator/server/database/replies/lob-table';
import {
  ReplyRowEncoder,
  type ReplyRowSource,
  type Row,
  type RowBlock,
} from '../../../src/simulator/server/database/replies/row-block';
import { type ColumnSettings, wireColumn } from '../../../src/simulator/server/database/replies/wire-column';
import { column } from '../../support/tiny-engine';

const SETTINGS: ColumnSettings = {
  jobCcsid: 37,
  dateFormat: 5,
  dateSeparator: 1,
  timeFormat: 2,
  timeSeparator: 1,
  lobThreshold: 1000,
  booleanSupported: true,
  rowidSupported: true,
};
const COLUMNS = [
  column('NUMBER', 'INTEGER'),
  column('TEXT', 'VARCHAR', 32_000, { ccsid: 37 }),
  column('FIXED', 'CHAR', 8, { ccsid: 37 }),
  column('BYTES', 'VARBINARY', 200),
].map((c) => wireColumn(c, SETTINGS));

const encoder = (): ReplyRowEncoder => new ReplyRowEncoder(COLUMNS, SETTINGS, new LobTable());

class List implements ReplyRowSource {
  at = 0;
  constructor(readonly rows: readonly Row[]) {}
  next(): Row | null {
    return this.rows[this.at++] ?? null;
  }
  putBack(): void {
    this.at--;
  }
}

const rowOf = fc.tuple(
  fc.option(fc.integer({ min: -1000, max: 1000 })),
  fc.option(fc.string({ unit: fc.constantFrom('a', 'B', '7'), maxLength: 60 })),
  fc.option(fc.constantFrom('', 'EIGHT888', 'two')),
  fc.option(fc.uint8Array({ maxLength: 50 }).map((b) => Buffer.from(b))),
);

function blocksOf(made: ReplyRowEncoder, rows: readonly Row[], bytes: number): RowBlock[] {
  const source = new List(rows);
  const blocks: RowBlock[] = [];
  for (let block = made.compressed(bytes, source); block; block = made.compressed(bytes, source)) {
    blocks.push(block);
    source.at = blocks.reduce((n, b) => n + b.rows, 0);
  }
  return blocks;
}

test('as many rows as fit, one at least, in order, and nothing of the block before in them', () => {
  fc.assert(
    fc.property(fc.array(rowOf, { maxLength: 40 }), fc.integer({ min: 1, max: 1500 }), (rows, bytes) => {
      const blocks = blocksOf(encoder(), rows, bytes);
      let first = 0;
      for (const [i, block] of blocks.entries()) {
        const mine = rows.slice(first, first + block.rows);
        const alone = encoder().compressed(Number.MAX_SAFE_INTEGER, new List(mine));
        expect(block.data.toString('hex')).toBe(alone!.data.toString('hex'));
        if (block.rows > 1) expect(block.data.length).toBeLessThanOrEqual(bytes);
        first += block.rows;
        if (i === blocks.length - 1) continue;
        const oneMore = encoder().compressed(
          Number.MAX_SAFE_INTEGER,
          new List(rows.slice(first - block.rows, first + 1)),
        );
        expect(oneMore!.data.length).toBeGreaterThan(bytes);
      }
      expect(first).toBe(rows.length);
    }),
  );
});

test('rows declared far longer than they are fill the first block already', () => {
  const rows = Array.from({ length: 500 }, (_, i) => [i, `row ${i}`, 'x', null]);
  const block = encoder().compressed(16_384, new List(rows))!;
  expect(block.rows).toBeGreaterThan(300);
});
