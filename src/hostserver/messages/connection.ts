/** Requests of the connection itself: test, cancel, end of job (sections 2, 7, 12). */
import { rest } from '../../bytes/struct';
import { dbRequest } from '../db-frame';
import { variableString } from '../wire-text';

/** Alive is answered class 7, code -201. */
export const testConnection = dbRequest('test connection', 0x0000, {});

/** Sent on a second connection; `job` is name(10) user(10) number(6). */
export const cancel = dbRequest('cancel', 0x1818, { job: [0x3826, variableString] });

/** 40 bytes, no reply; the socket closes. */
export const endJob = dbRequest('end job', 0x1fff, {});

/** With server id E005: libraries added to the job's list (docs/protocol.md#7). */
export const addLibraryList = dbRequest('add library list', 0x180c, {
  libraries: [0x3813, rest],
});
