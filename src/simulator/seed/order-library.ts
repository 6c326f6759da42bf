/**
 * Library ORDLIB as an order desk of the nineties left it: short names, dates as 7-digit packed CYYMMDD, times as 6-digit
 * zoned, status codes, German master data in CCSID 273, and a few numeric fields that were never initialised.
 * ORDLIB/ORDJRN journals customers, items, orders and shipments with both images; PRICES is not journaled.
 */

import { runCommand } from '../partition/cl/run';
import { encodeComparable } from '../partition/files/comparable';
import type { ColumnDef, FileDef, KeyDef } from '../partition/files/definitions';
import { column } from '../partition/files/definitions';
import type { PhysicalFile } from '../partition/files/physical-file';
import { encodeImage } from '../partition/files/record-image';
import type { PartitionJob } from '../partition/jobs/job';
import type { Partition } from '../partition/partition';
import type { SessionValue } from '../sql-session';
import { customerRows, itemRows, orderRows, priceRows, type SeedRow, shipmentRows } from './order-rows';

const german = { ccsid: 273 } as const;
const packed = (name: string, digits: number, scale = 0, label = ''): ColumnDef =>
  column(name, 'DECIMAL', digits, { scale, ...(label ? { label } : {}) });
const zoned = (name: string, digits: number, scale = 0): ColumnDef => column(name, 'NUMERIC', digits, { scale });
const unique = (kind: KeyDef['kind'], name: string, ...columns: string[]): KeyDef => ({
  name,
  kind,
  unique: true,
  columns,
});

const CUSMAS: FileDef = {
  library: 'ORDLIB',
  name: 'CUSMAS',
  text: 'Customer master',
  recordFormat: 'CUSREC',
  columns: [
    packed('CUSNO', 6, 0, 'Customer number'),
    column('NAME1', 'CHAR', 35, german),
    column('NAME2', 'CHAR', 35, german),
    column('STREET', 'CHAR', 35, german),
    column('ZIP', 'CHAR', 10, german),
    column('CITY', 'CHAR', 30, german),
    column('CTRY', 'CHAR', 2, german),
    column('EMAIL', 'VARCHAR', 60, { ...german, nullable: true, default: { kind: 'null' } }),
    packed('CRDLIM', 9, 2, 'Credit limit'),
    packed('SINCE', 7, 0, 'Customer since'),
    column('STS', 'CHAR', 1, german),
  ],
  keys: [unique('dds', 'CUSMAS', 'CUSNO')],
};

const ITMMAS: FileDef = {
  library: 'ORDLIB',
  name: 'ITMMAS',
  text: 'Item master',
  recordFormat: 'ITMREC',
  columns: [
    column('ITMNO', 'CHAR', 15, { label: 'Item number' }),
    column('ITMDSC', 'CHAR', 40),
    column('UOM', 'CHAR', 3),
    packed('PRICE', 9, 2),
    zoned('COST', 9, 2),
    packed('WEIGHT', 7, 3),
    column('STOCK', 'INTEGER', 4),
    column('STS', 'CHAR', 1),
    packed('CHGDAT', 7),
    zoned('CHGTIM', 6),
  ],
  keys: [unique('dds', 'ITMMAS', 'ITMNO')],
};

const ORDHDR: FileDef = {
  library: 'ORDLIB',
  name: 'ORDHDR',
  text: 'Order headers',
  recordFormat: 'OHREC',
  columns: [
    packed('ORDNO', 7, 0, 'Order number'),
    packed('CUSNO', 6, 0, 'Customer number'),
    column('STS', 'CHAR', 2, { label: 'Status' }),
    packed('ORDDAT', 7, 0, 'Order date'),
    packed('DLVDAT', 7, 0, 'Delivery date'),
    column('CURR', 'CHAR', 3),
    packed('TOTAMT', 11, 2, 'Total amount'),
    column('CUSREF', 'CHAR', 20),
    column('REMARK', 'VARCHAR', 80, { nullable: true, default: { kind: 'null' } }),
    column('CRTTS', 'TIMESTAMP', 26, { scale: 6, default: { kind: 'current' } }),
    column('CHGUSR', 'CHAR', 10),
    packed('CHGDAT', 7),
    zoned('CHGTIM', 6),
  ],
  keys: [unique('primary', 'ORDHDR_PK', 'ORDNO')],
};

