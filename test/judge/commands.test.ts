/** JTOpen's own classes against the remote command server: sign-on, commands, programs, messages, ping. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandEngine } from '../../src/simulator/command-session';
import { SimulatedPartition, type SimulatedPartitionOptions } from '../../src/simulator/simulated-partition';
import { describeWithJudge } from '../support/judges';
import { type CommandAnswer, ebcdic } from './command-answers';
import { DRIVERS, Judge, judgeNeeds, trustStore } from './jtopen';

/** Hands every parameter back, so that what travels can be compared with what was given. */
const ECHO: CommandEngine = {
  openSession: () => ({
    run: () => [],
    call: (_library, _program, parameters) => {
      const given = parameters.find((p) => p.direction === 'in' || p.direction === 'inout')?.data ?? Buffer.alloc(0);
      const outputs = parameters.filter((p) => p.direction === 'out' || p.direction === 'inout');
      return { kind: 'returned', outputs: outputs.map((p) => given.subarray(0, p.length)) };
    },
    end: () => {},
  }),
};

describe.each(DRIVERS)('$name', ({ name, jar }) => {
  const old = name.includes('9.1');
  describeWithJudge('at the remote command server', judgeNeeds(jar), () => {
    let judge: Judge;
    beforeAll(() => {
      judge = Judge.start({ jar });
    });
    afterAll(() => judge?.stop());

    async function withPartition(
      options: SimulatedPartitionOptions,
      run: (p: SimulatedPartition) => Promise<void>,
    ): Promise<void> {
      await using partition = await SimulatedPartition.start(options);
      const { signon, database, remoteCommand: command } = partition.ports;
      await judge.run('ports', { host: '127.0.0.1', signon, database, command });
      await judge.run('command.open', { host: '127.0.0.1', user: partition.user, password: partition.password });
      await run(partition);
      await judge.run('command.close');
      expect(partition.errors).toEqual([]);
    }

    test.each(([0, 1, 2, 3, 4] as const).filter((level) => !old || level < 4))(
      'signs on at password level %d and pings',
      async (passwordLevel) => {
        const users = [{ name: 'CDCUSR', password: 'Demo1' }];
        await withPartition({ passwordLevel, seed: false, users }, async (partition) => {
          expect(await judge.run('command.alive')).toBe(true);
          expect(partition.commandJobs()).toEqual([expect.stringMatching(/^\d{6}\/QUSER\/QZRCSRVS$/)]);
          expect(await judge.run('command.job')).toBe(partition.commandJobs()[0]);
        });
      },
    );

    test('runs a command, and reads the message of one that fails', async () => {
      await withPartition({}, async (partition) => {
        const done = await judge.run<CommandAnswer>('command.run', { command: 'CRTLIB LIB(NEWLIB) TEXT(ÄÖÜ)' });
        expect(done).toMatchObject({ done: true, messages: [] });
        expect(partition.inside!.libraries().map((l) => l.name)).toContain('NEWLIB');
        const failed = await judge.run<CommandAnswer>('command.run', { command: 'DLTF FILE(ORDLIB/NOPE)' });
        expect(failed).toMatchObject({ done: false });
        expect(failed.messages[0]).toMatchObject({
          id: 'CPF9812',
          severity: 40,
          type: 15,
          text: 'File NOPE in library ORDLIB not found.',
          file: 'QCPFMSG',
          library: 'QSYS',
          data: ebcdic('NOPE      ORDLIB    '),
        });
      });
    });

    test.each([11, 10, 5])('reads messages in the form of datastream level %d', async (commandLevel) => {
      await withPartition({ commandLevel }, async () => {
        for (const messages of [0, 2]) {
          const failed = await judge.run<CommandAnswer>('command.run', { command: 'NOSUCHCMD', messages });
          const text = 'Command NOSUCHCMD in library *LIBL not found.';
          expect(failed.messages).toMatchObject([{ id: 'CPD0030', severity: 30, text, file: 'QCPFMSG' }]);
        }
        const silent = await judge.run<CommandAnswer>('command.run', { command: 'NOSUCHCMD', messages: 1 });
        expect(silent).toMatchObject({ done: false, messages: [] });
      });
    });

    test('a program that is not there is an ObjectDoesNotExistException', async () => {
      await withPartition({}, async () => {
        const call = (path: string) => judge.run('command.call', { path, parameters: [] });
        await expect(call('/QSYS.LIB/NOPGM.PGM')).rejects.toMatchObject({
          javaClass: 'ObjectDoesNotExistException',
        });
        await expect(call('/QSYS.LIB/NOLIB.LIB/NOPGM.PGM')).rejects.toThrow(/does not exist/i);
      });
    });

    test.each([true, false])(
      'parameters of every kind and size come back as they went, compressed %p',
      async (compressReplies) => {
        await withPartition({ commands: ECHO, seed: false, compressReplies }, async () => {
          const long = Buffer.alloc(70_000, 'ab');
          const values = [
            Buffer.from([1, 2, 3, 0, 0]),
            Buffer.alloc(1),
            Buffer.concat([Buffer.alloc(1500, 0x1b), Buffer.alloc(1500)]),
            Buffer.concat([long, Buffer.from('end'), Buffer.alloc(99)]),
            Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 0xff)),
          ];
          for (const value of values) {
            const given = { in: value.toString('hex') };
            const inout = { in: value.toString('hex'), out: value.length };
            for (const parameters of [[given, { out: value.length }], [inout], [inout, { null: true }, { out: 3 }]]) {
              const answer = await judge.run<CommandAnswer>('command.call', { path: '/QSYS.LIB/ECHO.PGM', parameters });
              expect(answer.done).toBe(true);
              expect(answer.outputs[0]).toBe(value.toString('hex'));
            }
          }
        });
      },
    );
  });
});

describeWithJudge('over TLS', judgeNeeds(DRIVERS[1].jar), () => {
  test('a secure system reaches the server by its own port', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-command-'));
    await using partition = await SimulatedPartition.start({ seed: false });
    const judge = Judge.start({ jar: DRIVERS[1].jar, trustStore: trustStore(partition.caFile, folder) });
    try {
      const { signonTls: signon, databaseTls: database, remoteCommandTls: command, portMapper } = partition.ports;
      expect(portMapper).toBeGreaterThan(0);
      const { host, user, password } = partition;
      await judge.run('ports', { host, secure: true, signon, database, command });
      await judge.run('command.open', { host, secure: true, user, password });
      expect(await judge.run('command.alive')).toBe(true);
      expect(await judge.run('command.run', { command: 'CRTLIB LIB(TLSLIB)' })).toMatchObject({ done: true });
    } finally {
      await judge.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
