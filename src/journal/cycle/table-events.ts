/**
 * Entries beyond rows: what happened to a whole table, and what follows from it.
 *
 * Source: "All journal entries by code and type"; docs/journal.md. Types not listed
 * here change neither rows nor layout and are only noted in the ledger.
 */
import type { TableNotice } from '../../model/change';
import type { QualifiedName } from '../../model/position';
import type { BlockEntry } from '../entry/block-entry';

interface Happening {
  /** Event type. */
  readonly kind: string;
  /**
   * `none`: an event, nothing more. `relayout`: read the record format again before the next entry of the table.
   * `resync`: rows may have changed without entries; a backfill is advised. `pause` (mass delete only): the table's
   * events wait for the operator's decision.
   */
  readonly action: 'none' | 'relayout' | 'resync' | 'pause';
  readonly alert: boolean;
  /** Rows that change without entries: just now, from here on, or no longer; null where entries report every change. */
  readonly gap: Gap | null;
}

type Gap = 'here' | 'opens' | 'ends';

const note = (kind: string): Happening => ({ kind, action: 'none', alert: false, gap: null });
const resync = (kind: string): Happening => ({ kind, action: 'resync', alert: true, gap: 'here' });
/** Nothing of the file or member comes under this name from here on, until one is journaled under it again. */
const gone = (kind: string, action: Happening['action'] = 'none'): Happening => ({
  kind,
  action,
  alert: true,
  gap: 'opens',
});

const HAPPENINGS: Readonly<Record<string, Happening>> = {
  // all rows gone without a DL each: CLRPFM, TRUNCATE, a mass DELETE without WHERE
  FCR: { kind: 'table.cleared', action: 'none', alert: true, gap: null },
  FIZ: resync('table.initialized'),
  FCE: resync('table.truncated'),
  FRG: note('table.reorganized'),
  FRM: note('table.reorganized'),
  FMC: { kind: 'member.created', action: 'none', alert: false, gap: 'ends' },
  FMD: gone('member.deleted'),
  FDM: gone('member.deleted'),
  FMN: gone('member.renamed'),
  FMM: gone('member.moved'),
  FMR: resync('table.restored'),
  FMF: note('table.storage-freed'),
  FAY: resync('table.changes-applied'),
  FSA: resync('table.changes-applied'),
  FRC: resync('table.changes-removed'),
  FSR: resync('table.changes-removed'),
  FEJ: gone('journaling.ended', 'resync'),
  FJM: { kind: 'journaling.started', action: 'resync', alert: true, gap: 'ends' },
  DCT: { kind: 'table.created', action: 'relayout', alert: false, gap: 'ends' },
  DDT: gone('table.deleted'),
  DDF: gone('table.deleted'),
  DCG: { kind: 'schema.changed', action: 'relayout', alert: true, gap: null },
  DFM: gone('table.moved'),
  DFN: gone('table.renamed'),
  DJF: { kind: 'journaling.started', action: 'resync', alert: true, gap: 'ends' },
  DEF: gone('journaling.ended', 'resync'),
  DDZ: { kind: 'table.restored', action: 'relayout', alert: true, gap: 'here' },
};

/** Code and type of every entry that becomes an event, such as `FCR`. */
export const HAPPENING_KINDS: readonly string[] = Object.keys(HAPPENINGS);

export function happeningOf(kind: string): Happening | null {
  return HAPPENINGS[kind] ?? null;
}

export function noticeOf(journal: QualifiedName, entry: BlockEntry, happening: Happening): TableNotice {
  return {
    kind: happening.kind,
    table: entry.ref.file!,
    member: entry.ref.member,
    journal,
    position: { receiver: entry.receiver, sequence: entry.sequence },
    timestamp: entry.timestamp,
    user: entry.user,
    job: entry.job,
    program: entry.program,
    facts: {
      action: happening.action,
      alert: happening.alert,
      entry: `${entry.code} ${entry.type}`,
      ...(happening.gap === null ? {} : { gap: happening.gap }),
    },
  };
}
