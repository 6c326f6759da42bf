import { isCoded } from '../../src/errors/coded-error';
import {
  level4Salt,
  newSeed,
  passwordSubstitute,
  passwordToken,
  verifySubstitute,
} from '../../src/hostserver/password';

const seeds = { client: Buffer.from('0000018d3e5a7b21', 'hex'), server: Buffer.from('1122334455667788', 'hex') };

/** Computed by JTOpen 21.0.7 with these seeds. */
const vectors: readonly [level: number, user: string, password: string, token: string, substitute: string][] = [
  [0, 'CDCUSER', 'DEMO1', '09040dbdac55d6e8', '5ce53985f7ed82eb'],
  [0, 'CDCUSER', 'demosecret', '66e867f3a45f8f74', '215570f575d96298'],
  [1, 'LONGUSER01', 'secret12', 'be44f6723e433139', '247892b4edabadc8'],
  [1, 'CDCUSER', 'Q123', 'cb44d70cce7e08a0', 'ddb52292f36f4465'],
  [1, 'cdcuser', '123', 'cb44d70cce7e08a0', 'ddb52292f36f4465'],
  [2, 'CDCUSER', 'demo-secret', '9e66695c1ef7d7e05a4063f690adf58a640159a0', '1cbf0abd771403dce65637e19280b4e61b9f931b'],
  [
    3,
    'CDCUSER',
    'demo-secret  ',
    '9e66695c1ef7d7e05a4063f690adf58a640159a0',
    '1cbf0abd771403dce65637e19280b4e61b9f931b',
  ],
  [3, 'CDCUSER', 'Träume 42', '5c60a35b1b0c63d96cce023c2a1d048770aff56b', 'f404d1fbabb8fdb932a970359ff8c326e1187de0'],
  [
    4,
    'CDCUSER',
    'demo-secret',
    'f911487f5c46e2df39f162a9510410b62f312f0c9caeeca81973e3cc5295a9bd00b910893a3f3d150cc745375ae94bbdaba49c4d532fb6642ee0611999e80b38',
    'e3aeeb22a9667566dfc8246ad588fd1702ae4283a0c865cf23fbb12e477387b19166310d60c917b67dbd139dde56d07c2ec96d2392b6718425ef030e8fc5e621',
  ],
  [
    4,
    'CDCUSER',
    'Träume 42',
    'f00a5f1f0d4de145a67d3f8dfe6f521c4eec48d22b504b5ac7121a7e6d8473fbd9c380e8190363cd49e66d689f08d4540905cd3d95478de1018e093b817bd366',
    'bd01bb45666d282eb1b71f8c9aa82f14205d30988afb7ef039559de9314c9fbbee888e6c63df9c6baf6223ace2e80837c11baeb1f16bfc4a2e8856d6555e8eaa',
  ],
];

test.each(vectors)('level %i, %s / %s', (level, user, password, token, substitute) => {
  const t = passwordToken(level, user, password);
  expect(t.toString('hex')).toBe(token);
  expect(passwordSubstitute(level, user, t, seeds).toString('hex')).toBe(substitute);
  expect(verifySubstitute(level, user, t, seeds, Buffer.from(substitute, 'hex'))).toBe(true);
  expect(
    verifySubstitute(level, user, t, { ...seeds, client: Buffer.alloc(8, 1) }, Buffer.from(substitute, 'hex')),
  ).toBe(false);
  expect(verifySubstitute(level, user, t, seeds, Buffer.from(substitute, 'hex').subarray(1))).toBe(false);
});

test.each([
  ['demo-secret', 'c04d505906b9fd02ef48dd64f70dfde72ee786ed807aaa6b9278a43c18fefad2'],
  ['Träume 42', '3dbed2801aec3fd8bcb03bf78190269cd5bd0f11f73a5e72932650f50ba6004c'],
])('salt of level 4 for %s', (password, salt) => {
  expect(level4Salt('CDCUSER', password).toString('hex')).toBe(salt);
});

test.each([
  [0, 'USER', 'elevenchars', 'PASSWORD_RULE'],
  [1, 'USER', '1234567890', 'PASSWORD_RULE'],
  [2, 'USER', '*SECRET', 'PASSWORD_RULE'],
  [4, 'USER', '', 'PASSWORD_RULE'],
  [2, 'ELEVENCHARS', 'x', 'USER_ID_LENGTH'],
])('level %i refuses %s / %s as %s without showing the password', (level, user, password, code) => {
  try {
    passwordToken(level, user, password);
    throw new Error('accepted');
  } catch (error) {
    expect(isCoded(error) && error.code).toBe(code);
    if (password.length > 1) expect(JSON.stringify(error) + String(error)).not.toContain(password);
  }
});

test('seeds are never zero and their first byte never above DF', () => {
  for (let i = 0; i < 500; i++) {
    const seed = newSeed();
    expect(seed[0]).toBeLessThanOrEqual(0xdf);
    expect(seed.some((b) => b !== 0)).toBe(true);
  }
});
