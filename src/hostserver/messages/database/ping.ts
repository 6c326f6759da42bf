/**
 * Does the server still answer: a bare header, 7FFE -> FFFE, on any host server of V7R1 and later. JTOpen sends it for
 * `AS400.isConnectionAlive(service)` and connection pools send it before each use; both frames are 20 bytes.
 */
import { struct } from '../../../bytes/struct';
import { message } from '../../message';

export const pingRequest = message('ping request', 0x7ffe, struct('template', []), {});
export const pingReply = message('ping reply', 0xfffe, struct('template', []), {});
