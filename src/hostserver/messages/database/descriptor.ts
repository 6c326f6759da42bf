/** Parameter-marker descriptors: the layout of the data that 1805 and 180E will bring (sections 7, 8.2). No reply. */
import { dbRequest } from '../../db-frame';
import { extendedFormat } from '../../formats/extended-format';
import { originalFormat } from '../../formats/original-format';

export const changeDescriptor = dbRequest('change descriptor', 0x1e00, {
  oldFormat: [0x3801, originalFormat],
  format: [0x381e, extendedFormat],
});
export const deleteDescriptor = dbRequest('delete descriptor', 0x1e01, {});
