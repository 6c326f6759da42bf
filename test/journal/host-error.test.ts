import { SqlError } from '../../src/errors/coded-error';
import { journalFailureOf } from '../../src/journal/entry/host-error';

const sql = (sqlCode: number, message: string, messageId: string | null = null) =>
  new SqlError({ sqlCode, sqlState: '38501', message, messageId });

test.each([
  [sql(-443, 'Not authorized to object RCV0001 in ORDLIB.'), 'not authorized'],
  [sql(-443, 'CPF9802 ORDJRN'), 'not authorized'],
  [sql(-551, 'Not authorized to object ORDJRN'), 'not authorized'],
  [sql(-443, 'STARTING_SEQUENCE OR ENDING_SEQUENCE NOT FOUND'), 'maybe lost'],
  [sql(-443, 'CPF9801 Object RCV0001 in library ORDLIB not found.'), 'maybe lost'],
  [sql(-443, 'CPF7053 Values for RCVRNG parameter not correct'), 'maybe lost'],
  [sql(-443, 'CPF7054 FROM and TO values not valid'), 'bad range'],
  [sql(-443, 'CPF7062 No entries converted or received'), 'nothing'],
  [sql(-443, 'CPF7060 Object in the selection not found'), 'object missing'],
  [sql(-204, 'DISPLAY_JOURNAL in QSYS2 type *N not found.'), 'other'],
  [sql(-443, 'MEMBER NOT VALID'), 'other'],
  [new Error('socket'), 'other'],
])('%s', (error, expected) => {
  expect(journalFailureOf(error)).toBe(expected);
});
