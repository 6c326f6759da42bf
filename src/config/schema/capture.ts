/** How changes of a table are found: from its journal, or by reading a window of it again and again. */
import { z } from 'zod';
import { LEGACY_DATES } from '../../model/record-format';
import { columnName, cron, durationOr, expected, maybe, oneOf, pauseOr, whole } from './scalars';

export const columns = z.array(columnName, { error: expected('a list of column names') }).min(1, {
  error: expected('at least one column name'),
});
const windowCapture = z
  .strictObject({
    by: columns.describe('Timestamp column, sequence column, or date and time columns, leading an index.'),
    kind: maybe(oneOf(['timestamp', 'sequence', 'legacy'])).describe(
      'What `by` holds. Left out: two columns are a legacy date and time; one column goes by its type.',
    ),
    date: maybe(oneOf(LEGACY_DATES)).describe(
      'Form of the date column of a legacy pair; else as under `columns`, else cyymmdd.',
    ),
    time: oneOf(['hhmmss', 'hhmm']).default('hhmmss').describe('Form of its time column.'),
    every: pauseOr('30s').describe('Pause between reads.'),
    overlap: durationOr('5m').describe('How far back each read starts: the longest transaction and then some.'),
    margin: durationOr('2s').describe('How far behind the partition clock each read ends.'),
    pageRows: whole(1, 100_000).default(1000).describe('Rows read at once.'),
    deletes: maybe(z.strictObject({ schedule: cron.describe('Cron expression of the key compare.') })).describe(
      'Find deletes by comparing keys.',
    ),
    remember: oneOf(['row', 'key'])
      .default('row')
      .describe(
        'What the state file keeps of each row. row: its last known values, for before, changed, whenChanged, transitions and deletes. key: key and content hash alone.',
      ),
    start: oneOf(['now', 'all']).default('now').describe('all: every row is read once, as op read.'),
  })
  .describe('For tables without a journal.');

export const capture = z
  .union([z.literal('journal'), z.strictObject({ window: windowCapture })], {
    error: expected('journal, or { window: { by: [...] } }'),
  })
  .default('journal')
  .describe('How changes are found.');
