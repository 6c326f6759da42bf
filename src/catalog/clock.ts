/** The partition's clock. */
import { allRows, type SqlConnection } from '../transport/transport';

/** `YYYY-MM-DD HH:MM:SS.ffffff` as the partition sends it, without a zone; empty when it does not say. */
export async function partitionClock(connection: SqlConnection): Promise<string> {
  const [row] = await allRows(await connection.query('SELECT CURRENT TIMESTAMP AS NOW_TS FROM SYSIBM.SYSDUMMY1'));
  return row ? String(row[0] ?? '') : '';
}

/** Minutes east of UTC now, from CURRENT TIMEZONE: a DECIMAL(6,0) of the form [-]HHMMSS. */
export async function zoneOffsetMinutes(connection: SqlConnection): Promise<number> {
  const rows = await allRows(await connection.query('SELECT CURRENT TIMEZONE AS TZ FROM SYSIBM.SYSDUMMY1'));
  const value = Number(rows[0]?.[0] ?? 0);
  const abs = Math.abs(value);
  return Math.sign(value) * (Math.trunc(abs / 10_000) * 60 + Math.trunc((abs % 10_000) / 100));
}

/** `YYYY-MM-DDTHH:MM:SS.ffffff`: the partition's clock, for events of what is read now. */
export async function partitionTime(connection: SqlConnection): Promise<string> {
  const [row] = await allRows(await connection.query('SELECT CURRENT TIMESTAMP AS NOW_TS FROM SYSIBM.SYSDUMMY1'));
  return String(row![0]);
}
