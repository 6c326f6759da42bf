/** `trace`: the life of stored events: where from, under which rule, every attempt and what the receiver said. */
import type { Command } from 'commander';
import { EXIT } from '../../errors/coded-error';
import { LedgerTable } from '../../journal/ledger-table';
import type { StoredEvent } from '../../model/delivery';
import { formatName, parseName } from '../../model/position';
import { entryFates } from '../entry-fates';
import { type EventFilterOptions, eventFilterOf, withEventFilter } from '../event-filter';
import type { CliIo, GlobalOptions } from '../io';
import { loadCommandConfig } from '../load-config';
import { openStateFile, type StateFile } from '../state-file';

interface TraceOptions extends GlobalOptions, EventFilterOptions {
  readonly limit: string;
}

export function register(program: Command, io: CliIo): void {
  withEventFilter(program.command('trace'))
    .description('the life of one event or key: position, rule, attempts, responses')
    .option('--limit <n>', 'newest events shown', '20')
    .addHelpText(
      'after',
      '\nExamples:\n  ibmi-cdc trace --table ORDLIB/ORDHDR --key 100245\n  ibmi-cdc trace --receiver ORDLIB/ORDRCV0001 --from-sequence 184467   (why nothing was sent)',
    )
    .action((_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<TraceOptions>();
      using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
      const { history } = state.outbox;
      const events = history.events(eventFilterOf(options), { newest: true, limit: Number(options.limit) });
      if (events.length === 0) {
        if (tellFates(io, options, state)) return;
        io.stderr.write(
          'no stored event matches; --receiver with --from-sequence tells what became of a journal entry, `ibmi-cdc audit` of all\n',
        );
        io.exit(EXIT.findings);
        return;
      }
      for (const event of events.reverse()) {
        const life = lifeOf(event, state);
        io.stdout.write(options.json ? `${JSON.stringify(life)}\n` : textOf(life));
      }
    });
}

/** Why nothing was sent: the fate of every entry asked for. False when none of them was read. */
function tellFates(io: CliIo, options: TraceOptions, { store, checkpoints }: StateFile): boolean {
  const receiver = options.receiver === undefined ? null : parseName(options.receiver);
  const first = options.fromSequence ?? options.toSequence;
  if (!receiver || first === undefined) return false;
  const ledger = new LedgerTable(store);
  let found = false;
  for (const { journal } of checkpoints.all()) {
    for (const { from, to, fate } of entryFates(ledger, journal, receiver, first, options.toSequence ?? first)) {
      found = true;
      const place = { journal: formatName(journal), receiver: formatName(receiver) };
      io.stdout.write(
        options.json
          ? `${JSON.stringify({ ...place, fromSequence: from.toString(), toSequence: to.toString(), fate })}\n`
          : `${place.journal} ${place.receiver}:${from}${to === from ? '' : ` to ${to}`}  ${fate}\n`,
      );
    }
  }
  return found;
}

type Life = ReturnType<typeof lifeOf>;

function lifeOf(event: StoredEvent, { outbox, disabled }: StateFile) {
  const { history, holds } = outbox;
  const hold = holds.find(event.table);
  return {
    id: event.id,
    type: event.type,
    table: event.table,
    rule: event.rule,
    key: event.key,
    traceKey: event.traceKey,
    journal: event.journal,
    receiver: event.receiver,
    sequence: event.sequence,
    entryAt: event.time,
    writtenAt: new Date(event.appendedAt).toISOString(),
    destinations: history.states(event.seq).map((s) => ({
      ...s,
      heldBy: s.state === 'held' && hold ? hold.reason : null,
      disabledBy: s.state === 'pending' || s.state === 'waiting' ? (disabled.find(s.destination)?.why ?? null) : null,
      dueAt: s.dueAt === null ? null : new Date(s.dueAt).toISOString(),
    })),
    attempts: history.attempts(event.seq).map((a) => ({
      destination: a.destination,
      attempt: a.attempt,
      at: new Date(a.at).toISOString(),
      ms: a.ms,
      outcome: a.outcome,
      status: a.status,
      batch: a.batch,
      error: a.error,
      signature: a.signature,
      response: a.response,
    })),
  };
}

function heldText(life: Life, reason: string | null): string {
  return reason === null ? '' : `: the table is paused by ${reason}; next: ibmi-cdc resume --table ${life.table}`;
}

function disabledText(d: Life['destinations'][number]): string {
  return d.disabledBy === null
    ? ''
    : `: the destination is disabled: ${d.disabledBy}; next: ibmi-cdc resume --destination ${d.destination}`;
}

function textOf(life: Life): string {
  const from = life.receiver ? `${life.journal} ${life.receiver}:${life.sequence}` : 'not from a journal';
  const lines = [
    `${life.type} ${life.key}  ${life.id}`,
    `  entry      ${from} at ${life.entryAt}`,
    `  rule       ${life.table} ${life.rule}`,
    `  written    ${life.writtenAt}`,
    ...life.destinations.map(
      (d) =>
        `  ${d.destination}: ${d.state}, ${d.attempts} attempts${d.dueAt ? `, next at ${d.dueAt}` : ''}${heldText(life, d.heldBy)}${disabledText(d)}`,
    ),
    ...life.attempts.map(
      (a) =>
        `  attempt ${a.attempt} to ${a.destination} at ${a.at}: ${a.outcome} ${a.status ?? ''} ${a.error ?? ''} (${a.ms} ms)`,
    ),
  ];
  return `${lines.join('\n')}\n\n`;
}
