/** What an error of this product says of itself, and with which code a command ends that meets it. */
import { bug, CodedError, exitCodeOf, HostMessageError, isCoded, SqlError } from '../../src/errors/coded-error';
import { type ErrorCode, familyOf, isErrorCode, OWN_ERRORS, pageOf } from '../../src/errors/codes';

/** As the product promises them: scripts match on them. */
const EXITS: readonly (readonly [family: string, code: ErrorCode, exit: number])[] = [
  ['config', 'CONFIG_INVALID', 2],
  ['signOn', 'USER_UNKNOWN', 3],
  ['transport', 'TLS_UNTRUSTED', 3],
  ['host', 'HOST_SQL', 3],
  ['protocol', 'ROWS_LENGTH', 3],
  ['positionLost', 'POSITION_LOST', 4],
  ['decode', 'LAYOUT_IMAGE', 5],
  ['delivery', 'WEBHOOK_TLS', 3],
  ['store', 'SQLITE_DRIVER', 3],
  ['bug', 'BUG', 1],
];

test.each(EXITS)('family %s: %s ends a command with %i', (family, code, exit) => {
  const error = new CodedError({ code, message: 'seen and expected' });
  expect(error).toMatchObject({ name: 'CodedError', code, family, next: undefined, facts: {} });
  expect(exitCodeOf(error)).toBe(exit);
});

test.each([
  ['an error without a code', new Error('x')],
  ['a text', 'x'],
  ['nothing', undefined],
])('%s is a mistake of ours', (_, thrown) => {
  expect(isCoded(thrown)).toBe(false);
  expect(exitCodeOf(thrown)).toBe(1);
});

test('next step, facts and cause are kept', () => {
  const cause = new Error('below');
  const error = new CodedError({ code: 'BUG', message: 'm', next: 'n', facts: { at: 7n }, cause });
  expect(error).toMatchObject({ message: 'm', next: 'n', facts: { at: 7n }, cause });
  // an error without one has no member of that name, so that logs do not show it
  expect(Object.hasOwn(new CodedError({ code: 'BUG', message: 'm' }), 'cause')).toBe(false);
  expect(bug('impossible', { n: 1 })).toMatchObject({ code: 'BUG', family: 'bug', facts: { n: 1 } });
});

test('an SQL error carries what Db2 said', () => {
  const said = { sqlCode: -204, sqlState: '42704', message: 'NOPE in LIB type *FILE not found.' };
  expect(
    new SqlError({ ...said, messageId: 'SQL0204', secondLevel: 'Cause', facts: { table: 'LIB/NOPE' } }),
  ).toMatchObject({
    ...said,
    name: 'SqlError',
    code: 'HOST_SQL',
    family: 'host',
    messageId: 'SQL0204',
    secondLevel: 'Cause',
    facts: { table: 'LIB/NOPE', sqlCode: -204, sqlState: '42704', messageId: 'SQL0204' },
  });
  expect(new SqlError(said)).toMatchObject({ messageId: null, secondLevel: null, facts: { messageId: null } });
});

const NOT_FOUND = { id: 'CPF7002', severity: 40, text: 'File X in library L not found.', help: '' };
const ENDED = { id: '', severity: 0, text: 'Command ended.', help: '' };

test.each([
  [[], 'the call failed and the partition sent no message', []],
  [[NOT_FOUND], 'the call failed: CPF7002 File X in library L not found.', ['CPF7002']],
  [[NOT_FOUND, ENDED], 'the call failed: CPF7002 File X in library L not found.; Command ended.', ['CPF7002', '']],
])('messages of a job in one sentence, %#', (messages, text, ids) => {
  const error = new HostMessageError('the call', messages, { facts: { program: 'P' } });
  expect(error).toMatchObject({ code: 'HOST_MESSAGE', family: 'host', message: text, ids });
  expect(error.facts).toEqual({ program: 'P', messageId: messages[0]?.id ?? null });
});

test('names that every object has are no codes', () => {
  expect(isErrorCode('TLS_UNTRUSTED')).toBe(true);
  for (const name of ['toString', 'constructor', '__proto__', 'tls_untrusted', ''])
    expect(isErrorCode(name)).toBe(false);
});

test('every code has a family, and the anchor of its page is its name in small letters', () => {
  const codes = Object.keys(OWN_ERRORS) as ErrorCode[];
  expect(codes.length).toBeGreaterThan(150);
  for (const code of codes) {
    expect(exitCodeOf(new CodedError({ code, message: '' }))).toEqual(
      EXITS.find(([family]) => family === familyOf(code))?.[2] ?? (familyOf(code) === 'findings' ? 5 : undefined),
    );
    expect(pageOf(code)).toMatch(/^docs\/reference\/errors\.md#[a-z0-9_]+$/);
  }
  expect(familyOf('PACKED_DIGIT')).toBe('decode');
});
