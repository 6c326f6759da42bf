/**
 * Why one field cannot be decoded: `code` of an entry of `decodeErrors`. The row still goes out, and `onError` of the column
 * decides what the event carries in the field's place. Source of what is valid: JTOpen's AS400PackedDecimal,
 * AS400ZonedDecimal and the machine's decimal instructions.
 */
export const FIELD_ERRORS = {
  PACKED_DIGIT: 'a digit nibble of a packed field is above 9',
  PACKED_SIGN: 'the last nibble of a packed field is a digit, not a sign (A, C, E, F plus; B, D minus)',
  ZONED_DIGIT: 'the low nibble of a zoned byte is above 9',
  ZONED_SIGN: 'the zone of the last zoned byte is a digit, not a sign (A, C, E, F plus; B, D minus)',
  DATE_TEXT: 'the bytes of a DATE are not in the form of its date format',
  DATE_IMPOSSIBLE: 'a date that is not in the calendar',
  TIME_TEXT: 'the bytes of a TIME are not in the form of its time format',
  TIME_IMPOSSIBLE: 'a time that is not on the clock',
  TIMESTAMP_TEXT: 'the bytes of a TIMESTAMP are not in the form yyyy-mm-dd-hh.mm.ss.f',
  TIMESTAMP_IMPOSSIBLE: 'a timestamp that is not in the calendar or on the clock',
  BOOLEAN_VALUE: 'a BOOLEAN byte that is neither 0 nor 1',
  VARYING_LENGTH: 'the length prefix is above the declared length',
  LOB_LENGTH: 'the length in a LOB slot is negative or above the declared length',
  LOB_MISSING: 'LOB data named by the slot does not follow the image',
  LEGACY_TEXT: 'a character field read as a date or time holds something else than digits',
  LEGACY_RANGE: 'a number too large or too small for its date or time form',
  TEXT_UNDEFINED: 'a code point the CCSID does not define',
  TEXT_CUT_RUN: 'a double-byte run or character is cut by the end of the field',
  TEXT_UNPAIRED_SHIFT: 'shift-out and shift-in do not pair',
  DECIMAL_SYNTAX: 'not a plain decimal number',
  DECIMAL_RANGE: 'a decimal with more digits than the field has',
  DECFLOAT_RANGE: 'a number outside the range of the DECFLOAT width',
  DATA_MAPPING: 'the partition reports a data mapping error and the stored bytes cannot be had',
  FIELD_SHORT: 'the bytes end inside the field',
} as const;

export type FieldErrorCode = keyof typeof FIELD_ERRORS;

/** What to do about any of them. */
export const FIELD_NEXT =
  'compare the bytes with the column definition (DSPFFD); set the policy `onError` of the column to choose what an event carries';
