import { SIGNON_CODE } from '../../../src/hostserver/return-codes';
import { UserRegistry } from '../../../src/simulator/server/users';

const right = (): boolean => true;
const wrong = (): boolean => false;

test('every state of a profile has its return code', () => {
  const users = new UserRegistry([
    { name: 'good', password: 'Pw1' },
    { name: 'DISABLED', password: 'Pw1', disabled: true },
    { name: 'EXPIRED', password: 'Pw1', expired: true },
    { name: 'NONE', password: null },
  ]);
  expect(users.check('GOOD', right)).toBe(SIGNON_CODE.ok);
  expect(users.check('NOBODY', right)).toBe(SIGNON_CODE.userUnknown);
  expect(users.check('DISABLED', right)).toBe(SIGNON_CODE.userDisabled);
  expect(users.check('EXPIRED', right)).toBe(SIGNON_CODE.passwordExpired);
  expect(users.check('EXPIRED', wrong)).toBe(SIGNON_CODE.passwordIncorrect);
  expect(users.check('NONE', right)).toBe(SIGNON_CODE.passwordNone);
});

test('the failure before the last one says so, the last one disables, a success starts the count again', () => {
  const users = new UserRegistry([{ name: 'U', password: 'Pw1' }], 3, 3);
  expect([users.check('U', wrong), users.check('U', wrong)]).toEqual([
    SIGNON_CODE.passwordIncorrect,
    SIGNON_CODE.passwordIncorrectNextDisables,
  ]);
  expect(users.check('U', right)).toBe(SIGNON_CODE.ok);
  expect([1, 2, 3].map(() => users.check('U', wrong))).toEqual([
    SIGNON_CODE.passwordIncorrect,
    SIGNON_CODE.passwordIncorrectNextDisables,
    SIGNON_CODE.passwordIncorrect,
  ]);
  expect(users.isDisabled('U')).toBe(true);
  expect(users.check('U', right)).toBe(SIGNON_CODE.userDisabled);
  expect(users.attempts('U')).toBe(7);
});
