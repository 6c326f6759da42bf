/** Commands: what was asked for cannot be done as it was asked. Nothing was changed. */
import { ofFamily } from './entry';

const ONE_OF = 'name one of those the message lists';

const ASKED = ofFamily('config', {
  USAGE: {
    means: 'An option of a command has a value it cannot have, or options that exclude each other were given together.',
    next: '`ibmi-cdc COMMAND --help` shows the options with an example; docs/reference/commands.md has them all',
  },
  ALERT_SINK: {
    means: '`alerts test` names a sink that `alerts.sinks` does not have, or none is configured.',
    next: 'docs/alerts.md has an example of each kind of sink',
  },
  INIT_EXISTS: {
    means: '`init` would write over a configuration that is there.',
    next: 'name another file with -c FILE, or replace it with --force',
  },
  INIT_WRITE: { means: '`init` cannot write the file.', next: 'choose a folder you may write to' },
  INFER_LIBRARY: {
    means: '`infer --library` names a library in which this profile sees no physical file and no table.',
    next: 'look whether it exists and what the profile may see: DSPOBJD OBJ(LIB/*ALL) OBJTYPE(*FILE)',
  },
  TEST_FILE: {
    means: 'A file of mapping tests is no YAML, or a case in it says what a case cannot say; each error has its line.',
    next: 'docs/testing.md shows what a case may say',
  },
  TEST_NONE: {
    means:
      '`test` finds no file of tests: none is named and none that ends in .test.yaml lies beside the configuration.',
    next: 'name a file, or write one: docs/testing.md has an example',
  },
  TEST_WRITE: {
    means: 'A first file of tests cannot be written; one that is there is never written over.',
    next: 'name another file',
  },
  TEST_TABLE: { means: 'A test names a table that the configuration does not have.', next: ONE_OF },
  TEST_FORMAT: {
    means: 'The record format of the table of a test is not known: neither a format file nor the state file has it.',
    next: 'write the formats once with `ibmi-cdc plan --formats formats`, or name one with `format:` or --format FILE',
  },
  TEST_ROW: {
    means: 'A row of a test names a column that its file does not have, or a value that the column cannot hold.',
    next: "write values as `ibmi-cdc decode` does, or the bytes of a column as X'..'",
  },
  FORMATS_WRITE: { means: '`plan --formats` cannot write into its folder.', next: 'choose a folder you may write to' },
  FORMAT_FILE: {
    means: 'The file given with --format cannot be read, is no JSON, or does not describe record formats.',
    next: 'its shape is in docs/decoding.md: {"table":"LIB/FILE","columns":[...]} or a list of them',
  },
  STATE_MISSING: {
    means:
      'The command reads the state file, and no daemon has written one yet; beside a daemon that is just starting it waited five seconds for the file.',
    next: 'start the daemon once, or name the configuration it runs with: -c FILE',
  },
  BACKUP_EXISTS: {
    means: '`backup` never writes over a file.',
    next: 'give the copy a new name, one with the date in it for example',
  },
  BACKUP_MISSING: {
    means: 'The copy that is to be looked at is not there.',
    next: 'name a copy that `ibmi-cdc backup FILE` made',
  },
  LISTEN_PORT: { means: '`listen` cannot open its port.', next: 'choose another --port, or 0 for any free one' },
  LISTEN_SECRET: {
    means: '`listen` is to verify signatures and has no usable secret. The secret is never shown.',
    next: 'pass --secret-env NAME, --secret-file FILE or --secret TEXT, or --preset none to look at unsigned requests',
  },
  LISTEN_DESTINATION: { means: '`listen --from` names a destination that is no webhook.', next: ONE_OF },
  TABLE_NOT_PAUSED: {
    means:
      '`resume --table` names a table that is not paused. Where its changes were not all seen, the message says which and how that is settled.',
    next: '`ibmi-cdc resume` lists the tables that are paused',
  },
  DESTINATION_NOT_DISABLED: {
    means: '`resume --destination` names a destination that is not disabled.',
    next: '`ibmi-cdc resume` lists the destinations that are',
  },
  RESUME_WHAT: {
    means: 'The options of `resume` do not say one thing that is to go on.',
    next: '`ibmi-cdc resume` lists what can be resumed; `ibmi-cdc resume --help` has an example of each',
  },
  RESUME_CONFIGURED: {
    means: 'The deliveries of a destination can be dropped once it is no longer configured, and this one still is.',
    next: 'take it out of destinations: and of every to:, restart the daemon, then: ibmi-cdc resume --destination NAME --drop',
  },
  DLQ_DESTINATION: { means: '`dlq` names a destination that is not configured.', next: ONE_OF },
  DLQ_WHAT: {
    means: '`dlq retry` or `dlq drop` was not given which letters are meant.',
    next: 'choose by --letter, --destination, --reason, --id, --table, --key or time, or say --all',
  },
  SAMPLE_TYPE: {
    means: '`sample --event` names a type that no rule makes.',
    next: '`ibmi-cdc catalogue` lists the types with their schemas',
  },
  ENTRIES_READ: {
    means: 'The recorded entries cannot be read.',
    next: 'name a file of JSON lines, or - for standard input',
  },
  ENTRIES_LINE: {
    means: 'A line of the recorded entries does not have the right shape; the message has the line and what is wrong.',
    next: 'write one JSON object a line: {"table":"LIB/FILE","type":"PT","hex":"..","nullMap":null,...}',
  },
  REPLAY_OPTIONS: {
    means:
      'A replay from the journal (--changed-since, --changed-until, or --receiver with a sequence number) was given together with an option that only chooses among stored events, or with times and a receiver at once.',
    next: 'choose by time of the change or by receiver, with --table and --to; the other options choose among stored events',
  },
  REPLAY_TABLE: {
    means: 'A replay from the journal names a table or receiver of which the configuration reads nothing.',
    next: '`ibmi-cdc plan` shows the journal of each table; rows without a journal are sent again by `backfill`',
  },
  REPLAY_LAYOUT: {
    means:
      'A table was altered within the range of a replay from the journal, before this state file followed it. The record format of the entries before is not known, and none is guessed. Nothing was sent.',
    next: 'begin behind the change with --receiver and --from-sequence, or leave the table out with --table',
  },
  REPLAY_FAILED: {
    means: 'A replay that the daemon worked on ended with an error. What it had queued is delivered.',
    next: 'mend the cause the message names; the same command goes on where it stopped',
  },
  REPLAY_WHAT: {
    means: '`replay` was not given which events are meant.',
    next: 'choose by --id, --type, --table, --key, time, or --receiver with sequence numbers, or say --all',
  },
  REPLAY_UNROUTED: {
    means: '`replay --also-unrouted` needs to know the destinations that are to get events not made for them.',
    next: 'name them: --to NAME',
  },
  REPLAY_DESTINATION: { means: '`replay --to` names a destination that is not configured.', next: ONE_OF },
  DEBUG_WHAT: {
    means: '`debug start` was not given exactly one destination or one table, or one that is not configured.',
    next: 'name one: --destination NAME or --table LIB/FILE',
  },
  DEBUG_MANY: {
    means: 'Ten captures of requests and answers are running, which is all there may be.',
    next: 'end one of them: `ibmi-cdc debug list`, `ibmi-cdc debug stop ID`',
  },
  DEBUG_NONE: {
    means: '`debug tail` finds no capture, or none of that number. What was caught is forgotten a day after its end.',
    next: 'begin one: ibmi-cdc debug start --destination NAME --for 15m',
  },
  SEND_TEST_DESTINATION: {
    means: '`send-test` names no destination, or one that is not configured.',
    next: 'name one of those the message lists with --to',
  },
  SEND_TEST_EVENT: {
    means: '`send-test` names a type that no table makes.',
    next: 'name a type such as order.created: the event name of a table with .created, .updated or .deleted',
  },
  TRACE_TABLE: {
    means: '`trace --table` names a table that is not captured.',
    next: 'name one of those the message lists, or leave --table out to look at all of them',
  },
  AUDIT_RANGE: {
    means: 'The range of `audit` cannot be looked at: it is empty, or outside what the ledger and the receivers hold.',
    next: 'the message says which range there is',
  },
  BACKFILL_RANGE: {
    means:
      'The range of dates of a backfill cannot be asked for: a date is not in the calendar or not in the form of the column, or the end lies before the beginning.',
    next: 'correct --from and --to; docs/journal.md has the forms',
  },
  BACKFILL_TABLE: {
    means: 'The table of a backfill is not captured, or not on the partition.',
    next: '`ibmi-cdc plan` shows every table',
  },
  BACKFILL_COLUMN: { means: 'The date column of a backfill is not a column of the table.', next: ONE_OF },
  BACKFILL_WHERE: {
    means: 'The partition refuses the condition given with --where; what it says is in the message. Nothing was read.',
    next: 'it stands in SELECT ... FROM LIB.FILE T WHERE (...): try it with `ibmi-cdc sql`',
  },
  RECONCILE_NOTHING: {
    means:
      'Nothing of the table is remembered, so there is nothing its rows could be compared with; the message says why.',
    next: 'give the table a key and leave out `remember: false`; what is sent from then on is remembered. docs/reconcile.md has what can be judged',
  },
  RECONCILE_LIST: {
    means:
      'A line of the list given with --against cannot be used; the message has file, line and what is wrong with it.',
    next: 'one JSON object a line: {"table":"LIB/FILE","key":{..},"id":".."}, or "after":{..} instead of "id"; docs/reconcile.md has its shape',
  },
  RECONCILE_FAILED: {
    means: 'A reconciliation the daemon was asked for failed; the message says why.',
    next: 'mend the cause and run the same command again',
  },
  VERIFY_TABLE: {
    means:
      'The table has no record images that `verify` could decode: it is not journaled, or not captured from its journal.',
    next: '`ibmi-cdc plan` shows every table with its journal',
  },
  NO_RESULT_SET: {
    means: 'A statement that returns no rows was run as a query.',
    next: 'run it as a statement that changes something, not as a query',
  },
  PARAMETER_COUNT: {
    means: 'A statement has another number of parameter markers than there are values.',
    next: 'pass one value for every ? of the statement',
  },
  PARAMETER_VALUE: {
    means:
      'A value does not fit the parameter it is for: type, length, range or form. The value is not shown and the statement was not run.',
    next: 'pass a value that fits; the message names the form',
  },
  SIMULATE_DATA_IN_USE: {
    means: 'Another simulated partition runs on the same folder.',
    next: 'stop it, or give this one a --data folder of its own',
  },
  SIMULATOR_PORT: {
    means: 'The simulated partition cannot open one of its ports.',
    next: 'choose another port, 0 for any free one, or another --host',
  },
  FAULT_UNKNOWN: { means: 'The simulated partition has no fault of this name.', next: ONE_OF },
});

