/** Execute with parameters (1805), execute immediate (1806) and their combinations (docs/protocol.md#7). */
import { dbRequest } from '../../db-frame';
import { statementParameters } from './statement';

export const execute = dbRequest('execute', 0x1805, statementParameters);
export const executeImmediate = dbRequest('execute immediate', 0x1806, statementParameters);
export const prepareExecute = dbRequest('prepare + execute', 0x180d, statementParameters);
export const executeOrOpen = dbRequest('execute or open', 0x1812, statementParameters);
export const sqlConnect = dbRequest('SQL connect', 0x1809, statementParameters);
