/** Request parameter blocks: the names under which a statement and its cursor live (sections 7, 7.2). */
import { i32, u8 } from '../../../bytes/struct';
import { dbRequest } from '../../db-frame';
import { variableString } from '../../wire-text';

const parameters = {
  packageLibrary: [0x3801, variableString],
  /** `STMT0001`. */
  statementName: [0x3806, variableString],
  /** `CRSR0001`, `SCRSR0001` when scrollable. */
  cursorName: [0x380b, variableString],
  packageName: [0x3804, variableString],
  /** Seconds; -1 none. */
  queryTimeout: [0x3817, i32],
  openAttributes: [0x3809, u8],
  describeOption: [0x380a, u8],
} as const;

/** No reply unless asked for. */
export const createRpb = dbRequest('create RPB', 0x1d00, parameters);
export const changeRpb = dbRequest('change RPB', 0x1d03, parameters);
export const createRpbBasedOn = dbRequest('create RPB based on', 0x1d01, parameters);
export const resetRpb = dbRequest('reset RPB', 0x1d04, parameters);
export const deleteRpb = dbRequest('delete RPB', 0x1d02, {});
