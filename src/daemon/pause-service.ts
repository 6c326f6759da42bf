/** Carries out the operator's word on paused tables: what was held is queued, or dropped, a page a transaction. */
import type { Dispatcher } from '../deliver/dispatcher';
import type { Outbox } from '../outbox/outbox';
import type { TablePauses } from '../outbox/table-pauses';
import type { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import { Backoff } from './backoff';

export interface PauseServiceParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly pauses: TablePauses;
  /** Told when a table goes on, so that the next burst is judged afresh. */
  readonly resumed: (table: string) => void;
  readonly log: Logger;
}

const LOOK_MS = 500;
const PAGE = 500;

export class PauseService {
  constructor(private readonly parts: PauseServiceParts) {}

  async run(signal: AbortSignal): Promise<void> {
    const wait = new Backoff();
    while (!signal.aborted) {
      this.parts.pauses.reload();
      if (this.parts.pauses.any) this.carryOut(signal);
      await wait.wait(LOOK_MS, signal);
    }
  }

  private carryOut(signal: AbortSignal): void {
    for (const { table, word, held } of this.parts.pauses.list()) {
      if (word === 'wait') continue;
      while (!signal.aborted && this.page(table, word));
      this.parts.resumed(table);
      this.parts.log.info(
        { table, events: held },
        word === 'resume' ? 'table resumed' : 'table resumed, held events dropped',
      );
    }
  }

  /** @returns whether there may be more */
  private page(table: string, word: 'resume' | 'drop'): boolean {
    const { store, outbox, dispatcher, pauses } = this.parts;
    let more = true;
    const committed = store.transaction(() => {
      const drafts = pauses.release(table, PAGE);
      more = drafts.length > 0;
      return outbox.append(word === 'resume' ? drafts : []);
    });
    dispatcher.offer(committed);
    return more;
  }
}
