/** The client of the remote command server against recorded exchanges and hand-made replies; bytes it sends are JTOpen's. */
import { HostMessageError, isCoded } from '../../src/errors/coded-error';
import { CommandConnection } from '../../src/hostserver/client/command/command-connection';
import { signOn } from '../../src/hostserver/client/connect/signon';
import { compressRle } from '../../src/hostserver/rle';
import { calledReply, detailedMessage, parametersOf, refusedReply } from './support/called';
import { type FakeOptions, FakeServer, idOf } from './support/fake-server';
import { loadTrace, type Trace } from './support/traces';

const ebcdic = (text: string) => Buffer.from(Array.from(text, (c) => EBCDIC[c] ?? 0x6f));
const EBCDIC: Record<string, number> = Object.fromEntries(
  [
    ['ABCDEFGHI', 0xc1],
    ['JKLMNOPQR', 0xd1],
    ['STUVWXYZ', 0xe2],
    ['abcdefghi', 0x81],
    ['jklmnopqr', 0x91],
    ['stuvwxyz', 0xa2],
    ['0123456789', 0xf0],
    [' ', 0x40],
    ['.', 0x4b],
  ].flatMap(([chars, first]) => Array.from(chars as string, (c, i) => [c, (first as number) + i])),
);

async function withSession<T>(
  file: string,
  work: (session: CommandConnection, fake: FakeServer) => Promise<T>,
  options: FakeOptions = {},
): Promise<{ trace: Trace; fake: FakeServer; result: T }> {
  const trace = loadTrace(file);
  await using fake = await FakeServer.start(trace, options);
  const { signon, command } = fake.ports;
  const where = {
    host: '127.0.0.1',
    user: 'cdcuser',
    password: 'DEMO1',
    tls: 'off' as const,
    signonPort: signon,
    commandPort: command,
  };
  const session = await CommandConnection.open(where, await signOn(where, signon));
  try {
    return { trace, fake, result: await work(session, fake) };
  } finally {
    await session.close();
  }
}

/** What is free in a frame is zeroed: seeds, substitutes, correlation. */
function comparable(frame: Buffer): string {
  const copy = Buffer.from(frame);
  copy.fill(0, 12, 16);
  if (idOf(copy) === '7001') copy.fill(0, 20, 28);
  if (idOf(copy) === '7002') copy.fill(0, 28, 22 + copy.readUInt32BE(22));
  return copy.toString('hex');
}

function sameAsRecorded(fake: FakeServer, trace: Trace, id: string): void {
  const theirs = trace.frames.filter((f) => f.from === 'client' && f.service === 'rmtcmd' && idOf(f.bytes) === id);
  expect(theirs.length).toBeGreaterThan(0);
  expect({ id, ours: fake.sent(id, 'rmtcmd').map(comparable) }).toEqual({
    id,
    ours: theirs.map((f) => comparable(f.bytes)),
  });
}

const JOURNAL_CALL = {
  library: 'QSYS',
  program: 'QJOURNAL',
  procedure: 'QjoRetrieveJournalEntries',
  returns: 'nothing' as const,
  aligned: true,
  parameters: [
    { output: 4096 },
    { input: Buffer.from('00001000', 'hex') },
    { input: ebcdic('QSQJRN    CDC       ') },
    { input: ebcdic('RJNE0200') },
    { input: Buffer.concat([Buffer.from('00000001', 'hex'), Buffer.alloc(36)]) },
    { input: Buffer.alloc(16), output: 16 },
  ],
};

test('trace 26: start of the job, attributes, commands and the end are the bytes of JTOpen', async () => {
  const { trace, fake, result } = await withSession('26', async (session) => {
    expect(session.job).toEqual({ job: '000303/QUSER/QZRCSRVS', ccsid: 37, level: 11 });
    expect(await session.runCommand('DSPJOB')).toEqual([]);
    return session.runCommand('BADCMD').catch((e: unknown) => e);
  });
  for (const id of ['7001', '7002', '1001', '1002', '1004']) sameAsRecorded(fake, trace, id);
  expect(result).toBeInstanceOf(HostMessageError);
  expect(result).toMatchObject({
    code: 'HOST_MESSAGE',
    family: 'host',
    messages: [{ id: 'CPD0030', severity: 30, text: 'Command BAD in library *LIBL not found.', help: 'help' }],
  });
  expect(String(result)).toContain('command BADCMD failed: CPD0030 Command BAD in library *LIBL not found.');
});

test('trace 27: a procedure of a service program, sixteen-byte alignment, compressed values that come back', async () => {
  const { trace, fake, result } = await withSession('27', (session) => session.callProcedure(JOURNAL_CALL));
  sameAsRecorded(fake, trace, '1003');
  const [receiver, ...others] = result;
  expect(receiver!.length).toBe(4096);
  expect(receiver!.toString('hex', 0, 16)).toBe('000010000000001800000000d5404040');
  expect(receiver!.subarray(16).every((b) => b === 0x40 || b === 0)).toBe(true);
  expect(others.map((v) => v?.length ?? null)).toEqual([null, null, null, null, 16]);
});

