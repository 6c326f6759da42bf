/** Fields that cannot be decoded are counted by table and column. */
import { countFieldErrors } from '../../src/capture/tables/field-metrics';
import { Metrics } from '../../src/telemetry/metrics';
import { change, image, mapperFor, ORDER, ORDHDR } from '../map/support';

test('field errors of a unit reach the counter once', async () => {
  const metrics = new Metrics();
  const mapper = mapperFor('\n  ORDLIB/ORDHDR: { event: order, key: [ORDNO] }');
  const count = async (): Promise<string[]> => {
    countFieldErrors(mapper, metrics);
    const text = await metrics.decodeErrors.get();
    return text.values.map((v) => `${v.labels.table} ${v.labels.column} ${v.value}`).sort();
  };
  expect(await count()).toEqual([]);
  for (const blank of [['TOTAMT'], ['TOTAMT', 'ORDDAT'], []]) {
    mapper.map(change({ op: 'insert', after: image(ORDHDR, ORDER, blank) }));
  }
  expect(await count()).toEqual(['ORDLIB/ORDHDR ORDDAT 1', 'ORDLIB/ORDHDR TOTAMT 2']);
  expect(await count()).toEqual(['ORDLIB/ORDHDR ORDDAT 1', 'ORDLIB/ORDHDR TOTAMT 2']);
});
