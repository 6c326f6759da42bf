// @ts-check
// Runs a command under another Node, in a copy of this checkout with a node_modules of its own, below .cache/nodes.
//   node scripts/on-node.mjs 24 -- npm test                 the whole suite
//   node scripts/on-node.mjs 22.14.0 -- npm run demo        any release of Node
//   node scripts/on-node.mjs --no-scripts 26 -- npx jest test/store   packages' install scripts left out: nothing is compiled
// The exit code is the command's. The copy is brought up to date first; what the command writes stays in the copy.
import { exactVersion, OtherNode } from './nodes/checkout.mjs';

const args = process.argv.slice(2);
const split = args.indexOf('--');
const flags = args.slice(0, Math.max(split, 0));
const [asked] = flags.filter((flag) => !flag.startsWith('--'));
const [command, ...rest] = split < 0 ? [] : args.slice(split + 1);
if (asked === undefined || command === undefined) {
  process.stderr.write('usage: node scripts/on-node.mjs [--no-scripts] MAJOR|VERSION -- COMMAND [ARGUMENT...]\n');
  process.exit(2);
}
try {
  const node = new OtherNode(exactVersion(asked));
  node.fetch();
  node.copyFiles();
  node.install(!flags.includes('--no-scripts'));
  const { status, signal, error } = node.run(command, rest);
  if (error) throw error;
  process.exit(status ?? (signal ? 1 : 0));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
