/** `resume`: the operator's word on paused tables. Works beside a running daemon, which hears of it at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { CodedError } from '../../errors/coded-error';
import type { Outbox } from '../../outbox/outbox';
import type { TableHold } from '../../outbox/table-holds';
import type { CliIo, GlobalOptions } from '../io';
import { loadCommandConfig } from '../load-config';
import { openStateFile } from '../state-file';

interface ResumeOptions extends GlobalOptions {
  readonly table?: string;
  readonly drop?: boolean;
}

/** Milliseconds between two steps, in which a running daemon can write. */
const BREATH_MS = 5;

export function register(program: Command, io: CliIo): void {
  program
    .command('resume')
    .description('list the tables that are paused, or let one go on')
    .option('--table <lib/table>', 'let this table go on: what was held is delivered in order')
    .option('--drop', 'give up what was held: it becomes dead letters with reason `held`')
    .addHelpText(
      'after',
      `
Examples:
  ibmi-cdc resume
  ibmi-cdc resume --table ORDLIB/ORDHDR

A running daemon goes on within a second; --drop loses nothing for good: ibmi-cdc dlq list --reason held.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ResumeOptions>();
      using state = openStateFile(loadCommandConfig(io, options, 'tolerate'));
      const { outbox } = state;
      if (!options.table) {
        list(io, outbox, options.json);
        return;
      }
      const hold = outbox.holds.find(options.table.replace('.', '/'));
      if (!hold) throw notPaused(options.table);
      const drop = options.drop === true;
      const moved = await release(outbox, hold, drop ? 'dead letters' : 'queue');
      io.stdout.write(
        options.json
          ? `${JSON.stringify({ table: hold.table, drop, deliveries: moved })}\n`
          : `${hold.table} goes on, ${moved} deliveries ${drop ? 'made dead letters' : 'queued'}\n`,
      );
    });
}

async function release(outbox: Outbox, hold: TableHold, to: 'queue' | 'dead letters'): Promise<number> {
  let all = 0;
  for (;;) {
    const { moved, done } = outbox.release.step(hold, to);
    all += moved;
    if (done) return all;
    await sleep(BREATH_MS);
  }
}

function list(io: CliIo, outbox: Outbox, json: boolean): void {
  const tables = outbox.holds.list().map((hold) => ({
    table: hold.table,
    reason: hold.reason,
    heldAt: new Date(hold.heldAt).toISOString(),
    receiver: hold.receiver,
    sequence: hold.sequence,
    deliveries: outbox.holds.heldCount(hold),
  }));
  if (json) {
    io.stdout.write(`${JSON.stringify({ tables })}\n`);
    return;
  }
  if (tables.length === 0) io.stdout.write('no table is paused\n');
  for (const t of tables)
    io.stdout.write(
      `${t.table}  paused since ${t.heldAt} by ${t.reason} at ${t.receiver}:${t.sequence}, ${t.deliveries} deliveries held\n`,
    );
}

function notPaused(table: string): CodedError {
  return new CodedError({
    code: 'TABLE_NOT_PAUSED',
    family: 'config',
    message: `${table} is not paused`,
    next: '`ibmi-cdc resume` lists the tables that are',
  });
}
