/** Bits of the ORS bitmap, "operation result set": what the reply shall carry (docs/protocol.md#6.2). */
export const ORS = {
  /** Without this bit the server sends nothing at all. */
  reply: 0x80000000,
  messageId: 0x40000000,
  firstLevelText: 0x20000000,
  secondLevelText: 0x10000000,
  dataFormat: 0x08000000,
  resultData: 0x04000000,
  sqlca: 0x02000000,
  serverAttributes: 0x01000000,
  parameterFormat: 0x00800000,
  translationTables: 0x00400000,
  dataSource: 0x00200000,
  packageInformation: 0x00100000,
  /** This request is RLE compressed. */
  requestCompressed: 0x00080000,
  /** The reply may be RLE compressed. */
  replyMayBeCompressed: 0x00040000,
  extendedColumns: 0x00020000,
  /** In a reply: the rows of 380E are variable-field compressed. */
  variableFieldsCompressed: 0x00010000,
  cursorAttributes: 0x00008000,
} as const;

/** In the second u32 of a reply template: everything after the template is RLE compressed. */
export const REPLY_COMPRESSED = 0x80000000;

/** Bits together, as the unsigned value that goes on the wire. */
export function ors(...bits: readonly number[]): number {
  let all = 0;
  for (const bit of bits) all |= bit;
  return all >>> 0;
}

export function has(bitmap: number, bit: number): boolean {
  return (bitmap & bit) !== 0;
}

/** Names of the bits set, for annotated traces. */
export function orsNames(bitmap: number): string[] {
  return Object.entries(ORS)
    .filter(([, bit]) => has(bitmap, bit))
    .map(([name]) => name);
}

/** Class of a database reply (docs/protocol.md#6.3). */
export const RETURN_CLASS = {
  ok: 0,
  /** Return code is the SQLCODE; 100 is end of data. */
  sql: 1,
  /** 700 end of data and cursor closed, 701 last block and cursor open. */
  fetch: 2,
  nativeDatabase: 5,
  attributes: 7,
} as const;
