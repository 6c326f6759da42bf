/** Tables of the outbox. Deliveries refer to events by number, so a body is stored once however many destinations want it. */
import type { Schema } from '../store/store';

export const OUTBOX_SCHEMA: Schema = {
  name: 'outbox',
  steps: [
    `
CREATE TABLE outbox_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO outbox_counter VALUES ('seq', 0), ('bytes', 0), ('events', 0), ('logBytes', 0);

-- who this file is, for positions kept elsewhere
CREATE TABLE outbox_identity (id TEXT NOT NULL);
INSERT INTO outbox_identity VALUES (lower(hex(randomblob(8))));

CREATE TABLE outbox_destination (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- what many events have in common
CREATE TABLE outbox_shape (
  no INTEGER PRIMARY KEY,
  destinations TEXT NOT NULL,
  type TEXT NOT NULL,
  version TEXT NOT NULL,
  tbl TEXT NOT NULL,
  rule TEXT NOT NULL,
  content_type TEXT NOT NULL,
  tombstone INTEGER NOT NULL,
  -- 0 plain, 1 AES-256-GCM: nonce, tag, cipher text
  sealed INTEGER NOT NULL,
  -- '' for rows that were not read from a journal
  journal TEXT NOT NULL,
  receiver TEXT NOT NULL,
  UNIQUE (destinations, type, version, tbl, rule, content_type, tombstone, sealed, journal, receiver)
);

CREATE TABLE outbox_event (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  -- '' or, where one event has another body for other destinations, the numbers of those
  variant TEXT NOT NULL,
  shape INTEGER NOT NULL,
  key TEXT NOT NULL,
  -- null: the same as key
  trace_key TEXT,
  time TEXT NOT NULL,
  -- decimal, left padded to 20, so that text order is number order
  sequence TEXT,
  appended_at INTEGER NOT NULL,
  attempt_offset INTEGER NOT NULL,
  record_url TEXT,
  body BLOB
);
CREATE UNIQUE INDEX outbox_event_id ON outbox_event (id, variant);

-- never attempted, in queue order
CREATE TABLE outbox_ready (
  destination INTEGER NOT NULL,
  class INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (destination, class, pos)
) WITHOUT ROWID;

-- lanes that wait: the head with its next attempt, the others behind it
CREATE TABLE outbox_parked (
  destination INTEGER NOT NULL,
  lane TEXT NOT NULL,
  pos INTEGER NOT NULL,
  event INTEGER NOT NULL,
  class INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  charged INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (destination, lane, pos)
) WITHOUT ROWID;
CREATE INDEX outbox_parked_event ON outbox_parked (event);

CREATE TABLE outbox_dead (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  event INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  lane TEXT NOT NULL,
  reason TEXT NOT NULL,
  message TEXT NOT NULL,
  status INTEGER,
  response TEXT,
  attempts INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  dead_at INTEGER NOT NULL
);
CREATE INDEX outbox_dead_event ON outbox_dead (event);

-- last position and class of a lane, kept once priorities are in use: a lane never overtakes itself
CREATE TABLE outbox_lane (
  destination INTEGER NOT NULL,
  lane TEXT NOT NULL,
  class INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  PRIMARY KEY (destination, lane)
) WITHOUT ROWID;

-- events queued a second time (replay, dead letter retry): not purged while they wait
CREATE TABLE outbox_again (event INTEGER NOT NULL, pos INTEGER NOT NULL, PRIMARY KEY (event, pos)) WITHOUT ROWID;

CREATE TABLE outbox_log (
  no INTEGER PRIMARY KEY,
  event INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  at INTEGER NOT NULL,
  ms REAL NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER,
  batch INTEGER NOT NULL,
  signature TEXT,
  response TEXT,
  error TEXT
);
CREATE INDEX outbox_log_event ON outbox_log (event);
`,
    `
-- tables whose route is paused until the operator decides
CREATE TABLE outbox_hold (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  tbl TEXT NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  receiver TEXT,
  sequence TEXT
);
-- their deliveries: not queued, not purged
CREATE TABLE outbox_held (
  hold INTEGER NOT NULL,
  event INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  PRIMARY KEY (hold, event, destination)
) WITHOUT ROWID;
CREATE INDEX outbox_held_event ON outbox_held (event);
`,
    `
-- 1 for a replay, 0 for a delivery that was queued again for another reason
ALTER TABLE outbox_again ADD COLUMN replay INTEGER NOT NULL DEFAULT 0;
`,
  ],
};
