/** Every table of a state file. */

import { ALERT_SCHEMA } from '../alerts/alert-book';
import { BACKFILL_SCHEMA } from '../backfill/backfill-jobs';
import { HELD_SCHEMA } from '../capture/tables/held-table';
import { TABLE_NAMES_SCHEMA } from '../catalog/table-names';
import { CONTRACT_SCHEMA } from '../contract/contract-table';
import { DEBUG_SCHEMA } from '../debug/debug-table';
import { DISABLED_SCHEMA } from '../deliver/standing/disabled-table';
import { POSITION_WORD_SCHEMA } from '../deliver/standing/position-words';
import { STANDING_SCHEMA } from '../deliver/standing/standing-table';
import { LEDGER_SCHEMA } from '../journal/ledger/table';
import { CHECKPOINT_SCHEMA } from '../journal/position/checkpoint-table';
import { GAP_SCHEMA } from '../journal/position/gap-table';
import { OPERATOR_LOG_SCHEMA } from '../operators/operator-log';
import { TOKEN_SCHEMA } from '../operators/tokens';
import { SET_ASIDE_SCHEMA } from '../outbox/letters/set-aside';
import { OUTBOX_SCHEMA } from '../outbox/schema';
import { RECONCILE_SCHEMA } from '../reconcile/reconcile-jobs';
import { FORMAT_HISTORY_SCHEMA } from '../record/layout/format-history';
import { REMEMBER_SCHEMA } from '../remember/schema';
import { REPLAY_SCHEMA } from '../replay/replay-jobs';
import { SERIES_SCHEMA } from '../series/series-table';
import type { Schema } from '../store/store';
import { WINDOW_SCHEMA } from '../window/window-state';

export const STATE_SCHEMAS: readonly Schema[] = [
  OUTBOX_SCHEMA,
  CHECKPOINT_SCHEMA,
  LEDGER_SCHEMA,
  GAP_SCHEMA,
  WINDOW_SCHEMA,
  BACKFILL_SCHEMA,
  FORMAT_HISTORY_SCHEMA,
  SET_ASIDE_SCHEMA,
  TABLE_NAMES_SCHEMA,
  DISABLED_SCHEMA,
  POSITION_WORD_SCHEMA,
  REMEMBER_SCHEMA,
  HELD_SCHEMA,
  RECONCILE_SCHEMA,
  REPLAY_SCHEMA,
  DEBUG_SCHEMA,
  STANDING_SCHEMA,
  CONTRACT_SCHEMA,
  OPERATOR_LOG_SCHEMA,
  TOKEN_SCHEMA,
  SERIES_SCHEMA,
  ALERT_SCHEMA,
];
