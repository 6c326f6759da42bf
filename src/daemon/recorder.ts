/** Charts of a daemon: its metrics, sampled once a minute. */
import { Recorder } from '../series/recorder';
import { SeriesTable } from '../series/series-table';
import type { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import type { Metrics } from '../telemetry/metrics';
import type { Health } from './health';

interface RecorderParts {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly log: Logger;
}

export function recorderOf({ store, metrics, health, log }: RecorderParts): Recorder {
  return new Recorder({
    table: new SeriesTable(store),
    metrics: () => {
      health.refreshGauges();
      return metrics.registry.getMetricsAsJSON();
    },
    // a full disk stops the reading and is reported there
    lost: (error) => log.debug({ error }, 'a minute of the charts could not be written'),
  });
}
