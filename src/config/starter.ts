/** The commented configuration `init` writes: complete enough to run, thin enough to read. */

export interface StarterOptions {
  readonly name: string;
  readonly host: string;
  readonly user: string;
  readonly table: string;
  /** Ports of the database server, of sign-on and of remote commands; null: the usual ones. */
  readonly port: number | null;
  readonly signonPort: number | null;
  readonly commandPort: number | null;
  /** File with the CA of the host servers. */
  readonly tlsCa: string;
  /** URL of the first receiver; `stdout` prints events. */
  readonly to: string;
}

export const STARTER_DEFAULTS: StarterOptions = {
  name: 'PROD1',
  host: 'ibmi.example.com',
  user: '${env:IBMI_USER}',
  table: 'ORDLIB/ORDHDR',
  port: null,
  signonPort: null,
  commandPort: null,
  tlsCa: 'certs/ibmi-ca.pem',
  to: 'https://crm.example.com/hooks/ibmi',
};

export function starterConfig(options: StarterOptions = STARTER_DEFAULTS): string {
  return `# yaml-language-server: $schema=ibmi-cdc.schema.json
# Configuration of ibmi-cdc. Check it with: ibmi-cdc validate
# Editors complete this file from a schema: ibmi-cdc validate --schema > ibmi-cdc.schema.json
version: 1

partition:
  # Part of every event id: choose once, never change.
  name: ${options.name}
  host: ${options.host}
${ports(options)}  user: ${options.user}
  # A reference, never the password itself: \${env:NAME} or \${file:path}, paths relative to this file.
  password: \${file:secrets/ibmi-password}
  # hostserver needs nothing on this machine; jt400 needs a JDK, odbc needs unixODBC and IBM's driver.
  transport: hostserver
  # The CA that signed the certificate of the host servers (DCM, application QIBM_OS400_QZBS_SVR_DATABASE).
  # Remove the line if the operating system trusts it; \`tls: off\` must be spelled out.
  tls: { ca: ${plain(options.tlsCa)} }

# Events not yet delivered and the place we have read to. Back it up; one daemon a file.
state: state/ibmi-cdc.sqlite

destinations:
  crm:
${destination(options.to)}

tables:
  ${options.table}:
    event: order                 # order.created, order.updated, order.deleted
    capture: journal             # or { window: { by: [CHGDAT, CHGTIM], ... } } for a file without journal
    key: [ORDNO]
    columns:                     # these columns and no others
      ORDNO: orderNumber
      STS: status
      ORDDAT: { as: orderDate, date: cyymmdd, sentinels: [0] }
    # Start small: the key, the columns named here, and which columns changed. Then \`changed\` or \`full\`.
    payload: { thin: [STS] }
    onDelete: ignore             # ignore | update | delete
    to: [crm]
`;
}

/** The first tests of the starter's mapping, complete in themselves: `ibmi-cdc test` passes as they are written. */
export function starterTest({ table }: Pick<StarterOptions, 'table'> = STARTER_DEFAULTS): string {
  return `# Tests of the mapping: rows in, events out, no partition needed. Run them with: ibmi-cdc test
# \`format\` says what the file's columns are. Write the real ones once with \`ibmi-cdc plan --formats formats\`, then leave it out.
- name: a new order
  table: ${table}
  op: insert                       # insert | update | delete | read
  format: &format
    columns:
      - { name: ORDNO, type: DECIMAL, length: 7, scale: 0, ccsid: null, nullable: false }
      - { name: STS, type: CHAR, length: 2, scale: 0, ccsid: 37, nullable: false }
      - { name: ORDDAT, type: DECIMAL, length: 7, scale: 0, ccsid: null, nullable: false }
  after: { ORDNO: "100245", STS: "10", ORDDAT: "1261121" }   # as the file has them
  expect:
    - type: order.created
      key: { orderNumber: "100245" }
      after: { status: "10" }      # \`payload\` is thin: with \`full\` try orderDate: "2026-11-21"
- name: another date, the same status
  table: ${table}
  op: update
  format: *format
  before: { ORDNO: "100245", STS: "10", ORDDAT: "0" }
  after: { ORDDAT: "1261122" }
  expect:
    - type: order.updated
      changed: [orderDate]
- name: a deletion is no news
  table: ${table}
  op: delete
  format: *format
  before: { ORDNO: "100245" }
  expect: []                       # onDelete: ignore
`;
}

/** The usual ports need no word. */
function ports({ port, signonPort, commandPort }: StarterOptions): string {
  const lines = [
    ...(port === null ? [] : [`  port: ${port}\n`]),
    ...(signonPort === null ? [] : [`  signonPort: ${signonPort}\n`]),
    ...(commandPort === null ? [] : [`  commandPort: ${commandPort}\n`]),
  ];
  return lines.join('');
}

function destination(to: string): string {
  if (to === 'stdout') return '    stdout: {}';
  return `    webhook:
      url: ${plain(to)}
      # Standard Webhooks; other schemes: hmac, stripe, github, shopify, slack, celigo. Unsigned only as \`none\`.
      # The secret is 24 to 64 bytes: echo "whsec_$(openssl rand -base64 32)"
      signing: { standardWebhooks: { secret: "\${env:CRM_WEBHOOK_SECRET}" } }`;
}

/** As it is where YAML takes it so, quoted otherwise. */
function plain(text: string): string {
  return /^[A-Za-z0-9/][A-Za-z0-9._/:@-]*$/.test(text) && !/:\s|:$/.test(text) ? text : JSON.stringify(text);
}
