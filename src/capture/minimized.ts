/** Updates of a journal that leaves out fields that did not change: nothing can be determined of them. */
import type { ErrorCode } from '../errors/codes';
import type { Change } from '../model/change';
import type { MapOutcome } from '../model/event';
import { formatName } from '../model/position';

export const MINIMIZED = 'IMAGE_MINIMIZED' satisfies ErrorCode;

/** An update journaled under MINENTDTA(*FLDBDY) has a 9 for each field it does not hold. */
export function isWhole({ op, after }: Change): boolean {
  if (op !== 'update' || after?.is !== 'image' || after.image.nulls === null) return true;
  return !after.image.nulls.includes(0x39);
}

export function minimized({ table }: Change): Extract<MapOutcome, { is: 'quarantined' }> {
  return { is: 'quarantined', code: MINIMIZED, message: `${formatName(table)}: minimized entry`, column: '' };
}
