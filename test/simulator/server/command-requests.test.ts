/** Requests of the remote command server, spoiled: each is read, or refused with a return code of its own. */
import { textCodec } from '../../../src/bytes/ccsid/registry';
import { BadRequest, readCall, readCommand } from '../../../src/simulator/server/command/requests';
import { Dice } from '../../support/dice';

function frame(...parts: Buffer[]): Buffer {
  return Buffer.concat([Buffer.alloc(20), ...parts]);
}

function parameter(length: number, usage: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32BE(12 + data.length, 0);
  head.writeUInt16BE(0x1103, 4);
  head.writeUInt32BE(length, 6);
  head.writeUInt16BE(usage, 10);
  return Buffer.concat([head, data]);
}

const ebcdic = (text: string): Buffer => textCodec(37).encode(text);

const CALL = frame(
  ebcdic('QZRUCLSP  QSYS      '),
  Buffer.of(5, 0, 4),
  parameter(20, 11, ebcdic('QJOURNAL  QSYS')),
  parameter(8, 21, Buffer.of(0x1b, 0, 0, 0, 4)),
  parameter(4096, 22, Buffer.alloc(0)),
  parameter(16, 33, Buffer.of(1, 2)),
);
const COMMAND = frame(
  Buffer.of(5, 0, 0, 0, 20, 0x11, 0x04, 0, 0, 4, 0xb0),
  Buffer.from('DSPJOB'.slice(0, 5), 'utf16le').swap16(),
);

test('whole requests are read, zeros restored and repeats expanded', () => {
  const { library, program, parameters } = readCall(CALL, 37);
  expect([library, program]).toEqual(['QSYS', 'QZRUCLSP']);
  expect(parameters.map((p) => [p.direction, p.data.length])).toEqual([
    ['in', 20],
    ['in', 8],
    ['out', 4096],
    ['inout', 16],
  ]);
  expect(readCommand(COMMAND, 37)).toEqual({ messageOption: 5, command: 'DSPJO' });
});

test.each([
  ['a call', CALL, readCall],
  ['a command', COMMAND, readCommand],
])('%s, spoiled in 4,000 ways', (_name, whole, read) => {
  const dice = new Dice(7);
  let refused = 0;
  for (let i = 0; i < 4000; i++) {
    const spoiled = Buffer.from(whole.subarray(0, 20 + dice.below(whole.length - 19)));
    for (let n = dice.below(4); n > 0 && spoiled.length > 20; n--)
      spoiled[20 + dice.below(spoiled.length - 20)] = dice.below(256);
    try {
      read(spoiled, 37);
    } catch (error) {
      expect(error).toBeInstanceOf(BadRequest);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});
