/** Commit and rollback, on the connection's own handle 0 (docs/protocol.md#7). */
import { dbRequest } from '../../db-frame';
import { statementParameters } from './statement';

const { hold } = statementParameters;

export const commit = dbRequest('commit', 0x1807, { hold });
export const rollback = dbRequest('rollback', 0x1808, { hold });
