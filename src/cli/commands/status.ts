/** `status`: positions, backlog, lanes and dead letters, from the state file; works beside a running or stopped daemon. */
import type { Command } from 'commander';
import { unusableFiles } from '../../config/credential-watch';
import type { DisabledDestination } from '../../deliver/disabled-table';
import type { Outlook } from '../../journal/checkpoint-table';
import { type FilterReport, figuresOf } from '../../journal/filter-choice';
import { formatName, formatPosition } from '../../model/position';
import type { CliIo, GlobalOptions } from '../io';
import { loadCommandConfig } from '../load-config';
import { backfillLine, backfillsOf, windowLine, windowsOf } from '../row-sources';
import { standingLines, standingOf } from '../standing-lines';
import { openStateFile } from '../state-file';
import { unseenChanges } from '../unseen-changes';

export function register(program: Command, io: CliIo): void {
  program
    .command('status')
    .description('positions, backlog, lanes and dead letters')
    .addHelpText('after', '\nExample:\n  ibmi-cdc status --json -c prod.yaml')
    .action((_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const config = loadCommandConfig(io, options, 'tolerate');
      const credentials = unusableFiles(config);
      using state = openStateFile(config);
      const journals = state.checkpoints.all().map((c) => ({
        ...outlookOf(state.checkpoints.outlook(c.journal)),
        journal: formatName(c.journal),
        read: formatPosition(c.read),
        resume: formatPosition(c.resume),
        openCycles: c.openCycles.length,
        checkpointAt: new Date(c.writtenAt).toISOString(),
        checkpointAgeSeconds: Math.round((Date.now() - c.writtenAt) / 1000),
      }));
      const { holds } = state.outbox;
      const pausedTables = holds.list().map((hold) => ({
        table: hold.table,
        reason: hold.reason,
        at: hold.receiver ? `${hold.receiver}:${hold.sequence}` : null,
        heldAt: new Date(hold.heldAt).toISOString(),
        deliveries: holds.heldCount(hold),
      }));
      const windows = windowsOf(state.store);
      const backfills = backfillsOf(state.store);
      const unseen = unseenChanges(state.gaps.list());
      const quarantined = state.setAside.list().map(({ firstAt, lastAt, ...rest }) => ({
        ...rest,
        firstAt: new Date(firstAt).toISOString(),
        lastAt: new Date(lastAt).toISOString(),
      }));
      const disabled = new Map(state.disabled.list().map((d) => [d.destination, d]));
      const stood = new Map(state.standing.list().map((s) => [s.destination, s]));
      const destinations = state.outbox.history.backlog().map((b) => ({
        destination: b.destination,
        disabled: disabledOf(disabled.get(b.destination)),
        pending: b.ready + b.parked,
        waitingLanes: b.parkedLanes,
        held: b.held,
        deadLetters: b.dead,
        oldestPending: b.oldestAt === null ? null : new Date(b.oldestAt).toISOString(),
        ...standingOf(stood.get(b.destination), Date.now()),
      }));
      if (options.json) {
        io.stdout.write(
          `${JSON.stringify({ journals, windows, backfills, destinations, pausedTables, unseenChanges: unseen, credentials, quarantined })}\n`,
        );
        return;
      }
      for (const j of journals) {
        io.stdout.write(
          `journal ${j.journal}  read up to ${j.read}, restart from ${j.resume}, ${j.openCycles} open commit cycles, checkpoint ${j.checkpointAgeSeconds} s old${j.behind === null ? '' : `; ${j.behind} entries behind`}${j.hoursToDataLoss === null ? '' : `, data loss in ${j.hoursToDataLoss} h`}${filterText(j.filter)}\n`,
        );
      }
      for (const w of windows) io.stdout.write(windowLine(w));
      for (const b of backfills) io.stdout.write(backfillLine(b));
      for (const d of destinations) {
        const oldest = d.oldestPending ? `, oldest ${d.oldestPending}` : '';
        io.stdout.write(
          `destination ${d.destination}  ${d.pending} pending${oldest}, ${d.waitingLanes} lanes waiting for a retry, ${d.held > 0 ? `${d.held} held, ` : ''}${d.deadLetters} dead letters\n`,
        );
        io.stdout.write(standingLines(d.destination, d));
        if (d.disabled) {
          const { since, why } = d.disabled;
          io.stdout.write(
            `destination ${d.destination}  DISABLED since ${since}: ${why}; next: ibmi-cdc resume --destination ${d.destination}\n`,
          );
        }
      }
      for (const t of pausedTables) {
        io.stdout.write(
          `table ${t.table}  PAUSED by ${t.reason}${t.at === null ? '' : ` at ${t.at}`}, ${t.deliveries} deliveries held since ${t.heldAt}; next: ibmi-cdc resume --table ${t.table}\n`,
        );
      }
      for (const u of unseen)
        io.stdout.write(`table ${u.table}  CHANGES NOT SEEN: ${u.text}; next: ${u.next.join('; then ')}\n`);
      for (const c of credentials) io.stdout.write(`credential ${c.path}  CANNOT BE USED: ${c.detail}\n`);
      for (const q of quarantined)
        io.stdout.write(
          `table ${q.table}  ${q.count} changes QUARANTINED as ${q.code} (${q.mode}), last at ${q.lastPlace}, ${q.lastAt}; next: ibmi-cdc trace, then ibmi-cdc backfill --table ${q.table} --where ...\n`,
        );
      if (journals.length === 0 && windows.length === 0) io.stdout.write('nothing has been read yet\n');
    });
}

function disabledOf(d: DisabledDestination | undefined): { since: string; why: string } | null {
  return d ? { since: new Date(d.since).toISOString(), why: d.why } : null;
}

/** As the daemon last saw it; nulls before its first look. */
function outlookOf(o: Outlook | null) {
  const rounded = (n: number | null | undefined): number | null =>
    n === null || n === undefined ? null : Number(n.toFixed(2));
  return {
    behind: o ? o.behind.toString() : null,
    hoursToDataLoss: rounded(o?.hoursToLoss),
    retentionHours: rounded(o?.retentionHours),
    writtenPerSecond: rounded(o?.writtenPerSecond),
    readPerSecond: rounded(o?.readPerSecond),
    filteredBy: o?.filter?.place ?? null,
    filter: filterOf(o?.filter ?? null),
  };
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
