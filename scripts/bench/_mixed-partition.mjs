// @ts-check
// The simulated partition itself with a journal of mixed tables, a child process: node _mixed-partition.mjs ENTRIES
// Its first message is where to find it and what the journal holds.
import { dist, mixedJournal, repeatPattern, writePattern } from './_mixed-journal.mjs';

const { SimulatedPartition } = dist('simulator/simulated-partition.js');
const partition = await SimulatedPartition.start();
const { inside } = partition;
const changes = writePattern(inside);
const times = repeatPattern(inside, Number(process.argv[2]));
const { host, ports, user, password } = partition;
process.on('disconnect', () => partition.stop().then(() => process.exit(0)));
process.send({
  ...{ host, user, password, databasePort: ports.database, signonPort: ports.signon, commandPort: ports.remoteCommand },
  ...{ entries: mixedJournal(inside).attachedReceiver.count, changes: times * changes },
  // of each mapped table: created, and journaling started
  notices: 6,
});
