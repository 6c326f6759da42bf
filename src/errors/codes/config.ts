/** The configuration and what it leads to: exit 2, mend the YAML or the machine and start again. */
import { ofFamily } from './entry';

export const CONFIG_ERRORS = ofFamily('config', {
  CONFIG_READ: {
    means:
      'The configuration file cannot be read: it is not there, is a folder, is too large, or this user may not read it. Seen at the start of every command that needs one. Nothing was done.',
    next: 'name the file with -c FILE, correct its rights, or write a first one with `ibmi-cdc init`',
  },
  CONTRACT_BROKEN: {
    means:
      'The configuration differs from the one this state file last ran under in an id, a key or a lane of events that receivers know already; each is listed with what it was. Nothing was started and nothing was written.',
    next: 'undo the change, or inform the receivers and start once with `ibmi-cdc run --accept`; `ibmi-cdc plan --diff` shows all differences',
  },
  CONFIG_INVALID: {
    means:
      'The configuration was read and has errors, all of which are listed with file, line and column, what stands there and what was expected. Nothing was started: a daemon never runs on half a configuration.',
    next: 'correct what is listed and run `ibmi-cdc validate`',
  },
  CONFIG_SECRET: {
    means:
      'A reference such as ${env:NAME}, ${file:path} or ${command:program} led to no value at the moment it was needed. At a start the command ends; a running daemon keeps the last value it had, and reports this where there was none. The value itself is never shown.',
    next: 'set the variable, create the file (mode 0600) or make the program print the secret, then start again',
  },
  TABLE_UNKNOWN: {
    means:
      'A command names a table that the configuration does not capture. Names are compared as Db2 for i compares them; a name that is close is suggested. Nothing was done.',
    next: 'name one of the tables listed, as LIBRARY/FILE',
  },
  TABLE_UNUSABLE: {
    means:
      'A table of the configuration cannot be captured: it is missing, not journaled, or its columns cannot be read. The daemon stops with this when no table is usable, or when `policies.tableMissing` is `stop`; otherwise it logs the table and captures the others.',
    next: 'run `ibmi-cdc plan`; correct the name under tables:, or start journaling with STRJRNPF FILE(LIB/FILE) JRN(LIB/JRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)',
  },
  TABLE_TWICE: {
    means:
      'Two entries under tables: lead to one file of the partition, for example by its system name and its SQL name. Capturing it twice would send every change twice, so nothing was started.',
    next: 'keep one of them; several rules of a table go under its rules:',
  },
  HTTP_LISTEN: {
    means:
      'The address for /metrics, /healthz and /readyz cannot be opened: another process uses the port, or the address is not one of this machine. The daemon did not start.',
    next: 'set http.host and http.port to a free address (port 0 takes any), or `http: off`',
  },
  WINDOW_KEY: {
    means:
      'A table is captured in windows and no unique key is known: neither `key:` nor the catalog names one. Without a key rows cannot be distinguished, so the daemon did not start.',
    next: 'name the columns that identify a row: tables: LIB/FILE: key: [COLUMN, ...]',
  },
  WINDOW_CURSOR: {
    means:
      'The column a window is read by holds dates in a form that does not sort by time (day or month first). Reading by it would skip rows, so the daemon did not start.',
    next: 'choose a column in a form that sorts, a TIMESTAMP column, or a growing number for capture.window.by',
  },
  MAP_NO_COLUMN: {
    means:
      'A rule names a column that the table does not have. Seen when the columns were read from the partition or from a format file; the rule is not used and the command ends.',
    next: 'correct the name in the YAML; `ibmi-cdc plan` shows the columns',
  },
  MAP_EXPRESSION: {
    means:
      'An expression of a rule (when, expressions, templates) cannot be read. The message has the character position, what was seen and what was expected.',
    next: 'correct the expression; `ibmi-cdc validate` shows the line, docs/mapping.md the language',
  },
  FORMAT_INVALID: {
    means:
      'A record format given as JSON does not have the right shape: a member is missing, or has the wrong type or range. The place is named. Seen with `decode`, `sample` and other commands that take --format.',
    next: 'correct the format; its shape is in docs/decoding.md',
  },
  ZONE_UNKNOWN: {
    means: 'A time zone is not known to this machine. Times would be guessed, so nothing was started.',
    next: 'use an IANA name such as Europe/Berlin, UTC, or a fixed offset such as +01:00',
  },
  OUTBOX_KEY: {
    means:
      'The key for encryption at rest does not have 32 bytes. The daemon did not start; the key itself is never shown.',
    next: 'make one with `openssl rand -hex 32` and keep it in a file or an environment variable',
  },
  TLS_CA_FILE: {
    means:
      'The file named by partition.tls.ca cannot be read. No connection was made: without it the partition cannot be trusted.',
    next: 'set partition.tls.ca to a readable PEM file',
  },
  WEBHOOK_URL: {
    means:
      'The URL of a webhook is not one: no host, a wrong scheme, credentials inside it, or a placeholder where none may stand. The URL is not shown since it may carry a secret.',
    next: 'correct the url; credentials belong under auth',
  },
  WEBHOOK_HEADER: {
    means:
      'The value of a header has a character no header can carry, mostly a line end at the end of a file that holds a secret. The value is not shown and no request was sent with it.',
    next: 'make sure that the file or program gives the value alone, in one line of Latin-1',
  },
  WEBHOOK_RANGE: {
    means: 'privateNetworks has a text that is no address range, so it is not known where a webhook may dial.',
    next: 'write allow, deny, as-written, or a list of ranges in CIDR form such as 10.1.0.0/16',
  },
  WEBHOOK_PROXY: {
    means:
      'The proxy of a destination, or the one that HTTPS_PROXY or HTTP_PROXY names, is no URL. It is not shown since it may carry a password.',
    next: 'write a URL such as http://proxy.example.com:3128',
  },
  WEBHOOK_TLS_FILE: {
    means:
      'A certificate, key or CA file of a destination cannot be read or used: no PEM in it, or the key is not that of the certificate. Files are read again for each new connection: where a new one cannot be used, the former stays in place and the log says so.',
    next: 'correct the path or the rights; compare: openssl x509 -noout -pubkey -in CERT, openssl pkey -pubout -in KEY',
  },
  WEBHOOK_KEY: {
    means: 'The secret of a signature does not have the form its scheme asks for. The secret itself is never shown.',
    next: "make one with `node -p \"'whsec_' + require('crypto').randomBytes(32).toString('base64')\"` and give it to the receiver too",
  },
  WEBHOOK_TOKEN_URL: {
    means: 'auth.oauth2.tokenUrl is no http(s) URL, or has a user and password in it.',
    next: 'write a URL such as https://login.example.com/token; the credentials are clientId and clientSecret',
  },
  KAFKA_TOPIC: {
    means: 'The template of a topic has characters that no topic can have, or a placeholder that is not known.',
    next: 'correct topic, for example "erp.${file}"',
  },
  JT400_UNAVAILABLE: {
    means: 'transport jt400 was asked for, and its optional package or the JDK it needs is not on this machine.',
    next: 'install a JDK (17 or newer) and `npm install node-jt400`; or use `transport: hostserver`, which needs neither',
  },
  JT400_ONE_CA: {
    means: 'Two connections of one process name different CA files; the Java driver can trust one file in a process.',
    next: 'put all CA certificates into one PEM file',
  },
  ODBC_UNAVAILABLE: {
    means: 'transport odbc was asked for, and its optional package, unixODBC or the driver is not on this machine.',
    next: 'install unixODBC and IBM i Access Client Solutions, then `npm install odbc`; or use `transport: hostserver`',
  },
  ODBC_AMBIGUOUS_COLUMN: {
    means:
      'Two result columns have one name and hold decimals that the ODBC driver would round. They cannot be asked for exactly, so the statement was not run.',
    next: 'give each column its own name with AS',
  },
});
