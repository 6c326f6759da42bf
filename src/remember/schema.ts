/**
 * Which rows the receivers hold: for each rule and key what was last sent. New records go to the end of a log, in the
 * transaction that queues their events; the log is folded into the sorted table when there is time. So capture pays for
 * a few bytes an event, and a key that changes a hundred times is written into the table once.
 */
import type { Schema } from '../store/store';

export const REMEMBER_SCHEMA: Schema = {
  name: 'remember',
  steps: [
    // generation: raised by whoever wants to know which keys were told, or met, since
    `CREATE TABLE remember_state (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL);
     INSERT INTO remember_state VALUES (1, 1);
     CREATE TABLE remember_rule (no INTEGER PRIMARY KEY, tbl TEXT NOT NULL, rule TEXT NOT NULL, key TEXT NOT NULL);
     CREATE UNIQUE INDEX remember_rule_name ON remember_rule (tbl, rule);
     CREATE TABLE remember_prefix (no INTEGER PRIMARY KEY, prefix TEXT NOT NULL UNIQUE);
     CREATE TABLE remember_log (no INTEGER PRIMARY KEY, generation INTEGER NOT NULL, records BLOB NOT NULL);
     CREATE TABLE remember_key (
       rule INTEGER NOT NULL, key BLOB NOT NULL, generation INTEGER NOT NULL, sent BLOB NOT NULL,
       PRIMARY KEY (rule, key)
     ) WITHOUT ROWID;`,
  ],
};