const FOUND = ofFamily('findings', {
  DLQ_NUMBER: { means: 'There is no dead letter of this number.', next: '`ibmi-cdc dlq list` shows those there are' },
  INPUT_JSON: {
    means:
      'A line given to `decode` is no JSON object. The line is answered with this error and the others are decoded.',
    next: 'write one JSON object a line: docs/decoding.md',
  },
  INPUT_HEX: {
    means: 'The `hex` of a line given to `decode` is not made of pairs of hex digits.',
    next: 'write two digits a byte',
  },
  INPUT_FORMAT: {
    means: 'A line given to `decode` brings no format, and --format was not given.',
    next: 'add `format` to the line, or pass --format FILE',
  },
  INPUT_NULL_MAP: {
    means: 'The `nullMap` of a line given to `decode` is not null and not a text of 0, 1 and 9.',
    next: 'write one character for each column: 0 a value, 1 null, 9 left out',
  },
});

const BUGS = ofFamily('bug', {
  BUG: {
    means:
      'The program found itself in a state that cannot be. It ended at once; what was committed is safe, and a start goes on from there.',
    next: 'report the message with the log around it; start again',
  },
  STATEMENT_CLOSED: { means: 'The program used a statement it had closed.', next: 'report it with the log around it' },
});

export const COMMAND_ERRORS = { ...ASKED, ...FOUND, ...BUGS };
