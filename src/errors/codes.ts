/**
 * Every error code of the product: one union, so that a code that is not in the list is refused by the compiler.
 * Codes are stable: scripts and runbooks match on them, so a code is never reused or given another meaning.
 * docs/reference/errors.md is made of these lists by scripts/reference.mjs.
 */
import { API_ERRORS } from './codes/api';
import { COMMAND_ERRORS } from './codes/commands';
import { CONFIG_ERRORS } from './codes/config';
import { DECODE_ERRORS } from './codes/decode';
import { DELIVERY_ERRORS } from './codes/delivery';
import type { ErrorEntry, ErrorFamily } from './codes/entry';
import { FIELD_ERRORS, FIELD_NEXT, type FieldErrorCode } from './codes/fields';
import type { CheckCode } from './codes/findings';
import { HOST_ERRORS } from './codes/host';
import { PROTOCOL_ERRORS } from './codes/protocol';
import { SIGNON_ERRORS } from './codes/signon';
import { POSITION_ERRORS, STORE_ERRORS } from './codes/store';
import { TRANSPORT_ERRORS } from './codes/transport';

/** The errors of their own; the reasons of fields are beside them in {@link ERRORS}. */
export const OWN_ERRORS = {
  ...CONFIG_ERRORS,
  ...COMMAND_ERRORS,
  ...API_ERRORS,
  ...SIGNON_ERRORS,
  ...TRANSPORT_ERRORS,
  ...HOST_ERRORS,
  ...PROTOCOL_ERRORS,
  ...POSITION_ERRORS,
  ...DECODE_ERRORS,
  ...DELIVERY_ERRORS,
  ...STORE_ERRORS,
};

export type ErrorCode = keyof typeof OWN_ERRORS | FieldErrorCode;

const ofFields = Object.fromEntries(
  Object.entries(FIELD_ERRORS).map(([code, means]) => [code, { family: 'decode', means, next: FIELD_NEXT }]),
);

const ERRORS = { ...ofFields, ...OWN_ERRORS } as Readonly<Record<ErrorCode, ErrorEntry>>;

/** True for a code of this version. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

/** Who must act on an error of this code. */
export function familyOf(code: ErrorCode): ErrorFamily {
  return ERRORS[code].family;
}

/** Where an error or a finding is explained, relative to the root of the package: `docs/reference/errors.md#tls_untrusted`. */
export function pageOf(code: ErrorCode | CheckCode): string {
  return `docs/reference/errors.md#${code.toLowerCase()}`;
}
