/** What the servers refuse, as errors that say what to do: SQL, sign-on, sockets, TLS, commands. Codes by docs/protocol.md. */
import {
  attributesAccepted,
  commandRefused,
  messageTexts,
} from '../../../src/hostserver/client/command/command-errors';
import { signonRefused } from '../../../src/hostserver/client/connect/signon-errors';
import { connectError, connectTimeout } from '../../../src/hostserver/client/connect/socket-errors';
import { isRefused, sqlError } from '../../../src/hostserver/client/sql-error';
import { packTokens, readTokens, type Sqlca, sqlca } from '../../../src/hostserver/formats/sqlca';
import type { DbReply, DbReplyParts } from '../../../src/hostserver/messages/database/db-reply';
import { ebcdic } from '../../record/support/fields';

const text = (words: string) => ({ ccsid: 37, bytes: ebcdic(words) });

/** A communication area with a state and tokens. */
function area(state: string, tokens: readonly string[] = []): Sqlca {
  return {
    eyecatcher: ebcdic('SQLCA   '),
    byteCount: 136,
    sqlCode: 0,
    ...packTokens(tokens.map((t) => ebcdic(t))),
    product: ebcdic('QSQ07040'),
    errd: { d1: 0, d2: 0, d3: 0, d4: 0, d5: 0, d6: 0 },
    warnings: ebcdic('           '),
    sqlState: ebcdic(state),
    extra: undefined,
  };
}

function reply(returnClass: number, returnCode: number, parameters: DbReplyParts = {}): DbReply {
  return {
    template: { ors: 0, flags: 0, returnOrs: 0, function: 0, dataFunction: 0, returnClass, returnCode },
    parameters,
    unknown: [],
  } as unknown as DbReply;
}

describe('SQL', () => {
  test.each([
    [0, 0, false],
    [0, -1, false],
    [1, 100, false],
    [1, 0, false],
    [1, 462, false],
    [1, -204, true],
    [2, 700, false],
    [2, 701, false],
    [2, -501, true],
    [7, -704, true],
  ])('class %i code %i: refused %s', (returnClass, code, expected) => {
    expect(isRefused(reply(returnClass, code))).toBe(expected);
  });

  test('the message with its id, state and second level', () => {
    const texts: DbReplyParts = {
      messageId: text('SQL0204'),
      firstLevelText: text('ORDHDR in ORDLIB type *FILE not found.  '),
      secondLevelText: text('Cause . . . . . :  No such file.'),
      sqlca: area('42704'),
    };
    expect(sqlError(reply(1, -204), texts, 37, 'prepare')).toMatchObject({
      code: 'HOST_SQL',
      family: 'host',
      sqlCode: -204,
      sqlState: '42704',
      messageId: 'SQL0204',
      message: 'SQL0204 ORDHDR in ORDLIB type *FILE not found.',
      secondLevel: 'Cause . . . . . :  No such file.',
      facts: { request: 'prepare', returnClass: 1, sqlCode: -204, sqlState: '42704', messageId: 'SQL0204' },
      next: expect.stringContaining('DSPOBJAUT'),
    });
  });

  test('without its texts: code and tokens', () => {
    const found = sqlError(
      reply(1, -204, { sqlca: area('42704', ['ORDHDR', 'ORDLIB', '*FILE']) }),
      null,
      37,
      'prepare',
    );
    expect(found).toMatchObject({ sqlState: '42704', messageId: null, secondLevel: null });
    expect(found.message).toBe('prepare failed with SQLCODE -204 (ORDHDR, ORDLIB, *FILE)');
  });

  test('without anything: the state of an error nobody explains', () => {
    const found = sqlError(reply(1, -7777), { firstLevelText: text('   '), messageId: null }, 37, 'fetch');
    expect(found).toMatchObject({ sqlState: '58004', message: 'fetch failed with SQLCODE -7777', next: undefined });
  });

  test('texts in the CCSID of the job where they claim none', () => {
    const texts: DbReplyParts = { firstLevelText: { ccsid: 65535, bytes: Buffer.of(0x4a) } };
    expect(sqlError(reply(1, -1), texts, 273, 'x').message).toBe('Ä');
  });

  test.each([
    [-704, /WRKRDBDIRE/],
    [-1, /job log/],
  ])('attributes refused with %i', (code, next) => {
    const found = sqlError(reply(7, code), null, 37, 'attributes');
    expect(found).toMatchObject({ code: 'ATTRIBUTES_REFUSED', facts: { returnCode: code } });
    expect(found.next).toMatch(next);
  });

  test.each([
    [-104, /token/],
    [-206, /SYSCOLUMNS2/],
    [-551, /GRTOBJAUT/],
    [-901, /job log/],
    [-904, /WRKOBJLCK/],
    [-913, /WRKRCDLCK/],
    [-952, /again/],
    [-7008, /STRJRNPF/],
  ])('SQLCODE %i says what to do', (code, next) => {
    expect(sqlError(reply(1, code), null, 37, 'x').next).toMatch(next);
  });
});

