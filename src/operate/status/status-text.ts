/** `status` as a person reads it: a line for each thing, and the next step where there is one. */
import { counted } from '../../model/counted';
import { line } from '../../telemetry/visible';
import { alertLine } from '../alerts/alerts';
import type { UnseenChanges } from '../unseen-changes';
import { journalLine } from './journal-figures';
import { reconcileLine } from './reconciles';
import { backfillLine, replayLine, windowLine } from './row-sources';
import { standingLines } from './standing';
import type { DestinationStatus, PausedTable, QuarantinedChanges, StateFileStatus, Status } from './status';

const NOT_RUNNING =
  'daemon  NOT RUNNING: figures are as it left them; next: ibmi-cdc run, or ibmi-cdc doctor to ask the partition\n';

export function statusText(s: Status): string {
  return [
    fileLines(s.state),
    s.daemon.running ? '' : NOT_RUNNING,
    ...s.alerts.map(alertLine),
    ...s.journals.map(journalLine),
    ...s.windows.map(windowLine),
    ...s.backfills.map(backfillLine),
    ...s.reconciles.map(reconcileLine),
    ...s.replays.map(replayLine),
    ...s.destinations.map(destinationLines),
    ...s.pausedTables.map(pausedLine),
    ...s.unseenChanges.map(unseenLine),
    ...s.credentials.map((c) => line(`credential ${c.path}  CANNOT BE USED: ${c.detail}`)),
    ...s.quarantined.map(quarantinedLine),
    s.journals.length === 0 && s.windows.length === 0 ? 'nothing has been read yet\n' : '',
  ].join('');
}

/** Nothing where there is nothing to report. */
function fileLines({ file, found, openedAt, fullSince }: StateFileStatus): string {
  const full = line(`state ${file}  DISK FULL since ${fullSince}: reading stands still; next: make room on its disk`);
  const restored = line(
    `state ${file}  RESTORED: the daemon found a copy at ${openedAt}; events since it was made are sent again under the same ids`,
  );
  return `${fullSince === null ? '' : full}${found === 'restored' || found === 'accepted' ? restored : ''}`;
}

function destinationLines(d: DestinationStatus): string {
  const name = d.destination;
  const oldest = d.oldestPending ? `, oldest ${d.oldestPending}` : '';
  const held = d.held > 0 ? `${d.held} held, ` : '';
  const counts = `${d.pending} pending${oldest}, ${counted(d.waitingLanes, 'lane')} waiting for a retry, ${held}${counted(d.deadLetters, 'dead letter')}`;
  const disabled = d.disabled
    ? line(
        `destination ${name}  DISABLED since ${d.disabled.since}: ${d.disabled.why}; next: ibmi-cdc resume --destination ${name}`,
      )
    : '';
  return `${line(`destination ${name}  ${counts}`)}${standingLines(name, d)}${disabled}`;
}

function pausedLine({ table, reason, at, heldAt, deliveries }: PausedTable): string {
  const held = counted(deliveries, 'delivery', 'deliveries');
  return line(
    `table ${table}  PAUSED by ${reason}${at === null ? '' : ` at ${at}`}, ${held} held since ${heldAt}; next: ibmi-cdc resume --table ${table}`,
  );
}

function unseenLine({ table, text, next }: UnseenChanges): string {
  return line(`table ${table}  CHANGES NOT SEEN: ${text}; next: ${next.join('; then ')}`);
}

function quarantinedLine(q: QuarantinedChanges): string {
  return line(
    `table ${q.table}  ${counted(q.count, 'change')} QUARANTINED as ${q.code} (${q.mode}), last at ${q.lastPlace}, ${q.lastAt}; next: ibmi-cdc trace, then ibmi-cdc backfill --table ${q.table} --where ...`,
  );
}
