/** What came of a request as a whole. */

import { DELIVERED, type Outcome } from '../../src/deliver/sink';
import { deliveredOf, failedDelivery, sameRequest, worst } from '../../src/deliver/verdicts';
import { CodedError } from '../../src/errors/coded-error';
import type { AttemptRecord } from '../../src/model/delivery';

const RETRY: Outcome = { is: 'retry', why: 'r' };
const REJECTED: Outcome = { is: 'rejected', why: 'x', reason: 'http-422' };
const GONE: Outcome = { is: 'gone', why: 'g' };

test.each<[Outcome[], Outcome['is'], number]>([
  [[], 'delivered', 0],
  [[DELIVERED], 'delivered', 1],
  [[DELIVERED, REJECTED, DELIVERED], 'rejected', 2],
  [[REJECTED, RETRY, DELIVERED], 'retry', 1],
  [[RETRY, REJECTED], 'retry', 0],
  [[RETRY, GONE, REJECTED], 'gone', 0],
])('%j: worst is %s, delivered %i', (outcomes, is, delivered) => {
  expect(worst(outcomes)).toBe(is);
  expect(deliveredOf(outcomes)).toBe(delivered);
});

describe('sameRequest', () => {
  const record: AttemptRecord = {
    ...{ attempt: 1, at: 5, ms: 7, status: 200, error: null, batch: 3 },
    ...{ request: 'content-type: x', signature: 's', response: 'HTTP 200' },
  };
  const bare = { ...record, request: null, signature: null, response: null };

  test('the others of a batch carry neither headers nor response', () => {
    expect(sameRequest(record, 1)).toEqual(bare);
    expect(sameRequest(record, 4)).toEqual({ ...bare, attempt: 4 });
    expect(sameRequest({ ...record, signature: null, response: null }, 1)).toEqual(bare);
  });

  test('one that is bare and says the number already is used again', () => {
    expect(sameRequest(bare, 1)).toBe(bare);
    expect(sameRequest(bare, 2)).toEqual({ ...bare, attempt: 2 });
  });
});

describe('a sink that throws', () => {
  test('every event is tried again, and it counts against the endpoint', () => {
    const fatal: unknown[] = [];
    const found = failedDelivery(2, new Error('no route'), { fatal: (error) => fatal.push(error) });
    const outcome = { is: 'retry', why: 'no route', endpoint: true };
    expect(found.outcomes).toEqual([outcome, outcome]);
    expect(found.exchange).toEqual({ status: null, request: null, signature: null, response: null, error: 'no route' });
    expect(fatal).toEqual([]);
    expect(failedDelivery(1, 'words', {}).exchange.error).toBe('words');
  });

  test('a lost position is for the operator', () => {
    const lost = new CodedError({ code: 'POSITION_LOST', message: 'm', next: 'n' });
    const fatal: unknown[] = [];
    const fail = (error: unknown): void => void fatal.push(error);
    failedDelivery(1, lost, { fatal: fail });
    failedDelivery(1, new CodedError({ code: 'WEBHOOK_OAUTH2', message: 'm', next: 'n' }), { fatal: fail });
    expect(fatal).toEqual([lost]);
  });
});
