/** `status`: positions, backlog, lanes and dead letters, from the state file; works beside a running or stopped daemon. */
import type { Command } from 'commander';
import { unusableFiles } from '../../../config/credential-watch';
import type { DisabledDestination } from '../../../deliver/standing/disabled-table';
import { counted } from '../../../model/counted';
import { journalFigures, journalLine } from '../../../operate/journal-figures';
import { backfillLine, backfillsOf, windowLine, windowsOf } from '../../../operate/row-sources';
import { openStateFile, type StateFile } from '../../../operate/state-file';
import { unseenChanges } from '../../../operate/unseen-changes';
import { InstanceLock } from '../../../store/instance-lock';
import { stateFacts } from '../../../store/owner';
import { oneLine } from '../../../telemetry/visible';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { standingLines, standingOf } from '../../standing-lines';

const NOT_RUNNING =
  'daemon  NOT RUNNING: figures are as it left them; next: ibmi-cdc run, or ibmi-cdc doctor to ask the partition\n';

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
      const daemon = { running: InstanceLock.isHeld(config.state) };
      const journals = journalFigures(state.checkpoints, daemon.running, Date.now());
      const { holds } = state.outbox;
      const file = stateOf(state);
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
          `${JSON.stringify({ daemon, state: file, journals, windows, backfills, destinations, pausedTables, unseenChanges: unseen, credentials, quarantined })}\n`,
        );
        return;
      }
      io.stdout.write(stateText(file));
      if (!daemon.running) io.stdout.write(NOT_RUNNING);
      for (const j of journals) io.stdout.write(journalLine(j));
      for (const w of windows) io.stdout.write(windowLine(w));
      for (const b of backfills) io.stdout.write(backfillLine(b));
      for (const d of destinations) {
        const oldest = d.oldestPending ? `, oldest ${d.oldestPending}` : '';
        io.stdout.write(
          `destination ${d.destination}  ${d.pending} pending${oldest}, ${counted(d.waitingLanes, 'lane')} waiting for a retry, ${d.held > 0 ? `${d.held} held, ` : ''}${counted(d.deadLetters, 'dead letter')}\n`,
        );
        io.stdout.write(standingLines(d.destination, d));
        if (d.disabled) {
          const { since, why } = d.disabled;
          io.stdout.write(
            `destination ${d.destination}  DISABLED since ${since}: ${oneLine(why)}; next: ibmi-cdc resume --destination ${d.destination}\n`,
          );
        }
      }
      for (const t of pausedTables) {
        io.stdout.write(
          `table ${t.table}  PAUSED by ${t.reason}${t.at === null ? '' : ` at ${t.at}`}, ${counted(t.deliveries, 'delivery', 'deliveries')} held since ${t.heldAt}; next: ibmi-cdc resume --table ${t.table}\n`,
        );
      }
      for (const u of unseen)
        io.stdout.write(`table ${u.table}  CHANGES NOT SEEN: ${u.text}; next: ${u.next.join('; then ')}\n`);
      for (const c of credentials) io.stdout.write(`credential ${c.path}  CANNOT BE USED: ${c.detail}\n`);
      for (const q of quarantined)
        io.stdout.write(
          `table ${q.table}  ${counted(q.count, 'change')} QUARANTINED as ${q.code} (${q.mode}), last at ${q.lastPlace}, ${q.lastAt}; next: ibmi-cdc trace, then ibmi-cdc backfill --table ${q.table} --where ...\n`,
        );
      if (journals.length === 0 && windows.length === 0) io.stdout.write('nothing has been read yet\n');
    });
}

function stateOf({ store }: StateFile) {
  const { identity, incarnation, openedAt, found, fullSince } = stateFacts(store.db, store.file);
  const at = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return { file: store.file, identity, incarnation, openedAt: at(openedAt), found, fullSince: at(fullSince) };
}

/** Nothing where there is nothing to tell. */
function stateText({ file, found, openedAt, fullSince }: ReturnType<typeof stateOf>): string {
  const full = `state ${file}  DISK FULL since ${fullSince}: reading stands still; next: make room on its disk\n`;
  const restored = `state ${file}  RESTORED: the daemon found a copy at ${openedAt}; events since it was made are sent again under the same ids\n`;
  return `${fullSince === null ? '' : full}${found === 'restored' || found === 'accepted' ? restored : ''}`;
}

function disabledOf(d: DisabledDestination | undefined): { since: string; why: string } | null {
  return d ? { since: new Date(d.since).toISOString(), why: d.why } : null;
}
