/**
 * Tables of the outbox. What is written for every event is packed: events into pages, queue places into bitmaps, ids into
 * lists, attempts into one row a commit. What is rare (waiting lanes, dead letters, held tables) has a row each.
 */
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

-- events first..last without a gap, written in one transaction, packed as event-page.ts says; bytes: their payloads
CREATE TABLE outbox_page (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  appended_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  data BLOB NOT NULL
);

-- event ids: those with one prefix and neighbouring numbers share a row, packed as event-ids.ts says
CREATE TABLE outbox_id (
  prefix TEXT NOT NULL,
  chunk INTEGER NOT NULL,
  events BLOB NOT NULL,
  PRIMARY KEY (prefix, chunk)
) WITHOUT ROWID;

-- queue places never attempted: bit p of a chunk stands for position chunk * 1024 + p
CREATE TABLE outbox_ready (
  destination INTEGER NOT NULL,
  class INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  bits BLOB NOT NULL,
  PRIMARY KEY (destination, class, chunk)
) WITHOUT ROWID;

-- places of events queued a second time; an event's first place has its own number. replay: 0 dead letter retry, release
CREATE TABLE outbox_again (pos INTEGER PRIMARY KEY, event INTEGER NOT NULL, replay INTEGER NOT NULL);
CREATE INDEX outbox_again_event ON outbox_again (event);

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
  dead_at INTEGER NOT NULL,
  replay INTEGER NOT NULL
);
CREATE INDEX outbox_dead_event ON outbox_dead (event);

-- last position and class of a lane that is on record, as outbox_lane_scope says: a lane never overtakes itself
CREATE TABLE outbox_lane (
  destination INTEGER NOT NULL,
  lane TEXT NOT NULL,
  class INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  PRIMARY KEY (destination, lane)
) WITHOUT ROWID;

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
  replay INTEGER NOT NULL,
  PRIMARY KEY (hold, event, destination)
) WITHOUT ROWID;
CREATE INDEX outbox_held_event ON outbox_held (event);

-- attempts at events first..last that were settled in one commit: JSON as delivery-log.ts says
CREATE TABLE outbox_log (
  no INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  requests TEXT NOT NULL
);
CREATE INDEX outbox_log_event ON outbox_log (last, first);
`,
    // as long as the pause up to due_at is: the wall clock may be set back meanwhile
    'ALTER TABLE outbox_parked ADD COLUMN pause INTEGER',
    // CRC-32 of data; null in pages of an older version
    'ALTER TABLE outbox_page ADD COLUMN sum INTEGER',
    '-- outbox_ready.bits and outbox_id.events end with their CRC-32, which an older version would take for content',
    // which lanes are on record, and from which place on: queue/lane-classes.ts
    `
CREATE TABLE outbox_lane_scope (
  destination INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  since INTEGER NOT NULL,
  rows INTEGER,
  mixed INTEGER NOT NULL
);
INSERT INTO outbox_lane_scope
  SELECT no, 'key', value, value, 0 FROM outbox_destination, outbox_counter WHERE outbox_counter.name = 'priorities';
DELETE FROM outbox_counter WHERE name = 'priorities';
`,
    // CRC-32 of the other columns as row-sum.ts says; null in rows of an older version
    `ALTER TABLE outbox_destination ADD COLUMN sum INTEGER;
     ALTER TABLE outbox_shape ADD COLUMN sum INTEGER;
     ALTER TABLE outbox_again ADD COLUMN sum INTEGER;
     ALTER TABLE outbox_parked ADD COLUMN sum INTEGER;
     ALTER TABLE outbox_dead ADD COLUMN sum INTEGER;
     ALTER TABLE outbox_lane ADD COLUMN sum INTEGER;
     ALTER TABLE outbox_lane_scope ADD COLUMN sum INTEGER;
     ALTER TABLE outbox_hold ADD COLUMN sum INTEGER;
     ALTER TABLE outbox_held ADD COLUMN sum INTEGER;
     -- written twice: what events are numbered by, and whose positions are kept elsewhere
     ALTER TABLE outbox_counter ADD COLUMN again INTEGER;
     UPDATE outbox_counter SET again = value WHERE name = 'seq';
     ALTER TABLE outbox_identity ADD COLUMN again TEXT;
     UPDATE outbox_identity SET again = id;`,
  ],
};
