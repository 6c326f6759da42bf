/**
 * An open cursor: blocks of rows as they arrive. The next block is asked for when one is handed out, so that it travels
 * while the consumer works; at most two blocks are in memory (docs/protocol.md#9.5).
 */

import type { ExtendedData } from '../formats/result-data';
import type { DbReply } from '../messages/database/db-reply';
import { closeCursor, fetchRows } from '../messages/database/open-fetch';
import { NO, YES } from '../messages/database/server-attributes';
import { FETCH, REUSE } from '../messages/database/statement';
import { has, ORS, RETURN_CLASS } from '../ors';
import type { RowDecoder } from '../rows/decode';
import type { FinalValue } from '../rows/value-readers';
import { LobLocator, type WireValue } from '../rows/value-readers';
import { DEFAULT_BLOCK_BYTES } from './connect/options';
import { lobText, readLob } from './lobs';
import type { RawRows } from './raw-block';
import { rawBlock, withValues } from './raw-block';
import type { Session } from './session';

export interface CursorOptions {
  readonly blockBytes?: number | undefined;
  /** What the wish grows to while replies come that are not the last. */
  readonly blockBytesUpTo?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Block {
  readonly data: ExtendedData | null;
  readonly variableFields: boolean;
  readonly last: boolean;
}

const END_OF_DATA = 100;
const ENDED_AND_CLOSED = 700;
const LAST_BLOCK = 701;
/** From this functional level on, blocks may be asked for by bytes and come variable-field compressed. */
const LEVEL_WITH_BUFFER_SIZE = 14;
const MAX_BLOCKING_FACTOR = 32_767;
const GROWTH = 4;

interface BlockWish {
  readonly blockingFactor?: number;
  readonly variableFields?: number;
  readonly bufferSize?: number;
}

/** How much to ask for at once, in the terms this server understands. */
export function blockWish(session: Session, rowSize: number, blockBytes?: number): BlockWish {
  const bytes = Math.max(1024, blockBytes ?? session.options.blockBytes ?? DEFAULT_BLOCK_BYTES);
  if (session.job.functionalLevel >= LEVEL_WITH_BUFFER_SIZE) {
    return { variableFields: session.options.variableFields === false ? NO : YES, bufferSize: bytes };
  }
  return { blockingFactor: Math.min(MAX_BLOCKING_FACTOR, Math.max(1, Math.floor(bytes / Math.max(1, rowSize)))) };
}

/** What an OPEN led to. */
interface Opened {
  readonly statement: number;
  readonly decoder: RowDecoder;
  /** May hold rows. */
  readonly reply: DbReply;
  closed(): void;
}

export class Cursor {
  readonly decoder: RowDecoder;
  private readonly statement: number;
  private readonly closed: () => void;
  private next: Promise<Block> | null;
  private open = true;
  private finished = false;
  private blockBytes: number | undefined;

  constructor(
    private readonly session: Session,
    private readonly options: CursorOptions,
    { statement, decoder, reply, closed }: Opened,
  ) {
    this.statement = statement;
    this.decoder = decoder;
    this.closed = closed;
    this.blockBytes = options.blockBytes;
    const block = this.blockOf(reply);
    // Opened without rows: class 0 and no data mean "now fetch", not the end.
    this.next = block.data || block.last ? Promise.resolve(block) : this.fetch();
  }

  /** Decoded blocks. Ends the cursor when done or given up. */
  async *blocks(): AsyncGenerator<FinalValue[][]> {
    for await (const block of this.arriving()) {
      const rows = this.decoder.decode(block.data!, block.variableFields);
      if (this.decoder.hasLocators) await this.resolve(rows);
      yield rows as FinalValue[][];
    }
  }

  /** Undecoded blocks; a view dies with the next block. */
  async *rawBlocks(): AsyncGenerator<RawRows> {
    for await (const block of this.arriving()) {
      const raw = rawBlock(this.decoder.layout, block.data!, block.variableFields);
      yield this.decoder.hasLocators ? await this.resolveRaw(raw) : raw;
    }
  }

