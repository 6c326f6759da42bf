/** A configuration and a state file as a daemon leaves it, for the models of operator commands: no partition, no network. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config';
import { loadConfig } from '../../src/config/load';
import { checkMapping } from '../../src/map/plan/check';
import type { EventDraft } from '../../src/model/event';
import { openStateFile, type StateFile } from '../../src/operate/state-file';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { draft } from '../deliver/support/drafts';

export const JOURNAL = { library: 'ORDLIB', name: 'ORDJRN' };
export const RECEIVER = { library: 'ORDLIB', name: 'ORDRCV0001' };
export const HOLD = {
  table: 'ORDLIB/ORDHDR',
  reason: 'table.mass-delete',
  receiver: 'ORDLIB/ORDRCV0001',
  sequence: '1005',
};

export class LeftState implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-operate-'));
  readonly config: Config;
  readonly state: StateFile;

  constructor() {
    const file = join(this.folder, 'c.yaml');
    writeFileSync(
      file,
      `version: 1
partition: { name: SIM, host: localhost, user: U, password: "\${env:PW}", tls: off }
state: ${join(this.folder, 'state.sqlite')}
http: off
destinations: { crm: { stdout: {} }, lake: { stdout: {} } }
tables: { ORDLIB/ORDHDR: { event: order } }
`,
    );
    this.config = loadConfig(file, { env: { PW: 'x' }, references: 'require', checkMapping });
    Store.open(this.config.state, [OUTBOX_SCHEMA]).close();
    this.state = openStateFile(this.config);
  }

  append(...events: readonly Partial<EventDraft>[]): void {
    const { store, outbox } = this.state;
    store.transaction(() => outbox.append(events.map((given, i) => draft(i + 1, given))));
  }

  /** What waits for a destination becomes dead letters, refused with 422. */
  refuseAll(destination: string, message = 'the receiver answered 422'): void {
    const { outbox } = this.state;
    const record = { attempt: 1, at: 1_000, ms: 7, status: 422, signature: 's', response: 'no', error: null, batch: 1 };
    const waiting = outbox.fresh(destination, 1, 0, 100, 1e9);
    for (const delivery of waiting) {
      delivery.attempts++;
      outbox.settle([{ is: 'dead', delivery, record, reason: 'http-422', message }]);
    }
  }

  [Symbol.dispose](): void {
    this.state[Symbol.dispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
