/** The message that goes with a refused sign-on, for clients that ask for messages (protocol reference 3.2 and 3.4). */
import { textCodec } from '../../bytes/ccsid/registry';
import type { HostMessage } from '../../hostserver/formats/message-text';
import { SIGNON_CODE } from '../../hostserver/return-codes';

/** Ids and texts are IBM's message descriptions in short; which of them a real server adds is not known. */
const TEXTS: Readonly<Record<number, readonly [id: string, text: string]>> = {
  [SIGNON_CODE.userUnknown]: ['CPF2204', 'User profile &1 not found.'],
  [SIGNON_CODE.userDisabled]: ['CPF22E3', 'User profile &1 is disabled.'],
  [SIGNON_CODE.passwordIncorrect]: ['CPF22E2', 'Password not correct for user profile &1.'],
  [SIGNON_CODE.passwordIncorrectNextDisables]: ['CPF22E2', 'Password not correct for user profile &1.'],
  [SIGNON_CODE.passwordExpired]: ['CPF22E4', 'Password for user profile &1 has expired.'],
  [SIGNON_CODE.passwordNone]: ['CPF22E5', 'No password associated with user profile &1.'],
};

export function refusalMessages(returnCode: number, user: string): HostMessage[] {
  const known = TEXTS[returnCode];
  if (!known) return [];
  const ebcdic = (text: string): Buffer => textCodec(37).encode(text);
  return [
    {
      textCcsid: 37,
      substitutionCcsid: 37,
      severity: 40,
      type: ebcdic('15'),
      id: ebcdic(known[0]),
      file: ebcdic('QCPFMSG   '),
      library: ebcdic('QSYS      '),
      text: ebcdic(known[1].replace('&1', user)),
      substitution: ebcdic(user.padEnd(10)),
      help: Buffer.alloc(0),
    },
  ];
}
