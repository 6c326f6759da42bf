/**
 * Why one field cannot be decoded, by stable code. Messages name the code and the expectation, never the value.
 * Source of what is valid: JTOpen's AS400PackedDecimal, AS400ZonedDecimal and the machine's decimal instructions.
 */

import { CodedError } from '../errors/coded-error';
import { FIELD_ERRORS, FIELD_NEXT, type FieldErrorCode } from '../errors/codes/fields';

export { FIELD_ERRORS, type FieldErrorCode };

/** The error the single-value decoders throw; plans collect codes instead. Family `decode`. */
export function fieldError(code: FieldErrorCode): CodedError {
  return new CodedError({
    code,
    message: FIELD_ERRORS[code],
    next: FIELD_NEXT,
  });
}
