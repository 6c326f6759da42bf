/** Findings by code: of the configuration (`validate`, `plan`, every start), and of the partition (`doctor`, `plan`). */
import type { WordEntry } from './entry';

/** Errors stop whatever was asked for. `code` of an issue of severity `error`. */
export const CONFIG_FINDINGS = {
  CFG_YAML: {
    means: 'The file is no valid YAML, or has one key twice.',
    next: 'correct the place shown; quote texts with a colon or #',
  },
  CFG_ENCODING: { means: 'The file is not UTF-8.', next: 'save it again as UTF-8' },
  CFG_UNKNOWN_KEY: {
    means: 'A key that is not known here. Keys that are close are suggested.',
    next: 'correct it; a misspelt key would otherwise be silently without effect',
  },
  CFG_PROFILE: {
    means: '`--profile` names an environment that `profiles` does not have.',
    next: 'name one of those the message lists, or add it below `profiles`',
  },
  CFG_MISSING: { means: 'A member that must be there is not.', next: 'add it' },
  CFG_VALUE: {
    means: 'A value of the wrong type, out of range or not one of the words allowed.',
    next: 'write what is expected',
  },
  CFG_SCALAR: {
    means: 'A plain value that YAML readers take in different ways, such as a number with leading zeros or yes.',
    next: 'put it in quotes, or write it as expected',
  },
  CFG_KEY: {
    means: 'A name (of a table, destination, column) or a secret key in a form that cannot be.',
    next: 'write it in the form expected',
  },
  CFG_REFERENCE: {
    means:
      'A reference ${env:...}, ${file:...} or ${command:...} that leads nowhere or has no right form. A warning where the command does not need the value.',
    next: 'set the variable or create the file; $${ stands for a literal ${',
  },
  CFG_NAMES: {
    means:
      'Names that collide or do not exist: two tables, rules or members with one name, a destination that is not defined.',
    next: 'give each a name of its own, or correct the one that is misspelt',
  },
  CFG_MAPPING: {
    means: 'A rule that can never work: an expression, template, condition or date form that cannot be.',
    next: 'correct the rule; docs/mapping.md',
  },
  CFG_PARENT_FETCH: {
    means:
      '`parent.fetch` needs the table of the parent with a rule of its own for the same entity, whose key `parent.key` names, in plain values; destinations that store payloads; and an envelope that says when the row was read.',
    next: 'give the parent a rule under tables:, or leave fetch out; docs/mapping.md',
  },
  CFG_WINDOW_KEY_ONLY: {
    means: 'A window that keeps keys alone is asked for something only a kept row can answer.',
    next: 'set capture.window.remember: row, or leave the member out',
  },
  CFG_CLEARED_DELETE: {
    means: '`cleared: delete` needs to know which keys were sent, and the lane they were sent in.',
    next: 'set remember: true, and make traceKey of key columns alone',
  },
  CFG_TLS: {
    means: 'TLS members that exclude each other or cannot be honoured, such as a pin behind a proxy.',
    next: 'keep one of them',
  },
  CFG_READER: {
    means:
      'Journals are to be read by the retrieve API over a transport that does not speak the remote command server.',
    next: 'set `journal.reader: auto` or `sql`, or `partition.transport: hostserver`',
  },
  CFG_PORT: {
    means: 'A port that does not fit the choice of TLS.',
    next: 'use 9471 and 9476 with TLS, 8471 and 8476 without',
  },
  CFG_ADDRESS: {
    means: 'A host, URL or proxy that no connection can be made to, or that privateNetworks does not let through.',
    next: 'write a host name alone, or a whole URL',
  },
  CFG_HEADER: {
    means: 'A header that cannot be sent, is written by the product itself, or is sent twice.',
    next: 'choose another name',
  },
  CFG_KAFKA: {
    means: 'A topic no cluster can have, or a transactional id used twice.',
    next: 'correct the topic; give each destination an id of its own',
  },
  CFG_FILE: {
    means: 'A file the configuration names cannot be read or is no PEM. A warning where the command does not need it.',
    next: 'correct the path, the rights or the file',
  },
} as const satisfies Readonly<Record<string, WordEntry>>;