const callAgain = async (session: CommandConnection): Promise<unknown> =>
  session.callProcedure(JOURNAL_CALL).catch((e: unknown) => e);

test('parameters above 1024 bytes are compressed where that is shorter, and only then', async () => {
  const alike = Buffer.alloc(3000, 0x40);
  const different = Buffer.from(Array.from({ length: 1100 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff || 1));
  const { fake } = await withSession(
    '27',
    (session) =>
      session.callProgram(
        { library: 'L', program: 'P' },
        [{ input: alike }, { input: different }, { input: alike, output: 4000 }, {}, { output: 5000 }],
        { what: 'L/P' },
      ),
    { tamper: (reply, request) => (idOf(request) === '1003' ? calledReply(request) : reply) },
  );
  const asked = parametersOf(fake.sent('1003', 'rmtcmd')[0]!);
  expect(asked.map((p) => [p.usage, p.maximumLength])).toEqual([
    [21, 3000],
    [11, 1100],
    [23, 4000],
    [255, 0],
    [22, 5000],
  ]);
  expect(asked[0]!.data).toEqual(compressRle(alike, 'pairs'));
  expect(asked[1]!.data).toEqual(different);
});

test('messages of the newest form have id, text and help in the CCSID they name', async () => {
  const number = (n: number): Buffer => Buffer.from([0, 0, 0, n]);
  const fields: Buffer[] = Array.from({ length: 26 }, () => Buffer.alloc(0));
  fields[0] = number(40);
  fields[1] = ebcdic('CPF7053');
  fields[18] = number(0);
  fields[19] = number(0);
  fields[21] = Buffer.from([0, 0, 0x04, 0xb8]);
  fields[22] = number(0);
  fields[24] = Buffer.from('Größe der Empfänger ungültig.', 'utf8');
  fields[25] = Buffer.from('Grund 4', 'utf8');
  const { result } = await withSession('27', callAgain, {
    tamper: (reply, request) =>
      idOf(request) === '1003' ? refusedReply(request, 0x0501, [detailedMessage(fields)]) : reply,
  });
  expect(result).toMatchObject({
    ids: ['CPF7053'],
    messages: [{ id: 'CPF7053', severity: 40, text: 'Größe der Empfänger ungültig.', help: 'Grund 4' }],
  });
  expect(String(result)).toContain('QSYS/QJOURNAL QjoRetrieveJournalEntries failed: CPF7053');
});

test.each([
  [0x0305, 'EXIT_PROGRAM', 'signOn'],
  [0x0203, 'PROGRAM_REFUSED', 'host'],
  [0x0501, 'HOST_MESSAGE', 'host'],
])('return code %d without messages is %s', async (code, expected, family) => {
  const { result } = await withSession('27', callAgain, {
    tamper: (reply, request) => (idOf(request) === '1003' ? refusedReply(request, code, []) : reply),
  });
  expect(isCoded(result) && { code: result.code, family: result.family }).toEqual({ code: expected, family });
});

test('a reply that lacks a parameter ends the connection', async () => {
  const { result } = await withSession('27', async (session) => [await callAgain(session), session.failed !== null], {
    tamper: (reply, request) => (idOf(request) === '1003' ? refusedReply(request, 0, []) : reply),
  });
  expect(result).toEqual([expect.objectContaining({ code: 'REPLY_INCOMPLETE' }), true]);
});

test('giving up a call by its signal ends the connection, as this server cannot cancel', async () => {
  const abort = new AbortController();
  const { result } = await withSession(
    '27',
    async (session) => {
      const called = session.callProcedure(JOURNAL_CALL, abort.signal).catch((e: unknown) => e);
      return [await called, session.failed !== null];
    },
    {
      tamper: (reply, request) => {
        if (idOf(request) !== '1003') return reply;
        abort.abort();
        return null;
      },
    },
  );
  expect(result).toEqual([expect.objectContaining({ code: 'CANCELLED' }), true]);
});

test('a ping is a bare header and its answer proves life', async () => {
  const { fake, result } = await withSession('27', (session) => session.isAlive(), {
    tamper: (reply, request) => {
      if (idOf(request) !== '7ffe') return reply;
      const pong = Buffer.from(request);
      pong.writeUInt16BE(0xfffe, 18);
      return pong;
    },
  });
  expect(result).toBe(true);
  expect(fake.sent('7ffe', 'rmtcmd')[0]!.length).toBe(20);
});

test('frames split anywhere make the same calls', async () => {
  const { result } = await withSession('27', (session) => session.callProcedure(JOURNAL_CALL), { chunk: 3 });
  expect(result[0]!.length).toBe(4096);
});
