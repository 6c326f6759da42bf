/** Signing on. None of these is tried again by itself: a second failure may disable the profile. */
import { ofFamily } from './entry';

const NOT_AGAIN =
  'It was tried once and is not tried again by itself, since each failure counts towards disabling the profile.';

export const SIGNON_ERRORS = ofFamily('signOn', {
  USER_UNKNOWN: {
    means: `The partition has no user profile of this name. ${NOT_AGAIN}`,
    next: 'check partition.user; WRKUSRPRF USRPRF(NAME) shows whether it exists',
  },
  USER_DISABLED: {
    means: `The user profile is disabled, mostly after too many wrong passwords. ${NOT_AGAIN}`,
    next: 'CHGUSRPRF USRPRF(NAME) STATUS(*ENABLED), then start again',
  },
  USER_MISMATCH: {
    means: 'The user does not fit the profile that the connection was started for.',
    next: 'check partition.user',
  },
  USER_ID_LENGTH: {
    means:
      'The user id is empty or longer than the ten characters that a user profile can have. Nothing was sent, or the partition refused it.',
    next: 'set partition.user to the name of a user profile',
  },
  PASSWORD_INCORRECT: {
    means: `The password is wrong. ${NOT_AGAIN}`,
    next: 'correct the secret behind partition.password; enable the profile if it was disabled meanwhile',
  },
  PASSWORD_INCORRECT_LAST: {
    means:
      'The password is wrong, and one more failure disables the profile. Nothing signs on with it again by itself.',
    next: 'correct the secret behind partition.password before anything else signs on with it',
  },
  PASSWORD_EXPIRED: {
    means: 'The password is right and has expired. `partition.passwordWarnDays` warns some days before.',
    next: 'CHGUSRPRF USRPRF(NAME) PASSWORD(...) PWDEXP(*NO), and put the new one behind partition.password',
  },
  PASSWORD_NONE: {
    means: 'The user profile has PASSWORD(*NONE): no one can sign on with it.',
    next: 'give it a password with CHGUSRPRF, or name another profile',
  },
  PASSWORD_OLD_FORM: {
    means: 'The password of the profile is kept in a form of a very old release and cannot be compared.',
    next: 'set it again with CHGUSRPRF USRPRF(NAME) PASSWORD(...)',
  },
  PASSWORD_LENGTH: {
    means: 'The partition finds the length of the password invalid for its password level.',
    next: 'check the secret behind partition.password and the system value QPWDLVL',
  },
  PASSWORD_RULE: {
    means:
      'The password level of the partition cannot carry this password: too long, empty, or beginning with *. It was not sent.',
    next: 'check the secret behind partition.password and the system value QPWDLVL',
  },
  EXIT_PROGRAM: {
    means: 'An exit program on the partition refused the user for the host servers.',
    next: 'ask the administrator to allow it: WRKREGINF EXITPNT(QIBM_QZDA_INIT)',
  },
  SIGNON_REFUSED: {
    means:
      'The partition refused the user for a reason that has no code of its own here; the return code or the text of the driver is in the message.',
    next: 'look at the user profile (DSPUSRPRF), QAUDJRN and the job log of the host server',
  },
});
