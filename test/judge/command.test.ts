/**
 * Calls of the remote command server as JTOpen makes them, recorded while it makes them, against ours for the same calls. Free
 * are seeds, substitutes and correlation ids; nothing else.
 */
import { CommandConnection } from '../../src/hostserver/client/command/command-connection';
import type { ProgramParameter } from '../../src/hostserver/client/command/parameters';
import { signOn } from '../../src/hostserver/client/connect/signon';
import { calledReply } from '../hostserver/support/called';
import { FakeServer, idOf } from '../hostserver/support/fake-server';
import { loadTrace, type Trace } from '../hostserver/support/traces';
import { describeWithJudge } from '../support/judges';
import { DRIVERS, Judge, judgeNeeds } from './jtopen';

/** Sign-on of one recording, remote command server of another. */
function levelled(signOnOf: string): Trace {
  const commands = loadTrace('27');
  const frames = [
    ...loadTrace(signOnOf).frames.filter((f) => f.service === 'signon'),
    ...commands.frames.filter((f) => f.service !== 'signon'),
    ...loadTrace('26').frames.filter((f) => f.service === 'rmtcmd' && ['1002', '8002'].includes(idOf(f.bytes))),
  ];
  return { name: 'levelled', facts: [], frames };
}

interface Call {
  readonly program: string;
  readonly procedure: string;
  readonly aligned: boolean;
  readonly integer: boolean;
  readonly parameters: readonly ProgramParameter[];
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const pattern = (n: number): Buffer => Buffer.from(Array.from({ length: n }, (_, i) => (i * 131 + (i >> 4)) & 0xff));
/** n file names with library and member, as a selection has them. */
const files = (n: number): Buffer =>
  Buffer.concat(
    Array.from({ length: n }, (_, i) => {
      const digits = Array.from(String(i).padStart(4, '0'), (c) => 0xf0 + Number(c));
      return Buffer.from([0xc6, ...digits, ...Array(25).fill(0x40)]);
    }),
  );

const CALLS: readonly (readonly [string, Call])[] = [
  [
    'entries of a journal',
    {
      program: 'QJOURNAL',
      procedure: 'QjoRetrieveJournalEntries',
      aligned: true,
      integer: false,
      parameters: [
        { output: 131_072 },
        { input: hex('00020000') },
        { input: hex('d8e2d8d1d9d540404040c3c4c340404040404040') },
        { input: hex('d9d1d5c5f0f2f0f0') },
        { input: Buffer.concat([hex('00000001'), Buffer.alloc(36)]) },
        { input: Buffer.alloc(16), output: 16 },
      ],
    },
  ],
  [
    'a selection of 300 files, compressed',
    {
      program: 'QJOURNAL',
      procedure: 'QjoRetrieveJournalEntries',
      aligned: true,
      integer: false,
      parameters: [{ output: 65_536 }, { input: files(300) }, { input: Buffer.alloc(16), output: 16 }],
    },
  ],
  [
    'bytes that compression would lengthen, escapes among them',
    {
      program: 'QJOURNAL',
      procedure: 'QjoRetrieveJournalInformation',
      aligned: false,
      integer: false,
      parameters: [{ input: Buffer.concat([pattern(1500), hex('1b1b1b')]) }, { input: pattern(2000), output: 4000 }],
    },
  ],
  [
    'a procedure that returns an integer, one parameter',
    {
      program: 'QJOURNAL',
      procedure: 'QjoDeletePointerHandle',
      aligned: false,
      integer: true,
      parameters: [{ input: hex('00000007') }],
    },
  ],
];

const free = (frame: Buffer): string => {
  const copy = Buffer.from(frame);
  copy.fill(0, 12, 16);
  if (idOf(copy) === '7001') copy.fill(0, 20, 28);
  if (idOf(copy) === '7002') copy.fill(0, 28, 22 + copy.readUInt32BE(22));
  return copy.toString('hex');
};

describe.each(DRIVERS)('$name', ({ name, jar }) => {
  const old = name.includes('9.1');
  describeWithJudge('calls programs', judgeNeeds(jar), () => {
    let judge: Judge;
    beforeAll(() => {
      judge = Judge.start({ jar });
    });
    afterAll(() => judge?.stop());

    const LEVELS = [
      ['level 0', '02', 'cdcuser'],
      ['level 2', '03', 'cdcuser'],
      ['level 4', '27', 'cdcuser'],
    ].filter(([level]) => !old || level !== 'level 4');

    test.each(LEVELS)('%s: every frame is the same byte for byte', async (_level, recording, user) => {
      const play = (): Promise<FakeServer> =>
        FakeServer.start(levelled(recording!), {
          tamper: (reply, request) => (idOf(request) === '1003' ? calledReply(request) : reply),
        });
      const where = { host: '127.0.0.1', user: user!, password: 'DEMO1' };

      await using theirs = await play();
      await judge.run('ports', { host: '127.0.0.1', ...theirs.ports });
      for (const [, { parameters, ...call }] of CALLS)
        await judge.run('procedure', {
          ...where,
          ...call,
          params: parameters.map((p) => ({ in: p.input?.toString('hex'), out: p.output })),
        });
      await judge.run('command', { ...where, text: 'DSPJOB' });
      await judge.run('disconnect');

      await using ours = await play();
      const { signon, command } = ours.ports;
      const options = { ...where, tls: 'off' as const, signonPort: signon, commandPort: command };
      const session = await CommandConnection.open(options, await signOn(options, signon));
      for (const [, { integer, ...call }] of CALLS)
        await session.callProcedure({ library: 'QSYS', returns: integer ? 'integer' : 'nothing', ...call });
      await session.runCommand('DSPJOB');
      await session.close();

      const sent = (fake: FakeServer): string[] =>
        fake.received.filter((r) => r.service === 'rmtcmd').map((r) => `${idOf(r.frame)} ${free(r.frame)}`);
      expect(sent(theirs).map((f) => f.slice(0, 4))).toContain('1003');
      // the older driver says less of what it understands, and asks for messages in an older form
      const comparable = old ? (f: string): boolean => f.startsWith('1003') : (): boolean => true;
      expect(sent(ours).filter(comparable)).toEqual(sent(theirs).filter(comparable));
    });
  });
});
