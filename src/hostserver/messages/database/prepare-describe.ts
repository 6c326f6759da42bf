/** Prepare and describe (docs/protocol.md#7): 1803 asks for columns (F), SQLCA (C) and, for prepared statements, markers (P). */
import { dbRequest } from '../../db-frame';
import { statementParameters } from './statement';

export const prepare = dbRequest('prepare', 0x1800, statementParameters);
export const prepareDescribe = dbRequest('prepare + describe', 0x1803, statementParameters);
export const describeStatement = dbRequest('describe', 0x1801, statementParameters);
export const describeParameterMarkers = dbRequest('describe parameter markers', 0x1802, statementParameters);
