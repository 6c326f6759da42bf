/** JTOpen signing on: every password level it knows, every refusal in its own words, TLS trusted and not. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserProfile } from '../../src/simulator/server/users';
import { SimulatedPartition, type SimulatedPartitionOptions } from '../../src/simulator/simulated-partition';
import { describeWithJudge } from '../support/judges';
import { column, TinyEngine } from '../support/tiny-engine';
import { DRIVERS, Judge, type JudgeError, judgeNeeds, trustStore } from './jtopen';

const USERS: UserProfile[] = [
  { name: 'CDCUSR', password: 'Demo1' },
  { name: 'LONGUSER01', password: 'secret12' },
  { name: 'DISABLED', password: 'Demo1', disabled: true },
  { name: 'EXPIRED', password: 'Demo1', expired: true },
  { name: 'NOPWD', password: null },
];

describe.each(DRIVERS)('$name', ({ name, jar }) => {
  const old = name.includes('9.1');
  describeWithJudge('signs on', judgeNeeds(jar), () => {
    let judge: Judge;
    beforeAll(() => {
      judge = Judge.start({ jar });
    });
    afterAll(() => judge?.stop());

    async function withPartition(
      options: SimulatedPartitionOptions,
      run: (p: SimulatedPartition) => Promise<void>,
    ): Promise<void> {
      await using partition = await SimulatedPartition.start({
        engine: new TinyEngine().table('T', [column('N', 'INTEGER')], [[1]]),
        users: USERS,
        ...options,
      });
      const { signon, database } = partition.ports;
      await judge.run('ports', { host: '127.0.0.1', signon, database });
      await run(partition);
      expect(partition.errors).toEqual([]);
    }
    const signOn = (user: string, password: string, props = {}): Promise<{ product: string; job: string }> =>
      judge.run('connect', { host: '127.0.0.1', user, password, props });
    const refused = (user: string, password: string): Promise<Partial<JudgeError>> =>
      signOn(user, password).then(
        () => ({ message: 'signed on' }),
        ({ message, state, code }: JudgeError) => ({ message, state: state!, code: code! }),
      );

    const LEVELS = ([0, 1, 2, 3, 4] as const).filter((level) => !old || level < 4);
    test.each(LEVELS)('password level %d, a folded user id and a wrong password', async (passwordLevel) => {
      await withPartition({ passwordLevel }, async (partition) => {
        expect((await signOn('cdcusr', 'Demo1')).job).toMatch(/^QZDASOINITQUSER {5}\d{6}$/);
        await judge.run('close');
        await signOn('LONGUSER01', 'secret12');
        await judge.run('close');
        expect((await refused('CDCUSR', 'Demo2')).message).toMatch(/Password is incorrect/);
        expect(partition.users.attempts('LONGUSER01')).toBe(2); // the sign-on server and the database server, once each
      });
    });

    test.each(['signon', 'database'])('the %s server answers a ping with a bare header', async (service) => {
      await withPartition({}, async () => {
        const alive = { host: '127.0.0.1', user: 'CDCUSR', password: 'Demo1', service };
        expect(await judge.run('alive', alive)).toBe(true);
      });
    });

    test("every refusal has JTOpen's own text, state 08004 and code -99999", async () => {
      const texts: [string, string, string][] = [
        ['NOBODY', 'Demo1', 'User ID is not known.'],
        ['CDCUSR', 'wrong', 'Password is incorrect.'],
        ['DISABLED', 'Demo1', 'User ID is disabled.'],
        ['EXPIRED', 'Demo1', 'Password is expired.'],
        ['NOPWD', 'Demo1', 'Password is *NONE.'],
      ];
      await withPartition({}, async () => {
        for (const [user, password, text] of texts) {
          const { message, state, code } = await refused(user, password);
          expect({ user, state, code }).toEqual({ user, state: '08004', code: -99999 });
          expect(message).toBe(
            `The application server rejected the connection. (${text}${old && user !== 'NOPWD' ? `:${user}` : `:${user}`})`,
          );
        }
      });
    });

    test('three wrong passwords disable the profile, announced before the last', async () => {
      await withPartition({}, async () => {
        expect((await refused('CDCUSR', 'a1')).message).toContain('Password is incorrect.');
        expect((await refused('CDCUSR', 'a2')).message).toMatch(/will disable|disabled/i);
        expect((await refused('CDCUSR', 'a3')).message).toContain('Password is incorrect.');
        expect((await refused('CDCUSR', 'Demo1')).message).toContain('User ID is disabled.');
      });
    });

    test('a database server that refuses to start the job, and recovers', async () => {
      await withPartition({}, async (partition) => {
        partition.faults.serverBusy();
        expect((await refused('CDCUSR', 'Demo1')).message).not.toBe('signed on');
        await signOn('CDCUSR', 'Demo1');
        await judge.run('close');
      });
    });

    test.each([273, 500, 1140])('job CCSID %d', async (jobCcsid) => {
      await withPartition({ jobCcsid }, async () => {
        await signOn('CDCUSR', 'Demo1');
        await expect(judge.run('query', { sql: 'SELECT * FROM NÖ_ÄPE' })).rejects.toMatchObject({ code: -104 });
        expect((await judge.run('query', { sql: 'SELECT * FROM T' })).rows).toEqual([['1']]);
        await judge.run('close');
      });
    });

    test.each(['mdy', 'dmy', 'ymd', 'usa', 'iso', 'eur', 'jis', 'julian'])(
      'dates and times in format %s',
      async (format) => {
        const engine = new TinyEngine().table(
          'D',
          [column('D', 'DATE'), column('T', 'TIME')],
          [
            ['2024-02-29', '13:59:00'],
            ['1999-12-31', '00:00:00'],
          ],
        );
        await withPartition({ engine }, async () => {
          const time = ['usa', 'iso', 'eur', 'jis'].includes(format) ? format : 'hms';
          await signOn('CDCUSR', 'Demo1', { 'date format': format, 'time format': time });
          await judge.run('update', { sql: 'DELETE FROM D' });
          await judge.run('batch', {
            sql: 'INSERT INTO D VALUES(?, ?)',
            rows: [
              [
                { t: 'date', v: '2024-02-29' },
                { t: 'time', v: '13:59:00' },
              ],
            ],
          });
          expect(engine.tables.get('D')!.rows).toEqual([['2024-02-29', '13:59:00']]);
          engine.tables.get('D')!.rows.push(['1999-12-31', '00:00:00']);
          const { rows } = await judge.run('query', { sql: 'SELECT * FROM D', dates: true });
          expect(rows).toEqual([
            ['2024-02-29', '13:59:00'],
            ['1999-12-31', '00:00:00'],
          ]);
          await judge.run('close');
        });
      },
    );

    if (!old) {
      test('portNumber in the URL: no port mapper, no sign-on server, the release from ENVSYSINFO', async () => {
        await using partition = await SimulatedPartition.start({ users: USERS, passwordLevel: 4 });
        await judge.run('connect', {
          host: '127.0.0.1',
          user: 'CDCUSR',
          password: 'Demo1',
          props: { portNumber: String(partition.ports.database), 'tcp no delay': 'false' },
        });
        expect((await judge.run('query', { sql: 'SELECT COUNT(*) FROM ORDLIB.ITMMAS' })).rows).toEqual([['300']]);
        await judge.run('close');
        expect(partition.errors).toEqual([]);
      });
    }
  });

  // 449 cannot be changed in JTOpen; where this process may not listen on it, only the fixed ports above are judged
  if (mayListenOn449()) {
    describeWithJudge('asks the port mapper', judgeNeeds(jar), () => {
      test('plain and TLS, the newest one declined its as-hostcnn-s', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-mapper-'));
        const host = old ? '127.0.0.49' : '127.0.0.50';
        await using partition = await SimulatedPartition.start({
          host,
          ports: { portMapper: 449 },
          engine: new TinyEngine().table('T', [column('N', 'INTEGER')], [[1]]),
        });
        const judge = Judge.start({ jar, trustStore: trustStore(partition.caFile, folder) });
        try {
          for (const secure of ['false', 'true']) {
            await judge.run('connect', { host, user: partition.user, password: partition.password, props: { secure } });
            expect((await judge.run('query', { sql: 'SELECT * FROM T' })).rows).toEqual([['1']]);
            expect(partition.jobs()[0]).toMatch(secure === 'true' ? /QZDASSINIT$/ : /QZDASOINIT$/);
            await judge.run('close');
            while (partition.jobs().length > 0) await new Promise((done) => setImmediate(done));
          }
        } finally {
          await judge.stop();
          rmSync(folder, { recursive: true, force: true });
        }
      });
    });
  }

  describeWithJudge('trusts', judgeNeeds(jar), () => {
    test('the CA of the partition, and nobody it was not told of', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-trust-'));
      await using partition = await SimulatedPartition.start({ engine: new TinyEngine() });
      const { signonTls, databaseTls } = partition.ports;
      const trusting = Judge.start({ jar, trustStore: trustStore(partition.caFile, folder) });
      const doubting = Judge.start({ jar });
      const connect = async (judge: Judge): Promise<unknown> => {
        await judge.run('ports', { host: 'localhost', secure: true, signon: signonTls, database: databaseTls });
        return judge.run('connect', {
          host: 'localhost',
          user: partition.user,
          password: partition.password,
          props: { secure: 'true' },
        });
      };
      try {
        await connect(trusting);
        await trusting.run('close');
        await expect(connect(doubting)).rejects.toMatchObject({
          state: '08001',
          ...(old ? {} : { causes: expect.stringContaining('SSLHandshakeException') }),
        });
        await partition.expireCertificate();
        await expect(connect(trusting)).rejects.toMatchObject({ state: '08001' });
        await partition.renewCertificate();
        await connect(trusting);
        await partition.restart();
        await connect(trusting);
      } finally {
        await trusting.stop();
        await doubting.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
});

function mayListenOn449(): boolean {
  const program =
    "require('node:net').createServer().listen(449, '127.0.0.51', () => process.exit(0)).on('error', () => process.exit(1))";
  return spawnSync(process.execPath, ['-e', program]).status === 0;
}
