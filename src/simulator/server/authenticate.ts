/** The check both the sign-on server and every started server make of a password substitute (protocol reference 5). */
import { textCodec } from '../../bytes/ccsid/registry';
import { type Seeds, verifySubstitute } from '../../hostserver/password';
import { SIGNON_CODE } from '../../hostserver/return-codes';
import type { SystemIdentity } from './system';

interface Credentials {
  /** 10 EBCDIC bytes; null when the client sent none, as with tokens. */
  readonly userId: Buffer | null;
  /** Null when the client used another form of authentication, which this partition does not know. */
  readonly substitute: Buffer | null;
}

interface Verdict {
  /** 0 or a code of table 3.3. */
  readonly returnCode: number;
  readonly user: string;
}

export function authenticate(system: SystemIdentity, credentials: Credentials, seeds: Seeds | null): Verdict {
  const { userId, substitute } = credentials;
  if (userId === null || substitute === null || seeds === null)
    return { returnCode: SIGNON_CODE.requestNotValid, user: '' };
  const user = textCodec(37).decode(userId).trimEnd();
  const returnCode = system.users.check(user, (token) =>
    verifySubstitute(system.passwordLevel, user, token, seeds, substitute),
  );
  return { returnCode, user };
}
