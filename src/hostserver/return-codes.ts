/** Return codes of F001, F002, F003 and F004 (docs/protocol.md#3.3). */
export const SIGNON_CODE = {
  ok: 0x00000000,
  userIdLength: 0x00010007,
  passwordLength: 0x00010008,
  requestNotValid: 0x0001000b,
  userUnknown: 0x00020001,
  userDisabled: 0x00020002,
  profileMismatch: 0x00020003,
  passwordIncorrect: 0x0003000b,
  /** Incorrect, and the next failure disables the profile. */
  passwordIncorrectNextDisables: 0x0003000c,
  /** Correct, but expired. */
  passwordExpired: 0x0003000d,
  passwordPreV2R2: 0x0003000e,
  passwordNone: 0x00030010,
  securityGeneral: 0x00040000,
  /** 00040001..000D: the connection could not be handed to a server job. */
  serverJobFirst: 0x00040001,
  serverJobLast: 0x0004000d,
  exitProgramFirst: 0x00050001,
  exitProgramDenied: 0x00050004,
  tokenFirst: 0x00060001,
} as const;
