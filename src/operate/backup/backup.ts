/** A copy of the state file beside its daemon, and what a restore of one would mean. */
import { existsSync } from 'node:fs';
import { transportOf } from '../../assembly/connect';
import { outboxOptions } from '../../assembly/outbox-options';
import { readReceivers } from '../../catalog/journals';
import type { Config } from '../../config/config';
import { CodedError, isCoded } from '../../errors/coded-error';
import { ReceiverChain } from '../../journal/position/chain';
import { CheckpointTable, type WrittenCheckpoint } from '../../journal/position/checkpoint-table';
import { formatName, formatPosition } from '../../model/position';
import { Outbox } from '../../outbox/outbox';
import { backUp } from '../../store/backup';
import { fileMark, lastLife } from '../../store/life';
import { Store } from '../../store/store';
import { openStateFile } from '../state-file';

export interface MadeCopy {
  readonly file: string;
  /** The file that was copied. */
  readonly state: string;
  /** Events written until the copy was made. */
  readonly events: number;
}

export interface CopyReport {
  readonly file: string;
  /** False when SQLite finds it damaged. */
  readonly whole: boolean;
  readonly identity: string;
  readonly lastOpenedAt: string | null;
  readonly events: number;
  readonly journals: readonly JournalInCopy[];
  /** Why the partition could not be asked; null when it was. */
  readonly notAsked: string | null;
  readonly destinations: readonly DestinationInCopy[];
}

export interface JournalInCopy {
  readonly journal: string;
  readonly read: string;
  readonly resume: string;
  /** `unknown` where the partition could not be asked. */
  readonly receivers: 'present' | 'gone' | 'unknown';
  /** Entries that would be read again; null where that is not known. */
  readonly behind: string | null;
}

interface DestinationInCopy {
  readonly destination: string;
  readonly pending: number;
  readonly held: number;
  readonly deadLetters: number;
  /** Deliveries settled since the copy was made, which a restore sends again; null where that is not known. */
  readonly repeats: number | null;
}

/** @param progress share of the file that is copied, 0 to 1. @throws CodedError family store or config */
export async function makeCopy(config: Config, to: string, progress: (share: number) => void): Promise<MadeCopy> {
  using state = openStateFile(config);
  const file = await backUp(state.store, to, progress);
  return { file, state: state.store.file, events: state.outbox.lastPosition() };
}

/** @throws CodedError `BACKUP_MISSING`, family store */
export async function examineCopy(config: Config, file: string, traceWire?: string): Promise<CopyReport> {
  if (!existsSync(file)) throw missing(file);
  using store = Store.open(file, [], { readonly: true, mustExist: true });
  const whole = store.db.pragma('quick_check(1)', { simple: true }) === 'ok';
  const outbox = new Outbox(store, outboxOptions(config));
  const { journals, why } = await journalsOf(config, new CheckpointTable(store).all(), traceWire);
  const { identity } = fileMark(store.db);
  const later = existsSync(config.state) ? laterOf(config, outbox, identity) : null;
  const life = lastLife(store.db);
  return {
    file,
    whole,
    identity,
    lastOpenedAt: life === null ? null : new Date(life.openedAt).toISOString(),
    events: outbox.lastPosition(),
    journals,
    notAsked: why,
    destinations: outbox.history.backlog().map((b) => ({
      destination: b.destination,
      pending: b.ready + b.parked,
      held: b.held,
      deadLetters: b.dead,
      repeats: later?.get(b.destination) ?? null,
    })),
  };
}

/** Whether a restore of it lets the daemon go on. */
export function canRestore({ whole, journals }: CopyReport): boolean {
  return whole && journals.every((j) => j.receivers !== 'gone');
}

/** Deliveries by destination that are settled in the present file and are not in the copy: sent again after a restore. */
function laterOf(config: Config, copy: Outbox, identity: string): Map<string, number> | null {
  using present = openStateFile(config);
  if (fileMark(present.store.db).identity !== identity) return null;
  const waits = (outbox: Outbox) =>
    new Map(outbox.history.backlog().map((b) => [b.destination, b.ready + b.parked + b.held + b.dead]));
  const now = waits(present.outbox);
  const written = present.outbox.history.queuedAfter(copy.lastPosition());
  return new Map(
    [...waits(copy)].map(([name, then]) => [name, Math.max(0, then + (written.get(name) ?? 0) - (now.get(name) ?? 0))]),
  );
}

async function journalsOf(
  config: Config,
  checkpoints: readonly WrittenCheckpoint[],
  traceWire: string | undefined,
): Promise<{ journals: JournalInCopy[]; why: string | null }> {
  const plain = checkpoints.map((c) => ({
    journal: formatName(c.journal),
    read: formatPosition(c.read),
    resume: formatPosition(c.resume),
  }));
  try {
    await using connection = await transportOf(config, { traceWire }).connect({ role: 'audit' });
    const journals: JournalInCopy[] = [];
    for (const [i, { journal, resume, read }] of checkpoints.entries()) {
      const chain = new ReceiverChain(await readReceivers(connection, journal));
      const present = chain.get(resume.receiver) !== undefined && chain.get(resume.receiver) !== null;
      const behind = present ? chain.entriesAfter(read) : null;
      journals.push({ ...plain[i]!, receivers: present ? 'present' : 'gone', behind: behind?.toString() ?? null });
    }
    return { journals, why: null };
  } catch (error) {
    if (!isCoded(error)) throw error;
    const journals = plain.map((one) => ({ ...one, receivers: 'unknown' as const, behind: null }));
    return { journals, why: `${error.code}: ${error.message}` };
  }
}

function missing(file: string): CodedError {
  return new CodedError({
    code: 'BACKUP_MISSING',
    message: `there is no ${file}`,
    next: 'name a copy that `ibmi-cdc backup FILE` made',
  });
}
