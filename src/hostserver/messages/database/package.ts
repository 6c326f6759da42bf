/** SQL packages, in which a client with extended dynamic support keeps its statements (docs/protocol.md#7). */
import { dbRequest } from '../../db-frame';
import { statementParameters } from './statement';

export const createPackage = dbRequest('create package', 0x180f, statementParameters);
export const clearPackage = dbRequest('clear package', 0x1810, statementParameters);
export const deletePackage = dbRequest('delete package', 0x1811, statementParameters);
export const returnPackage = dbRequest('return package', 0x1815, statementParameters);