describe('the communication area', () => {
  test('is 136 bytes, and comes back', () => {
    const bytes = sqlca.encode(area('42704', ['A']));
    expect(bytes).toHaveLength(136);
    expect(sqlca.decode(bytes)).toEqual({ ...area('42704', ['A']), extra: undefined });
  });

  test('as many whole tokens as fit', () => {
    const long = 'X'.repeat(40);
    // 2 + 40 bytes, and 28 left: 2 + 26
    expect(readTokens(area('00000', [long, 'Y'.repeat(26), 'Z'])).map((t) => t.length)).toEqual([40, 26]);
    expect(readTokens(area('00000', [long, 'Y'.repeat(27)])).map((t) => t.length)).toEqual([40]);
    expect(readTokens(area('00000'))).toEqual([]);
  });

  test.each([
    ['a length below nothing', -1, 'c1'],
    ['a length beyond the area', 999, ''],
    ['half a length', 1, '00'],
    ['a token longer than said', 4, '0009c1c2'],
  ])('%s gives no token', (_, tokenLength, start) => {
    const tokens = Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(70, 0xff)]).subarray(0, 70);
    expect(readTokens({ ...area('00000'), tokenLength, tokens })).toEqual([]);
  });
});

describe('sign-on', () => {
  test.each([
    [0x00020001, 'USER_UNKNOWN', /WRKUSRPRF USRPRF\(CDCUSER\)/],
    [0x00020002, 'USER_DISABLED', /CHGUSRPRF USRPRF\(CDCUSER\) STATUS\(\*ENABLED\)/],
    [0x00020003, 'USER_MISMATCH', /partition\.user/],
    [0x0003000b, 'PASSWORD_INCORRECT', /partition\.password/],
    [0x0003000c, 'PASSWORD_INCORRECT_LAST', /before anything else/],
    [0x0003000d, 'PASSWORD_EXPIRED', /PWDEXP\(\*NO\)/],
    [0x0003000e, 'PASSWORD_OLD_FORM', /CHGUSRPRF/],
    [0x00030010, 'PASSWORD_NONE', /CHGUSRPRF/],
    [0x00010007, 'USER_ID_LENGTH', /10 characters/],
    [0x00010008, 'PASSWORD_LENGTH', /QPWDLVL/],
    [0x00040000, 'SIGNON_REFUSED', /QAUDJRN/],
    [0x00040001, 'SERVER_JOB', /STRPJ/],
    [0x0004000d, 'SERVER_JOB', /QUSRWRK/],
    [0x0004000e, 'SIGNON_REFUSED', /return code/],
    [0x00050001, 'EXIT_PROGRAM', /WRKREGINF/],
    [0x00050004, 'EXIT_PROGRAM', /QIBM_QZDA_INIT/],
    [0x00050005, 'SIGNON_REFUSED', /return code/],
    [0x00060001, 'SIGNON_REFUSED', /return code/],
    [0x0001000b, 'SIGNON_REFUSED', /return code/],
  ])('%i is %s', (returnCode, code, next) => {
    const found = signonRefused(returnCode, 'cdcuser');
    expect(found.code).toBe(code);
    expect(found.next).toMatch(next);
    expect(found.facts).toEqual({
      user: 'CDCUSER',
      returnCode: returnCode.toString(16).toUpperCase().padStart(8, '0'),
    });
    expect(found.message).not.toMatch(/undefined|null/);
  });

  const message = (id: string, words: string, textCcsid = 37) => ({
    textCcsid,
    substitutionCcsid: 37,
    severity: 40,
    type: ebcdic('15'),
    id: ebcdic(id),
    file: ebcdic('QCPFMSG'),
    library: ebcdic('QSYS'),
    text: ebcdic(words),
    substitution: Buffer.alloc(0),
    help: Buffer.alloc(0),
  });

  test('the messages of the server stand behind it; one that cannot be read costs nothing', () => {
    const found = signonRefused(0x00020002, 'U', [
      message('CPF22E3', 'User profile is disabled.'),
      null,
      message('CPF9999', 'in a page nobody knows', 99999),
    ]);
    expect(found.message).toBe('user U is disabled; CPF22E3 User profile is disabled.');
  });

  test('commands: plain and detailed messages, texts in their own CCSID', () => {
    const bytes = (n: number): Buffer => Buffer.of(0, 0, 0, n);
    const none = Buffer.alloc(0);
    const detailed = {
      severity: bytes(30),
      id: ebcdic('CPF7062'),
      textCcsid: Buffer.of(0, 0, 4, 0xb8),
      text: Buffer.from('Einträge wurden nicht gelesen. '),
      help: none,
    };
    const filled = new Proxy(detailed, { get: (target, name) => target[name as keyof typeof detailed] ?? none });
    expect(
      messageTexts(
        {
          parameters: {
            messages: [message('CPF9801', 'Object not found.'), null, message('CPF9999', 'text', 99999)],
            detailedMessages: [filled as never, null],
          },
        },
        37,
      ),
    ).toEqual([
      { id: 'CPF9801', severity: 40, text: 'Object not found.', help: '' },
      { id: 'CPF9999', severity: 40, text: 'text', help: '' },
      { id: 'CPF7062', severity: 30, text: 'Einträge wurden nicht gelesen.', help: '' },
    ]);
  });

  test.each([
    [0x0000, true],
    [0x0100, true],
    [0x0101, false],
    [0x0103, false],
    [0x0104, true],
    [0x0108, true],
    [0x0109, false],
    [0x0400, false],
  ])('attributes of the command server, code %i: %s', (code, expected) => {
    expect(attributesAccepted(code)).toBe(expected);
  });

  test.each([
    [0x0304, [], 'EXIT_PROGRAM'],
    [0x0305, [message('CPF9801', 'no')], 'EXIT_PROGRAM'],
    [0x0400, [], 'HOST_MESSAGE'],
    [0x0400, [message('CPF9801', 'no')], 'HOST_MESSAGE'],
    [0x0500, [], 'HOST_MESSAGE'],
    [0x0501, [], 'HOST_MESSAGE'],
    [0x0200, [message('CPF9801', 'no')], 'HOST_MESSAGE'],
    [0x0200, [], 'PROGRAM_REFUSED'],
  ])('a command refused with %i', (returnCode, messages, code) => {
    const found = commandRefused({ template: { returnCode }, parameters: { messages } }, 'QSYS/QCMDEXC', 'cdcuser', 37);
    expect(found.code).toBe(code);
    expect(found.facts['returnCode']).toBe(returnCode.toString(16).padStart(4, '0'));
  });
});

