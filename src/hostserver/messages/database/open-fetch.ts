/** Open, fetch and close of a cursor (sections 7, 9.5). 180A expects no reply. */
import { dbRequest } from '../../db-frame';
import { statementParameters } from './statement';

export const openDescribe = dbRequest('open + describe', 0x1804, statementParameters);
export const openDescribeFetch = dbRequest('open + describe + fetch', 0x180e, statementParameters);
export const fetchRows = dbRequest('fetch', 0x180b, statementParameters);
export const streamFetch = dbRequest('stream fetch', 0x180c, statementParameters);
export const endStreamFetch = dbRequest('end stream fetch', 0x1813, statementParameters);
export const closeCursor = dbRequest('close cursor', 0x180a, statementParameters);
