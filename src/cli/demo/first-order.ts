/** The number that the order desk gives its first order: partitions are used more than once. */
import { allRows, type SqlConnection } from '../../transport/transport';

export async function firstOrder(connection: SqlConnection): Promise<number> {
  const [row] = await allRows(await connection.query('SELECT MAX(ORDNO) AS LAST FROM ORDLIB.ORDHDR'));
  return Math.max(200_000, Number(row?.[0] ?? 0)) + 1;
}
