/** The configuration the demo writes and runs: an ordinary ibmi-cdc.yaml that a person can read, change and run again. */

interface DemoPlaces {
  readonly host: string;
  readonly databasePort: number;
  readonly signonPort: number;
  readonly commandPort: number;
  readonly user: string;
  readonly caFile: string;
  readonly receiverUrl: string;
}

const TABLES = `tables:
  ORDLIB/ORDHDR:
    event: order
    key: [ORDNO]
    columns:
      ORDNO: orderNumber
      CUSNO: customerNumber
      STS: status
      ORDDAT: { as: orderDate, date: cyymmdd, sentinels: [0] }
      DLVDAT: { as: deliveryDate, date: cyymmdd, sentinels: [0] }
      CURR: currency
      TOTAMT: total
      CUSREF: customerReference
      REMARK: remark
      CRTTS: createdAt
      CHGUSR: changedBy
      CHGDAT: { as: changedOn, date: cyymmdd, sentinels: [0] }
      CHGTIM: { as: changedTime, time: hhmmss }
    onDelete: delete
    to: [desk]
  ORDLIB/ORDLIN:
    event: orderLine
    key: [ORDNO, LINNO]
    columns:
      ORDNO: orderNumber
      LINNO: line
      ITMNO: item
      QTY: quantity
      PRICE: price
      DISC: discountPercent
      STS: status
      SHPDAT: { as: shippedOn, date: cyymmdd, sentinels: [0] }
    onDelete: delete
    to: [desk]
  ORDLIB/ITMMAS:
    event: item
    key: [ITMNO]
    columns:
      ITMNO: item
      ITMDSC: description
      UOM: unit
      PRICE: price
      COST: cost
      WEIGHT: weight
      STOCK: stock
      STS: status
      CHGDAT: { as: changedOn, date: cyymmdd, sentinels: [0] }
      CHGTIM: { as: changedTime, time: hhmmss }
    onDelete: delete
    to: [desk]
`;

/** Password and signing secret are references: they are handed over in the environment. */
export function demoConfig(p: DemoPlaces): string {
  return `# Written by \`ibmi-cdc demo\`. The secrets come from DEMO_PASSWORD and DEMO_SECRET.
version: 1
partition:
  name: DEMO
  host: ${p.host}
  port: ${p.databasePort}
  signonPort: ${p.signonPort}
  commandPort: ${p.commandPort}
  user: ${p.user}
  password: \${env:DEMO_PASSWORD}
  tls: { ca: ${JSON.stringify(p.caFile)} }
state: state/ibmi-cdc.sqlite
journal:
  pollInterval: 100ms
  maxPollInterval: 100ms
http: off
destinations:
  desk:
    webhook:
      url: ${p.receiverUrl}
      signing: { standardWebhooks: { secret: "\${env:DEMO_SECRET}" } }
${TABLES}`;
}
