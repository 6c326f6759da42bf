/** Changes that become no event: set aside, or a reason to stop. */
import { isCoded } from '../errors/coded-error';
import type { ErrorCode } from '../errors/codes';
import type { MapOutcome } from '../model/event';
import { EffortExceeded } from './expression/effort';

/**
 * No row ends the journal, whatever it does to a rule: what could not be mapped is set aside and reported. An image that does not
 * fit its format is one of these: the caller reads the format again first. Messages of others may hold values, so they are not
 * taken over.
 * @throws what no other row would help: the machine has no memory left
 */
export function setAside(error: unknown, table: string): Extract<MapOutcome, { is: 'quarantined' }> {
  if (isCoded(error) && error.family === 'decode')
    return { is: 'quarantined', code: error.code, message: error.message, column: null };
  if (error instanceof EffortExceeded)
    return { is: 'quarantined', code: error.code, message: `${table}: ${error.message}`, column: null };
  if (error instanceof RangeError && /allocation failed/i.test(error.message)) throw error;
  const what = isCoded(error) ? error.code : error instanceof Error ? error.name : typeof error;
  return {
    is: 'quarantined',
    code: 'MAP_FAILED',
    message: `${table}: a rule failed over this row (${what})`,
    column: null,
  };
}

/** @param table `LIB/FILE` */
export function refusal(
  table: string,
  rule: string,
  r: { disposition: string; column: string; code: ErrorCode },
): MapOutcome {
  const message = `${table}, rule ${rule}: column ${r.column} cannot be decoded (${r.code})`;
  return { is: r.disposition === 'stop' ? 'stopped' : 'quarantined', code: r.code, message, column: r.column };
}
