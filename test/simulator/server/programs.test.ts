/** Programs of QSYS with parameters that make no sense: each call returns, or fails by a message. */

import { textCodec } from '../../../src/bytes/ccsid/registry';
import type { CallParameter } from '../../../src/simulator/command-session';
import { Partition } from '../../../src/simulator/partition/partition';
import { PartitionCommandEngine } from '../../../src/simulator/programs/engine';
import { PartitionSqlEngine } from '../../../src/simulator/sql/run/engine';
import { Dice } from '../../support/dice';

const ebcdic = (text: string, width = text.length): Buffer => textCodec(37).encode(text.padEnd(width));
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const given = (data: Buffer): CallParameter => ({ direction: 'in', length: data.length, data });
const room = (length: number): CallParameter => ({ direction: 'out', length, data: Buffer.alloc(length) });

const JOB = { name: 'QZRCSRVS', user: 'QUSER', number: '000123', remoteAddress: '' };
const JOURNAL = ebcdic('QSQJRN    LIB1', 20);

/** Procedure and its parameters; the first is what is returned. */
const CALLS: readonly (readonly [string, readonly Buffer[]])[] = [
  ['QjoRetrieveJournalEntries', [number(4096), JOURNAL, ebcdic('RJNE0200'), selection(), number(0)]],
  ['QjoRetrieveJournalInformation', [number(2), JOURNAL, ebcdic('RJRN0200'), selection(), number(0)]],
  ['QjoRtvJrnReceiverInformation', [number(512), ebcdic('QSQJRN0001LIB1', 20), ebcdic('RRCV0100'), number(0)]],
  ['QjoDeletePointerHandle', [number(1), number(0)]],
];

function selection(): Buffer {
  const range = ebcdic('*CURCHAIN', 40);
  return Buffer.concat([
    number(2),
    number(52),
    number(1),
    number(40),
    range,
    number(16),
    number(6),
    number(4),
    number(9),
  ]);
}

test('random lengths, keys and bytes in every parameter', async () => {
  using partition = Partition.open();
  const engine = await PartitionSqlEngine.open(partition);
  const sql = engine.openSession({ ...JOB, name: 'QZDASOINIT' });
  for (const statement of ['CREATE SCHEMA LIB1', 'CREATE TABLE LIB1.T (ID INTEGER)', 'INSERT INTO LIB1.T VALUES(1)'])
    sql.prepare(statement).execute([]);
  const session = new PartitionCommandEngine(partition).openSession(JOB);
  const dice = new Dice(11);
  const outcomes = { returned: 0, failed: 0, unresolved: 0 };
  for (let i = 0; i < 3000; i++) {
    const [procedure, inputs] = dice.one(CALLS);
    const spoiled = inputs.map((input) => spoil(dice, input));
    const own = [room(dice.below(8192)), ...spoiled.slice(0, inputs.length - dice.below(2)).map(given)];
    const head = [ebcdic('QJOURNAL  QSYS', 20), Buffer.concat([ebcdic(procedure), Buffer.of(0)]), number(1)];
    const formats = Buffer.alloc(own.length * 4);
    const fixed = [...head, formats, number(own.length)].map(given);
    outcomes[session.call('QSYS', 'QZRUCLSP', [...fixed, room(8), room(8), ...own]).kind]++;
  }
  expect(outcomes.unresolved).toBe(0);
  expect(Math.min(outcomes.returned, outcomes.failed)).toBeGreaterThan(100);
  session.end();
  sql.end();
  engine.close();
});

function spoil(dice: Dice, input: Buffer): Buffer {
  if (dice.below(2) === 0) return input;
  const spoiled = Buffer.from(input.subarray(0, dice.below(4) === 0 ? dice.below(input.length + 1) : input.length));
  for (let n = dice.below(3); n > 0 && spoiled.length > 0; n--) spoiled[dice.below(spoiled.length)] = dice.below(256);
  return spoiled;
}
