/** Findings about the configuration (`validate`, `plan`, every start), by code. */
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
      'Names that collide or do not exist: two tables, rules or members with one name, a destination nobody defined.',
    next: 'give each a name of its own, or correct the one that is misspelt',
  },
  CFG_MAPPING: {
    means: 'A rule that can never work: an expression, template, condition or date form that cannot be.',
    next: 'correct the rule; docs/mapping.md',
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

export type FindingCode = keyof typeof CONFIG_FINDINGS | keyof typeof LINT_FINDINGS;
