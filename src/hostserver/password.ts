/**
 * Password substitutes: what travels instead of a password (docs/protocol.md#5). Both ends compute them, the server to compare.
 *
 * Levels 0 and 1 single DES, 2 and 3 SHA-1, 4 PBKDF2 with SHA-512. Seeds are 8 bytes, new for every connection.
 */
import { createCipheriv, createHash, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { textCodec } from '../bytes/ccsid/registry';
import { CodedError } from '../errors/coded-error';

const SEQUENCE = Buffer.from('0000000000000001', 'hex');
const USER_LENGTH = 10;
const MAX_DES_PASSWORD = 10;
const DES_BLOCK = 8;
const EBCDIC_BLANK = 0x40;
const ITERATIONS = 10022;
const LEVEL4_LENGTH = 64;
/** A first byte above X'DF' is refused by servers. */
const MAX_FIRST_SEED_BYTE = 0xdf;

export interface Seeds {
  readonly client: Buffer;
  readonly server: Buffer;
}

/** 8 random bytes that are a valid seed. */
export function newSeed(): Buffer {
  const seed = randomBytes(8);
  seed[0] = seed[0]! % (MAX_FIRST_SEED_BYTE + 1);
  seed[7] = seed[7]! | 1;
  return seed;
}

/** User id as it travels: upper case, EBCDIC, blank-padded to 10 bytes. @throws CodedError USER_ID_LENGTH */
export function userIdBytes(user: string): Buffer {
  return textCodec(37).encode(paddedUser(user));
}

/**
 * The password token: depends on user and password alone, so a server may keep it instead of the password and a client
 * may keep it between connections (level 4 costs some milliseconds).
 * @throws CodedError PASSWORD_RULE when this level cannot carry the password
 */
export function passwordToken(level: number, user: string, password: string): Buffer {
  if (level < 2) return desToken(user, password);
  if (password === '' || password.startsWith('*')) {
    throw passwordRule(
      'is empty or begins with *',
      'passwords of password level 2 and above are real words; set another one on the IBM i',
    );
  }
  return level < 4 ? sha1Token(user, password) : level4Token(user, password);
}

/** What travels for this token and these seeds: 8, 20 or 64 bytes. */
export function passwordSubstitute(level: number, user: string, token: Buffer, seeds: Seeds): Buffer {
  if (level < 2) return desSubstitute(user, token, seeds);
  return createHash(level < 4 ? 'sha1' : 'sha512')
    .update(token)
    .update(seeds.server)
    .update(seeds.client)
    .update(utf16be(paddedUser(user)))
    .update(SEQUENCE)
    .digest();
}

/** The server's side: does the substitute fit its own copy of the token? */
export function verifySubstitute(
  level: number,
  user: string,
  token: Buffer,
  seeds: Seeds,
  substitute: Buffer,
): boolean {
  const expected = passwordSubstitute(level, user, token, seeds);
  return expected.length === substitute.length && timingSafeEqual(expected, substitute);
}

function paddedUser(user: string): string {
  if (user.length === 0 || user.length > USER_LENGTH) {
    throw new CodedError({
      code: 'USER_ID_LENGTH',
      message: `the user id has ${user.length} characters; an IBM i user profile has 1 to ${USER_LENGTH}`,
      next: 'set partition.user to the name of a user profile',
      facts: { length: user.length },
    });
  }
  return user.toUpperCase().padEnd(USER_LENGTH, ' ');
}

// Levels 2 to 4

function sha1Token(user: string, password: string): Buffer {
  return createHash('sha1')
    .update(utf16be(paddedUser(user)))
    .update(utf16be(password.replace(/ +$/, '')))
    .digest();
}

/** Salt of level 4: user id and the last four characters of the password. */
export function level4Salt(user: string, password: string): Buffer {
  const tail = password.length < 4 ? password.padEnd(4, ' ') : password.slice(-4);
  return createHash('sha256')
    .update(utf16be(paddedUser(user) + tail))
    .digest();
}

function level4Token(user: string, password: string): Buffer {
  // UTF-8, not UTF-16: the reference client's key derivation does the same and its vectors prove it.
  return pbkdf2Sync(Buffer.from(password, 'utf8'), level4Salt(user, password), ITERATIONS, LEVEL4_LENGTH, 'sha512');
}

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

// Levels 0 and 1

function desToken(user: string, password: string): Buffer {
  const word = /^[0-9]/.test(password) ? `Q${password}` : password;
  if (word.length > MAX_DES_PASSWORD || word.length === 0) {
    throw passwordRule(
      `has ${word.length} characters`,
      `password levels 0 and 1 allow 1 to ${MAX_DES_PASSWORD}; check the password, or the QPWDLVL system value`,
    );
  }
  const bytes = Buffer.alloc(16, EBCDIC_BLANK);
  textCodec(37).encode(word.toUpperCase()).copy(bytes);
  const folded = foldUser(user);
  const first = des(desKey(bytes.subarray(0, DES_BLOCK)), folded);
  if (word.length <= DES_BLOCK) return first;
  return xor(first, des(desKey(bytes.subarray(DES_BLOCK)), folded));
}

/** A user id longer than 8 is folded into 8 bytes: two bits of the last two characters into each. */
function foldUser(user: string): Buffer {
  const id = userIdBytes(user);
  const folded = Buffer.from(id.subarray(0, DES_BLOCK));
  if (user.length <= DES_BLOCK) return folded;
  for (let i = 0; i < DES_BLOCK; i++) {
    const from = id[DES_BLOCK + (i >> 2)]!;
    folded[i] = folded[i]! ^ ((from << ((i & 3) * 2)) & 0xc0);
  }
  return folded;
}

function desKey(word: Buffer): Buffer {
  const mixed = (word.readBigUInt64BE(0) ^ 0x5555555555555555n) << 1n;
  return u64(mixed);
}

function desSubstitute(user: string, token: Buffer, seeds: Seeds): Buffer {
  const id = userIdBytes(user);
  const second = Buffer.alloc(DES_BLOCK, EBCDIC_BLANK);
  id.copy(second, 0, DES_BLOCK);
  const r = u64(seeds.server.readBigUInt64BE(0) + 1n);
  const a = des(token, r);
  const b = des(token, xor(a, seeds.client));
  const c = des(token, xor(xor(id.subarray(0, DES_BLOCK), r), b));
  const d = des(token, xor(xor(second, r), c));
  return des(token, xor(d, SEQUENCE));
}

/** Single DES of one block. OpenSSL no longer offers it; triple DES with one key three times is the same. */
function des(key: Buffer, block: Buffer): Buffer {
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

function xor(a: Buffer, b: Buffer): Buffer {
  return u64(a.readBigUInt64BE(0) ^ b.readBigUInt64BE(0));
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return bytes;
}

function passwordRule(what: string, next: string): CodedError {
  return new CodedError({
    code: 'PASSWORD_RULE',
    message: `the password ${what}; the partition's password level does not allow that`,
    next,
  });
}
