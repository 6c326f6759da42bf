/** The checkpoint a unit is written with. */
import type { Position } from '../../model/position';
import type { ReceiverChain } from '../position/chain';
import type { Checkpoint } from '../position/checkpoint-table';
import type { CommitCycles } from './commit-cycles';
import type { Pairing } from './pairing';

/** A restart has to see the beginning of every open cycle again, and the image that waits for its partner. */
export function checkpointOf(chain: ReceiverChain, read: Position, cycles: CommitCycles, pairing: Pairing): Checkpoint {
  const before = (a: Position, b: Position): boolean => (chain.compare(a, b) ?? 1) < 0;
  const cycle = cycles.oldest(before);
  const image = pairing.oldest(before);
  let resume: Position = read;
  for (const p of [cycle, image]) if (p && before(p, resume)) resume = { receiver: p.receiver, sequence: p.sequence };
  return { read, resume, openCycles: cycles.openIds() };
}