/** Allowed, and still worth a word: `validate` prints them, `validate --strict` ends with 5 for them. */
export const LINT_FINDINGS = {
  CFG_LINT_CLEAR: { means: 'Passwords, rows or events travel in the clear.', next: 'use TLS or https' },
  CFG_LINT_PIN: {
    means: 'A CA beside a fingerprint: the fingerprint replaces the check of the CA.',
    next: 'keep one of them',
  },
  CFG_LINT_UNSIGNED: { means: 'A webhook without a signature: anyone can post to its receiver.', next: 'set signing' },
  CFG_LINT_SHA1: { means: 'A signature by SHA-1.', next: 'use sha256 unless the receiver knows nothing else' },
  CFG_LINT_CONTENT: {
    means: 'The signature does not cover the body of the event.',
    next: 'put {{body}} into signing.hmac.content',
  },
  CFG_LINT_SHORT_SECRET: { means: 'A signing secret short enough to be guessed.', next: 'make one of 32 random bytes' },
  CFG_LINT_SECRET: {
    means: 'A secret stands in the file itself.',
    next: 'write a reference such as ${env:NAME} or ${file:path}',
  },
  CFG_LINT_HTTP: {
    means: 'Status and metrics can be read from other machines without a token.',
    next: 'set http.token, or listen on 127.0.0.1',
  },
  CFG_LINT_TOPIC: {
    means: 'Two tables lead to one topic, in which a compacted row of one erases that of the other.',
    next: 'send one of them to a destination with another topic',
  },
  CFG_LINT_DELETE_IMAGE: {
    means: 'A delete event uses columns that the journal does not hold with IMAGES(*AFTER).',
    next: 'journal with IMAGES(*BOTH) (CHGJRNOBJ), or use key columns alone',
  },
  CFG_LINT_BEFORE_IMAGE: {
    means: 'A rule compares with the row before a change, which the journal does not hold with IMAGES(*AFTER).',
    next: 'journal with IMAGES(*BOTH) (CHGJRNOBJ), or leave the comparison out',
  },
  CFG_LINT_WINDOW_DELETE: {
    means: 'A window sees no deletes without comparing keys.',
    next: 'set capture.window.deletes',
  },
} as const satisfies Readonly<Record<string, WordEntry>>;

/** What `doctor` and `plan` find; a finding itself has the exact CL, SQL or YAML. */
export interface CheckEntry extends WordEntry {
  readonly level: 'warning' | 'error';
  readonly area: 'network' | 'sign-on' | 'server' | 'journal' | 'receiver' | 'table' | 'window' | 'state';
}