describe('sockets', () => {
  const peer = { host: 'ibmi', port: 9471, service: 'database host server', tls: true };
  const failed = (code: string, tls = true, service = peer.service) =>
    connectError({ ...peer, tls, service }, Object.assign(new Error(`broken: ${code}`), { code }));

  test.each([
    ['ENOTFOUND', 'HOST_UNKNOWN'],
    ['EAI_AGAIN', 'HOST_UNKNOWN'],
    ['ECONNREFUSED', 'CONNECT_REFUSED'],
    ['ETIMEDOUT', 'CONNECT_TIMEOUT'],
    ['EHOSTUNREACH', 'HOST_UNREACHABLE'],
    ['ENETUNREACH', 'HOST_UNREACHABLE'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'TLS_UNTRUSTED'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS_UNTRUSTED'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'TLS_UNTRUSTED'],
    ['CERT_HAS_EXPIRED', 'TLS_EXPIRED'],
    ['CERT_NOT_YET_VALID', 'TLS_EXPIRED'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS_NAME'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS_NOT_SPOKEN'],
    ['EPROTO', 'TLS_NOT_SPOKEN'],
    ['ERR_SSL_NO_SHARED_CIPHER', 'TLS_HANDSHAKE'],
    ['ERR_TLS_PROTOCOL_VERSION_CONFLICT', 'TLS_HANDSHAKE'],
    ['ECONNRESET', 'TLS_NOT_SPOKEN'],
    ['EPIPE', 'TLS_NOT_SPOKEN'],
    ['ESOMETHING', 'CONNECTION_LOST'],
  ])('%s', (code, expected) => {
    const found = failed(code);
    expect([found.code, found.family]).toEqual([expected, 'transport']);
    expect(found.facts).toEqual({ host: 'ibmi', port: 9471, service: 'database host server', tls: true });
    expect(found.next).toBeTruthy();
    expect(found.cause === undefined).toBe(code === 'ETIMEDOUT');
  });

  test.each(['ECONNRESET', 'EPROTO', 'CERT_HAS_EXPIRED'])('%s without TLS is a connection lost', (code) => {
    expect(failed(code, false).code).toBe('CONNECTION_LOST');
  });

  test.each([
    ['sign-on server', '*SIGNON'],
    ['database host server', '*DATABASE'],
    ['remote command server', '*RMTCMD'],
  ])('the %s is started as %s', (service, name) => {
    expect(failed('ECONNREFUSED', true, service).next).toContain(`STRHOSTSVR SERVER(${name})`);
  });

  test('how long was waited is said where it is known', () => {
    expect(connectTimeout(peer, 5000).message).toBe(
      'ibmi:9471 (database host server, TLS) did not answer within 5000 ms',
    );
    expect(connectTimeout({ ...peer, tls: false }, null).message).toBe(
      'ibmi:9471 (database host server) did not answer',
    );
  });
});
