/** Tokens and the operators' log: what is kept, what is not, and that lines stay as they were written. */
import { createHash } from 'node:crypto';
import { OPERATOR_LOG_SCHEMA, OperatorLog } from '../../src/operators/operator-log';
import { mayAct, ROLES } from '../../src/operators/role';
import { TOKEN_SCHEMA, Tokens } from '../../src/operators/tokens';
import { Store } from '../../src/store/store';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-29T12:00:00Z');
const ANNA = { who: 'anna', via: 'cli', from: null } as const;

function parts() {
  const clock = { now: NOW };
  const store = Store.open(':memory:', [TOKEN_SCHEMA, OPERATOR_LOG_SCHEMA]);
  const now = (): number => clock.now;
  return { clock, store, tokens: new Tokens(store, now), log: new OperatorLog(store, now) };
}

test('each role may do what the one before may, and no more', () => {
  const allowed = ROLES.map((has) => ROLES.map((needed) => mayAct(has, needed)));
  expect(allowed).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

test('a token opens what its name stands for until it is revoked; the file has its hash alone', () => {
  const { store, tokens } = parts();
  const token = tokens.create('console', 'viewer', null)!;
  expect(token).toMatch(/^icdc_[\w-]{43}$/);
  expect(tokens.create('console', 'admin', null)).toBeNull();
  expect(tokens.find(token)).toMatchObject({ name: 'console', role: 'viewer', createdAt: NOW, usedAt: null });
  expect(tokens.find(`${token}x`)).toBeNull();
  expect(tokens.find('')).toBeNull();
  const row = store.db.prepare('SELECT * FROM operator_token').get() as { hash: Buffer };
  expect(row.hash).toEqual(createHash('sha256').update(token).digest());
  expect(JSON.stringify(row)).not.toContain(token);
  expect(tokens.revoke('console')).toBe(true);
  expect([tokens.find(token), tokens.named('console'), tokens.revoke('console')]).toEqual([null, null, false]);
});

test('an expired token opens nothing; use is written down now and then', () => {
  const { clock, tokens } = parts();
  const token = tokens.create('ci', 'operator', NOW + DAY)!;
  tokens.used(tokens.find(token)!);
  expect(tokens.list()).toMatchObject([{ name: 'ci', usedAt: NOW, expiresAt: NOW + DAY }]);
  clock.now += 60_000;
  tokens.used(tokens.find(token)!);
  expect(tokens.list()[0]!.usedAt).toBe(NOW);
  clock.now += 600_000;
  tokens.used(tokens.find(token)!);
  expect(tokens.list()[0]!.usedAt).toBe(clock.now);
  clock.now = NOW + DAY;
  expect([tokens.find(token), tokens.named('ci')]).toEqual([null, null]);
});

test('who, when, what, scope and result; begun until it has ended, and ended once', () => {
  const { clock, store, log } = parts();
  const no = log.begin(ANNA, 'dead-letters.retry', { destination: 'crm' });
  expect(log.list({}, 'oldest', null, 10)).toMatchObject([{ no, result: 'begun', endedAt: null, facts: {} }]);
  clock.now += 1_000;
  log.end(no, 'done', { queued: 3 });
  expect(log.list({}, 'oldest', null, 10)).toEqual([
    {
      no,
      when: '2026-11-29T12:00:00.000Z',
      who: 'anna',
      via: 'cli',
      from: null,
      what: 'dead-letters.retry',
      scope: { destination: 'crm' },
      result: 'done',
      facts: { queued: 3 },
      endedAt: '2026-11-29T12:00:01.000Z',
    },
  ]);
  expect(() => log.end(no, 'failed', {})).toThrow(/append-only/);
  const refused = (sql: string): void => expect(() => store.db.exec(sql)).toThrow(/append-only/);
  refused('DELETE FROM operator_log');
  refused("UPDATE operator_log SET who = 'nobody'");
  log.begin(ANNA, 'replay', {});
  refused("UPDATE operator_log SET scope = '[]', result = 'done' WHERE result IS NULL");
  refused("UPDATE operator_log SET who = 'bert' WHERE result IS NULL");
});

test('filters and pages, from either end', () => {
  const { clock, log } = parts();
  const bert = { who: 'bert', via: 'api', from: '10.1.1.1' } as const;
  for (let i = 0; i < 6; i++) {
    log.begin(i % 2 ? bert : ANNA, i < 3 ? 'table.pause' : 'tables', { i });
    clock.now += 1_000;
  }
  const nos = (...args: Parameters<OperatorLog['list']>): number[] => log.list(...args).map((l) => l.no);
  expect(nos({}, 'newest', null, 2)).toEqual([6, 5]);
  expect(nos({}, 'newest', 5, 10)).toEqual([4, 3, 2, 1]);
  expect(nos({}, 'oldest', 4, 10)).toEqual([5, 6]);
  expect(nos({ who: 'bert' }, 'oldest', null, 10)).toEqual([2, 4, 6]);
  expect(nos({ what: 'table' }, 'oldest', null, 10)).toEqual([1, 2, 3]);
  expect(nos({ what: 'table.pause', since: NOW + 1_000, until: NOW + 2_000 }, 'oldest', null, 10)).toEqual([2]);
});