  private async *arriving(): AsyncGenerator<Block> {
    try {
      while (this.next) {
        const block = await this.next;
        if (!block.last) this.grow();
        // A locator's value must be read while its block is the current one.
        const readAhead = !block.last && !this.decoder.hasLocators;
        this.next = readAhead ? this.fetch() : null;
        if (block.data && block.data.rows > 0) yield block;
        if (block.last) break;
        if (!readAhead) this.next = this.fetch();
      }
    } finally {
      await this.close();
    }
  }

  private fetch(): Promise<Block> {
    const { session, statement } = this;
    const wish = blockWish(session, this.decoder.layout.rowSize, this.blockBytes);
    const block = session
      .request(
        'fetch',
        (f) =>
          fetchRows.request(
            { ...f, ors: session.ors(ORS.reply, ORS.resultData), statement },
            { fetchOption: { option: FETCH.next, row: undefined }, ...wish },
          ),
        { statement, signal: this.options.signal },
      )
      .then((reply) => this.fetched(reply));
    // The failure belongs to whoever takes this block; until then it must not count as unhandled.
    block.catch(() => undefined);
    return block;
  }

  /** There is more than the last wish held. */
  private grow(): void {
    const { blockBytesUpTo } = this.options;
    if (blockBytesUpTo === undefined || this.blockBytes === undefined) return;
    this.blockBytes = Math.max(this.blockBytes, Math.min(blockBytesUpTo, this.blockBytes * GROWTH));
  }

  private fetched(reply: DbReply): Block {
    const block = this.blockOf(reply);
    return block.data && block.data.rows > 0 ? block : { ...block, last: true };
  }

  private blockOf(reply: DbReply): Block {
    const { returnClass, returnCode, ors } = reply.template;
    const ended = returnClass === RETURN_CLASS.sql && returnCode === END_OF_DATA;
    const fetchEnd =
      returnClass === RETURN_CLASS.fetch && (returnCode === ENDED_AND_CLOSED || returnCode === LAST_BLOCK);
    if (returnClass === RETURN_CLASS.fetch && returnCode === ENDED_AND_CLOSED) this.open = false;
    return {
      data: reply.parameters.resultData ?? null,
      variableFields: has(ors, ORS.variableFieldsCompressed),
      last: ended || fetchEnd,
    };
  }

  private async resolve(rows: WireValue[][]): Promise<void> {
    for (const row of rows) {
      for (let c = 0; c < row.length; c++) {
        const value = row[c];
        if (!(value instanceof LobLocator)) continue;
        row[c] = lobText(
          await readLob(this.lobContext(), value.field, value.handle, c + 1),
          value.field,
          this.session.job.text.jobCcsid,
        );
      }
    }
  }

  private async resolveRaw(block: RawRows): Promise<RawRows> {
    const { fields } = this.decoder.layout;
    const values = new Map<number, Buffer>();
    for (let row = 0; row < block.rowCount; row++) {
      for (let c = 0; c < fields.length; c++) {
        if (fields[c]!.shape !== 'locator' || block.isNull(row, c)) continue;
        const handle = block.buffer.readUInt32BE(block.offset(row, c));
        values.set(row * fields.length + c, (await readLob(this.lobContext(), fields[c]!, handle, c + 1)).bytes);
      }
    }
    return withValues(block, fields.length, values);
  }

  private lobContext() {
    return { session: this.session, statement: this.statement, signal: this.options.signal };
  }

  /** Gives the cursor up. Waits for a block that is on its way. Never throws. */
  async close(): Promise<void> {
    if (this.finished) return;
    this.finished = true;
    const pending = this.next;
    this.next = null;
    await pending?.catch(() => undefined);
    if (this.open) {
      const { session, statement } = this;
      session.post((f) => closeCursor.request({ ...f, ors: session.ors(), statement }, { reuse: REUSE.yes }));
    }
    this.open = false;
    this.closed();
  }
}
