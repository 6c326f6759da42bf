/** The daemon's state file, opened beside a running daemon by commands that look or that queue work for it. */

import { ALERT_SCHEMA } from '../alerts/alert-book';
import { outboxOptions } from '../assembly/outbox-options';
import { BACKFILL_SCHEMA } from '../backfill/backfill-jobs';
import { TABLE_NAMES_SCHEMA } from '../catalog/table-names';
import type { Config } from '../config/config';
import { CONTRACT_SCHEMA } from '../contract/contract-table';
import { DEBUG_SCHEMA } from '../debug/debug-table';
import { DISABLED_SCHEMA, DisabledTable } from '../deliver/standing/disabled-table';
import { POSITION_WORD_SCHEMA } from '../deliver/standing/position-words';
import { STANDING_SCHEMA, StandingTable } from '../deliver/standing/standing-table';
import { CodedError } from '../errors/coded-error';
import { LEDGER_SCHEMA } from '../journal/ledger/table';
import { CHECKPOINT_SCHEMA, CheckpointTable } from '../journal/position/checkpoint-table';
import { GAP_SCHEMA, GapTable } from '../journal/position/gap-table';
import { OPERATOR_LOG_SCHEMA, OperatorLog } from '../operators/operator-log';
import { TOKEN_SCHEMA, Tokens } from '../operators/tokens';
import { SET_ASIDE_SCHEMA, SetAsideTable } from '../outbox/letters/set-aside';
import { Outbox } from '../outbox/outbox';
import { OUTBOX_SCHEMA } from '../outbox/schema';
import { RECONCILE_SCHEMA } from '../reconcile/reconcile-jobs';
import { FORMAT_HISTORY_SCHEMA } from '../record/layout/format-history';
import { REPLAY_SCHEMA } from '../replay/replay-jobs';
import { SERIES_SCHEMA } from '../series/series-table';
import { stateThere } from '../store/look';
import { Store } from '../store/store';
import { WINDOW_SCHEMA } from '../window/window-state';

export interface StateFile extends Disposable {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly checkpoints: CheckpointTable;
  readonly disabled: DisabledTable;
  readonly standing: StandingTable;
  readonly gaps: GapTable;
  readonly setAside: SetAsideTable;
  readonly operators: OperatorLog;
  readonly tokens: Tokens;
}

/** @throws CodedError `STATE_MISSING`, family config, when no daemon has written it yet */
export function openStateFile(config: Config): StateFile {
  if (!stateThere(config.state)) {
    throw new CodedError({
      code: 'STATE_MISSING',
      message: `there is no state file ${config.state} yet`,
      next: `start the daemon once: ibmi-cdc run -c ${config.file}`,
    });
  }
  return opened(config, Store.open(config.state, SCHEMAS));
}

/** An empty one that is never written, for commands that look where no daemon has been yet. */
export function stateInMemory(config: Config): StateFile {
  return opened(config, Store.open(':memory:', SCHEMAS));
}

const SCHEMAS = [
  OUTBOX_SCHEMA,
  CHECKPOINT_SCHEMA,
  LEDGER_SCHEMA,
  DISABLED_SCHEMA,
  POSITION_WORD_SCHEMA,
  STANDING_SCHEMA,
  GAP_SCHEMA,
  WINDOW_SCHEMA,
  BACKFILL_SCHEMA,
  FORMAT_HISTORY_SCHEMA,
  SET_ASIDE_SCHEMA,
  TABLE_NAMES_SCHEMA,
  RECONCILE_SCHEMA,
  REPLAY_SCHEMA,
  DEBUG_SCHEMA,
  CONTRACT_SCHEMA,
  OPERATOR_LOG_SCHEMA,
  TOKEN_SCHEMA,
  SERIES_SCHEMA,
  ALERT_SCHEMA,
];

function opened(config: Config, store: Store): StateFile {
  const parts = stateOver(store, new Outbox(store, outboxOptions(config)));
  return { ...parts, [Symbol.dispose]: () => store.close() };
}

/** What a running daemon has open; it is the daemon that closes it. */
export function stateOver(store: Store, outbox: Outbox): StateFile {
  return {
    store,
    outbox,
    checkpoints: new CheckpointTable(store),
    disabled: new DisabledTable(store),
    standing: new StandingTable(store),
    gaps: new GapTable(store),
    setAside: new SetAsideTable(store.db),
    operators: new OperatorLog(store),
    tokens: new Tokens(store),
    [Symbol.dispose]: () => undefined,
  };
}
