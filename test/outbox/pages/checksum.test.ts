/** Sums of stored pages and seals of stored texts, by published vectors and by Node's own crypto and zlib. */
import { createDecipheriv, randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { checksum, tabled } from '../../../src/outbox/pages/checksum';
import { aesSeal, parseSealKey } from '../../../src/outbox/pages/seal';
import { textSeal } from '../../../src/outbox/pages/seal-text';

const bytes = fc.uint8Array({ maxLength: 2_000 }).map((b) => Buffer.from(b));

describe('CRC-32', () => {
  test.each([
    ['', 0x00000000],
    ['a', 0xe8b7be43],
    ['123456789', 0xcbf43926],
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('of %j, as it is published', (text, sum) => {
    expect(tabled(Buffer.from(text))).toBe(sum);
    expect(checksum(Buffer.from(text))).toBe(sum);
  });

  const native = (zlib as { crc32?: (data: Buffer) => number }).crc32;
  test('property: as zlib has it, whichever way it is computed', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect([tabled(data), checksum(data)]).toEqual([native!(data), native!(data)]);
      }),
    );
  });

  test('property: any bit that changes changes it', () => {
    fc.assert(
      fc.property(
        bytes.filter((b) => b.length > 0),
        fc.nat(),
        fc.nat(7),
        (data, at, bit) => {
          const other = Buffer.from(data);
          other[at % data.length]! ^= 1 << bit;
          expect(tabled(other)).not.toBe(tabled(data));
        },
      ),
    );
  });
});

describe('a sealed payload', () => {
  const key = randomBytes(32);
  const seal = aesSeal(key);

  test('property: is opened under its own name alone, and never twice the same', () => {
    fc.assert(
      fc.property(bytes, fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (body, name, other) => {
        const closed = seal.close(body, name);
        expect(Buffer.compare(seal.open(closed, name), body)).toBe(0);
        expect(Buffer.compare(seal.close(body, name), closed)).not.toBe(0);
        if (other !== name) expect(() => seal.open(closed, other)).toThrow();
      }),
    );
  });

  test('property: a bit that changed anywhere is found', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(7), (body, at, bit) => {
        const closed = Buffer.from(seal.close(body, 'evt_1'));
        closed[at % closed.length]! ^= 1 << bit;
        expect(() => seal.open(closed, 'evt_1')).toThrow();
      }),
    );
  });

  test('another key does not open it, and one of another length is none', () => {
    const closed = seal.close(Buffer.from('secret'), 'evt_1');
    expect(() => aesSeal(randomBytes(32)).open(closed, 'evt_1')).toThrow();
    expect(closed.includes('secret')).toBe(false);
    for (const length of [0, 16, 31, 33])
      expect(() => parseSealKey(randomBytes(length).toString('base64'))).toThrow(
        expect.objectContaining({ code: 'OUTBOX_KEY', family: 'config' }),
      );
    const hex = key.toString('hex');
    for (const text of [hex, hex.toUpperCase(), key.toString('base64'), ` ${hex}\n`])
      expect(parseSealKey(text).equals(key)).toBe(true);
  });

  test('is AES-256-GCM, as Node itself opens it: nonce, tag, text', () => {
    const closed = seal.close(Buffer.from('what a row says'), 'evt_1');
    const [nonce, tag, text] = [closed.subarray(0, 12), closed.subarray(12, 28), closed.subarray(28)];
    const cipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from('evt_1')).setAuthTag(tag);
    expect(Buffer.concat([cipher.update(text), cipher.final()]).toString()).toBe('what a row says');
  });
});

describe('texts of receivers', () => {
  test('without a key they stay what they are', () => {
    const { close, open } = textSeal(null);
    expect([close('no: 422'), open('no: 422')]).toEqual(['no: 422', 'no: 422']);
  });

  test('property: with one they come back, and what is written down does not show them', () => {
    const { close, open } = textSeal(aesSeal(randomBytes(32)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 4 }), (text) => {
        const closed = close(text);
        expect(closed).not.toContain(text);
        expect(open(closed)).toBe(Buffer.from(text).toString());
      }),
    );
  });
});
