/** Set and retrieve server attributes, 1F80 and 1F81 (docs/protocol.md#7.1); CP numbers are those of this request alone. */
import { i32, rest, struct, u8, u16, u32 } from '../../../bytes/struct';
import { dbRequest } from '../../db-frame';
import { fixedString, variableString } from '../../wire-text';

const precision = struct('decimal precision', [
  ['maximumPrecision', u16],
  ['maximumScale', u16],
  ['minimumDivideScale', u16],
]);

export const setServerAttributes = dbRequest('set server attributes', 0x1f80, {
  clientCcsid: [0x3801, u16],
  nlv: [0x3802, fixedString],
  /** JTOpen declares two bytes more than it fills. */
  clientFunctionalLevel: [0x3803, fixedString],
  sortSequence: [0x3804, rest],
  translateIndicator: [0x3805, u8],
  drdaPackageSize: [0x3806, u16],
  dateFormat: [0x3807, u16],
  dateSeparator: [0x3808, u16],
  timeFormat: [0x3809, u16],
  timeSeparator: [0x380a, u16],
  decimalSeparator: [0x380b, u16],
  /** 0 SQL, 1 system. */
  naming: [0x380c, u16],
  ignoreDecimalErrors: [0x380d, u16],
  /** 0 *NONE, 1 *CS, 2 *CHG, 3 *ALL, 4 *RR. */
  commitmentLevel: [0x380e, u16],
  defaultSchema: [0x380f, variableString],
  ambiguousSelect: [0x3811, u16],
  packageAdd: [0x3812, u16],
  /** F0 original, F1 extended, F2 super-extended formats. */
  extendedFormats: [0x3821, u8],
  /** Bytes up to which a LOB comes inline. */
  lobThreshold: [0x3822, u32],
  compression: [0x3823, u16],
  /** E8 on, D5 off. */
  autocommit: [0x3824, u8],
  clientSupport: [0x3825, u32],
  rdbName: [0x3826, fixedString],
  decimalPrecision: [0x3827, precision],
  hexConstants: [0x3828, u8],
  inputLocatorType: [0x3829, u8],
  /** 1 transaction, 0 cursor. */
  locatorPersistence: [0x3830, u16],
  optimisationGoal: [0x3833, u8],
  queryStorageLimit: [0x3834, i32],
  decfloatRounding: [0x3835, u16],
  clientAccounting: [0x3837, variableString],
  clientApplication: [0x3838, variableString],
  clientUser: [0x3839, variableString],
  clientHost: [0x383a, variableString],
  clientProgram: [0x383b, variableString],
  interfaceType: [0x383c, variableString],
  interfaceName: [0x383d, variableString],
  interfaceLevel: [0x383e, variableString],
  /** E8: the server may close cursors at end of data and say so (class 2, code 700). */
  closeAtEof: [0x383f, u8],
  concurrentAccess: [0x3840, u16],
  alternateServer: [0x3845, u8],
});

export const retrieveServerAttributes = dbRequest('retrieve server attributes', 0x1f81, {});

/** Wire values of {@link setServerAttributes}.autocommit and of holdability and compression bytes. */
export const YES = 0xe8;
export const NO = 0xd5;

/** Bits of clientSupport (CP 3825). */
export const CLIENT_SUPPORT = {
  rowid: 0x80000000,
  trueAutocommit: 0x40000000,
  longNames: 0x20000000,
  longSchemas: 0x10000000,
  boolean: 0x04000000,
  severalSqlcas: 0x02000000,
} as const;
