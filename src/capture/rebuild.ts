/**
 * Makes the body of an event again that was stored without one (`storePayload: false`): its journal entry is read by the
 * position the event carries and mapped by the same rules, so the id is the same and the payload never rests on our disk.
 */
import { readReceivers } from '../catalog/journals';
import type { TableConfig } from '../config/config';
import { readAgain } from '../journal/again/read-again';
import { isNotice, type UnitItem } from '../journal/cycle/unit';
import type { JournalOptions } from '../journal/options';
import { ReceiverChain } from '../journal/position/chain';
import type { EventBody, StoredEvent } from '../model/delivery';
import type { EventDraft } from '../model/event';
import { formatName, type Position, parseName } from '../model/position';
import type { SqlConnection, SqlTransport } from '../transport/transport';
import { type Mapping, MOST_ASKS } from './tables/mapping';

interface RebuildParts {
  readonly transport: SqlTransport;
  readonly mapping: Mapping;
  readonly journals: readonly JournalOptions[];
  readonly tables: readonly Pick<TableConfig, 'rules'>[];
  readonly signal: AbortSignal;
}

/** Milliseconds an unused connection is kept: retries come in bursts. */
const KEEP_MS = 30_000;

export class Rebuilder {
  private connection: Promise<SqlConnection> | null = null;
  private idle: NodeJS.Timeout | null = null;
  /** One question at a time: a connection is one server job. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: RebuildParts) {}

  /** @returns null when the journal can no longer show the entry; throws when the partition cannot be asked now */
  body(event: StoredEvent): Promise<EventBody | null> {
    const answer = this.queue.then(() => this.ask(event));
    this.queue = answer.catch(() => undefined);
    return answer;
  }

  async close(): Promise<void> {
    await this.queue;
    await this.drop();
  }

  private async ask(event: StoredEvent): Promise<EventBody | null> {
    const receiver = event.receiver === null ? null : parseName(event.receiver);
    const options = this.parts.journals.find((j) => formatName(j.journal) === event.journal);
    if (!receiver || !options || event.sequence === null) return null;
    try {
      return await this.read(options, { receiver, sequence: BigInt(event.sequence) }, event);
    } catch (error) {
      await this.drop();
      throw error;
    }
  }

  private async read(options: JournalOptions, at: Position, event: StoredEvent): Promise<EventBody | null> {
    const { mapping, signal } = this.parts;
    const file = parseName(event.table);
    if (!file) return null;
    for (;;) {
      const connection = await this.open();
      const formats = mapping.formatCount(file);
      const chain = new ReceiverChain(formats > 1 ? await readReceivers(connection, options.journal) : []);
      // a receiver that is listed no more is older than one that can be read
      const compare = (a: Position, b: Position): number => chain.compare(a, b) ?? 1;
      const made = await readAgain(connection, options, at, signal, async (item) => {
        for (let asks = 0; mapping.formatCount(file) === formats; asks++) {
          const body = mapping.withFormatAt(file, at, compare, () => this.bodyOf(item, event));
          if (asks === MOST_ASKS || mapping.missingLookups().length === 0) return { body };
          // mapped at once with what comes: the stream may forget it with the next change of that table
          await mapping.loadLookups();
        }
        return 'altered meanwhile';
      });
      if (made !== 'altered meanwhile') return made?.body ?? null;
    }
  }

  private bodyOf(item: UnitItem, event: StoredEvent): EventBody | null {
    const { mapping } = this.parts;
    mapping.beginUnit(true);
    const drafts: EventDraft[] = [];
    if (isNotice(item)) drafts.push(...mapping.notice(item));
    else {
      const outcome = mapping.map(item);
      if (outcome.is === 'mapped') drafts.push(...outcome.events);
    }
    drafts.push(...mapping.endUnit());
    const draft = drafts.find((d) => d.id === event.id);
    return draft && isTrue(draft, event) && !(event.damaged && this.merges(draft))
      ? { body: Buffer.from(draft.body), attemptOffset: draft.attemptOffset }
      : null;
  }

  /** Whether other entries may have had a part in it: its own then says a part of what it said. */
  private merges({ rule }: EventDraft): boolean {
    const named = this.parts.tables.flatMap(({ rules }) => rules.filter(({ name }) => name === rule));
    return named.some(({ parent, coalesceWindow }) => parent !== null || coalesceWindow !== null);
  }

  private open(): Promise<SqlConnection> {
    if (this.idle) clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.drop(), KEEP_MS);
    this.idle.unref();
    this.connection ??= this.parts.transport.connect({ signal: this.parts.signal, role: 'rebuild' });
    return this.connection;
  }

  private async drop(): Promise<void> {
    if (this.idle) clearTimeout(this.idle);
    this.idle = null;
    const connection = this.connection;
    this.connection = null;
    await (await connection?.catch(() => null))?.close().catch(() => undefined);
  }
}

/** What else is sent of an event whose page was altered must be what the journal says, too. */
function isTrue(draft: EventDraft, { damaged, key, traceKey, time, type, recordUrl }: StoredEvent): boolean {
  if (!damaged) return true;
  return (
    draft.key === key &&
    draft.traceKey === traceKey &&
    draft.time === time &&
    draft.type === type &&
    draft.recordUrl === recordUrl
  );
}
