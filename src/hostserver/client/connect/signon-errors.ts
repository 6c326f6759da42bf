/** Refusals of sign-on and start server, each with what to do (docs/protocol.md#3.3). Never retried by itself. */
import { CodedError } from '../../../errors/coded-error';
import type { ErrorCode } from '../../../errors/codes';
import type { HostMessage } from '../../formats/message-text';
import { hex } from '../../message';
import { SIGNON_CODE } from '../../return-codes';
import { textOf } from '../../wire-text';

interface Refusal {
  readonly code: ErrorCode;
  readonly message: (user: string) => string;
  readonly next: (user: string) => string;
}

const enable = (user: string): string => `CHGUSRPRF USRPRF(${user}) STATUS(*ENABLED)`;
const renew = (user: string): string => `CHGUSRPRF USRPRF(${user}) PASSWORD(...) PWDEXP(*NO)`;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  [SIGNON_CODE.userUnknown]: {
    code: 'USER_UNKNOWN',
    message: (user) => `user ${user} is not known on the partition`,
    next: (user) => `check partition.user; WRKUSRPRF USRPRF(${user}) shows whether it exists`,
  },
  [SIGNON_CODE.userDisabled]: {
    code: 'USER_DISABLED',
    message: (user) => `user ${user} is disabled`,
    next: (user) => `${enable(user)}, then start again`,
  },
  [SIGNON_CODE.profileMismatch]: {
    code: 'USER_MISMATCH',
    message: (user) => `user ${user} does not fit the profile of the connection`,
    next: () => 'check partition.user',
  },
  [SIGNON_CODE.passwordIncorrect]: {
    code: 'PASSWORD_INCORRECT',
    message: (user) => `the password of user ${user} is incorrect; it was tried once and will not be tried again`,
    next: (user) =>
      `correct the secret behind partition.password; ${enable(user)} if the profile was disabled meanwhile`,
  },
  [SIGNON_CODE.passwordIncorrectNextDisables]: {
    code: 'PASSWORD_INCORRECT_LAST',
    message: (user) =>
      `the password of user ${user} is incorrect; one more failure disables the profile, so it will not be tried again`,
    next: () => 'correct the secret behind partition.password before anything else signs on with it',
  },
  [SIGNON_CODE.passwordExpired]: {
    code: 'PASSWORD_EXPIRED',
    message: (user) => `the password of user ${user} is correct but has expired`,
    next: (user) => `set a new one, ${renew(user)}, and put it behind partition.password`,
  },
  [SIGNON_CODE.passwordNone]: {
    code: 'PASSWORD_NONE',
    message: (user) => `user ${user} has no password (*NONE)`,
    next: (user) => renew(user),
  },
  [SIGNON_CODE.passwordPreV2R2]: {
    code: 'PASSWORD_OLD_FORM',
    message: (user) => `the password of user ${user} is kept in a form of before V2R2`,
    next: (user) => renew(user),
  },
  [SIGNON_CODE.userIdLength]: {
    code: 'USER_ID_LENGTH',
    message: () => 'the partition finds the length of the user id invalid',
    next: () => 'set partition.user to the name of a user profile, at most 10 characters',
  },
  [SIGNON_CODE.passwordLength]: {
    code: 'PASSWORD_LENGTH',
    message: () => 'the partition finds the length of the password invalid',
    next: () => 'check the secret behind partition.password and the QPWDLVL system value',
  },
  [SIGNON_CODE.securityGeneral]: {
    code: 'SIGNON_REFUSED',
    message: (user) => `the partition refused user ${user} for a general security reason`,
    next: () => 'look at QAUDJRN and the job log of the host server',
  },
};

/** @param returnCode other than 0; `messages` as the server sent them */
export function signonRefused(
  returnCode: number,
  user: string,
  messages: readonly (HostMessage | null)[] = [],
): CodedError {
  const name = user.toUpperCase();
  const known = REFUSALS[returnCode] ?? byRange(returnCode);
  const texts = messages.map((m) => (m ? messageText(m) : '')).filter((text) => text !== '');
  return new CodedError({
    code: known.code,
    message: [known.message(name), ...texts].join('; '),
    next: known.next(name),
    facts: { user: name, returnCode: hex(returnCode, 8) },
  });
}

function isServerJobProblem(code: number): boolean {
  return code >= SIGNON_CODE.serverJobFirst && code <= SIGNON_CODE.serverJobLast;
}

function byRange(code: number): Refusal {
  const shown = hex(code, 8);
  if (isServerJobProblem(code)) {
    return {
      code: 'SERVER_JOB',
      message: () => `the partition could not give the connection to a server job (${shown})`,
      next: () =>
        'check subsystem QUSRWRK and its prestart jobs: STRPJ SBS(QUSRWRK) PGM(QSYS/QZDASSINIT), and the authority to the server program',
    };
  }
  if (code >= SIGNON_CODE.exitProgramFirst && code <= SIGNON_CODE.exitProgramDenied) {
    return {
      code: 'EXIT_PROGRAM',
      message: (user) => `an exit program of the partition refused user ${user} (${shown})`,
      next: () => 'ask the administrator to allow the host servers for this user: WRKREGINF EXITPNT(QIBM_QZDA_INIT)',
    };
  }
  return {
    code: 'SIGNON_REFUSED',
    message: (user) => `the partition refused user ${user} with return code ${shown}`,
    next: () => 'look up the return code, and the job log of the host server',
  };
}

function messageText(message: HostMessage): string {
  try {
    const id = textOf({ ccsid: 37, bytes: message.id });
    return `${id} ${textOf({ ccsid: message.textCcsid, bytes: message.text })}`.trim();
  } catch {
    return '';
  }
}
