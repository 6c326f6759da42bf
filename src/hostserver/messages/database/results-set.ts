/** Results sets: the last messages and SQLCA of a handle, kept by the server for the client to fetch (docs/protocol.md#10.1). */
import { dbRequest } from '../../db-frame';

/** No parameters; the ORS handle in the template says whose result. */
export const sendResultsSet = dbRequest('send results set', 0x1f00, {});
export const deleteResultsSet = dbRequest('delete results set', 0x1f01, {});
