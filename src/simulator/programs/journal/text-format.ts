/**
 * Format RJNE0100: the entry in characters, without receiver, thread and port. Offsets: IBM's jtopenlite, and what lies between
 * the fields it reads.
 */
import type { EntryRow } from '../../partition/contract';
import { dataSection, type EntryForm, nullSection, withSections } from './entry-sections';

const HEADER = 208;
export const TEXT_HANDLE_AT = 12;

/** The whole entry; the displacement to the next one is still 0. */
export function textEntryBytes(e: EntryRow, form: EntryForm): Buffer {
  const { origin, object } = e;
  const record = withSections(HEADER, [
    { at: 4, bytes: nullSection(form) },
    { at: 8, bytes: dataSection(form) },
  ]);
  const flag = (on: boolean): string => (on ? '1' : '0');
  record.int(TEXT_HANDLE_AT, form.handle).digits(16, 20, e.sequence).text(36, 1, e.code).text(37, 2, e.type);
  record.text(39, 26, e.timestamp.replace('T', '-').replaceAll(':', '.'));
  record.text(65, 10, origin.jobName).text(75, 10, origin.jobUser).text(85, 6, origin.jobNumber);
  record.text(91, 10, origin.program).text(101, 30, object.object30).digits(131, 10, e.rrn).text(141, 1, e.flag);
  record.digits(142, 20, e.commitCycle).text(162, 10, origin.userName).text(172, 8, origin.systemName);
  if (object.journalIdentifier) record.put(180, object.journalIdentifier);
  else record.text(180, 10, '');
  record.text(190, 1, flag(e.referential)).text(191, 1, flag(e.trigger)).text(192, 1, flag(form.image.incomplete));
  record.text(193, 1, object.objectType === '' ? ' ' : '0').text(194, 1, flag(e.ignoreOnApply));
  return record.text(195, 1, flag(e.minimized)).text(196, 12, '').bytes;
}
