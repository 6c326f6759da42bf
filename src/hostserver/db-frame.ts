/** Fixed part of every database request and reply: 20 template bytes after the header (sections 6.1, 6.3). */
import { i32, struct, u16, u32, type ValueOf } from '../bytes/struct';
import { type MessageTable, message, type Parameters, type ParameterTable } from './message';

/** First byte of a database frame's LL/CP parameters. */
export const DB_FIXED_LENGTH = 40;

export const dbRequestTemplate = struct('template', [
  ['ors', u32], // which parts of the result the reply shall carry
  ['reserved', u32],
  ['returnOrs', u16],
  ['fillOrs', u16],
  ['basedOnOrs', u16],
  ['rpb', u16], // request parameter block: the statement id; 0 is the connection
  ['descriptor', u16], // parameter-marker descriptor; 0 = none
  ['parameterCount', u16],
]);
export type DbRequestTemplate = ValueOf<typeof dbRequestTemplate>;

export const dbReplyTemplate = struct('template', [
  ['ors', u32],
  ['flags', u32], // REPLY_COMPRESSED
  ['returnOrs', u16],
  ['function', u16], // id of the request answered
  ['dataFunction', u16],
  ['returnClass', u16],
  ['returnCode', i32],
]);
export type DbReplyTemplate = ValueOf<typeof dbReplyTemplate>;

/** The handles and the wish list of one request; what is left out is 0. */
export interface DbRequestFields {
  readonly correlation: number;
  readonly ors: number;
  /** Statement id: goes into return-ORS, fill-ORS and RPB alike. */
  readonly statement?: number;
  readonly descriptor?: number;
  readonly serverId?: number;
}

interface DbRequestTable<P extends ParameterTable> extends MessageTable<DbRequestTemplate, P> {
  /** A request with the parameter count filled in. */
  request(fields: DbRequestFields, parameters?: Parameters<P>): Buffer;
}

/** A request to the database server; its parameters follow offset 40. */
export function dbRequest<const P extends ParameterTable>(name: string, id: number, parameters: P): DbRequestTable<P> {
  const table = message(name, id, dbRequestTemplate, parameters);
  const request = (fields: DbRequestFields, values: Parameters<P> = {}): Buffer => {
    const statement = fields.statement ?? 0;
    return table.encode(
      { serverId: fields.serverId ?? 0xe004, correlation: fields.correlation },
      {
        ors: fields.ors,
        reserved: 0,
        returnOrs: statement,
        fillOrs: statement,
        basedOnOrs: 0,
        rpb: statement,
        descriptor: fields.descriptor ?? 0,
        parameterCount: countOf(values),
      },
      values,
    );
  };
  return { ...table, request };
}

function countOf(values: object): number {
  let count = 0;
  for (const value of Object.values(values)) {
    if (value !== undefined) count += Array.isArray(value) ? value.length : 1;
  }
  return count;
}
