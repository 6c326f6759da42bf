/** A process of its own for each measurement: the flag concerns the whole of it. */
import { execFileSync } from 'node:child_process';
import { HEAP_GROWTH } from '../../src/cli/modest-heap';

/** Objects that live long enough to grow old and then die, 500,000 at a time. Prints the peak of the old generation. */
const CHURN = `
  const { getHeapSpaceStatistics, setFlagsFromString } = require('node:v8');
  if (process.argv[1]) setFlagsFromString(process.argv[1]);
  const ring = new Array(500_000);
  let peak = 0;
  for (let i = 0; i < 8e6; i++) {
    ring[i % ring.length] = { i, text: 'x' + i };
    if (i % 10_000 !== 0) continue;
    const old = getHeapSpaceStatistics().find((s) => s.space_name === 'old_space');
    peak = Math.max(peak, old.space_size);
  }
  process.stdout.write(String(peak));
`;

const peak = (...flags: string[]): number =>
  Number(
    execFileSync(process.execPath, ['-e', CHURN, ...flags], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  );

test('this Node knows the flag, also after its start, and lets less garbage pile up', () => {
  expect(peak(HEAP_GROWTH)).toBeLessThan(peak() * 0.85);
}, 60_000);