export const CHECK_FINDINGS = {
  CHECK_HOST_NAME: {
    level: 'error',
    area: 'network',
    means: 'The host name of the partition does not resolve on this machine. Nothing else was checked.',
    next: 'correct partition.host, or the name server (on IBM i: CFGTCP option 10)',
  },
  CHECK_PORT: {
    level: 'error',
    area: 'network',
    means: 'A port of the host servers does not answer: the server is not started, or a firewall is between.',
    next: 'STRHOSTSVR with the server named, then open the port; with TLS the server needs a certificate',
  },
  CHECK_TLS_OFF: {
    level: 'warning',
    area: 'network',
    means: '`tls: off`: the password and every row cross the network unencrypted.',
    next: 'set partition.tls.ca, and use ports 9471 and 9476',
  },
  CHECK_STATE_FILE: {
    level: 'error',
    area: 'state',
    means: 'The state file, or the folder it will be created in, cannot be written by this user.',
    next: 'chown the folder, or choose another one under state',
  },
  CHECK_SIGN_ON: {
    level: 'error',
    area: 'sign-on',
    means: 'The partition was reached and no session could be opened; the code of the refusal is in the text.',
    next: 'follow the step of that code; nothing behind the sign-on was checked',
  },
  CHECK_PASSWORD_EXPIRES: {
    level: 'warning',
    area: 'sign-on',
    means: 'The password of the profile expires within partition.passwordWarnDays. Capture stops when it has.',
    next: 'change it in time (CHGUSRPRF), or let it not expire: PWDEXPITV(*NOMAX)',
  },
  CHECK_PTF_LEVEL: {
    level: 'error',
    area: 'server',
    means: 'QSYS2.DISPLAY_JOURNAL of this level lacks parameters that name a receiver and a sequence at both ends.',
    next: 'install the current Db2 group PTF of the release',
  },
  CHECK_JOURNAL_INVISIBLE: {
    level: 'error',
    area: 'journal',
    means: 'The journal is not visible to the profile: it does not exist, or the profile has no authority to it.',
    next: 'GRTOBJAUT to the journal with *USE and *OBJEXIST',
  },
  CHECK_API_UNAVAILABLE: {
    level: 'warning',
    area: 'journal',
    means:
      'The retrieve API cannot be used, so that the journal is read by SQL: slower, dearer for the partition, and with longer pauses between two looks.',
    next: 'start the remote command server (STRHOSTSVR *RMTCMD), open its port, grant *USE of journal and receivers; or set `journal.reader: sql` to say that SQL is meant',
  },
  CHECK_API_READER: {
    level: 'error',
    area: 'journal',
    means: '`journal.reader: api` is configured, and the retrieve API cannot be used.',
    next: 'start the remote command server (STRHOSTSVR *RMTCMD), open its port, grant *USE of journal and receivers; or set `journal.reader: auto`',
  },
  CHECK_JOURNAL_AUTHORITY: {
    level: 'error',
    area: 'journal',
    means: 'The journal is listed, and reading one entry of it was refused.',
    next: 'GRTOBJAUT to the journal (*USE *OBJEXIST) and to its receivers (*USE)',
  },
  CHECK_JOURNAL_MINIMIZED: {
    level: 'error',
    area: 'journal',
    means: 'MINENTDTA: update entries hold only the bytes that changed, so an image cannot be decoded whole.',
    next: 'CHGJRN with MINENTDTA(*NONE) and a new receiver',
  },
  CHECK_JOURNAL_STATE: {
    level: 'error',
    area: 'journal',
    means: 'The journal is not active: changes are made and no entry is written.',
    next: 'CHGJRN with JRNSTATE(*ACTIVE); rows that changed meanwhile need a backfill',
  },
  CHECK_JOURNAL_DELETES: {
    level: 'warning',
    area: 'journal',
    means: 'DLTRCV(*YES): the system deletes detached receivers, whether or not they were read.',
    next: 'CHGJRN with DLTRCV(*NO), and delete receivers by a job that looks at the position first',
  },
  CHECK_JOURNAL_MANAGED: {
    level: 'warning',
    area: 'journal',
    means: 'MNGRCV(*USER): an operator or a job must change receivers before they are full.',
    next: 'CHGJRN with MNGRCV(*SYSTEM)',
  },
  CHECK_JOURNAL_CACHED: {
    level: 'warning',
    area: 'journal',
    means: 'JRNCACHE(*YES): entries become visible late, and so do events.',
    next: 'CHGJRN with JRNCACHE(*NO), or accept the delay',
  },
  CHECK_JOURNAL_SEQUENCE: {
    level: 'warning',
    area: 'journal',
    means: 'Without *MAXOPT3 sequence numbers restart at 1. That is followed; positions are harder to read for people.',
    next: 'CHGJRN with RCVSIZOPT(*SYSDFT *MAXOPT3)',
  },
  CHECK_JOURNAL_REMOTE: {
    level: 'warning',
    area: 'journal',
    means: 'A remote journal: the files, and their record formats, are on another system.',
    next: 'nothing, as long as the catalog that is read is that of the system that owns the files',
  },
  CHECK_JOURNAL_USER: {
    level: 'warning',
    area: 'journal',
    means: 'FIXLENDTA leaves out the user: `user` of events is empty, and ignore.users never matches.',
    next: 'CHGJRN with FIXLENDTA(*JOB *USR *PGM)',
  },
  CHECK_RECEIVERS_INVISIBLE: {
    level: 'error',
    area: 'receiver',
    means: 'No receiver of the journal is visible. Missing authority shows as absence.',
    next: 'GRTOBJAUT to the receivers (*JRNRCV) with *USE',
  },
  CHECK_RECEIVER_FREED: {
    level: 'warning',
    area: 'receiver',
    means: 'A receiver was saved with its storage freed: it is listed, and its entries cannot be read.',
    next: 'RSTOBJ, if its entries are still needed',
  },
  CHECK_RECEIVER_PARTIAL: {
    level: 'warning',
    area: 'receiver',
    means: 'A receiver holds only part of its entries.',
    next: 'restore it whole, if the missing entries are still needed',
  },
  CHECK_RECEIVER_DETACHED: {
    level: 'error',
    area: 'receiver',
    means: 'No attached receiver is visible: new entries go where the profile cannot look, or nowhere.',
    next: 'look at WRKJRNA; then authority to the library of the receivers',
  },
  CHECK_POSITION_LOST: {
    level: 'error',
    area: 'receiver',
    means: 'Entries after the position of the state file are proved gone. The daemon would stop with POSITION_LOST.',
    next: 'choose by the costs printed, and set policies.positionLost',
  },
  CHECK_POSITION_AT_RISK: {
    level: 'warning',
    area: 'receiver',
    means: 'The oldest entry that is still needed may be deleted within a day, at the retention seen.',
    next: 'start the daemon, or keep receivers: CHGJRN with DLTRCV(*NO)',
  },
  CHECK_TABLE_MISSING: {
    level: 'error',
    area: 'table',
    means: 'The table does not exist, or is not visible to the profile.',
    next: 'check the name, or grant *USE',
  },
  CHECK_TABLE_MEMBER: {
    level: 'error',
    area: 'table',
    means: 'The file has no member: there is nothing to read and nothing is journaled.',
    next: 'ADDPFM',
  },
  CHECK_TABLE_NOT_JOURNALED: {
    level: 'error',
    area: 'table',
    means: 'The file is not journaled, and the configuration captures it from a journal.',
    next: 'STRJRNPF with IMAGES(*BOTH), or capture it by a window',
  },
  CHECK_TABLE_AUTHORITY: {
    level: 'error',
    area: 'table',
    means: 'The profile may not read the file or use its library.',
    next: 'GRTOBJAUT to the file (*USE) and to the library (*EXECUTE)',
  },
  CHECK_LOOKUP: {
    level: 'error',
    area: 'table',
    means:
      'A lookup cannot be answered: its table or a column of it is not there, or the profile may not read it. Capture of every table that uses it would wait until it can.',
    next: 'correct the lookup in the YAML, or grant *USE of its table',
  },
  CHECK_TABLE_LOCKED: {
    level: 'error',
    area: 'table',
    means: 'Another job has the file exclusively.',
    next: 'WRKOBJLCK shows which',
  },
  CHECK_TABLE_LAYOUT: {
    level: 'error',
    area: 'table',
    means: 'The record format of the file cannot be used as the catalog describes it; the text says why.',
    next: 'compare with DSPFFD',
  },
  CHECK_TABLE_DIFFERS: {
    level: 'error',
    area: 'table',
    means:
      '`doctor --deep`: record images of the journal, decoded here, are not the rows as the server converts them; the text names the columns.',
    next: '`ibmi-cdc verify --table LIB/FILE` shows values and bytes: a CCSID stated wrongly, a field procedure, a file altered without a new format',
  },
  CHECK_TABLE_UNPROVED: {
    level: 'warning',
    area: 'table',
    means:
      '`doctor --deep`: no value of these columns was seen in the newest record images, or the server has no text to compare them with.',
    next: 'run it again after a day of changes; null columns prove nothing',
  },
  CHECK_TABLE_AFTER_IMAGES: {
    level: 'warning',
    area: 'table',
    means: 'IMAGES(*AFTER): updates have no before image, and deletes outside commitment control carry no row.',
    next: 'CHGJRNOBJ with IMAGES(*BOTH)',
  },
  CHECK_TABLE_NO_KEY: {
    level: 'warning',
    area: 'table',
    means: 'No unique key is known: events are ordered and identified by record number.',
    next: 'set key under the table',
  },
  CHECK_KEY_COLUMN: {
    level: 'error',
    area: 'table',
    means: 'A column of the key in the configuration does not exist in the file.',
    next: 'correct key; `ibmi-cdc plan --table` lists the columns',
  },
  CHECK_KEY_NOT_UNIQUE: {
    level: 'warning',
    area: 'table',
    means: 'The key is that of a keyed access path, which need not be unique.',
    next: 'confirm it by writing key under the table',
  },
  CHECK_CCSID_65535: {
    level: 'warning',
    area: 'table',
    means: 'Character columns with CCSID 65535 are bytes to the partition, and arrive as bytes.',
    next: 'set ccsid for the column, the table or the partition',
  },
  CHECK_MEMBERS: {
    level: 'warning',
    area: 'table',
    means: 'The file has several members, and only the first is captured.',
    next: 'set member under the table',
  },
  CHECK_COLUMN_HIDDEN: {
    level: 'warning',
    area: 'table',
    means: 'A name of the expression language hides a column of the same name.',
    next: 'write the column in double quotes',
  },
  CHECK_CHANGES_UNSEEN: {
    level: 'warning',
    area: 'table',
    means: 'Changes were made that no journal entry shows, such as while journaling was ended.',
    next: 'journal the file again and backfill it, or accept the gap: ibmi-cdc resume --table NAME --accept-gap',
  },
  CHECK_WINDOW_COLUMN: {
    level: 'error',
    area: 'window',
    means: 'A column of capture.window.by does not exist in the file.',
    next: 'correct capture.window.by',
  },
  CHECK_WINDOW_INDEX: {
    level: 'warning',
    area: 'window',
    means: 'No index begins with the window column: every look reads the whole table.',
    next: 'CREATE INDEX over the columns of the window',
  },
} as const satisfies Readonly<Record<string, CheckEntry>>;

export type CheckCode = keyof typeof CHECK_FINDINGS;

export type FindingCode = keyof typeof CONFIG_FINDINGS | keyof typeof LINT_FINDINGS;
