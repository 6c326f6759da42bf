/** What `status` says of a journal, with the age of every figure: none of them is taken for news once it is old. */
import type { CheckpointTable, FilterReport, Outlook } from '../../journal/position/checkpoint-table';
import { figuresOf } from '../../journal/reader/filter-choice';
import { counted } from '../../model/counted';
import { formatName, formatPosition } from '../../model/position';
import { line } from '../../telemetry/visible';

/** A running daemon looks at least this often, in milliseconds, while the partition answers. */
const FRESH_MS = 90_000;

export type JournalFigures = ReturnType<typeof figuresOfJournal>;

/** @param now milliseconds since 1970 */
export function journalFigures(checkpoints: CheckpointTable, running: boolean, now: number): JournalFigures[] {
  return checkpoints.all().map((c) => figuresOfJournal(c, checkpoints.outlook(c.journal), running, now));
}

function figuresOfJournal(
  c: ReturnType<CheckpointTable['all']>[number],
  outlook: Outlook | null,
  running: boolean,
  now: number,
) {
  return {
    ...outlookOf(outlook, running, now),
    journal: formatName(c.journal),
    read: formatPosition(c.read),
    resume: formatPosition(c.resume),
    openCycles: c.openCycles.length,
    checkpointAt: new Date(c.writtenAt).toISOString(),
    checkpointAgeSeconds: Math.round((now - c.writtenAt) / 1000),
  };
}

/** As the daemon last saw it; nulls before its first look. `behind` is null when it is not known now. */
function outlookOf(o: Outlook | null, running: boolean, now: number) {
  const age = o ? Math.max(0, now - o.seenAt) : 0;
  const stale = o === null || !running || age > FRESH_MS;
  // time goes on between two looks
  const hours = o?.hoursToLoss == null ? null : Math.max(0, o.hoursToLoss - (stale ? age / 3_600_000 : 0));
  return {
    behind: stale ? null : (o.behind?.toString() ?? null),
    asOf: o ? new Date(o.seenAt).toISOString() : null,
    ageSeconds: o ? Math.round(age / 1000) : null,
    stale,
    lastBehind: o?.behind?.toString() ?? null,
    positionGone: o !== null && o.behind === null,
    hoursToDataLoss: rounded(hours),
    retentionHours: rounded(o?.retentionHours),
    writtenPerSecond: rounded(o?.writtenPerSecond),
    readPerSecond: rounded(o?.readPerSecond),
    filteredBy: o?.filter?.place ?? null,
    filter: filterOf(o?.filter ?? null),
    reader: o?.way?.reader ?? null,
    readerBecause: o?.way?.because ?? null,
  };
}

function rounded(n: number | null | undefined): number | null {
  return n === null || n === undefined ? null : Number(n.toFixed(2));
}

export function journalLine(j: JournalFigures): string {
  const { journal, read, resume, openCycles, checkpointAgeSeconds } = j;
  const cycles = counted(openCycles, 'open commit cycle');
  const loss = j.hoursToDataLoss === null ? '' : `, data loss in ${j.hoursToDataLoss} h`;
  return line(
    `journal ${journal}  read up to ${read}, restart from ${resume}, ${cycles}, checkpoint ${checkpointAgeSeconds} s old${distance(j)}${loss}${readerText(j)}${filterText(j.filter)}`,
  );
}

function readerText({ reader, readerBecause }: JournalFigures): string {
  return reader === null ? '' : `, read by ${reader === 'api' ? 'the API' : 'SQL'} (${readerBecause})`;
}

function distance(j: JournalFigures): string {
  if (j.asOf === null) return '; distance to the end of the journal not known yet';
  if (j.positionGone) return `; its receiver was gone ${j.ageSeconds} s ago`;
  if (!j.stale) return `; ${entries(j.behind!)} behind ${j.ageSeconds} s ago`;
  const then = j.lastBehind === '0' ? 'at the end of the journal' : `${entries(j.lastBehind!)} behind`;
  return `; last seen ${then} at ${j.asOf} (${j.ageSeconds} s ago), not known since`;
}

function entries(n: string): string {
  return counted(BigInt(n), 'entry', 'entries');
}

/** Where entries of foreign files are left out, why, and what both ways were measured to cost. */
function filterOf(report: FilterReport | null) {
  if (!report) return null;
  const { place, because, client, server } = report;
  return { place, because, client: figuresOf(client), server: figuresOf(server) };
}

function filterText(filter: ReturnType<typeof filterOf>): string {
  if (!filter) return '';
  const cost = (f: ReturnType<typeof figuresOf>): string => (f ? `${f.microsPerNumber} us` : 'not measured');
  const why = {
    measured: `measured per sequence number: client ${cost(filter.client)}, server ${cost(filter.server)}`,
    default: 'nothing measured yet',
    configured: 'as journal.filter says',
    tables: 'too many tables for the server',
  }[filter.because];
  return `, foreign entries left out by the ${filter.place} (${why})`;
}
