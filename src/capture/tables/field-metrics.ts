/** Field errors of a unit that was committed, to the counter by table and column. */
import type { Metrics } from '../../telemetry/metrics';
import type { Mapping } from './mapping';

export function countFieldErrors(mapping: Pick<Mapping, 'takeFieldErrors'>, metrics: Metrics): void {
  for (const { table, column, count } of mapping.takeFieldErrors()) metrics.decodeErrors.inc({ table, column }, count);
}
