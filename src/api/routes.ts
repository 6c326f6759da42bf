/** Every route of the API. */

import type { Route } from './route';
import * as alerts from './routes/alerts';
import * as backfills from './routes/backfills';
import * as control from './routes/control';
import * as deadLetters from './routes/dead-letters';
import * as debug from './routes/debug';
import * as events from './routes/events';
import * as operators from './routes/operators';
import * as overview from './routes/overview';
import * as partition from './routes/partition';
import * as playground from './routes/playground';
import * as replays from './routes/replays';

export const ROUTES: readonly Route[] = [
  overview.statusRoute,
  overview.stopped,
  alerts.list,
  overview.journals,
  partition.receivers,
  overview.series,
  overview.tables,
  overview.oneTable,
  playground.mapping,
  playground.tryMapping,
  control.pauseOfTable,
  control.resumeOfTable,
  partition.record,
  control.destinations,
  control.oneDestination,
  control.requestsOfDestination,
  control.pauseOfDestination,
  control.resumeOfDestination,
  control.testOfDestination,
  events.events,
  events.oneEvent,
  events.imageOfEvent,
  partition.trace,
  replays.list,
  replays.replays,
  replays.one,
  replays.cancel,
  deadLetters.letters,
  deadLetters.retry,
  deadLetters.drop,
  deadLetters.oneLetter,
  backfills.list,
  backfills.start,
  backfills.one,
  backfills.cancel,
  debug.list,
  debug.start,
  debug.one,
  debug.stop,
  operators.auditLog,
  operators.tokens,
  operators.newToken,
  operators.endToken,
  operators.session,
];
