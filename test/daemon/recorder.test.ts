/** What a daemon keeps of its own metrics for the charts. */
import { recorderOf } from '../../src/daemon/recorder';
import { SERIES_SCHEMA, SeriesTable } from '../../src/series/series-table';
import { Store } from '../../src/store/store';
import { createLogger } from '../../src/telemetry/logger';
import { Metrics } from '../../src/telemetry/metrics';

test('gauges are computed, then every counter and gauge of the list is sampled', async () => {
  using store = Store.open(':memory:', [SERIES_SCHEMA]);
  const metrics = new Metrics();
  metrics.eventsWritten.inc({ table: 'ORDLIB/ORDHDR' }, 7);
  metrics.latency.observe({ destination: 'crm' }, 1);
  const health = { refreshGauges: () => metrics.backlog.set({ destination: 'crm' }, 3) };
  const log = createLogger('silent', process.stderr);
  await recorderOf({ store, metrics, health: health as never, log }).sample();
  const read = (name: string): unknown[] =>
    new SeriesTable(store)
      .read(name, 2, Date.now())
      .map(({ labels, points }) => [labels, points.findLast((p) => !Number.isNaN(p))]);
  expect(read('ibmi_cdc_events_written_total')).toEqual([[{ table: 'ORDLIB/ORDHDR' }, 7]]);
  expect(read('ibmi_cdc_backlog_events')).toEqual([[{ destination: 'crm' }, 3]]);
  expect(read('ibmi_cdc_journal_to_delivered_seconds')).toEqual([]);
});
