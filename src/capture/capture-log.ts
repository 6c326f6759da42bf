/** What the capture of a journal says of how it reads. */

import type { FilterReport } from '../journal/position/checkpoint-table';
import { figuresOf } from '../journal/reader/filter-choice';
import type { ReaderStart } from '../journal/reader/reader';
import { formatPosition } from '../model/position';
import type { Logger } from '../telemetry/logger';

export function tellStart(log: Logger, { from, read, openCycles }: ReaderStart, tables: number): void {
  const facts = {
    position: formatPosition(read ?? from),
    ...(read ? { from: formatPosition(from), openCycles } : {}),
    tables,
  };
  log.info(facts, read ? 'reading journal from its checkpoint' : 'reading journal for the first time');
}

export function tellFilter(log: Logger, { place, client, server }: FilterReport, changed: boolean): void {
  const facts = { place, client: figuresOf(client), server: figuresOf(server) };
  const where = place === 'server' ? 'partition' : 'client';
  log[changed ? 'info' : 'debug'](facts, `entries of foreign files are left out by the ${where}: measured cheaper`);
}