const ORDLIN: FileDef = {
  library: 'ORDLIB',
  name: 'ORDLIN',
  text: 'Order lines',
  recordFormat: 'OLREC',
  columns: [
    packed('ORDNO', 7),
    packed('LINNO', 3),
    column('ITMNO', 'CHAR', 15),
    packed('QTY', 7),
    packed('PRICE', 9, 2),
    packed('DISC', 5, 2, 'Discount percent'),
    column('STS', 'CHAR', 1),
    packed('SHPDAT', 7),
  ],
  keys: [unique('primary', 'ORDLIN_PK', 'ORDNO', 'LINNO')],
};

const PRICES: FileDef = {
  library: 'ORDLIB',
  name: 'PRICES',
  text: 'Price list, not journaled',
  recordFormat: 'PRREC',
  columns: [
    column('ITMNO', 'CHAR', 15),
    column('CURR', 'CHAR', 3),
    packed('PRICE', 9, 2),
    packed('VLDFRM', 7, 0, 'Valid from'),
    packed('CHGDAT', 7),
    zoned('CHGTIM', 6),
  ],
  keys: [unique('dds', 'PRICES', 'ITMNO', 'CURR')],
};

/** DDS left its mark: every DATE and TIME has a format of its own, and none is *ISO. */
const SHPMTS: FileDef = {
  library: 'ORDLIB',
  name: 'SHPMTS',
  text: 'Shipments',
  recordFormat: 'SHREC',
  columns: [
    packed('SHPNO', 7, 0, 'Shipment number'),
    packed('ORDNO', 7, 0, 'Order number'),
    column('CARR', 'CHAR', 10),
    column('SHPDAT', 'DATE', 10, { dateFormat: 'EUR' }),
    column('DUEDAT', 'DATE', 8, { dateFormat: 'DMY', dateSeparator: '.' }),
    column('PODDAT', 'DATE', 6, { dateFormat: 'JUL', nullable: true, default: { kind: 'null' } }),
    column('LODTIM', 'TIME', 8, { timeFormat: 'HMS', timeSeparator: ':' }),
    column('DLVTIM', 'TIME', 8, { timeFormat: 'USA' }),
    zoned('WEIGHT', 7, 1),
  ],
  keys: [unique('dds', 'SHPMTS', 'SHPNO')],
};

/** Of the order journal: one entry in so many is internal, as on a system without *RMVINTENT. */
const INTERNAL_EVERY = 64;

const SEED_USER = 'QPGMR';

/** Creates ORDLIB with its rows. Rows are there before journaling starts, as at every real site. */
export function seedOrderLibrary(partition: Partition): void {
  const job = partition.openJob({ name: 'SEED', user: SEED_USER, number: '000001', remoteAddress: '' });
  job.program = { name: 'ORD001R', library: 'ORDLIB' };
  partition.transaction(() => {
    runCommand(partition, job, "CRTLIB LIB(ORDLIB) TEXT('Order desk')");
    runCommand(partition, job, "CRTJRNRCV JRNRCV(ORDLIB/ORDRCV0001) THRESHOLD(1500000) TEXT('Order desk')");
    runCommand(partition, job, 'CRTJRN JRN(ORDLIB/ORDJRN) JRNRCV(ORDLIB/ORDRCV0001) RCVSIZOPT(*SYSDFT *MAXOPT3)');
    fill(partition, job, CUSMAS, customerRows());
    fill(partition, job, ITMMAS, itemRows());
    const orders = orderRows();
    fill(partition, job, ORDHDR, orders.headers);
    fill(partition, job, ORDLIN, orders.lines);
    fill(partition, job, PRICES, priceRows());
    fill(partition, job, SHPMTS, shipmentRows());
    const journal = partition.journal('ORDLIB', 'ORDJRN')!;
    partition.journalStore.changeAttributes(journal, { internalEvery: INTERNAL_EVERY });
    for (const name of ['CUSMAS', 'ITMMAS', 'ORDHDR', 'ORDLIN', 'SHPMTS'])
      runCommand(partition, job, `STRJRNPF FILE(ORDLIB/${name}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
  });
  job.end();
}

function fill(partition: Partition, job: PartitionJob, def: FileDef, rows: readonly SeedRow[]): void {
  const file = partition.createFile(job, def);
  const member = file.members[0]!;
  for (const { values, blank } of rows)
    job.insertRow(member, blank.length > 0 ? { image: blanked(file, values, blank) } : values);
}

/** The record as a program wrote it that never set these fields: X'40' where digits should be. */
function blanked(file: PhysicalFile, values: readonly SessionValue[], blank: readonly string[]): Buffer {
  const image = encodeImage(
    file.layout,
    file.columns.map((c, i) => encodeComparable(c, values[i] ?? null)),
  );
  for (const name of blank) {
    const slot = file.layout.slots[file.columnIndex(name)]!;
    image.fill(0x40, slot.offset, slot.offset + slot.width);
  }
  return image;
}
